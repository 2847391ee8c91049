"""The only shape in which a shop's orders reach the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderHistory:
    """Who bought what with what, and when, as arrays.

    Basket positions go by ascending order key and customer positions by first appearance in
    basket order, so the history is a function of the data alone.

    Parameters
    ----------
    item_ids : ndarray of shape (n_items,), int64
        Our primary key of each item, strictly ascending. All items, also never sold ones.
    line_basket : ndarray of shape (n_lines,), int32
        Basket position of each line, ascending.
    line_item : ndarray of shape (n_lines,), int32
        Item position of each line; (basket, item) pairs are ascending and unique.
    basket_at : ndarray of shape (n_baskets,), int64
        When each basket was ordered: seconds since 1970-01-01 UTC.
    basket_customer : ndarray of shape (n_baskets,), int32
        Customer position of each basket, 0..n_customers-1. An anonymous basket is its own
        customer.
    n_customers : int
        Number of customers.
    left_out : mapping of str to int
        Lines that do not count, by reason.

    Raises
    ------
    ValueError
        If a type, a length, an order or a range is not as above: compiled code reads these
        arrays without looking, so a wrong one must not get past here.

    Examples
    --------
    >>> history = order_history(
    ...     item_ids=[10, 20, 30], baskets=[[0, 2], [2]], at=[0, 60], customers=[0, 0]
    ... )
    >>> history.n_items, history.n_baskets, history.n_lines, history.n_customers
    (3, 2, 3, 1)
    """

    item_ids: NDArray[np.int64]
    line_basket: NDArray[np.int32]
    line_item: NDArray[np.int32]
    basket_at: NDArray[np.int64]
    basket_customer: NDArray[np.int32]
    n_customers: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, dtype in _COLUMNS.items():
            column = getattr(self, name)
            if column.ndim != 1 or column.dtype != dtype:
                raise ValueError(
                    f"{name} must be {dtype} with one axis, not {column.dtype} with {column.ndim}."
                )
        if len(self.line_basket) != len(self.line_item):
            raise ValueError(
                f"{len(self.line_basket)} line baskets and {len(self.line_item)} line items"
                " were given; a line has one of each."
            )
        if len(self.basket_at) != len(self.basket_customer):
            raise ValueError(
                f"{len(self.basket_at)} basket times and {len(self.basket_customer)} basket"
                " customers were given; a basket has one of each."
            )
        _check_range("line_basket", self.line_basket, self.n_baskets)
        _check_range("line_item", self.line_item, self.n_items)
        _check_range("basket_customer", self.basket_customer, self.n_customers)
        if np.any(self.item_ids[1:] <= self.item_ids[:-1]):
            raise ValueError("item_ids must be strictly ascending.")
        baskets, items = self.line_basket, self.line_item
        wrong = baskets[1:] < baskets[:-1]
        wrong |= (baskets[1:] == baskets[:-1]) & (items[1:] <= items[:-1])
        if np.any(wrong):
            line = int(np.argmax(wrong)) + 1
            raise ValueError(f"Lines must be ascending and unique; line {line} is not.")

    @property
    def n_items(self) -> int:
        """Number of items, sold or not."""
        return len(self.item_ids)

    @property
    def n_baskets(self) -> int:
        """Number of baskets, also those without a counted line."""
        return len(self.basket_at)

    @property
    def n_lines(self) -> int:
        """Number of (basket, item) pairs."""
        return len(self.line_item)

    def fingerprint(self) -> str:
        """Return a checksum of all arrays: the same data gives the same text on any machine.

        Returns
        -------
        str
            32 hexadecimal digits of BLAKE2b. Lines left out do not enter it.

        Examples
        --------
        >>> empty = order_history(item_ids=[], baskets=[], at=[], customers=[])
        >>> empty.fingerprint() == empty.fingerprint(), len(empty.fingerprint())
        (True, 32)
        """
        digest = hashlib.blake2b(digest_size=16)
        for name, dtype in _COLUMNS.items():
            column = np.ascontiguousarray(getattr(self, name), dtype=dtype.newbyteorder("<"))
            digest.update(len(column).to_bytes(8, "little"))
            digest.update(column.data)
        digest.update(self.n_customers.to_bytes(8, "little"))
        return digest.hexdigest()


_COLUMNS: dict[str, np.dtype[np.int64] | np.dtype[np.int32]] = {
    "item_ids": np.dtype(np.int64),
    "line_basket": np.dtype(np.int32),
    "line_item": np.dtype(np.int32),
    "basket_at": np.dtype(np.int64),
    "basket_customer": np.dtype(np.int32),
}


def sorted_lines(
    line_basket: NDArray[np.integer], line_item: NDArray[np.integer], *, n_items: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return lines ascending by (basket, item), each pair once.

    Parameters
    ----------
    line_basket : ndarray of shape (n_lines,), integer
        Basket position of each line, any order.
    line_item : ndarray of shape (n_lines,), integer
        Item position of each line, 0..n_items-1.
    n_items : int
        Number of items.

    Returns
    -------
    line_basket, line_item : ndarray of shape (n_pairs,), int32
        The distinct pairs, ascending. Empty for empty input.

    Examples
    --------
    >>> baskets, items = sorted_lines(np.array([1, 0, 1, 1]), np.array([0, 4, 3, 0]), n_items=5)
    >>> baskets.tolist(), items.tolist()
    ([0, 1, 1], [4, 0, 3])
    """
    pairs = line_basket.astype(np.int64) * max(n_items, 1) + line_item
    if np.any(pairs[1:] <= pairs[:-1]):
        pairs.sort()
        keep = np.ones(len(pairs), dtype=bool)
        np.not_equal(pairs[1:], pairs[:-1], out=keep[1:])
        pairs = pairs[keep]
        baskets, items = np.divmod(pairs, max(n_items, 1))
        return baskets.astype(np.int32), items.astype(np.int32)
    return line_basket.astype(np.int32, copy=False), line_item.astype(np.int32, copy=False)


def order_history(
    *,
    item_ids: list[int],
    baskets: list[list[int]],
    at: list[int],
    customers: list[int],
) -> OrderHistory:
    """Return a history from small Python lists, for tests and examples.

    Parameters
    ----------
    item_ids : list of int, length n_items
        Item primary keys, strictly ascending.
    baskets : list of list of int, length n_baskets
        Item positions in each basket, any order, repeats allowed.
    at : list of int, length n_baskets
        Seconds since 1970 at which each basket was ordered.
    customers : list of int, length n_baskets
        Customer position of each basket.

    Returns
    -------
    OrderHistory
        With lines sorted and unique. Empty lists give an empty history.

    Examples
    --------
    >>> order_history(
    ...     item_ids=[5, 9], baskets=[[1, 0, 1]], at=[0], customers=[0]
    ... ).line_item.tolist()
    [0, 1]
    """
    line_basket = np.repeat(
        np.arange(len(baskets), dtype=np.int32), [len(basket) for basket in baskets]
    )
    line_item = np.array([item for basket in baskets for item in basket], dtype=np.int32)
    line_basket, line_item = sorted_lines(line_basket, line_item, n_items=len(item_ids))
    return OrderHistory(
        item_ids=np.array(item_ids, dtype=np.int64),
        line_basket=line_basket,
        line_item=line_item,
        basket_at=np.array(at, dtype=np.int64),
        basket_customer=np.array(customers, dtype=np.int32),
        n_customers=max(customers, default=-1) + 1,
    )


def _check_range(name: str, column: NDArray[np.int32], stop: int) -> None:
    if not len(column):
        return
    lowest, highest = int(column.min()), int(column.max())
    if lowest < 0 or highest >= stop:
        wrong = lowest if lowest < 0 else highest
        raise ValueError(f"{name} holds {wrong}; allowed are 0 to {stop - 1}.")
