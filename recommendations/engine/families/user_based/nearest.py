"""The customers most similar to each query, without a matrix of all pairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.neighbours import available_threads
from recommendations.engine.topk import top_k

Measure = Literal["cosine", "pearson", "euclidean"]

MEASURES: tuple[Measure, ...] = ("cosine", "pearson", "euclidean")

_PIECES_PER_THREAD = 8

# Products of so many queries are held at once where numba cannot be loaded.
_BLOCK_QUERIES = 500

# Of a row that is the same everywhere, rounding leaves about 1e-16 of its square as variance.
_NO_VARIANCE = 1e-12


def nearest_rows(
    queries: sparse.csr_matrix,
    rows: sparse.csr_matrix,
    k: int,
    *,
    measure: Measure = "cosine",
    itself: NDArray[np.integer] | None = None,
    n_threads: int = 0,
    portable: bool = False,
) -> sparse.csr_matrix:
    """Return the k rows most similar to each query.

    cosine(u, v) = u·v / (|u| |v|). Pearson is the cosine of what is left when each row's mean
    over *all* columns, zeros included, is taken off: (u·v − Σu Σv / n) over the roots of
    Σu² − (Σu)² / n and Σv² − (Σv)² / n; of rows of ones it is the phi coefficient. Herlocker,
    Konstan, Borchers and Riedl (1999), An algorithmic framework for performing collaborative
    filtering. Euclidean similarity is 1 / (1 + |u − v|).

    Parameters
    ----------
    queries : csr_matrix of shape (n_queries, n_columns)
        Need not be among `rows`.
    rows : csr_matrix of shape (n_rows, n_columns)
        Those to choose from.
    k : int
        At least 1.
    measure : "cosine", "pearson" or "euclidean"
        How alike two rows are.
    itself : ndarray of shape (n_queries,), integer, optional
        The row that is the query itself and is no neighbour; -1 for none.
    n_threads : int
        0 takes every core that the process may use. The result does not depend on it.
    portable : bool
        Use SciPy alone, as is done where numba cannot be loaded: the same rows, more memory.

    Returns
    -------
    csr_matrix of shape (n_queries, n_rows), float64
        Similarities above 0 to rows that share a column, best first, ties to the smaller row.
        Nothing for an empty query.

    Raises
    ------
    ValueError
        If k is below 1, the measure is unknown, or the numbers of columns differ.

    Examples
    --------
    >>> rows = sparse.csr_matrix([[3.0, 4.0, 5.0, 0.0, 0.0], [0.0, 0.0, 4.0, 5.0, 3.0]])
    >>> nearest_rows(rows, rows, 1, itself=np.arange(2)).toarray().round(3).tolist()
    [[0.0, 0.4], [0.4, 0.0]]
    """
    _check(queries, rows, k, measure)
    n_queries, n_rows = queries.shape[0], rows.shape[0]
    excluded = np.full(n_queries, -1) if itself is None else np.asarray(itself)
    shifts, scales = zip(
        *(_shift_and_scale(part, measure) for part in (queries, rows)), strict=True
    )
    squares, highest = _squares(queries), 0.0
    if measure == "euclidean":
        # |u − v|² = |u|² + |v|² − 2 u·v: the nearest are highest in u·v − |v|² / 2, and what is
        # highest of all is added, because the search leaves out what is not above 0.
        halves = _squares(rows) / 2
        highest = float(halves.max(initial=0.0)) + 1.0
        shifts = (np.ones(n_queries), halves - highest)
        scales = (np.ones(n_queries), np.ones(n_rows))
    out = (np.full((n_queries, k), -1, dtype=np.int32), np.zeros((n_queries, k)))
    kernel = None if portable else _compiled_kernel()
    if kernel is None:
        _portable(queries, rows, shifts, scales, excluded, out)
    else:
        _compiled(kernel, (queries, rows, shifts, scales, excluded, out), n_threads)
    found, values = out
    if measure == "euclidean":
        distance = np.sqrt(np.maximum(squares[:, np.newaxis] + 2 * (highest - values), 0.0))
        values = 1.0 / (1.0 + distance)
    kept = found >= 0
    indptr = np.zeros(n_queries + 1, dtype=np.int64)
    np.cumsum(kept.sum(axis=1), out=indptr[1:])
    return sparse.csr_matrix((values[kept], found[kept], indptr), shape=(n_queries, n_rows))


def _check(queries: sparse.csr_matrix, rows: sparse.csr_matrix, k: int, measure: str) -> None:
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {', '.join(MEASURES)}, not {measure!r}.")
    if queries.shape[1] != rows.shape[1]:
        raise ValueError(
            f"Queries have {queries.shape[1]} columns and rows {rows.shape[1]}; they must agree."
        )


def _shift_and_scale(
    matrix: sparse.csr_matrix, measure: Measure
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is taken off a product of two rows, as a factor of each, and its norm."""
    n_rows, n_columns = matrix.shape
    squares = _squares(matrix)
    shift = np.zeros(n_rows)
    if measure == "pearson" and n_columns:
        shift = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel() / np.sqrt(n_columns)
    variance = squares - shift**2
    scale = np.zeros(n_rows)
    varied = variance > _NO_VARIANCE * squares
    scale[varied] = 1.0 / np.sqrt(variance[varied])
    return shift, scale


def _squares(matrix: sparse.csr_matrix) -> NDArray[np.float64]:
    return np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel()


def _compiled_kernel() -> ModuleType | None:
    try:
        from recommendations.engine.families.user_based import _kernel as kernel
    except ImportError:
        return None
    return kernel


def _compiled(kernel: ModuleType, task: tuple[Any, ...], n_threads: int) -> None:
    """Search piece by piece on Python threads, which the compiled code leaves free to run."""
    queries, rows, shifts, scales, excluded, out = task
    columns = rows.tocsc()
    arguments = (
        (queries.indptr, queries.indices, queries.data.astype(np.float64)),
        (columns.indptr, columns.indices, columns.data.astype(np.float64)),
        shifts,
        scales,
        excluded.astype(np.int64),
        out,
    )
    threads = n_threads or available_threads()
    n_pieces = 1 if threads == 1 else threads * _PIECES_PER_THREAD
    bounds = np.linspace(0, queries.shape[0], n_pieces + 1).astype(np.int64).tolist()
    pieces = list(pairwise(bounds))
    if threads == 1:
        kernel.nearest(*pieces[0], *arguments)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda piece: kernel.nearest(*piece, *arguments), pieces))


def _portable(
    queries: sparse.csr_matrix,
    rows: sparse.csr_matrix,
    shifts: tuple[NDArray[np.float64], NDArray[np.float64]],
    scales: tuple[NDArray[np.float64], NDArray[np.float64]],
    excluded: NDArray[np.integer],
    out: tuple[NDArray[np.int32], NDArray[np.float64]],
) -> None:
    """Fill `out` with SciPy, a block of queries at a time."""
    found, values = out
    transposed = rows.T.tocsr()
    for start in range(0, queries.shape[0], _BLOCK_QUERIES):
        block = slice(start, min(start + _BLOCK_QUERIES, queries.shape[0]))
        products = (queries[block] @ transposed).tocsr()
        row = np.repeat(np.arange(block.start, block.stop), np.diff(products.indptr))
        data = products.data - shifts[0][row] * shifts[1][products.indices]
        data *= scales[0][row] * scales[1][products.indices]
        data[products.indices == excluded[row]] = 0.0
        products.data = np.maximum(data, 0.0)
        columns, best = top_k(products, found.shape[1])
        found[block] = np.where(best > 0, columns, -1)
        values[block] = best
