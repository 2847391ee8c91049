"""What customers did with single items: ratings that they gave, and products that they looked at.

Customers are positions as in `OrderHistory`, and go on behind its last for those who never bought.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


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
        _check_columns(self.customer, self.item, self.at, self.n_customers, self.n_items)

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
        kept: Views = _picked(self, keep)
        return kept

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
        return _matrix(self, np.ones(len(self)))[:n_customers]

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
        return _digest(self.customer, self.item, self.at)


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
        _check_columns(self.customer, self.item, self.at, self.n_customers, self.n_items)
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
        kept: Ratings = _picked(self, keep)
        return kept

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
        return _matrix(self, self.value)

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
        return _digest(self.customer, self.item, self.at, self.value, np.array(self.scale))


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
    columns = _columns(customer, item, at)
    values = np.asarray(value, dtype=np.float64)
    _check_columns(*columns, n_customers, n_items)
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
    columns = _columns(customer, item, at)
    _check_columns(*columns, n_customers, n_items)
    kept = newest_of_pairs(columns[0], columns[1], -columns[2])
    return Views(
        customer=columns[0][kept],
        item=columns[1][kept],
        at=columns[2][kept],
        n_customers=n_customers,
        n_items=n_items,
    )


def newest_of_pairs(
    customer: NDArray[np.int32],
    item: NDArray[np.int32],
    at: NDArray[np.int64],
    value: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Return the row of the newest event of each customer with each item.

    Parameters
    ----------
    customer, item, at : ndarray of shape (n_rows,)
        Positions and times.
    value : ndarray of shape (n_rows,), optional
        Of two rows at one time the higher counts.

    Returns
    -------
    ndarray of shape (n_pairs,), int64
        Rows, by customer and then item.

    Examples
    --------
    >>> newest_of_pairs(np.array([1, 0, 0]), np.array([0, 2, 2]), np.array([5, 9, 7])).tolist()
    [1, 0]
    """
    keys = (at, item, customer) if value is None else (value, at, item, customer)
    order = np.lexsort(keys)
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (customer[order][1:] != customer[order][:-1]) | (
        item[order][1:] != item[order][:-1]
    )
    return order[last]


def newest_of_customers(events: Any, *, most: int) -> tuple[Any, int]:
    """Return the newest events of each customer, and how many others there were.

    Parameters
    ----------
    events : Ratings or Views
        Whose customers may have absurdly many.
    most : int
        Events of a customer that count, at least 1; of two at one time that of the smaller item.

    Returns
    -------
    events : Ratings or Views
        In the same order.
    n_left_out : int
        Those that do not count.

    Raises
    ------
    ValueError
        If `most` is below 1.

    Examples
    --------
    >>> given = ratings([0, 0, 1], [0, 1, 0], [5, 2, 1], [7, 9, 3], n_customers=2, n_items=2)
    >>> few, n_left_out = newest_of_customers(given, most=1)
    >>> few.value.tolist(), n_left_out
    ([2.0, 1.0], 1)
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, not {most}.")
    counts = np.bincount(events.customer, minlength=events.n_customers)
    if counts.max(initial=0) <= most:
        return events, 0
    order = np.lexsort((events.item, -events.at, events.customer))
    first = np.cumsum(counts) - counts
    place = np.arange(len(order)) - first[events.customer[order]]
    keep = np.zeros(len(order), dtype=bool)
    keep[order[place < most]] = True
    return _picked(events, keep), int(len(order) - keep.sum())


def _columns(
    customer: Any, item: Any, at: Any
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    return (
        np.asarray(customer, dtype=np.int32),
        np.asarray(item, dtype=np.int32),
        np.asarray(at, dtype=np.int64),
    )


def _check_columns(
    customer: NDArray[np.int32],
    item: NDArray[np.int32],
    at: NDArray[np.int64],
    n_customers: int,
    n_items: int,
) -> None:
    if not customer.shape == item.shape == at.shape == (len(item),):
        raise ValueError(
            f"{len(customer)} customers, {len(item)} items and {len(at)} times were given."
        )
    for name, positions, stop in (("Customers", customer, n_customers), ("Items", item, n_items)):
        if len(positions) and not 0 <= positions.min() <= positions.max() < stop:
            raise ValueError(
                f"{name} must be 0 to {stop - 1}, not {positions.min()} to {positions.max()}."
            )


def _picked(events: Any, keep: NDArray[np.bool_]) -> Any:
    columns = ["customer", "item", "at", *(["value"] if isinstance(events, Ratings) else [])]
    return replace(events, **{name: getattr(events, name)[keep] for name in columns})


def _matrix(events: Ratings | Views, values: NDArray[np.float64]) -> sparse.csr_matrix:
    indptr = np.zeros(events.n_customers + 1, dtype=np.int64)
    np.cumsum(np.bincount(events.customer, minlength=events.n_customers), out=indptr[1:])
    shape = (events.n_customers, events.n_items)
    return sparse.csr_matrix((values.copy(), events.item, indptr), shape=shape)


def _digest(*columns: NDArray[Any]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for column in columns:
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()
