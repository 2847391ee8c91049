"""What stands where a model has nothing more to say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.metrics import NOTHING


def filled(
    found: NDArray[np.int32], without: sparse.csr_matrix, best: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return recommendations with best sellers in the places left empty.

    Parameters
    ----------
    found : ndarray of shape (n_queries, k), int32
        Item positions, best first; -1 where there are fewer.
    without : csr_matrix of shape (n_queries, n_items)
        What is never recommended.
    best : ndarray of shape (n_best,), int32
        Item positions, best sellers first.

    Returns
    -------
    ndarray of shape (n_queries, k), int32
        A copy; -1 stays where even best sellers run out.

    Examples
    --------
    >>> found = np.array([[2, -1, -1]], dtype=np.int32)
    >>> held = sparse.csr_matrix([[0.0, 1.0, 0.0, 0.0]])
    >>> filled(found, held, np.array([1, 2, 3], dtype=np.int32)).tolist()
    [[2, 3, -1]]
    """
    result = found.copy()
    for row in np.flatnonzero((found == NOTHING).any(axis=1)):
        held = without.indices[without.indptr[row] : without.indptr[row + 1]]
        own = result[row][result[row] != NOTHING]
        barred = np.concatenate([held, own])
        rest = best[: len(barred) + len(result[row])]
        rest = rest[~np.isin(rest, barred)][: len(result[row]) - len(own)]
        result[row, : len(own)] = own
        result[row, len(own) : len(own) + len(rest)] = rest
        result[row, len(own) + len(rest) :] = NOTHING
    return result
