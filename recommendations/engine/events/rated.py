"""Ratings that customers gave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.events.columns import as_columns, check_columns, digest_of, matrix_of
from recommendations.engine.events.newest import newest_of_pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratings:
    """The newest rating of each customer for each item, by customer and then item.

    Parameters
    ----------
    customer, item : ndarray of shape (n_ratings,), int32
        Positions; no pair twice.
    value : ndarray of shape (n_ratings,), float64
        Within the scale.
    at : ndarray of shape (n_ratings,), int64
        Seconds since 1970 UTC.
    n_customers, n_items : int
        Positions there are.
    scale : tuple of float
        The lowest and the highest rating there is.

    Raises
    ------
    ValueError
        If the columns differ in length, a position is out of range, or a value out of scale.

    Examples
    --------
    >>> given = ratings([0, 0], [1, 1], [5.0, 2.0], [7, 9], n_customers=1, n_items=2)
    >>> given.value.tolist()
    [2.0]
    """

    customer: NDArray[np.int32]
    item: NDArray[np.int32]
    value: NDArray[np.float64]
    at: NDArray[np.int64]
    n_customers: int
    n_items: int
    scale: tuple[float, float]

    def __post_init__(self) -> None:
        check_columns(self.customer, self.item, self.at, self.n_customers, self.n_items)
        low, high = self.scale
        if not low < high:
            raise ValueError(f"scale must be the lowest and a higher rating, not {self.scale}.")
        if self.value.shape != self.item.shape:
            raise ValueError(f"{len(self.value)} values were given for {len(self.item)} items.")
        if len(self.value) and not np.all((self.value >= low) & (self.value <= high)):
            raise ValueError(
                f"Ratings must be {low} to {high}, not {self.value.min()} to {self.value.max()}."
            )

    def __len__(self) -> int:
        return len(self.item)

    def until(self, at: int) -> Ratings:
        """Return those of a time and before.

        Parameters
        ----------
        at : int
            Seconds since 1970 UTC.

        Returns
        -------
        Ratings
            Over the same positions.

        Examples
        --------
        >>> given = ratings([0, 1], [0, 0], [5.0, 2.0], [7, 9], n_customers=2, n_items=1)
        >>> given.until(7).value.tolist()
        [5.0]
        """
        return self.picked(self.at <= at)

    def after(self, at: int) -> Ratings:
        """Return those that came later than a time.

        Parameters
        ----------
        at : int
            Seconds since 1970 UTC.

        Returns
        -------
        Ratings
            Over the same positions.

        Examples
        --------
        >>> given = ratings([0, 1], [0, 0], [5.0, 2.0], [7, 9], n_customers=2, n_items=1)
        >>> given.after(7).value.tolist()
        [2.0]
        """
        return self.picked(self.at > at)

    def picked(self, keep: NDArray[np.bool_]) -> Ratings:
        """Return some of the ratings.

        Parameters
        ----------
        keep : ndarray of shape (n_ratings,), bool
            Which.

        Returns
        -------
        Ratings
            Over the same positions.

        Examples
        --------
        >>> given = ratings([0, 1], [0, 0], [5.0, 2.0], [7, 9], n_customers=2, n_items=1)
        >>> given.picked(np.array([False, True])).value.tolist()
        [2.0]
        """
        return replace(
            self,
            customer=self.customer[keep],
            item=self.item[keep],
            value=self.value[keep],
            at=self.at[keep],
        )

    def matrix(self) -> sparse.csr_matrix:
        """Return customers × items; every stored entry is a rating, a stored 0 too.

        Returns
        -------
        csr_matrix of shape (n_customers, n_items), float64
            The ratings.

        Examples
        --------
        >>> given = ratings([0], [1], [4.0], [7], n_customers=1, n_items=2)
        >>> given.matrix().toarray().tolist()
        [[0.0, 4.0]]
        """
        return matrix_of(self, self.value)

    def fingerprint(self) -> str:
        """Return a checksum of all that is known.

        Returns
        -------
        str
            Hexadecimal; the same for the same ratings.

        Examples
        --------
        >>> len(ratings([], [], [], [], n_customers=0, n_items=0).fingerprint())
        32
        """
        return digest_of(self.customer, self.item, self.at, self.value, np.array(self.scale))


def ratings(
    customer: Any,
    item: Any,
    value: Any,
    at: Any,
    *,
    n_customers: int,
    n_items: int,
    scale: tuple[float, float] = (1.0, 5.0),
) -> Ratings:
    """Return ratings of which the newest of a customer for an item counts.

    Parameters
    ----------
    customer, item, value, at : array-like of shape (n_given,)
        As in `Ratings`, in any order; a pair may be given several times.
    n_customers, n_items, scale
        As in `Ratings`.

    Returns
    -------
    Ratings
        Of two at one second the higher counts, so that the order of rows does not matter.

    Raises
    ------
    ValueError
        As `Ratings`.

    Examples
    --------
    >>> ratings([0, 0], [1, 1], [5, 2], [9, 7], n_customers=1, n_items=2).value.tolist()
    [5.0]
    """
    columns = as_columns(customer, item, at)
    values = np.asarray(value, dtype=np.float64)
    check_columns(*columns, n_customers, n_items)
    kept = newest_of_pairs(*columns, values)
    return Ratings(
        customer=columns[0][kept],
        item=columns[1][kept],
        at=columns[2][kept],
        value=values[kept],
        n_customers=n_customers,
        n_items=n_items,
        scale=scale,
    )
