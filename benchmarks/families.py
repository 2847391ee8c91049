"""The models that the quality benchmark scores: how each is fitted and what may be tuned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import neighbours
from recommendations.engine.similarity import jaccard, log_likelihood_ratio

# Jaccard and log-likelihood are ranked among the pairs with the highest cosine: beyond a few
# hundred per item nothing rises to the top of either.
CANDIDATES = 500

NEIGHBOURS = (5, 10, 20, 50, 100, 200, 400)
"""Neighbours per item that are tried; the largest sets the cost of a fit."""

Parameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A model with its parameters and the values that are tried for each."""

    fit: Callable[[OrderHistory, Parameters], NeighbourLists]
    start: Parameters = field(default_factory=dict)
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def user_history(users_items: sparse.csr_matrix) -> OrderHistory:
    """Return a history in which all that a user bought is one basket, without times."""
    matrix = users_items.tocsr().sorted_indices()
    n_users, n_items = matrix.shape
    return OrderHistory(
        item_ids=np.arange(n_items, dtype=np.int64),
        line_basket=np.repeat(np.arange(n_users, dtype=np.int32), np.diff(matrix.indptr)),
        line_item=matrix.indices.astype(np.int32),
        basket_at=np.zeros(n_users, dtype=np.int64),
        basket_customer=np.arange(n_users, dtype=np.int32),
        n_customers=n_users,
    )


def user_matrix(history: OrderHistory, *, size_exponent: float = 0.0) -> BasketMatrix:
    """Return the users × items matrix without caps: here a user with much is no bot."""
    return basket_matrix(
        history,
        as_of=0,
        half_life_days=None,
        max_basket_items=history.n_items + 1,
        max_customer_baskets=1,
        size_exponent=size_exponent,
    )


def kernel_lists(history: OrderHistory, chosen: Parameters) -> NeighbourLists:
    """Return lists of one point of the kernel family."""
    return neighbours(
        user_matrix(history, size_exponent=chosen["g"]),
        k=max(NEIGHBOURS),
        min_customers=chosen["min_users"],
        item_exponent=chosen["a"],
        companion_exponent=chosen["b"],
        confidence_z=chosen["z"],
    )


def bm25_lists(history: OrderHistory, chosen: Parameters) -> NeighbourLists:
    """Return lists of columns weighted by BM25, their product or their cosine.

    Of ones, BM25 is a factor of the user (its length) times a factor of the item (its rarity), so
    the family's kernel counts it: the user's squared goes to the basket, the item's to the norm.
    Robertson and Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond.
    """
    matrix = user_matrix(history)
    k1, share = chosen["k1"], chosen["length_share"]
    sizes = np.diff(matrix.basket_indptr)
    length = 1 - share + share * sizes / max(sizes.mean(), 1.0) if len(sizes) else sizes
    user = (k1 + 1) / (k1 * length + 1)
    weighted = replace(matrix, basket_weight=user**2)
    if chosen["cosine"]:
        lines = np.repeat(user**2, sizes)
        items = matrix.item_by_rank[matrix.basket_ranks]
        squares = np.bincount(items, weights=lines, minlength=matrix.n_items)
        norm, exponent = squares, 0.5
    else:
        rarity = np.log(matrix.n_baskets + 1) - np.log1p(matrix.item_baskets)
        norm, exponent = 1 / np.maximum(rarity, 1e-9), 1.0
    return neighbours(
        replace(weighted, item_weight=np.where(matrix.item_baskets > 0, norm, 0.0)),
        k=max(NEIGHBOURS),
        min_customers=1,
        item_exponent=exponent,
        companion_exponent=exponent,
    )


def measured_lists(measure: str, history: OrderHistory, chosen: Parameters) -> NeighbourLists:
    """Return the lists of highest cosine, ranked again by a measure of their counts."""
    matrix = user_matrix(history)
    lists = neighbours(matrix, k=CANDIDATES, min_customers=chosen["min_users"])
    n_items = matrix.n_items
    counts = sparse.csr_matrix(
        (lists.baskets.astype(np.float64), lists.items, lists.indptr), shape=(n_items, n_items)
    )
    counts = (counts + sparse.diags(matrix.item_baskets.astype(np.float64))).tocsr()
    if measure == "jaccard":
        scores = jaccard(counts)
    else:
        scores = log_likelihood_ratio(counts, n_baskets=matrix.n_baskets)
    row = np.repeat(np.arange(n_items), np.diff(scores.indptr))
    order = np.lexsort((scores.indices, -scores.data, row))
    zeros = np.zeros(len(order), dtype=np.uint32)
    return NeighbourLists(
        indptr=scores.indptr.astype(np.int64),
        items=scores.indices[order].astype(np.int32),
        scores=scores.data[order].astype(np.float32),
        customers=zeros,
        baskets=zeros,
    ).first(max(NEIGHBOURS))


_COSINE = {"g": 0.0, "a": 0.5, "b": 0.5, "z": 0.0, "min_users": 1}
_WALK = {"g": 1.0, "a": 1.0, "b": 0.0, "z": 0.0, "min_users": 1}

FAMILIES: dict[str, Family] = {
    "kernel": Family(
        fit=kernel_lists,
        start={"g": 0.5, "a": 0.5, "b": 0.5, "z": 0.0, "min_users": 1},
        grid={
            "b": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
            "g": (0.0, 0.25, 0.5, 0.75, 1.0, 1.25),
            "a": (0.0, 0.25, 0.5, 0.75, 1.0),
            "z": (0.0, 0.67, 1.28, 1.96),
            "min_users": (1, 2, 3),
        },
    ),
    "cosine": Family(fit=kernel_lists, start=_COSINE),
    "P3alpha": Family(fit=kernel_lists, start=_WALK),
    "RP3beta": Family(
        fit=kernel_lists, start=_WALK, grid={"b": (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)}
    ),
    "jaccard": Family(fit=partial(measured_lists, "jaccard"), start={"min_users": 1}),
    "log_likelihood": Family(fit=partial(measured_lists, "log_likelihood"), start={"min_users": 2}),
    "bm25_cosine": Family(
        fit=bm25_lists,
        start={"k1": 1.2, "length_share": 0.75, "cosine": True},
        grid={"k1": (0.5, 1.2, 5.0, 100.0), "cosine": (True, False)},
    ),
}
