"""Factors of items as a model: what it answers to queries, and its lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.als.best import best_products
from recommendations.engine.families.als.factorisation import Weighting, half_step
from recommendations.engine.families.base import Query
from recommendations.engine.families.dense import supported_lists
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbour_lists import NeighbourLists

# Pairs whose cosines are taken together: 128 factors of both sides are 64 MB.
_BLOCK_PAIRS = 32_768


@dataclass(frozen=True, kw_only=True, slots=True)
class AlsModel:
    """The factors of items; those of a query are solved exactly when it is asked.

    Parameters
    ----------
    items : ndarray of shape (n_learnt, n_factors), float64
        Factors of the learnt items.
    learnt : ndarray of shape (n_learnt,), int64
        Their item positions, ascending.
    weighting : Weighting
        As fitted.
    mean_confidence : float
        Of the rows learnt from: a query's λ is scaled as theirs were.
    size_exponent : float
        As fitted: what a query of n items holds counts n ** -size_exponent.
    matrix : BasketMatrix
        The rows in which the evidence of lists is counted.
    min_customers : int
        Distinct customers of a pair in a list.
    n_threads : int
        0 for one per processor.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> model = AlsModel(
    ...     items=np.ones((2, 1)),
    ...     learnt=np.arange(2),
    ...     weighting=Weighting(alpha=1.0, l2=1.0),
    ...     mean_confidence=4.0,
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None),
    ...     min_customers=1,
    ... )
    >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0]])), 1).tolist()
    [[0]]
    >>> model.item_lists(1).items.tolist()
    [1, 0]
    """

    items: NDArray[np.float64]
    learnt: NDArray[np.int64]
    weighting: Weighting
    mean_confidence: float
    matrix: BasketMatrix
    min_customers: int
    size_exponent: float = 0.0
    n_threads: int = 0

    def folded_in(self, held: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return the factors of rows that were not learnt from, solved exactly.

        Parameters
        ----------
        held : csr_matrix of shape (n_queries, n_learnt), float64
            Weight of each learnt item.

        Returns
        -------
        ndarray of shape (n_queries, n_factors), float64
            Zeros for an empty row.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
        >>> model = AlsModel(
        ...     items=np.ones((1, 1)),
        ...     learnt=np.arange(1),
        ...     weighting=Weighting(alpha=1.0, l2=1.0),
        ...     mean_confidence=2.0,
        ...     matrix=basket_matrix(history, as_of=0, half_life_days=None),
        ...     min_customers=1,
        ... )
        >>> model.folded_in(sparse.csr_matrix([[1.0]])).round(3).tolist()
        [[0.667]]
        """
        sizes = np.maximum(np.diff(held.indptr), 1).astype(np.float64)
        entries = (sparse.diags(sizes**-self.size_exponent) @ held).tocsr()
        confidence = self.weighting.confidence(entries)
        return half_step(
            entries,
            self.items,
            self.weighting,
            l2=self.weighting.scaled_l2(confidence, self.mean_confidence),
            n_threads=self.n_threads,
        )

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the items whose factors fit each query best.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first; -1 where fewer have a score above 0.
        """
        rows = self.folded_in(query.held[:, self.learnt].tocsr())
        barred = query.without[:, self.learnt].tocsr()
        found = best_products(rows, self.items, barred, k)
        return np.append(self.learnt, NOTHING)[found].astype(np.int32)

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the k companions of every item whose factors point the same way, by cosine.

        Parameters
        ----------
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            Only pairs of at least `min_customers` distinct customers, cosines above 0.
        """
        place = np.full(self.matrix.n_items, -1)
        place[self.learnt] = np.arange(len(self.learnt))
        norms = np.linalg.norm(self.items, axis=1, keepdims=True)
        unit = self.items / np.where(norms > 0, norms, 1.0)

        def cosines(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
            scores = np.empty(len(left))
            for start in range(0, len(left), _BLOCK_PAIRS):
                block = slice(start, start + _BLOCK_PAIRS)
                scores[block] = np.einsum(
                    "ef,ef->e", unit[place[left[block]]], unit[place[right[block]]]
                )
            return scores

        return supported_lists(
            self.matrix,
            cosines,
            k=k,
            min_customers=self.min_customers,
            n_threads=self.n_threads,
        )
