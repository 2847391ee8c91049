"""What a model may learn from and what it is asked: splits by time, and hidden lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import SECONDS_PER_DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Queries:
    """Baskets with one line hidden each: the rest is given, the hidden item is to be found.

    Parameters
    ----------
    indptr : ndarray of shape (n_queries + 1,), int64
        Query q is given the items indptr[q] to indptr[q + 1] of `items`.
    items : ndarray of shape (n_given,), int32
        Item positions given, ascending within a query, at least one each.
    hidden : ndarray of shape (n_queries,), int32
        The item position to be found; never among those given.
    basket : ndarray of shape (n_queries,), int64
        The basket position that each query was made from.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1], [0]], at=[0, 0], customers=[0, 0])
    >>> len(hidden_lines(history, seed=1))
    1
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    hidden: NDArray[np.int32]
    basket: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hidden)

    def matrix(self, n_items: int) -> sparse.csr_matrix:
        """Return what is given as a matrix of ones.

        Parameters
        ----------
        n_items : int
            Number of item positions.

        Returns
        -------
        csr_matrix of shape (n_queries, n_items), float64
            1 where the query is given the item.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
        >>> hidden_lines(history, seed=1).matrix(2).sum()
        np.float64(1.0)
        """
        return sparse.csr_matrix(
            (np.ones(len(self.items)), self.items, self.indptr), shape=(len(self), n_items)
        )

    def single(self, *, seed: int) -> Queries:
        """Return the same questions with one given item each, drawn at random.

        Parameters
        ----------
        seed : int
            The same seed draws the same items.

        Returns
        -------
        Queries
            One given item per query.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(item_ids=[1, 2, 3], baskets=[[0, 1, 2]], at=[0], customers=[0])
        >>> len(hidden_lines(history, seed=1).single(seed=2).items)
        1
        """
        drawn = _drawn(np.diff(self.indptr), seed)
        return replace(
            self,
            indptr=np.arange(len(self) + 1, dtype=np.int64),
            items=self.items[self.indptr[:-1] + drawn],
        )


def split_by_time(
    history: OrderHistory, *, holdout_days: float
) -> tuple[OrderHistory, OrderHistory]:
    """Return the older orders to learn from and the newest to be asked about.

    Parameters
    ----------
    history : OrderHistory
        The orders.
    holdout_days : float
        Days before the newest order that are held out, above 0. An order exactly that old is
        not held out.

    Returns
    -------
    train, test : OrderHistory
        With the same item and customer positions as `history`; basket positions are
        renumbered. Both are empty for an empty history.

    Raises
    ------
    ValueError
        If `holdout_days` is not above 0.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1], baskets=[[0], [0]], at=[0, 86_400 * 30], customers=[0, 0]
    ... )
    >>> train, test = split_by_time(history, holdout_days=28)
    >>> train.n_baskets, test.n_baskets
    (1, 1)
    """
    held_out = newest_baskets(history, holdout_days=holdout_days)
    return only_baskets(history, ~held_out), only_baskets(history, held_out)


def newest_baskets(history: OrderHistory, *, holdout_days: float) -> NDArray[np.bool_]:
    """Return which baskets are held out by `split_by_time`.

    Parameters
    ----------
    history : OrderHistory
        The orders.
    holdout_days : float
        Days before the newest order, above 0.

    Returns
    -------
    ndarray of shape (n_baskets,), bool
        True for held-out baskets. Empty for an empty history.

    Raises
    ------
    ValueError
        If `holdout_days` is not above 0.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1], baskets=[[0], [0]], at=[0, 9], customers=[0, 0])
    >>> newest_baskets(history, holdout_days=1).tolist()
    [True, True]
    """
    if not holdout_days > 0:
        raise ValueError(f"holdout_days must be above 0, not {holdout_days}.")
    if not history.n_baskets:
        return np.zeros(0, dtype=bool)
    held_out: NDArray[np.bool_] = (
        history.basket_at > history.basket_at.max() - holdout_days * SECONDS_PER_DAY
    )
    return held_out


def only_baskets(history: OrderHistory, keep: NDArray[np.bool_]) -> OrderHistory:
    """Return the history of some baskets.

    Parameters
    ----------
    history : OrderHistory
        The orders.
    keep : ndarray of shape (n_baskets,), bool
        True for the baskets to keep.

    Returns
    -------
    OrderHistory
        With the same item and customer positions; basket positions are renumbered in order.

    Raises
    ------
    ValueError
        If `keep` does not have one value per basket.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1], baskets=[[0], [0]], at=[5, 9], customers=[0, 0])
    >>> only_baskets(history, np.array([False, True])).basket_at.tolist()
    [9]
    """
    if len(keep) != history.n_baskets:
        raise ValueError(f"{len(keep)} choices were given for {history.n_baskets} baskets.")
    renumbered = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    lines = keep[history.line_basket]
    return replace(
        history,
        line_basket=renumbered[history.line_basket[lines]],
        line_item=history.line_item[lines],
        basket_at=history.basket_at[keep],
        basket_customer=history.basket_customer[keep],
    )


def hidden_lines(history: OrderHistory, *, seed: int, max_queries: int | None = None) -> Queries:
    """Return one question per basket of at least two items: one line hidden at random.

    Parameters
    ----------
    history : OrderHistory
        The held-out orders.
    seed : int
        The same seed hides the same lines.
    max_queries : int, optional
        Draw at most so many baskets, at random by the same seed; all if not given.

    Returns
    -------
    Queries
        By ascending basket position. Baskets of one item ask nothing.

    Raises
    ------
    ValueError
        If `max_queries` is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1, 2, 3], baskets=[[0, 2], [1]], at=[0, 0],
    ...                         customers=[0, 1])
    >>> queries = hidden_lines(history, seed=0)
    >>> sorted([*queries.items.tolist(), *queries.hidden.tolist()])
    [0, 2]
    """
    if max_queries is not None and max_queries < 1:
        raise ValueError(f"max_queries must be at least 1, not {max_queries}.")
    sizes = np.bincount(history.line_basket, minlength=history.n_baskets)
    baskets = np.flatnonzero(sizes > 1)
    drawn = _drawn(sizes[baskets], seed)
    if max_queries is not None and len(baskets) > max_queries:
        # Seeded apart from the hidden lines, so that a smaller sample asks the same questions.
        chosen = np.random.default_rng([seed, 1]).choice(len(baskets), max_queries, replace=False)
        chosen.sort()
        baskets, drawn = baskets[chosen], drawn[chosen]
    first = np.zeros(history.n_baskets + 1, dtype=np.int64)
    np.cumsum(sizes, out=first[1:])
    lengths = sizes[baskets]
    indptr = np.zeros(len(baskets) + 1, dtype=np.int64)
    np.cumsum(lengths, out=indptr[1:])
    lines = np.arange(indptr[-1]) + np.repeat(first[baskets] - indptr[:-1], lengths)
    hidden = first[baskets] + drawn
    given = np.ones(len(lines), dtype=bool)
    given[indptr[:-1] + drawn] = False
    return Queries(
        indptr=indptr - np.arange(len(baskets) + 1),
        items=history.line_item[lines[given]],
        hidden=history.line_item[hidden],
        basket=baskets,
    )


def _drawn(sizes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return one position in 0..size-1 for each size."""
    return np.random.default_rng([seed, 0]).integers(0, np.maximum(sizes, 1))
