"""Two lists of an item made one: how much each counts depends on the evidence of the pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.neighbour_lists import NeighbourLists

COMPANIONS = 100
"""Companions of each part that are blended."""

RANK_OFFSET = 10
"""By ranks, the companion of rank r, from 0, is worth 1 / (r + 10).

Offsets of 6 and 15 found 3 % less of new items, or of old ones, on four shops of
`benchmarks.new_items` (seeds 100-103).
"""

VOICES = ("rank", "score")
"""What a companion is worth: by its rank in each list, or its score as it is.

Neither wins everywhere. Where a third of the items is new, ranks share ten places between new and
old so that both gain, scores lose a twentieth of the old ones (seeds 100-103). Where few items are
new and titles are all that is known (Online Retail II, inner slice), ranks lose an eighth of the
old ones and scores none.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """How two lists are weighed.

    Parameters
    ----------
    alpha : float
        Share of what is known from orders, 0 to 1.
    kappa : float
        Customers with whom an item is known half: evidence n / (n + kappa); above 0.
    beta : float
        What a content score adds to the behaviour score of the same pair; 0 or more.
    voice : str
        Of `VOICES`.

    Raises
    ------
    ValueError
        If one is out of its range.

    Examples
    --------
    >>> Weights(alpha=0.5, kappa=3).evidence(np.array([0, 3, 9])).tolist()
    [0.0, 0.5, 0.75]
    """

    alpha: float
    kappa: float
    beta: float = 0.0
    voice: str = "rank"

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha must be 0 to 1, not {self.alpha}.")
        if not 0 < self.kappa < float("inf"):
            raise ValueError(f"kappa must be above 0, not {self.kappa}.")
        if not 0 <= self.beta < float("inf"):
            raise ValueError(f"beta must be 0 or more, not {self.beta}.")
        if self.voice not in VOICES:
            raise ValueError(f"voice must be one of {', '.join(VOICES)}, not {self.voice!r}.")

    def evidence(self, n_customers: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return how well each item is known from orders.

        Parameters
        ----------
        n_customers : ndarray of shape (n_items,), integer
            Distinct customers of each item.

        Returns
        -------
        ndarray of shape (n_items,), float64
            0 for a new item, towards 1 with more customers.

        Examples
        --------
        >>> Weights(alpha=1.0, kappa=1).evidence(np.array([1])).tolist()
        [0.5]
        """
        return n_customers / (n_customers + self.kappa)


def blended(
    behaviour: NeighbourLists,
    content: NeighbourLists,
    n_customers: NDArray[np.integer],
    weights: Weights,
) -> sparse.csr_matrix:
    """Return the scores of all pairs in either list.

    s_ij = α · e_j · v(B_ij + β · e_j C_ij) + (1 − α) · (1 − e_j) · v(C_ij), with B the behaviour
    and C the content scores, 0 where a list has none, and e_j the evidence of the companion. An
    item that is new has no B: its list is content's. The voice v is the score itself, or f(r) =
    1 / (r + 10) of its rank r among the scores of the item: reciprocal rank fusion (Cormack, Clarke
    and Büttcher 2009); before it ranks are given, the B and the e C of a list are each scaled to
    sum to 1. So what is new is ranked among all by content, and what is known among its like by
    what orders tell, to which content adds: learnt from many pairs it is surer than the few
    customers of one.

    Parameters
    ----------
    behaviour, content : NeighbourLists
        Rows of the same items.
    n_customers : ndarray of shape (n_items,), integer
        Distinct customers of each item.
    weights : Weights
        How the two are weighed.

    Returns
    -------
    csr_matrix of shape (n_rows, n_items), float64
        Above 0 where stored, columns ascend.

    Examples
    --------
    >>> from recommendations.engine.families.hybrid.blending import blended
    >>> def of(item):
    ...     one = np.ones(1, dtype=np.uint32)
    ...     return NeighbourLists(
    ...         indptr=np.array([0, 1]), items=np.array([item], dtype=np.int32),
    ...         scores=np.ones(1, dtype=np.float32), customers=one, baskets=one,
    ...     )
    >>> weights = Weights(alpha=0.75, kappa=1)
    >>> found = blended(of(1), of(2), np.array([3, 1, 0]), weights)
    >>> found.toarray().round(4).tolist()
    [[0.0, 0.0375, 0.025]]
    """
    n_items = len(n_customers)
    by_content, by_orders = content.matrix(n_items), behaviour.matrix(n_items)
    evidence = weights.evidence(n_customers)
    among_known = by_content @ sparse.diags(evidence)
    if weights.voice == "rank":
        by_orders, among_known = _to_sum_1(by_orders), _to_sum_1(among_known)
    known = _spoken(by_orders + weights.beta * among_known, weights.voice)
    new = _spoken(by_content, weights.voice)
    known.data *= weights.alpha * evidence[known.indices]
    new.data *= (1 - weights.alpha) * (1 - evidence[new.indices])
    result = (known + new).tocsr()
    result.eliminate_zeros()
    result.sort_indices()
    return result


def _to_sum_1(scores: sparse.spmatrix) -> sparse.csr_matrix:
    """Return each row as shares of its sum; a row of nothing stays empty."""
    sums = np.asarray(scores.sum(axis=1)).ravel()
    return (sparse.diags(1 / np.where(sums > 0, sums, 1.0)) @ scores).tocsr()


def _spoken(scores: sparse.spmatrix, voice: str) -> sparse.csr_matrix:
    """Return a copy with what each stored score is worth; of equals the smaller item is before."""
    result = sparse.csr_matrix(scores, dtype=np.float64, copy=True)
    result.eliminate_zeros()
    result.sort_indices()
    if voice == "score":
        return result
    row = np.repeat(np.arange(result.shape[0]), np.diff(result.indptr))
    # Stable, and columns ascend: of equals the smaller item keeps its place.
    order = np.lexsort((-result.data, row))
    result.data[order] = 1 / (np.arange(result.nnz) - result.indptr[row] + RANK_OFFSET)
    return result
