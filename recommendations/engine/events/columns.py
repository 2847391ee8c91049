"""What every kind of event has: who, with what, and when."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


class Events(Protocol):
    """Events of customers with items, by customer and then item."""

    @property
    def customer(self) -> NDArray[np.int32]:
        """Positions of customers."""

    @property
    def item(self) -> NDArray[np.int32]:
        """Positions of items."""

    @property
    def at(self) -> NDArray[np.int64]:
        """Seconds since 1970 UTC."""

    @property
    def n_customers(self) -> int:
        """Positions of customers there are."""

    @property
    def n_items(self) -> int:
        """Positions of items there are."""


def as_columns(
    customer: Any, item: Any, at: Any
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Return customers, items and times as columns.

    Parameters
    ----------
    customer, item, at : array-like of shape (n_rows,)
        As given.

    Returns
    -------
    customer, item, at : ndarray of shape (n_rows,)
        Positions as int32, times as int64.

    Examples
    --------
    >>> as_columns([0], [1], [5])[2].dtype
    dtype('int64')
    """
    return (
        np.asarray(customer, dtype=np.int32),
        np.asarray(item, dtype=np.int32),
        np.asarray(at, dtype=np.int64),
    )


def check_columns(
    customer: NDArray[np.int32],
    item: NDArray[np.int32],
    at: NDArray[np.int64],
    n_customers: int,
    n_items: int,
) -> None:
    """Refuse columns of different lengths, and positions that there are not.

    Parameters
    ----------
    customer, item, at : ndarray of shape (n_rows,)
        Columns.
    n_customers, n_items : int
        Positions there are.

    Raises
    ------
    ValueError
        If one of them is wrong.

    Examples
    --------
    >>> check_columns(*as_columns([0], [1], [5]), 1, 2)
    """
    if not customer.shape == item.shape == at.shape == (len(item),):
        raise ValueError(
            f"{len(customer)} customers, {len(item)} items and {len(at)} times were given."
        )
    for name, positions, stop in (("Customers", customer, n_customers), ("Items", item, n_items)):
        if len(positions) and not 0 <= positions.min() <= positions.max() < stop:
            raise ValueError(
                f"{name} must be 0 to {stop - 1}, not {positions.min()} to {positions.max()}."
            )


def matrix_of(events: Events, values: NDArray[np.float64]) -> sparse.csr_matrix:
    """Return customers × items with a value for each event.

    Parameters
    ----------
    events : Events
        By customer and then item.
    values : ndarray of shape (n_rows,), float64
        Of each; a 0 is stored as well.

    Returns
    -------
    csr_matrix of shape (n_customers, n_items), float64
        Copies of the values.

    Examples
    --------
    >>> matrix_of.__name__
    'matrix_of'
    """
    indptr = np.zeros(events.n_customers + 1, dtype=np.int64)
    np.cumsum(np.bincount(events.customer, minlength=events.n_customers), out=indptr[1:])
    shape = (events.n_customers, events.n_items)
    return sparse.csr_matrix((values.copy(), events.item, indptr), shape=shape)


def digest_of(*columns: NDArray[Any]) -> str:
    """Return a checksum of columns.

    Parameters
    ----------
    *columns : ndarray
        In their order.

    Returns
    -------
    str
        Hexadecimal.

    Examples
    --------
    >>> len(digest_of(np.arange(3)))
    32
    """
    digest = hashlib.blake2b(digest_size=16)
    for column in columns:
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()
