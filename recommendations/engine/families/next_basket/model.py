"""The fitted next-basket model, and the families that give one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.families.next_basket.candidates import (
    COLUMNS,
    NEW_PER_SOURCE,
    Candidates,
    candidates,
)
from recommendations.engine.families.next_basket.rankers import (
    BLOCK,
    MAX_ROWS,
    Blend,
    Ranker,
    fit_learnt,
)
from recommendations.engine.families.next_basket.sources import COMPANIONS, Sources, fit_sources
from recommendations.engine.filling import filled
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbours import available_threads


@dataclass(frozen=True, kw_only=True, slots=True)
class NextBasketModel:
    """What each customer's next basket will hold.

    Parameters
    ----------
    sources : Sources
        What was learnt of customers and items.
    ranker : Ranker
        Orders the candidates.
    n_threads : int
        0 takes every core that the process may use; the answer does not depend on it.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[1], [0, 1]], at=[0, 9], customers=[0, 0]
    ... )
    >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
    >>> model = FAMILY.fit(Training(matrix=matrix, history=history), FAMILY.start)
    >>> nothing = sparse.csr_matrix((1, 2))
    >>> model.recommend(Query(held=nothing, barred=nothing, customers=np.array([0])), 2).tolist()
    [[1, 0]]
    """

    sources: Sources
    ranker: Ranker
    n_threads: int = 0

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best items for each customer.

        Parameters
        ----------
        query : Query
            `customers` in positions of the training history; -1, or none given, is taken by what
            it holds. An empty `barred` allows repeats; what a customer has bought as `barred`
            leaves never-bought items alone.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first, ties to the smaller item. Where candidates run out, best
            sellers follow; -1 where these run out too.

        Raises
        ------
        ValueError
            If k is below 1.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(item_ids=[1, 2], baskets=[[1]], at=[0], customers=[0])
        >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
        >>> model = FAMILY.fit(Training(matrix=matrix, history=history), FAMILY.start)
        >>> model.recommend(Query(held=sparse.csr_matrix((1, 2))), 1).tolist()
        [[1]]
        """
        return self.recommend_each(query, [query.without], k)[0]

    def recommend_each(
        self, query: Query, barred: Sequence[sparse.csr_matrix], k: int
    ) -> list[NDArray[np.int32]]:
        """Return the best items of the same customers under several bars, scored once.

        Parameters
        ----------
        query : Query
            As for `recommend`; its own `barred` is not read.
        barred : sequence of csr_matrix of shape (n_queries, n_items)
            What is never recommended.
        k : int
            At least 1.

        Returns
        -------
        list of ndarray of shape (n_queries, k), int32
            As `recommend` would give them, one for each of `barred`.

        Raises
        ------
        ValueError
            If k is below 1.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(item_ids=[1, 2], baskets=[[1]], at=[0], customers=[0])
        >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
        >>> model = FAMILY.fit(Training(matrix=matrix, history=history), FAMILY.start)
        >>> nothing = sparse.csr_matrix((1, 2))
        >>> query = Query(held=nothing, customers=np.array([0]))
        >>> bars = [nothing, sparse.csr_matrix([[0.0, 1.0]])]
        >>> [found.tolist() for found in model.recommend_each(query, bars, 1)]
        [[[1]], [[-1]]]
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}.")
        if not self.sources.bought.n_customers:
            return [np.full((len(query), k), NOTHING, dtype=np.int32) for _ in barred]
        customers = np.full(len(query), -1) if query.customers is None else query.customers
        blocks = [slice(start, start + BLOCK) for start in range(0, len(query), BLOCK)]
        best = self.sources.best_sellers()

        def answer(block: slice) -> list[NDArray[np.int32]]:
            some = candidates(
                self.sources, customers[block], query.held[block], own_only=self.ranker.own_only
            )
            scores = self.ranker.scores(some)
            return [
                filled(best_items(some, scores, bar[block], k), bar[block], best) for bar in barred
            ]

        with ThreadPoolExecutor(self.n_threads or available_threads()) as pool:
            parts = list(pool.map(answer, blocks))
        nothing = np.zeros((0, k), dtype=np.int32)
        return [np.vstack([nothing, *(part[n] for part in parts)]) for n in range(len(barred))]


def best_items(
    some: Candidates, scores: NDArray[np.float64], barred: sparse.csr_matrix, k: int
) -> NDArray[np.int32]:
    """Return the candidates of each query with the highest scores.

    Parameters
    ----------
    some : Candidates
        Of a block of queries.
    scores : ndarray of shape (n_candidates,), float64
        The higher the better.
    barred : csr_matrix of shape (n_queries, n_items)
        What is never recommended.
    k : int
        At least 1.

    Returns
    -------
    ndarray of shape (n_queries, k), int32
        Item positions, best first, ties to the smaller item; -1 where there are fewer.

    Examples
    --------
    >>> some = Candidates(
    ...     n_rows=1, row=np.array([0, 0]), item=np.array([3, 5], dtype=np.int32),
    ...     columns=np.zeros((2, len(COLUMNS)), dtype=np.float32),
    ... )
    >>> best_items(some, np.array([0.1, 0.2]), sparse.csr_matrix((1, 9)), 3).tolist()
    [[5, 3, -1]]
    """
    n_rows, n_items = barred.shape
    row, item = some.row, some.item
    if barred.nnz:
        no_row = np.repeat(np.arange(n_rows), np.diff(barred.indptr))
        free = ~np.isin(row * n_items + item, no_row * n_items + barred.indices)
        row, item, scores = row[free], item[free], scores[free]
    order = np.lexsort((item, -scores, row))
    starts = np.searchsorted(row, np.arange(n_rows))
    place = np.arange(len(row)) - starts[row]
    kept = place < k
    found = np.full((n_rows, k), NOTHING, dtype=np.int32)
    found[row[kept], place[kept]] = item[order[kept]]
    return found


def fit_blend(training: Training, chosen: Parameters) -> NextBasketModel:
    """Return a model that blends by given weights.

    Parameters
    ----------
    training : Training
        With its history.
    chosen : mapping
        Those of `fit_sources` and `Blend`.

    Returns
    -------
    NextBasketModel
        Nothing is random in it.

    Raises
    ------
    ValueError
        If there is no history, or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
    >>> fit_blend(Training(matrix=matrix, history=history), {"alpha": 1.0}).ranker
    Blend(alpha=1.0, companion_share=0.3, popularity=0.0)
    """
    ranker = _blend(chosen)
    return NextBasketModel(
        sources=fit_sources(training, chosen, with_companions=not ranker.own_only),
        ranker=ranker,
        n_threads=training.n_threads,
    )


def fit_ranked(training: Training, chosen: Parameters) -> NextBasketModel:
    """Return a model whose order is learnt from the customers' newest baskets.

    Parameters
    ----------
    training : Training
        With its history and seed.
    chosen : mapping
        Those of `fit_blend` and `fit_learnt`.

    Returns
    -------
    NextBasketModel
        The same training and seed give the same model.

    Raises
    ------
    ValueError
        If there is no history, or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
    >>> fit_ranked(Training(matrix=matrix, history=history), {}).sources.n_neighbours
    100
    """
    return NextBasketModel(
        sources=fit_sources(training, chosen),
        ranker=fit_learnt(training, chosen, _blend(chosen)),
        n_threads=training.n_threads,
    )


def _blend(chosen: Parameters) -> Blend:
    names = ("alpha", "companion_share", "popularity")
    return Blend(**{name: chosen[name] for name in names if name in chosen})


def _bytes_needed(size: Size, chosen: Parameters) -> int:
    """Lines with their sort keys, the pairs' columns, and two item × item lists."""
    return 160 * size.n_lines + 2 * size.n_items * COMPANIONS * 40


def _ranked_bytes(size: Size, chosen: Parameters) -> int:
    """The sources twice, the second time while the first are kept, and what is learnt from."""
    rows = min(int(chosen.get("max_rows", MAX_ROWS)), size.n_rows * 4 * NEW_PER_SOURCE)
    return int(1.3 * _bytes_needed(size, chosen)) + 3 * 4 * len(COLUMNS) * rows


_START = {
    "alpha": 0.5,
    "companion_share": 0.3,
    "popularity": 0.0,
    "n_neighbours": 100,
    "n_groups": 7,
    "within_decay": 0.9,
    "group_decay": 0.7,
    "half_life_days": None,
    "distance": "cosine",
}

FAMILY = Family(
    name="next_basket",
    fit=fit_blend,
    bytes_needed=_bytes_needed,
    start=_START,
    grid={
        "alpha": (0.1, 0.3, 0.5, 0.7, 0.9),
        "distance": ("cosine", "euclidean"),
        "companion_share": (0.0, 0.3, 0.6),
        "n_groups": (1, 3, 7),
        "within_decay": (0.8, 0.9, 1.0),
        "group_decay": (0.5, 0.7, 0.9),
        "n_neighbours": (50, 100, 300),
    },
    needs=frozenset({"history"}),
)

RANKED = Family(
    name="next_basket_ranked",
    fit=fit_ranked,
    bytes_needed=_ranked_bytes,
    start=_START | {"n_trees": 80, "learning_rate": 0.1},
    grid={"distance": ("cosine", "euclidean"), "n_groups": (1, 7)},
    needs=frozenset({"history"}),
)

FREQUENCY = Family(
    name="own_frequency_then_popularity",
    fit=fit_blend,
    bytes_needed=_bytes_needed,
    start=_START | {"alpha": 1.0, "n_groups": 1, "within_decay": 1.0, "group_decay": 1.0},
    needs=frozenset({"history"}),
)
