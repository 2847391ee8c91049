"""What is shown, whether it is bought or not: coverage, novelty, diversity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from recommendations.engine.item_features.blocks import unit_rows
from recommendations.engine.metrics.ranking import NOTHING

# Lists whose vectors are added up together: 500 lists of 20 items with 200 entries each are
# 2 million entries.
_BLOCK_LISTS = 500


def coverage(recommended: ArrayLike, *, n_items: int) -> float:
    """Return the share of the items that is recommended to anyone.

    Parameters
    ----------
    recommended : array-like of shape (n_users, k), integer
        Item positions; NOTHING (-1) where there are fewer than k.
    n_items : int
        Items that could be recommended.

    Returns
    -------
    float
        0 to 1; 0 if there are no items.

    Examples
    --------
    >>> coverage([[0, 1], [1, -1]], n_items=4)
    0.5
    """
    shown = np.unique(np.asarray(recommended, dtype=np.int64))
    return int((shown != NOTHING).sum()) / n_items if n_items else 0.0


def novelty(
    recommended: ArrayLike, item_customers: NDArray[np.integer], *, n_customers: int
) -> float:
    """Return the mean self-information of what is shown: −log2 of the share that bought it.

    Zhou et al. (2010), Solving the apparent diversity-accuracy dilemma of recommender systems.

    Parameters
    ----------
    recommended : array-like of shape (n_users, k), integer
        Item positions; NOTHING (-1) where there are fewer than k.
    item_customers : ndarray of shape (n_items,), integer
        Distinct customers who bought each item. An item that nobody bought counts as bought by
        one, so that it is as novel as anything can be, not infinitely.
    n_customers : int
        All customers, at least 1 if anything is shown.

    Returns
    -------
    float
        Bits, 0 (all customers have all of it) to log2(n_customers); 0 if nothing is shown.

    Examples
    --------
    >>> novelty([[0, 1], [1, -1]], np.array([8, 2]), n_customers=8)
    1.3333333333333333
    """
    table = np.asarray(recommended, dtype=np.int64)
    shown = table[table != NOTHING]
    if not len(shown):
        return 0.0
    return float(-np.log2(np.maximum(item_customers[shown], 1) / n_customers).mean())


def diversity(recommended: ArrayLike, vectors: sparse.csr_matrix) -> float:
    """Return the intra-list diversity: 1 − the mean cosine of two items of a list.

    Averaged over the lists of two items or more. Ziegler et al. (2005), Improving recommendation
    lists through topic diversification. The sum of all cosines of a list is the squared length of
    the sum of its unit vectors, so no pair is ever formed.

    Parameters
    ----------
    recommended : array-like of shape (n_users, k), integer
        Item positions; NOTHING (-1) where there are fewer than k.
    vectors : csr_matrix of shape (n_items, n_features)
        What an item is: its attributes, or who bought it (customers × items transposed: the
        cosine of being bought together). An empty row is like nothing else.

    Returns
    -------
    float
        0 (all alike) to 1 for vectors without negative entries; 0 without a list of two.

    Examples
    --------
    >>> diversity([[0, 1], [0, 2]], sparse.csr_matrix([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]))
    0.5
    """
    table = np.atleast_2d(np.asarray(recommended, dtype=np.int64))
    lengths = (table != NOTHING).sum(axis=1)
    table, lengths = table[lengths > 1], lengths[lengths > 1]
    if not len(table):
        return 0.0
    unit = unit_rows(sparse.csr_matrix(vectors))
    own = np.asarray(unit.multiply(unit).sum(axis=1)).ravel()
    mean_cosines = np.concatenate(
        [
            _mean_cosines(table[start : start + _BLOCK_LISTS], unit, own)
            for start in range(0, len(table), _BLOCK_LISTS)
        ]
    )
    return float(1.0 - mean_cosines.mean())


def _mean_cosines(
    table: NDArray[np.int64], unit: sparse.csr_matrix, own: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean cosine of two different places of each list."""
    row, place = np.nonzero(table != NOTHING)
    members = sparse.csr_matrix(
        (np.ones(len(row)), (row, table[row, place])), shape=(len(table), unit.shape[0])
    )
    sums = (members @ unit).tocsr()
    squared = np.asarray(sums.multiply(sums).sum(axis=1)).ravel()
    lengths = np.bincount(row, minlength=len(table))
    means: NDArray[np.float64] = (squared - members @ own) / (lengths * (lengths - 1))
    return means
