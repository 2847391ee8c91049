"""Two or three models as one: their ranks added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.base import Fitted, Query
from recommendations.engine.metrics import NOTHING
from recommendations.engine.topk import top_k

RANK_CONSTANT = 60.0
"""How slowly a place loses worth: 1 / (60 + place), as in the source of the formula."""

DEPTH_FACTOR = 3
"""Each model is asked for three times as many items as are wanted: ranks beyond add nothing."""


def blended(
    found: Sequence[NDArray[np.int32]],
    weights: Sequence[float],
    k: int,
    *,
    n_items: int,
    rank_constant: float = RANK_CONSTANT,
) -> NDArray[np.int32]:
    """Return the items with the highest weighted sum of reciprocal ranks.

    Σ_m w_m / (c + place_m), places from 1; Cormack, Clarke and Büttcher (2009), Reciprocal rank
    fusion outperforms Condorcet and individual rank learning methods.

    Parameters
    ----------
    found : sequence of ndarray of shape (n_queries, depth), int32
        What each model recommends, best first; -1 where there are fewer.
    weights : sequence of float, one per model
        0 or more.
    k : int
        At least 1.
    n_items : int
        Number of item positions.
    rank_constant : float
        c, 0 or more.

    Returns
    -------
    ndarray of shape (n_queries, k), int32
        Item positions, best first, ties to the smaller; -1 where there are fewer.

    Raises
    ------
    ValueError
        If there is not one weight per model, or one is below 0.

    Examples
    --------
    >>> one, other = np.array([[0, 1]], dtype=np.int32), np.array([[1, 2]], dtype=np.int32)
    >>> blended([one, other], [0.5, 0.5], 3, n_items=3).tolist()
    [[1, 0, 2]]
    """
    if len(found) != len(weights) or min(weights, default=0.0) < 0:
        raise ValueError(f"{len(found)} models need as many weights of 0 or more, not {weights}.")
    total = sparse.csr_matrix((len(found[0]) if found else 0, n_items))
    for table, weight in zip(found, weights, strict=True):
        row, place = np.nonzero(table != NOTHING)
        worth = weight / (rank_constant + 1.0 + place)
        total = total + sparse.csr_matrix((worth, (row, table[row, place])), shape=total.shape)
    return top_k(total.tocsr(), k)[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Blend:
    """A model that adds up the ranks of others.

    Parameters
    ----------
    models : sequence of Fitted
        Over the same items.
    weights : sequence of float, one per model
        0 or more.
    n_items : int
        Number of item positions.

    Examples
    --------
    >>> from recommendations.engine.families.base import ListModel
    >>> from recommendations.engine.neighbour_lists import NeighbourLists
    >>> nothing = ListModel(lists=NeighbourLists.empty(2))
    >>> both = Blend(models=(nothing, nothing), weights=(0.5, 0.5), n_items=2)
    >>> both.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0]])), 1).tolist()
    [[-1]]
    """

    models: Sequence[Fitted]
    weights: Sequence[float]
    n_items: int

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best k items of the blend for each query.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            As `blended`.

        Examples
        --------
        >>> from recommendations.engine.families.base import ListModel
        >>> from recommendations.engine.neighbour_lists import NeighbourLists
        >>> one = Blend(models=(ListModel(lists=NeighbourLists.empty(1)),), weights=(1,), n_items=1)
        >>> one.recommend(Query(held=sparse.csr_matrix([[0.0]])), 2).tolist()
        [[-1, -1]]
        """
        found = [model.recommend(query, k * DEPTH_FACTOR) for model in self.models]
        return blended(found, self.weights, k, n_items=self.n_items)
