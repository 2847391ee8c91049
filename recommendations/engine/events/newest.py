"""Which events count, where there are several: the newest."""

from __future__ import annotations

from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.events.columns import Events


class Pickable(Events, Protocol):
    """Events of which some can be kept."""

    def picked(self, keep: NDArray[np.bool_]) -> Self:
        """Return some of them."""
        ...


Kept = TypeVar("Kept", bound=Pickable)


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


def newest_of_customers(events: Kept, *, most: int) -> tuple[Kept, int]:
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
    >>> from recommendations.engine.events import ratings
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
    return events.picked(keep), int(len(order) - keep.sum())
