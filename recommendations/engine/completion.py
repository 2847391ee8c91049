"""Whole baskets: what else belongs in, and how often a list finds a line that was hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, without_baskets
from recommendations.engine.metrics import NOTHING, RankingReport, ranking_report
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import compiled_kernel, neighbours_of
from recommendations.engine.splits import Queries, hidden_lines, newest_baskets, only_baskets
from recommendations.engine.topk import top_k

Scorer = Callable[[sparse.csr_matrix, int], NDArray[np.integer]]
"""Takes queries × items and k; returns (n_queries, k) item positions, best first, filled with -1.

It must not return items that the query holds.
"""

DEPTH = 10
"""Entries of each list that a whole basket adds up, where a caller does not say.

Measured on Online Retail II, slice held out of train, hit rate@10 of a whole basket: .275 with
the first 10 of each list, .267 with 20, .257 with 40. What stands further down is noise that adds
up over the basket.
"""

# Queries scored together: with 40 companions for each of 15 items, a few hundred MB at most.
_BLOCK_QUERIES = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionReport:
    """How often the hidden line of a basket is found.

    Parameters
    ----------
    n_queries : int
        Baskets with a hidden line.
    hits : int
        Queries whose hidden item is among the first k.
    hit_rate, recall, ndcg : float
        At k, 0 to 1. With one hidden line, recall is the hit rate.
    coverage : float
        Share of all items that was recommended to anyone.

    Examples
    --------
    >>> CompletionReport(
    ...     n_queries=4, hits=1, hit_rate=0.25, recall=0.25, ndcg=0.1, coverage=0.5
    ... ).as_json()["hits"]
    1
    """

    n_queries: int
    hits: int
    hit_rate: float
    recall: float
    ndcg: float
    coverage: float

    def as_json(self) -> dict[str, float]:
        """Return the report by name.

        Returns
        -------
        dict
            Field names and plain numbers.

        Examples
        --------
        >>> CompletionReport(
        ...     n_queries=0, hits=0, hit_rate=0.0, recall=0.0, ndcg=0.0, coverage=0.0
        ... ).as_json()["n_queries"]
        0
        """
        return asdict(self)


def score_basket(
    lists: Sequence[tuple[ArrayLike, ArrayLike]],
    query: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    depth: int = DEPTH,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return what goes with a basket: candidates by the sum of their scores over its lists.

    Parameters
    ----------
    lists : sequence of (items, scores), length n_query
        The list of each item of the basket; ids or positions, as in `query`.
    query : array-like of shape (n_query,)
        The items of the basket; they are no candidates.
    weights : array-like of shape (n_query,), optional
        How much each item of the basket says; 1 each if not given.
    depth : int
        Entries of each list that count, at least 1.

    Returns
    -------
    items : ndarray of shape (n_candidates,), int64
        Highest sum first; ties go to the smaller item. Empty for an empty basket.
    scores : ndarray of shape (n_candidates,), float64
        The sums.

    Raises
    ------
    ValueError
        If the numbers of lists, items and weights differ, or `depth` is below 1.

    Examples
    --------
    >>> items, scores = score_basket([([3, 2], [0.5, 0.25]), ([3, 1], [0.5, 0.9])], [1, 2])
    >>> items.tolist(), scores.tolist()
    ([3], [1.0])
    """
    held = np.asarray(query, dtype=np.int64)
    shares = np.ones(len(held)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(lists) == len(held) == len(shares):
        raise ValueError(
            f"{len(lists)} lists, {len(held)} items and {len(shares)} weights were given;"
            " an item has one of each."
        )
    if depth < 1:
        raise ValueError(f"depth must be at least 1, not {depth}.")
    if not lists:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    items = np.concatenate([np.asarray(items, dtype=np.int64)[:depth] for items, _ in lists])
    scores = np.concatenate(
        [
            np.asarray(scores, dtype=np.float64)[:depth] * share
            for (_, scores), share in zip(lists, shares.tolist(), strict=True)
        ]
    )
    candidates, place = np.unique(items, return_inverse=True)
    sums: NDArray[np.float64] = np.bincount(
        place, weights=scores, minlength=len(candidates)
    ).astype(np.float64)
    new = ~np.isin(candidates, held)
    candidates, sums = candidates[new], sums[new]
    order = np.argsort(-sums, kind="stable")
    return candidates[order], sums[order]


def complete(
    lists: NeighbourLists, queries: sparse.csr_matrix, k: int, *, depth: int | None = None
) -> NDArray[np.int32]:
    """Return the best k items for each of many baskets, as `score_basket` ranks them.

    Parameters
    ----------
    lists : NeighbourLists
        One row per item position.
    queries : csr_matrix of shape (n_queries, n_items)
        The weight of each item in each basket; items stored are no candidates.
    k : int
        At least 1.
    depth : int, optional
        Entries of each list that count; if not given `DEPTH`, or k where that is more.

    Returns
    -------
    ndarray of shape (n_queries, k), int32
        Item positions, best first, ties to the smaller; -1 where there are fewer.

    Raises
    ------
    ValueError
        If there is not one list per item, or k is below 1.

    Examples
    --------
    >>> lists = NeighbourLists(
    ...     indptr=np.array([0, 1, 1]),
    ...     items=np.array([1], dtype=np.int32),
    ...     scores=np.array([0.5], dtype=np.float32),
    ...     customers=np.array([5], dtype=np.uint32),
    ...     baskets=np.array([5], dtype=np.uint32),
    ... )
    >>> complete(lists, sparse.csr_matrix([[1.0, 0.0], [0.0, 1.0]]), 2).tolist()
    [[1, -1], [-1, -1]]
    """
    n_items = queries.shape[1]
    if len(lists) != n_items:
        raise ValueError(f"{len(lists)} lists were given for {n_items} items.")
    counted = lists.first(max(k, DEPTH) if depth is None else depth)
    return best_candidates(queries, counted.matrix(n_items), queries, k)


def best_candidates(
    queries: sparse.csr_matrix,
    similarity: sparse.csr_matrix,
    held: sparse.csr_matrix,
    k: int,
    *,
    portable: bool = False,
) -> NDArray[np.int32]:
    """Return the k largest of each row of queries × similarity, without items held already.

    Parameters
    ----------
    queries : csr_matrix of shape (n_queries, n_rows)
        Weights of the similarity's rows in each query, 0 or more.
    similarity : csr_matrix of shape (n_rows, n_items)
        Scores above 0.
    held : csr_matrix of shape (n_queries, n_items)
        What each query holds; stored entries are no candidates.
    k : int
        At least 1.
    portable : bool
        Use SciPy alone, as is done where numba cannot be loaded: the same items.

    Returns
    -------
    ndarray of shape (n_queries, k), int32
        Item positions, best first, ties to the smaller; -1 where there are fewer.

    Raises
    ------
    ValueError
        If k is below 1 or the shapes do not fit together.

    Examples
    --------
    >>> one = sparse.csr_matrix(np.eye(2))
    >>> best_candidates(one, sparse.csr_matrix([[1.0, 2.0], [3.0, 4.0]]), one, 1).tolist()
    [[1], [0]]
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    fitting = (queries.shape[0], similarity.shape[1])
    if queries.shape[1] != similarity.shape[0] or held.shape != fitting:
        raise ValueError(
            f"Queries {queries.shape}, similarity {similarity.shape} and held {held.shape} do not"
            " fit together."
        )
    found = np.full((queries.shape[0], k), NOTHING, dtype=np.int32)
    kernel = None if portable else compiled_kernel()
    if kernel is None:
        _portable_candidates(queries, similarity, held, found)
        return found
    kernel.complete_rows(
        0,
        len(found),
        (queries.indptr, queries.indices, queries.data.astype(np.float64)),
        (similarity.indptr, similarity.indices, similarity.data.astype(np.float64)),
        (held.indptr, held.indices),
        k,
        np.zeros(similarity.shape[1]),
        found,
    )
    return found


def _portable_candidates(
    queries: sparse.csr_matrix,
    similarity: sparse.csr_matrix,
    held: sparse.csr_matrix,
    found: NDArray[np.int32],
) -> None:
    """Fill `found` with SciPy, a block of queries at a time."""
    for start in range(0, len(found), _BLOCK_QUERIES):
        block = slice(start, start + _BLOCK_QUERIES)
        scores = (queries[block] @ similarity).tocsr()
        # Held items are dropped by subtracting infinity.
        barred = held[block].astype(np.float64)
        barred.data = np.full(len(barred.data), np.inf)
        scores = (scores - barred).tocsr()
        columns, values = top_k(scores, found.shape[1])
        found[block] = np.where(values > 0, columns, NOTHING)


def basket_completion(
    model: NeighbourLists | Scorer,
    test: OrderHistory,
    *,
    k: int = 10,
    max_baskets: int | None = None,
    seed: int = 0,
    single: bool = False,
) -> CompletionReport:
    """Return how often a model finds the line hidden from each held-out basket.

    Parameters
    ----------
    model : NeighbourLists or callable
        One list per item position, or a `Scorer`.
    test : OrderHistory
        Held-out orders that the model did not see. Baskets of one item ask nothing.
    k : int
        Recommendations looked at, at least 1.
    max_baskets : int, optional
        Ask about at most so many baskets, drawn by the seed; all if not given.
    seed : int
        The same seed hides the same lines, whatever the model.
    single : bool
        Give one random item of the rest instead of the whole rest, as a product page does.

    Returns
    -------
    CompletionReport
        All 0 without queries.

    Raises
    ------
    ValueError
        If k or `max_baskets` is below 1, or there is not one list per item.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> from recommendations.engine.neighbours import neighbours
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [0, 1]], at=[0, 9], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
    >>> basket_completion(neighbours(matrix, k=5, min_customers=1), history).hit_rate
    1.0
    """
    queries = hidden_lines(test, seed=seed, max_queries=max_baskets)
    if single:
        queries = queries.single(seed=seed)
    given = queries.matrix(test.n_items)
    found = complete(model, given, k) if isinstance(model, NeighbourLists) else model(given, k)
    return completion_report(queries, found, n_items=test.n_items)


def completion_report(
    queries: Queries, found: NDArray[np.integer], *, n_items: int
) -> CompletionReport:
    """Return how often the hidden lines are among what was found.

    Parameters
    ----------
    queries : Queries
        The questions.
    found : ndarray of shape (n_queries, k), integer
        Item positions, best first; -1 where there are fewer.
    n_items : int
        Number of item positions.

    Returns
    -------
    CompletionReport
        All 0 without queries.

    Raises
    ------
    ValueError
        If there is not one row per query.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> queries = hidden_lines(history, seed=0)
    >>> completion_report(queries, queries.hidden[:, np.newaxis], n_items=2).hits
    1
    """
    wanted = sparse.csr_matrix(
        (np.ones(len(queries), dtype=bool), queries.hidden, np.arange(len(queries) + 1)),
        shape=(len(queries), n_items),
    )
    report: RankingReport = ranking_report(found, wanted)
    return CompletionReport(
        n_queries=len(queries),
        hits=round(report.hit_rate * len(queries)),
        hit_rate=report.hit_rate,
        recall=report.recall,
        ndcg=report.ndcg,
        coverage=report.coverage,
    )


def holdout_metric(
    history: OrderHistory,
    matrix: BasketMatrix,
    *,
    holdout_days: float,
    max_queries: int,
    k: int = 10,
    seed: int = 0,
    neighbours_k: int = 40,
    min_customers: int = 5,
    item_exponent: float = 0.5,
    companion_exponent: float = 0.5,
    confidence_z: float = 0.0,
    n_threads: int = 0,
) -> CompletionReport:
    """Return how well lists made from the older orders complete the newest ones, cheaply.

    The matrix of the build is used again with the newest baskets set aside, and lists are made
    only for the items that a sample of queries holds.

    Parameters
    ----------
    history : OrderHistory
        All orders.
    matrix : BasketMatrix
        Made from `history`. Baskets that its caps left out ask nothing.
    holdout_days : float
        Days before the newest order that are held out, above 0.
    max_queries : int
        Held-out baskets asked about, at least 1; 2,000 put ±2 points around a rate of one third.
    k : int
        Recommendations looked at, at least 1.
    seed : int
        The same seed asks the same questions.
    neighbours_k : int
        Longest list of the build; as in `complete` no more than the first `DEPTH`, or k, count.
    min_customers, item_exponent, companion_exponent, confidence_z, n_threads
        As in `neighbours`: those of the build to be judged.

    Returns
    -------
    CompletionReport
        All 0 without queries.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> days = [86_400 * day for day in (0, 1, 2, 99)]
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1]] * 4, at=days, customers=[0, 1, 2, 3]
    ... )
    >>> matrix = basket_matrix(history, as_of=days[-1], half_life_days=None)
    >>> holdout_metric(history, matrix, holdout_days=28, max_queries=10, min_customers=3).hits
    1
    """
    held_out = newest_baskets(history, holdout_days=holdout_days)
    aside = held_out[matrix.basket_position]
    asked = np.zeros(history.n_baskets, dtype=bool)
    asked[matrix.basket_position[aside]] = True
    queries = hidden_lines(only_baskets(history, asked), seed=seed, max_queries=max_queries)
    if not len(queries):
        return completion_report(queries, np.zeros((0, k), dtype=np.int32), n_items=history.n_items)
    items, rows = np.unique(queries.items, return_inverse=True)
    lists = neighbours_of(
        without_baskets(matrix, aside),
        items,
        k=min(neighbours_k, max(k, DEPTH)),
        min_customers=min_customers,
        item_exponent=item_exponent,
        companion_exponent=companion_exponent,
        confidence_z=confidence_z,
        n_threads=n_threads,
    )
    given = sparse.csr_matrix(
        (np.ones(len(rows)), rows, queries.indptr), shape=(len(queries), len(items))
    )
    found = best_candidates(
        given, lists.matrix(history.n_items), queries.matrix(history.n_items), k
    )
    return completion_report(queries, found, n_items=history.n_items)
