"""The best of many factors for each of many others, the same whatever they are asked with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommendations.engine.families.dense import best_of_scores
from recommendations.engine.metrics import NOTHING

# Looked at again beyond the best k: most rows are settled by so many, and they cost a tenth.
_RESERVE = 10

# Pairs whose products are taken together: the arrays of one factor stay in the cache.
_BLOCK_PAIRS = 32_768


def best_products(
    left: NDArray[np.float64], right: NDArray[np.float64], barred: sparse.csr_matrix, k: int
) -> NDArray[np.int32]:
    """Return the rows of `right` whose inner products with each row of `left` are largest.

    All pairs are scored in float32, twice as fast, whose last digits depend on the shape of the
    block that a pair is in. Those that may be among the best are scored again in float64, factor
    by factor: no block, thread or BLAS leaves a trace in what is returned.

    Parameters
    ----------
    left : ndarray of shape (n_left, n_factors), float64
        What is asked about.
    right : ndarray of shape (n_right, n_factors), float64
        What there is to find.
    barred : csr_matrix of shape (n_left, n_right)
        Entries stored are never returned.
    k : int
        At least 1.

    Returns
    -------
    ndarray of shape (n_left, k), int32
        Largest first, ties to the smaller; only products above what rounding to float32 may
        leave of nothing; -1 where there are fewer.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> one, two = np.array([[1.0]]), np.array([[2.0], [3.0], [-1.0]])
    >>> best_products(one, two, sparse.csr_matrix((1, 3)), 3).tolist()
    [[1, 0, -1]]
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    halved, turned = left.astype(np.float32), right.T.astype(np.float32)
    with threadpool_limits(limits=1, user_api="blas"):
        found = best_of_scores(lambda block: halved[block] @ turned, barred, k + _RESERVE)
    off = _rounding(left, right)
    by_factor = np.ascontiguousarray(left.T), np.ascontiguousarray(right.T)
    row, place = np.nonzero(found != NOTHING)
    scores = np.full(found.shape, -np.inf)
    scores[row, place] = inner_products(*by_factor, row, found[row, place])
    # What was not looked at again is in float32 no better than the last that was.
    possible = np.where(found[:, -1] != NOTHING, scores[:, -1] + 2 * off, -np.inf)
    scores[scores <= off[:, np.newaxis]] = -np.inf
    order = np.lexsort((found, -scores))[:, :k]
    best, sorted_scores = (np.take_along_axis(each, order, axis=1) for each in (found, scores))
    shown = np.where(sorted_scores > 0, best, NOTHING).astype(np.int32)
    beaten = np.maximum(sorted_scores[:, -1], off)
    for near in np.flatnonzero(possible >= beaten).tolist():
        everyone = np.arange(len(right))
        products = inner_products(*by_factor, np.full(len(right), near), everyone)
        products[barred[near].indices] = 0.0
        shown[near] = _best_above(products, off[near], k)
    return shown


def inner_products(
    of_left: NDArray[np.float64],
    of_right: NDArray[np.float64],
    row: NDArray[np.integer],
    column: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Return the inner products of some pairs, added up factor by factor.

    Parameters
    ----------
    of_left, of_right : ndarray of shape (n_factors, n_left) and (n_factors, n_right), float64
        Factors, one after the other.
    row, column : ndarray of shape (n_pairs,), int
        Positions on either side.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        The same to the bit whatever other pairs are asked about.

    Examples
    --------
    >>> rows = np.array([[3.0, 0.0], [4.0, 2.0]])
    >>> inner_products(rows, rows, np.array([0, 0]), np.array([0, 1])).tolist()
    [25.0, 8.0]
    """
    found = np.zeros(len(row))
    for start in range(0, len(row), _BLOCK_PAIRS):
        block = slice(start, start + _BLOCK_PAIRS)
        for one, other in zip(of_left, of_right, strict=True):
            found[block] += one[row[block]] * other[column[block]]
    return found


def _rounding(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far a float32 product of each row may be off: Higham 2002, equation 3.5."""
    longest = np.linalg.norm(right, axis=1).max(initial=0.0)
    unit = (left.shape[1] + 2) * float(np.finfo(np.float32).eps)
    off: NDArray[np.float64] = unit * np.linalg.norm(left, axis=1) * longest
    return off


def _best_above(scores: NDArray[np.float64], floor: float, k: int) -> NDArray[np.int32]:
    """Return the best of one row, in which more than the reserve are as good as equal."""
    order = np.argsort(-scores, kind="stable")[:k]
    kept = order[scores[order] > floor]
    found = np.full(k, NOTHING, dtype=np.int32)
    found[: len(kept)] = kept
    return found
