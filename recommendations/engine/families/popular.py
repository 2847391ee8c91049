"""Popular and trending items as models: the same list for everybody, less what one has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import SECONDS_PER_DAY
from recommendations.engine.metrics import NOTHING
from recommendations.engine.popularity import item_popularity
from recommendations.engine.trending import trend_scores, trends, window_counts

# Queries answered together: with 500 items held, a few MB.
_BLOCK_QUERIES = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedModel:
    """One list of items for everybody.

    Parameters
    ----------
    items : ndarray of shape (n_ranked,), int32
        Item positions, best first, each once.
    scores : ndarray of shape (n_ranked,), float64
        Descending.

    Examples
    --------
    >>> from scipy import sparse
    >>> model = RankedModel(items=np.array([1, 0], dtype=np.int32), scores=np.array([2.0, 1.0]))
    >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0], [0.0, 0.0]])), 1).tolist()
    [[0], [1]]
    """

    items: NDArray[np.int32]
    scores: NDArray[np.float64]

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the first k items of the list that each query is not without.

        Parameters
        ----------
        query : Query
            Only its `without` matters.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first; -1 where there are fewer.

        Raises
        ------
        ValueError
            If k is below 1.

        Examples
        --------
        >>> from scipy import sparse
        >>> model = RankedModel(items=np.array([1], dtype=np.int32), scores=np.array([2.0]))
        >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0]])), 2).tolist()
        [[-1, -1]]
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}.")
        without = query.without.tocsr()
        rank = np.full(without.shape[1], len(self.items), dtype=np.int64)
        rank[self.items] = np.arange(len(self.items))
        found = np.full((len(query), k), NOTHING, dtype=np.int32)
        for start in range(0, len(query), _BLOCK_QUERIES):
            block = without[start : start + _BLOCK_QUERIES]
            lengths = np.diff(block.indptr)
            # So many are enough, even if one query is without all of the first.
            n_seen = min(len(self.items), k + int(lengths.max(initial=0)))
            free = np.ones((block.shape[0], n_seen), dtype=bool)
            row, at = np.repeat(np.arange(block.shape[0]), lengths), rank[block.indices]
            free[row[at < n_seen], at[at < n_seen]] = False
            place = np.cumsum(free, axis=1) - 1
            row, at = np.nonzero(free & (place < k))
            found[start + row, place[row, at]] = self.items[at]
        return found


def ranked(scores: NDArray[np.float64]) -> RankedModel:
    """Return the model that ranks items by a score.

    Parameters
    ----------
    scores : ndarray of shape (n_items,), float64
        Items that do not score above 0 are left out; ties go to the smaller position.

    Returns
    -------
    RankedModel
        Highest score first.

    Examples
    --------
    >>> ranked(np.array([0.0, 1.0, 2.0, 1.0])).items.tolist()
    [2, 1, 3]
    """
    order = np.argsort(-scores, kind="stable")
    best = order[scores[order] > 0]
    return RankedModel(items=best.astype(np.int32), scores=scores[best])


def fit_popular(training: Training, parameters: Parameters) -> RankedModel:
    """Return the items of most customers, all time, with the decay of the matrix.

    Parameters
    ----------
    training : Training
        Items of fewer than `min_customers` customers are left out.
    parameters : mapping
        None.

    Returns
    -------
    RankedModel
        By decayed distinct customers.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_popular(Training(matrix=matrix), {}).items.tolist()
    [1]
    """
    matrix = training.matrix
    enough = matrix.item_customers >= training.min_customers
    return ranked(np.where(enough, item_popularity(matrix), 0.0))


def fit_recent(training: Training, parameters: Parameters) -> RankedModel:
    """Return the items of most customers within the last days.

    Parameters
    ----------
    training : Training
        With its history; days are counted back from its newest order.
    parameters : mapping
        "days": length of the window, above 0.

    Returns
    -------
    RankedModel
        By distinct customers; items of fewer than `min_customers` are left out.

    Raises
    ------
    ValueError
        If the window is no time.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0], [1]], at=[0, 86_400 * 30], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_recent(Training(matrix=matrix, history=history), {"days": 7}).items.tolist()
    [1]
    """
    days = float({**RECENT_START, **parameters}["days"])
    if not 0 < days < float("inf"):
        raise ValueError(f"days must be above 0, not {days}.")
    history = _history(training)
    as_of = int(history.basket_at.max(initial=0))
    since = as_of - round(days * SECONDS_PER_DAY)
    customers = window_counts(history, since=since, until=as_of).customers
    return ranked(np.where(customers >= training.min_customers, customers, 0).astype(np.float64))


def fit_trending(training: Training, parameters: Parameters) -> RankedModel:
    """Return what surely rises; where nothing does, there is nothing to recommend.

    Parameters
    ----------
    training : Training
        With its history; days are counted back from its newest order.
    parameters : mapping
        "recent_days" and "baseline_periods", as in `trends`.

    Returns
    -------
    RankedModel
        By the lower end of the rise.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_trending(Training(matrix=matrix, history=history), {}).items.tolist()
    []
    """
    chosen = {**TRENDING_START, **parameters}
    history = _history(training)
    found = trends(
        history,
        as_of=int(history.basket_at.max(initial=0)),
        recent_days=float(chosen["recent_days"]),
        baseline_periods=int(chosen["baseline_periods"]),
        min_customers=training.min_customers,
    )
    return ranked(trend_scores(found))


def bytes_of_counts(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of counting customers.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        Of the fit; they do not matter.

    Returns
    -------
    int
        Bytes: lines with their customers, sorted; and a few numbers per item and basket.

    Examples
    --------
    >>> bytes_of_counts(Size(n_rows=0, n_items=0, n_lines=10), {})
    400
    """
    return 40 * size.n_lines + 60 * size.n_items + 10 * size.n_rows


def _history(training: Training) -> OrderHistory:
    if training.history is None:
        raise ValueError("Windows of time need the history of orders.")
    return training.history


RECENT_START: Mapping[str, Any] = {"days": 28}
TRENDING_START: Mapping[str, Any] = {"recent_days": 7, "baseline_periods": 8}

FAMILY = Family(name="popular", fit=fit_popular, bytes_needed=bytes_of_counts)
"""Best sellers of all time, with the decay of the matrix."""

RECENT = Family(
    name="popular_recent",
    fit=fit_recent,
    bytes_needed=bytes_of_counts,
    start=RECENT_START,
    grid={"days": (7, 14, 28, 91)},
    needs=frozenset({"history"}),
)
"""Best sellers of the last days."""

TRENDING = Family(
    name="trending",
    fit=fit_trending,
    bytes_needed=bytes_of_counts,
    start=TRENDING_START,
    grid={"recent_days": (7, 14, 28)},
    needs=frozenset({"history"}),
)
"""What rises beyond chance."""
