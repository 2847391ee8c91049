"""How good a model is on orders that it has not seen. Nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray
from scipy import sparse

from recommendations.conf import recommendation_settings
from recommendations.datasets.orders import read_order_history
from recommendations.datasets.shelves import shelves
from recommendations.engine.completion import basket_completion
from recommendations.engine.history import OrderHistory
from recommendations.engine.neighbours import neighbours
from recommendations.engine.popularity import popular
from recommendations.engine.splits import split_by_time
from recommendations.models import Kind
from recommendations.services.recipes import Progress
from recommendations.services.together import neighbour_parameters, shown_only, together_matrix

MAX_QUERIES = 20_000
"""Held-out baskets asked at most: a hit rate of one third is then known to ± 0.7 points."""

SEED = 20_240_229
"""Any number does; one and the same hides the same lines each time, so that runs compare."""


def evaluate(
    kind: str,
    *,
    k: int = 10,
    holdout_days: float = 28.0,
    max_queries: int = MAX_QUERIES,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Build lists on the older orders and measure how well they complete the newest ones.

    One line of each held-out order is hidden; the rest of the order is the question. The answer
    of the best sellers to the same questions stands beside it.
    """
    if kind not in Kind.values:
        msg = f"There is no build kind {kind!r}; there are: {', '.join(Kind.values)}."
        raise ValueError(msg)
    if not 1 <= k <= recommendation_settings().neighbours:
        msg = f"k is {k!r}; allowed are 1 to {recommendation_settings().neighbours} (NEIGHBOURS)."
        raise ValueError(msg)
    report = progress or _silent
    begun = time.monotonic()
    history = read_order_history(as_of=as_of or timezone.now(), progress=report)
    train, test = split_by_time(
        shown_only(history, shelves(history.item_ids)), holdout_days=holdout_days
    )
    return {
        "kind": kind,
        "k": k,
        "holdout_days": holdout_days,
        "train": _size(train),
        "test": _size(test),
        **_measured(train, test, k=k, max_queries=max_queries, progress=report),
        "seconds": round(time.monotonic() - begun, 3),
    }


def _measured(
    train: OrderHistory, test: OrderHistory, *, k: int, max_queries: int, progress: Progress
) -> dict[str, Any]:
    """Return the lists' report, then those of the page of one product and of the best sellers."""
    progress("product", 0, 0)
    lists = neighbours(together_matrix(train), **neighbour_parameters(recommendation_settings()))
    asked: dict[str, Any] = {"k": k, "max_baskets": max_queries, "seed": SEED}
    progress("evaluate", 0, 3)
    whole_basket = basket_completion(lists, test, **asked)
    progress("evaluate", 1, 3)
    single_item = basket_completion(lists, test, single=True, **asked)
    progress("evaluate", 2, 3)
    popularity = basket_completion(best_sellers(train), test, **asked)
    progress("evaluate", 3, 3)
    return {
        **whole_basket.as_json(),
        "single_item": single_item.as_json(),
        "popularity": popularity.as_json(),
    }


def best_sellers(
    train: OrderHistory,
) -> Callable[[sparse.csr_matrix, int], NDArray[np.int32]]:
    """Return a model that offers everybody the most popular items that are not in the basket."""
    ranked, _, _ = popular(
        train,
        as_of=int(train.basket_at.max(initial=0)),
        half_life_days=recommendation_settings().half_life_days,
        k=max(train.n_items, 1),
    )

    def offered(queries: sparse.csr_matrix, k: int) -> NDArray[np.int32]:
        longest = int(np.diff(queries.indptr).max(initial=0))
        front = ranked[: k + longest]  # whatever the basket holds, k others remain
        found = np.full((queries.shape[0], k), -1, dtype=np.int32)
        for row in range(queries.shape[0]):
            held = queries.indices[queries.indptr[row] : queries.indptr[row + 1]]
            rest = front[~np.isin(front, held)][:k]
            found[row, : len(rest)] = rest
        return found

    return offered


def _size(history: OrderHistory) -> dict[str, int]:
    return {
        "lines": history.n_lines,
        "orders": history.n_baskets,
        "items": int(np.count_nonzero(np.bincount(history.line_item))),
    }


def _silent(phase: str, done: int, total: int) -> None:
    """Report to nobody."""
