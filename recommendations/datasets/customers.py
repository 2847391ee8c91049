"""Who placed an order: the user, else the guest's address, else nobody but the order itself."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from recommendations.datasets.expressions import NULL
from recommendations.datasets.keys import ABSENT, Codes
from recommendations.datasets.scans import Column, Values
from recommendations.engine.ids import IdMap


@dataclasses.dataclass(slots=True)
class CustomerCodes:
    """Numbers customers across all declarations, so that one who bought in two places is one."""

    users: Codes = dataclasses.field(default_factory=Codes)
    guests: Codes = dataclasses.field(default_factory=Codes)
    users_are_uuids: bool = False

    def user(self, column: Column | None, values: Values | None, n: int) -> NDArray[np.int64]:
        """Return a number for each user, ``NULL`` for none: integer keys are their own number."""
        if column is None or values is None:
            return np.full(n, NULL)
        if isinstance(values, np.ndarray):
            return values
        self.users_are_uuids |= column.kind == "uuid"
        codes = self.users.of(values)
        return np.where(codes == ABSENT, NULL, codes)

    def guest(self, values: Values | None, n: int) -> NDArray[np.int32]:
        """Return a number for each address, ``ABSENT`` for none. Addresses stay in the process."""
        if values is None:
            return np.full(n, ABSENT, dtype=np.int32)
        addresses = ("" if value is None else str(value) for value in values)
        return self.guests.of(map(str.lower, map(str.strip, addresses))).astype(np.int32)


def customer_positions(
    user: NDArray[np.int64], is_text: NDArray[np.bool_], guest: NDArray[np.int32]
) -> tuple[NDArray[np.int32], int]:
    """Number customers by first appearance; an order of nobody is a customer of its own.

    ``is_text`` tells which users have text keys: those are numbers of another kind.
    """
    n = len(user)
    codes = np.arange(n, dtype=np.int64)  # nobody: the order itself
    used = n
    known_guest = guest != ABSENT
    codes[known_guest] = used + guest[known_guest]
    used += int(guest.max(initial=ABSENT)) + 1
    known = user != NULL
    for kind in (known & ~is_text, known & is_text):
        id_map, positions = IdMap.ascending(user[kind])
        codes[kind] = used + positions
        used += len(id_map)
    id_map, positions = IdMap.by_first_appearance(codes)
    return positions, len(id_map)
