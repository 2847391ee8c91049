"""The k largest entries of each row, of a matrix or of a product that is never stored whole."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Entries looked at together: a few sorted arrays of this length stay within 200 MB.
_BLOCK_ENTRIES = 4_000_000


def top_k(matrix: sparse.csr_matrix, k: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the columns and values of the k largest stored entries of each row.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_rows, n_columns)
        Entries that are not stored are never returned.
    k : int
        At least 1.

    Returns
    -------
    columns : ndarray of shape (n_rows, k), int32
        Largest value first; ties go to the smaller column; -1 where a row has fewer entries.
    values : ndarray of shape (n_rows, k), float64
        The values; 0 where there is none.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> columns, values = top_k(sparse.csr_matrix([[0.0, 2.0, 2.0, 3.0], [0.0, 0.0, 0.0, 1.0]]), 2)
    >>> columns.tolist(), values.tolist()
    ([[3, 1], [3, -1]], [[3.0, 2.0], [1.0, 0.0]])
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    n_rows = matrix.shape[0]
    columns = np.full((n_rows, k), -1, dtype=np.int32)
    values = np.zeros((n_rows, k))
    start = 0
    while start < n_rows:
        most = matrix.indptr[start] + _BLOCK_ENTRIES
        stop = max(start + 1, int(np.searchsorted(matrix.indptr, most, side="right")) - 1)
        stop = min(stop, n_rows)
        entries = slice(matrix.indptr[start], matrix.indptr[stop])
        row = np.repeat(np.arange(start, stop), np.diff(matrix.indptr[start : stop + 1]))
        order = np.lexsort((matrix.indices[entries], -matrix.data[entries], row))
        place = np.arange(len(row)) - (matrix.indptr[row] - matrix.indptr[start])
        kept = place < k
        best = order[kept]
        columns[row[kept], place[kept]] = matrix.indices[entries][best]
        values[row[kept], place[kept]] = matrix.data[entries][best]
        start = stop
    return columns, values


def top_k_product(
    left: sparse.csr_matrix,
    right: sparse.csr_matrix,
    k: int,
    *,
    n_threads: int = 1,
    portable: bool = False,
) -> sparse.csr_matrix:
    """Return the k largest entries of each row of left @ right, for real-valued matrices.

    With sparse-dot-topn the product is never stored; for baskets, which need distinct customers
    and a support floor *before* the cut, use `neighbours`.

    Parameters
    ----------
    left : csr_matrix of shape (n_rows, n_inner)
        Values 0 or more.
    right : csr_matrix of shape (n_inner, n_columns)
        Values 0 or more.
    k : int
        At least 1.
    n_threads : int
        Threads, at least 1.
    portable : bool
        Use SciPy alone: the same entries with more memory.

    Returns
    -------
    csr_matrix of shape (n_rows, n_columns), float64
        At most k entries above 0 per row, by column. Which of several equal values at the end
        of a row is kept is not said.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> shares = sparse.csr_matrix([[1.0, 0.5], [0.0, 1.0]])
    >>> top_k_product(shares, shares.T.tocsr(), 1).toarray().tolist()
    [[1.25, 0.0], [0.0, 1.0]]
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    topn = None if portable else _sparse_dot_topn()
    if topn is None:
        return _largest((left @ right).tocsr(), k)
    product = topn.sp_matmul_topn(
        left.astype(np.float64), right.astype(np.float64), k, n_threads=n_threads, sort=False
    )
    result = sparse.csr_matrix(product)
    result.eliminate_zeros()
    result.sort_indices()
    return result


def _sparse_dot_topn() -> ModuleType | None:
    try:
        import sparse_dot_topn  # loaded on first use: only builds need it
    except ImportError:
        return None
    found: ModuleType = sparse_dot_topn
    return found


def _largest(matrix: sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    columns, values = top_k(matrix, k)
    row, place = np.nonzero((columns >= 0) & (values > 0))
    return sparse.csr_matrix(
        (values[row, place], (row, columns[row, place])), shape=matrix.shape, dtype=np.float64
    )
