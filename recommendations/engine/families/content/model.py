"""A model of vectors: what an item asks for, and what each item offers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.evidence import with_evidence
from recommendations.engine.families.base import Query, Training
from recommendations.engine.families.content.measures import Measure
from recommendations.engine.families.content.nearest import nearest
from recommendations.engine.families.content.vectors import Vectors
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds


@dataclass(frozen=True, kw_only=True)
class VectorModel:
    """Scores a pair by the vector that one item asks for and the one that the other offers.

    Parameters
    ----------
    asks : csr_matrix of shape (n_items, n_features)
        By viewed item. A customer asks for the weighted sum over what they have: their profile.
    offers : Vectors
        By companion; n_items rows.
    measure : callable
        How near the two are.
    matrix : BasketMatrix
        To count the evidence of lists in.
    n_threads : int
        As in `Training`.

    Examples
    --------
    >>> from recommendations.engine.families.content.similar import SIMILAR
    >>> SIMILAR.name
    'content'
    """

    asks: sparse.csr_matrix
    offers: Vectors
    measure: Measure
    matrix: BasketMatrix
    n_threads: int = 0

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the items nearest to each customer's or basket's profile.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first, ties to the smaller; -1 where there are fewer, all of
            them for a query that holds nothing known.

        Examples
        --------
        >>> VectorModel.recommend.__name__
        'recommend'
        """
        profiles = (query.held @ self.asks).tocsr()
        return nearest(
            profiles, self.offers, k,
            barred=query.without, measure=self.measure, n_threads=self.n_threads,
        )[0]  # fmt: skip

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the nearest items of every item, with the customers who really bought both.

        Few customers or none keep no pair out: that two items are alike, or of kinds that go
        together, tells of nobody who bought them.

        Parameters
        ----------
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            One row per item, evidence counted.

        Examples
        --------
        >>> VectorModel.item_lists.__name__
        'item_lists'
        """
        lists = self.lists_of(np.arange(len(self.offers)), k)
        return with_evidence(lists, self.matrix, n_threads=self.n_threads)

    def lists_of(self, items: NDArray[np.integer], k: int) -> NeighbourLists:
        """Return the lists of chosen items, without counting evidence.

        Parameters
        ----------
        items : ndarray of shape (n_rows,), integer
            Item positions, any order.
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            Row r holds the companions of items[r], evidence 0.

        Examples
        --------
        >>> VectorModel.lists_of.__name__
        'lists_of'
        """
        if k < 1 or not len(items):
            return NeighbourLists.empty(len(items))
        itself = sparse.csr_matrix(
            (np.ones(len(items)), items, np.arange(len(items) + 1)),
            shape=(len(items), len(self.offers)),
        )
        found, scores = nearest(
            self.asks[items], self.offers, k,
            barred=itself, measure=self.measure, n_threads=self.n_threads,
        )  # fmt: skip
        kept = found >= 0
        nothing = np.zeros(int(kept.sum()), dtype=np.uint32)
        return NeighbourLists(
            indptr=row_bounds(kept.sum(axis=1)),
            items=found[kept],
            scores=scores[kept],
            customers=nothing,
            baskets=nothing,
        )


def known_content(training: Training) -> sparse.csr_matrix:
    """Return what items are, or refuse.

    Parameters
    ----------
    training : Training
        With content.

    Returns
    -------
    csr_matrix of shape (n_items, n_features)
        `Training.content`.

    Raises
    ------
    ValueError
        If there is no content, or not one row per item.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> known_content(Training(matrix=basket_matrix(history, as_of=0, half_life_days=None)))
    Traceback (most recent call last):
    ...
    ValueError: Content-based models need Training.content, which is not given.
    """
    content = training.content
    if content is None:
        raise ValueError("Content-based models need Training.content, which is not given.")
    if content.shape[0] != training.n_items:
        raise ValueError(f"{content.shape[0]} rows of content for {training.n_items} items.")
    return content
