"""Looks up a shop's keys by the hundred thousand: integers in a table, texts in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recommendations.datasets.scans import Values

ABSENT = -1
"""Position of a key that is not there."""

# A table over the whole range answers ten times as fast as a binary search, and a shop's keys are
# dense as a rule. Keys that are sparser than this are searched.
_TABLE_SLACK = 8
_TABLE_ALWAYS = 1 << 20


class Lookup(Protocol):
    """Finds the position of each key."""

    def positions(self, values: Values) -> NDArray[np.int32]:
        """Return a position for each value, ``ABSENT`` where there is none."""


class IntegerLookup:
    """Positions of integer keys."""

    def __init__(self, keys: NDArray[np.int64], positions: NDArray[np.int32]) -> None:
        self._low = int(keys.min()) if len(keys) else 0
        high = int(keys.max()) if len(keys) else 0
        self._span = high - self._low + 1
        self._table: NDArray[np.int32] | None = None
        if self._span <= max(_TABLE_ALWAYS, _TABLE_SLACK * len(keys)):
            # The last cell is where every key out of range is sent.
            self._table = np.full(self._span + 1, ABSENT, dtype=np.int32)
            self._table[keys - self._low] = positions
        else:
            order = np.argsort(keys, kind="stable")
            self._keys, self._positions = keys[order], positions[order]

    def positions(self, values: Values) -> NDArray[np.int32]:
        """Return a position for each value, ``ABSENT`` where there is none."""
        wanted = np.asarray(values, dtype=np.int64)
        if self._table is not None:
            # Unsigned, a key below the lowest becomes a very large one: one comparison does both.
            with np.errstate(over="ignore"):
                offsets = (wanted - np.int64(self._low)).view(np.uint64)
            return self._table[np.minimum(offsets, np.uint64(self._span)).view(np.int64)]
        found = np.searchsorted(self._keys, wanted)
        found[found == len(self._keys)] = 0
        return np.where(self._keys[found] == wanted, self._positions[found], np.int32(ABSENT))


class TextLookup:
    """Positions of text keys."""

    def __init__(self, positions: dict[str, int]) -> None:
        self._positions = positions

    def positions(self, values: Values) -> NDArray[np.int32]:
        """Return a position for each value, ``ABSENT`` where there is none."""
        find = self._positions.get
        return np.fromiter((find(value, ABSENT) for value in values), np.int32, len(values))  # type: ignore[arg-type]


class Codes:
    """Numbers texts by first appearance. None and the empty text are no keys."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = dict.fromkeys((None, ""), ABSENT)

    def of(self, texts: Iterable[str | None]) -> NDArray[np.int64]:
        """Return the number of each text, ``ABSENT`` for none."""
        numbers = self._numbers
        number, not_keys = numbers.setdefault, len((None, ""))
        return np.array([number(text, len(numbers) - not_keys) for text in texts], dtype=np.int64)

    def texts(self) -> list[str]:
        """Return the distinct texts by number."""
        return [text for text in self._numbers if text]
