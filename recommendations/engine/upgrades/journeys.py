"""What customers did with two items: put them into one basket, or left one for the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.events import Views
from recommendations.engine.matrices import BasketMatrix

MOST_ITEMS = 200
"""A customer of more distinct items is a reseller or a machine: of its steps none is a need's."""

MOST_LOOKED_AT = 1000
"""Nor does who looked at more items than this choose between two of them."""


@dataclass(frozen=True)
class Journeys:
    """Baskets that count, asked item by item.

    Parameters
    ----------
    matrix : BasketMatrix
        Baskets × items, capped as for every model.
    basket_at : ndarray of shape (n_history_baskets,), int64
        When each basket of the history was ordered.
    views : Views, optional
        Who looked at what, customers as in the history.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0], [1]], at=[0, 9], customers=[0, 0]
    ... )
    >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
    >>> Journeys(matrix, history.basket_at).moved_up(0, np.array([1])).tolist()
    [1]
    """

    matrix: BasketMatrix
    basket_at: NDArray[np.int64]
    views: Views | None = None

    @cached_property
    def came(self) -> NDArray[np.int64]:
        """How many customers bought each item, or only looked at it: all who could leave it."""
        return np.bincount(self._left.item, minlength=self.matrix.n_items)

    def moved_up(self, item: int, others: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many distinct customers left the item for each of the others.

        They bought the item, then the other in a later order, and since then the item no more; or
        they looked at the item, never bought it, and bought the other afterwards.

        Parameters
        ----------
        item : int
            Item position.
        others : ndarray of shape (n_others,), int64
            Item positions, each once.

        Returns
        -------
        ndarray of shape (n_others,), int64
            0 to `came` of the item.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(
        ...     item_ids=[1, 2], baskets=[[0], [1], [0]], at=[0, 9, 10], customers=[0, 0, 0]
        ... )
        >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
        >>> Journeys(matrix, history.basket_at).moved_up(0, np.array([1])).tolist()
        [0]
        """
        bought, left = self._bought, self._left
        own = slice(left.indptr[item], left.indptr[item + 1])
        customer = left.customer[own]
        starts, stops = bought.indptr[customer], bought.indptr[customer + 1]
        entries = _ranges(starts, stops)
        since = np.repeat(left.at[own], stops - starts)
        later = entries[bought.first[entries] > since]
        return self._counted(bought.item[later], others)

    def shared(
        self, item: int, others: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many baskets hold the item and each of the others, and whose they are.

        Parameters
        ----------
        item : int
            Item position.
        others : ndarray of shape (n_others,), int64
            Item positions, each once.

        Returns
        -------
        baskets, customers : ndarray of shape (n_others,), int64
            Baskets that hold both, and their distinct customers.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(
        ...     item_ids=[1, 2], baskets=[[0, 1], [0, 1]], at=[0, 9], customers=[0, 0]
        ... )
        >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
        >>> [one.tolist() for one in Journeys(matrix, history.basket_at).shared(0, np.array([1]))]
        [[2], [1]]
        """
        matrix = self.matrix
        rank = matrix.rank_by_item[item]
        held = matrix.rank_baskets[matrix.rank_indptr[rank] : matrix.rank_indptr[rank + 1]]
        starts, stops = matrix.basket_indptr[held], matrix.basket_indptr[held.astype(np.int64) + 1]
        with_it = matrix.item_by_rank[matrix.basket_ranks[_ranges(starts, stops)]].astype(np.int64)
        customer = np.repeat(matrix.basket_customer[held], stops - starts).astype(np.int64)
        by_customer = np.unique(with_it * (int(customer.max(initial=0)) + 1) + customer)
        items_once = by_customer // (int(customer.max(initial=0)) + 1)
        return self._counted(with_it, others), self._counted(items_once, others)

    def _counted(self, items: NDArray[np.integer], others: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how often each of the others is among the items."""
        place = self._place
        place[others] = np.arange(1, len(others) + 1)
        counts = np.bincount(place[items], minlength=len(others) + 1)[1:]
        place[others] = 0
        return counts

    @cached_property
    def _place(self) -> NDArray[np.int64]:
        """Scratch: 0 for every item between two questions."""
        return np.zeros(self.matrix.n_items, dtype=np.int64)

    @cached_property
    def _bought(self) -> _Bought:
        return _bought(self.matrix, self.basket_at)

    @cached_property
    def _left(self) -> _Left:
        return _left(self._bought, self.views, self.matrix.n_items)


@dataclass(frozen=True, slots=True)
class _Bought:
    """Each (customer, item) once, by customer: the first and the last time."""

    customers: NDArray[np.int32]
    """Positions in the history; here they are numbered without gaps."""
    indptr: NDArray[np.int64]
    customer: NDArray[np.int64]
    item: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Left:
    """Who could leave each item, and since when, by item."""

    indptr: NDArray[np.int64]
    item: NDArray[np.int64]
    customer: NDArray[np.int64]
    at: NDArray[np.int64]


def _left(bought: _Bought, views: Views | None, n_items: int) -> _Left:
    item, customer, at = bought.item, bought.customer, bought.last
    if views is not None and len(bought.customers):
        looked = _only_looked(bought, views, n_items)
        item, customer, at = (np.concatenate(pair) for pair in zip(
            (item, customer, at), looked, strict=True))  # fmt: skip
    order = np.lexsort((customer, item))
    return _Left(_bounds(item, n_items), item[order], customer[order], at[order])


def _only_looked(
    bought: _Bought, views: Views, n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return item, customer and time of looks of buyers of other things."""
    place = np.searchsorted(bought.customers, views.customer)
    place = np.minimum(place, len(bought.customers) - 1)
    few = np.bincount(views.customer, minlength=views.n_customers) <= MOST_LOOKED_AT
    known = (bought.customers[place] == views.customer) & few[views.customer]
    item, customer = views.item[known].astype(np.int64), place[known].astype(np.int64)
    both = np.isin(customer * n_items + item, bought.customer * n_items + bought.item)
    return item[~both], customer[~both], views.at[known][~both]


def _bought(matrix: BasketMatrix, basket_at: NDArray[np.int64]) -> _Bought:
    sizes = np.diff(matrix.basket_indptr)
    item = matrix.item_by_rank[matrix.basket_ranks].astype(np.int64)
    at = np.repeat(basket_at[matrix.basket_position], sizes)
    customers, customer_of_basket = np.unique(matrix.basket_customer, return_inverse=True)
    customer = np.repeat(customer_of_basket.astype(np.int64), sizes)
    order = np.lexsort((at, item, customer))
    item, at, customer = item[order], at[order], customer[order]
    begins = np.ones(len(item), dtype=bool)
    begins[1:] = (item[1:] != item[:-1]) | (customer[1:] != customer[:-1])
    start = np.flatnonzero(begins)
    last = at[np.append(start[1:], len(at)) - 1] if len(at) else at
    customer, item, first = customer[start], item[start], at[start]
    n_customers = int(customer.max(initial=-1)) + 1
    few = np.bincount(customer, minlength=n_customers)[customer] <= MOST_ITEMS
    customer, item, first, last = customer[few], item[few], first[few], last[few]
    return _Bought(
        customers=customers,
        indptr=_bounds(customer, n_customers),
        customer=customer,
        item=item,
        first=first,
        last=last,
    )


def _bounds(values: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return where each of n values begins among them sorted, and the end."""
    bounds = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(values, minlength=n), out=bounds[1:])
    return bounds


def _ranges(starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the whole numbers of all ranges, one range after the other."""
    lengths = stops - starts
    ends = np.cumsum(lengths)
    found: NDArray[np.int64] = np.arange(int(lengths.sum()), dtype=np.int64)
    found += np.repeat(starts - (ends - lengths), lengths)
    return found
