"""Who a customer position is: the key by which the shop's adapter names its shopper."""

from __future__ import annotations

import dataclasses
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from recommendations.adapters import ShopAdapter
from recommendations.datasets.baskets import Baskets
from recommendations.datasets.customers import CustomerCodes
from recommendations.datasets.expressions import NULL
from recommendations.datasets.keys import ABSENT
from recommendations.engine.history import OrderHistory
from recommendations.models import CustomerList

KEY_LIMIT = int(CustomerList._meta.get_field("customer").max_length or 0)


@dataclasses.dataclass(frozen=True, slots=True)
class CustomerKeys:
    """The customers that can be recognised, by ascending position in the history.

    An order of nobody is a customer of its own, and has no key.
    """

    positions: NDArray[np.int32]
    keys: list[str]

    def __len__(self) -> int:
        return len(self.keys)


class Rows(Protocol):
    """Who stands behind each row that was read."""

    @property
    def user(self) -> NDArray[np.int64]:
        """Number of the user."""

    @property
    def guest(self) -> NDArray[np.int32]:
        """Number of the guest's address."""

    @property
    def is_text(self) -> NDArray[np.bool_]:
        """Whether users have text keys."""


def customer_keys(
    history: OrderHistory, baskets: Baskets, customers: CustomerCodes, adapter: ShopAdapter
) -> CustomerKeys:
    """Return the keys as ``ShopAdapter.customer`` and ``guest_key`` give them; no address stays."""
    return recognised(history.basket_customer, baskets, customers, adapter)


def recognised(
    rows_customer: NDArray[np.int32],
    rows: Rows,
    customers: CustomerCodes,
    adapter: ShopAdapter,
) -> CustomerKeys:
    """Return the keys of customers by the rows that tell of them, of which each has one or more."""
    # The first row of a customer tells who it is: a user, else a guest.
    _, first = np.unique(rows_customer, return_index=True)
    user, guest = rows.user[first], rows.guest[first]
    known = (user != NULL) | (guest != ABSENT)
    # All text users of a history are numbered together, so one of them suffices to look all up.
    names = _user_names(customers)
    addresses = customers.guests.texts()
    keys = [
        _key(adapter, number, address, names=names if is_text else None, addresses=addresses)
        for number, address, is_text in zip(
            user[known].tolist(),
            guest[known].tolist(),
            rows.is_text[first][known].tolist(),
            strict=True,
        )
    ]
    fitting = np.array([len(key) <= KEY_LIMIT for key in keys], dtype=bool)
    positions = np.flatnonzero(known).astype(np.int32)[fitting]
    return CustomerKeys(positions, [key for key in keys if len(key) <= KEY_LIMIT])


def _user_names(customers: CustomerCodes) -> list[str]:
    texts = customers.users.texts()
    # Read as plain digits on either database; the shop's own text of the key has dashes.
    return [_dashed(text) for text in texts] if customers.users_are_uuids else texts


def _dashed(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:  # a text key of another declaration
        return text


def _key(
    adapter: ShopAdapter, user: int, guest: int, *, names: list[str] | None, addresses: list[str]
) -> str:
    if user == NULL:
        return adapter.guest_key(addresses[guest])
    return str(user) if names is None else names[user]
