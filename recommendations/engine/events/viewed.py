"""Products that customers looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.events.columns import as_columns, check_columns, digest_of, matrix_of
from recommendations.engine.events.newest import newest_of_pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class Views:
    """The first look of each customer at each item, by customer and then item.

    What was bought came after the first look, whenever the customer looked again.

    Parameters
    ----------
    customer, item : ndarray of shape (n_views,), int32
        Positions; no pair twice.
    at : ndarray of shape (n_views,), int64
        Seconds since 1970 UTC.
    n_customers, n_items : int
        Positions there are.

    Raises
    ------
    ValueError
        If the columns differ in length, or a position is out of range.

    Examples
    --------
    >>> seen = views([0, 0, 1], [2, 2, 0], [5, 9, 7], n_customers=2, n_items=3)
    >>> seen.item.tolist(), seen.at.tolist()
    ([2, 0], [5, 7])
    """

    customer: NDArray[np.int32]
    item: NDArray[np.int32]
    at: NDArray[np.int64]
    n_customers: int
    n_items: int

    def __post_init__(self) -> None:
        check_columns(self.customer, self.item, self.at, self.n_customers, self.n_items)

    def __len__(self) -> int:
        return len(self.item)

    def until(self, at: int) -> Views:
        """Return those of a time and before.

        Parameters
        ----------
        at : int
            Seconds since 1970 UTC.

        Returns
        -------
        Views
            Over the same positions.

        Examples
        --------
        >>> len(views([0, 1], [0, 0], [5, 9], n_customers=2, n_items=1).until(5))
        1
        """
        return self.picked(self.at <= at)

    def picked(self, keep: NDArray[np.bool_]) -> Views:
        """Return some of the looks.

        Parameters
        ----------
        keep : ndarray of shape (n_views,), bool
            Which.

        Returns
        -------
        Views
            Over the same positions.

        Examples
        --------
        >>> seen = views([0, 1], [0, 0], [5, 9], n_customers=2, n_items=1)
        >>> seen.picked(np.array([False, True])).customer.tolist()
        [1]
        """
        return replace(self, customer=self.customer[keep], item=self.item[keep], at=self.at[keep])

    def matrix(self, n_customers: int | None = None) -> sparse.csr_matrix:
        """Return customers × items, 1 where the customer looked at the item.

        Parameters
        ----------
        n_customers : int, optional
            Rows to return, the first; all if not given.

        Returns
        -------
        csr_matrix of shape (n_customers, n_items), float64
            Ones.

        Examples
        --------
        >>> views([0], [1], [5], n_customers=1, n_items=2).matrix().toarray().tolist()
        [[0.0, 1.0]]
        """
        return matrix_of(self, np.ones(len(self)))[:n_customers]

    def fingerprint(self) -> str:
        """Return a checksum of all that is known.

        Returns
        -------
        str
            Hexadecimal; the same for the same looks.

        Examples
        --------
        >>> len(views([], [], [], n_customers=0, n_items=0).fingerprint())
        32
        """
        return digest_of(self.customer, self.item, self.at)


def views(customer: Any, item: Any, at: Any, *, n_customers: int, n_items: int) -> Views:
    """Return looks of which the first of a customer at an item counts.

    Parameters
    ----------
    customer, item, at : array-like of shape (n_given,)
        As in `Views`, in any order; a pair may be given several times.
    n_customers, n_items : int
        As in `Views`.

    Returns
    -------
    Views
        Each pair once.

    Raises
    ------
    ValueError
        As `Views`.

    Examples
    --------
    >>> views([0, 0], [1, 1], [9, 7], n_customers=1, n_items=2).at.tolist()
    [7]
    """
    columns = as_columns(customer, item, at)
    check_columns(*columns, n_customers, n_items)
    kept = newest_of_pairs(columns[0], columns[1], -columns[2])
    return Views(
        customer=columns[0][kept],
        item=columns[1][kept],
        at=columns[2][kept],
        n_customers=n_customers,
        n_items=n_items,
    )
