"""The lists of any fitted model: what it answers to each item alone, kept for pages to read."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.evidence import supported_only, with_evidence
from recommendations.engine.families.base import Fitted, Listed, Query
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds

RESERVE = 3
"""A model is asked for so many times the entries that are kept: pairs below the floor fall out."""

# Items asked about at once: with 120 answers each, some 10 MB beside what the model itself needs.
_BLOCK_ITEMS = 2_000


@runtime_checkable
class Scoring(Protocol):
    """A model that can say how good each of its answers is."""

    def scored(self, query: Query, k: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return items as `recommend` does, and the score of each."""
        ...


def materialised_lists(
    model: Fitted, matrix: BasketMatrix, *, k: int, min_customers: int = 0, n_threads: int = 0
) -> NeighbourLists:
    """Return a list per item of any model.

    A model that has lists of its own keeps them with their scores. Any other is asked about each
    item alone, as a product page would, by nobody in particular: what it knows of one customer is
    in no list. Scores are the model's own where it has some, else reciprocal ranks, 1 / place.

    Reciprocal ranks lose what a basket's sum lives on. Measured on Online Retail II, slice held
    out of train, recall@10 of a whole basket: EASE .296 by its own scores, and by its ranks alone
    .275 (1 / place), .263 (1 / (10 + place)), .259 (1 / (60 + place)).

    Parameters
    ----------
    model : Fitted
        Over the items of `matrix`.
    matrix : BasketMatrix
        In which the evidence of pairs is counted.
    k : int
        Longest list, at least 1.
    min_customers : int
        Distinct customers below whom a pair is in no list; 0 keeps all.
    n_threads : int
        Of the count; 0 for one per processor.

    Returns
    -------
    NeighbourLists
        One row per item, best first, with evidence.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> from recommendations.engine.families.base import ListModel
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> len(materialised_lists(ListModel(lists=NeighbourLists.empty(2)), matrix, k=5))
    2
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    if isinstance(model, Listed):
        return supported_only(model.item_lists(RESERVE * k), min_customers=min_customers).first(k)
    parts = []
    for start in range(0, matrix.n_items, _BLOCK_ITEMS):
        stop = min(start + _BLOCK_ITEMS, matrix.n_items)
        asked = _asked(model, start, stop, matrix.n_items, k=RESERVE * k)
        counted = with_evidence(asked, matrix, start=start, n_threads=n_threads)
        parts.append(supported_only(counted, min_customers=min_customers).first(k))
    return NeighbourLists.joined(parts)


def _asked(model: Fitted, start: int, stop: int, n_items: int, *, k: int) -> NeighbourLists:
    """Return what a model answers to each of some items, without evidence."""
    held = sparse.eye(stop - start, n_items, k=start, format="csr")
    found, scores = scored_answers(model, Query(held=held), k)
    kept = (found != NOTHING) & (scores > 0)
    nobody = np.zeros(int(kept.sum()), dtype=np.uint32)
    return NeighbourLists(
        indptr=row_bounds(kept.sum(axis=1)),
        items=found[kept],
        scores=scores[kept].astype(np.float32),
        customers=nobody,
        baskets=nobody.copy(),
    )


def scored_answers(
    model: Fitted, query: Query, k: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return what a model recommends with its own scores, or with reciprocal ranks.

    Parameters
    ----------
    model : Fitted
        Any.
    query : Query
        Whom or what is asked about.
    k : int
        At least 1.

    Returns
    -------
    items : ndarray of shape (n_queries, k), int32
        Best first; -1 where there are fewer.
    scores : ndarray of shape (n_queries, k), float64
        Descending; what stands where there is no item means nothing.

    Examples
    --------
    >>> from recommendations.engine.families.base import ListModel
    >>> nothing = ListModel(lists=NeighbourLists.empty(1))
    >>> scored_answers(nothing, Query(held=sparse.csr_matrix([[1.0]])), 2)[1].tolist()
    [[1.0, 0.5]]
    """
    if isinstance(model, Scoring):
        return model.scored(query, k)
    found = model.recommend(query, k)
    return found, np.broadcast_to(1.0 / np.arange(1, found.shape[1] + 1), found.shape)
