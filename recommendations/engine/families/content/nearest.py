"""The best of many vectors for each of many others, never storing all pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from types import ModuleType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine._threads import Pieces, run_pieces
from recommendations.engine.families.content.measures import Measure, cosine
from recommendations.engine.families.dense import solvers
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbours import available_threads

# A column that so many items have is multiplied as part of a dense block: BLAS does in one
# instruction what a sparse product does in several steps.
_DENSE_SHARE = 0.02

_BLOCK_SCORES = 4_000_000
"""Scores in memory at once for each thread: 16 MB, and a few arrays as large beside them."""

# Equal items must tie, whatever the order in which BLAS added up their features: scores are cut to
# 20 binary digits below the largest of their row, six decimal ones.
_DIGITS = 20


@dataclass(frozen=True)
class Vectors:
    """Rows to be compared; columns that many rows have are kept apart.

    Parameters
    ----------
    rows : csr_matrix of shape (n_rows, n_columns)
        The vectors.
    common : ndarray of shape (n_columns,), bool
        Which columns are multiplied as a dense block.

    Examples
    --------
    >>> Vectors.of(sparse.csr_matrix([[3.0, 4.0]])).length.tolist()
    [5.0]
    """

    rows: sparse.csr_matrix
    common: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: sparse.csr_matrix) -> Vectors:
        """Return the rows, with the columns that most of them have found.

        Parameters
        ----------
        rows : csr_matrix of shape (n_rows, n_columns)
            The vectors.

        Returns
        -------
        Vectors
            The same rows.

        Examples
        --------
        >>> Vectors.of(sparse.csr_matrix([[3.0, 0.0]])).common.tolist()
        [True, False]
        """
        rows = sparse.csr_matrix(rows, dtype=np.float32)
        having = np.bincount(rows.indices, minlength=rows.shape[1])
        return cls(rows=rows, common=having > _DENSE_SHARE * rows.shape[0])

    def __len__(self) -> int:
        return int(self.rows.shape[0])

    @cached_property
    def dense(self) -> NDArray[np.float32]:
        """The columns that many rows have; shape (n_rows, n_common)."""
        return np.ascontiguousarray(self.rows[:, self.common].toarray())

    @cached_property
    def rare(self) -> sparse.csr_matrix:
        """The other columns."""
        return self.rows[:, ~self.common]

    @cached_property
    def length(self) -> NDArray[np.float32]:
        """Euclidean length of each row."""
        squares = self.rows.multiply(self.rows).sum(axis=1).A1
        lengths: NDArray[np.float32] = np.sqrt(squares).astype(np.float32)
        return lengths


def nearest(
    left: sparse.csr_matrix,
    right: Vectors,
    k: int,
    *,
    barred: sparse.csr_matrix | None = None,
    measure: Measure = cosine,
    n_threads: int = 0,
    portable: bool = False,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the rows of `right` that score highest with each row of `left`.

    Parameters
    ----------
    left : csr_matrix of shape (n_left, n_columns)
        What is asked about.
    right : Vectors
        n_right rows with the same columns.
    k : int
        At least 1.
    barred : csr_matrix of shape (n_left, n_right), optional
        Pairs stored are never returned.
    measure : callable
        Scores from inner products and lengths. Pairs whose inner product is not above 0 have
        nothing in common and are not returned, whatever the measure says.
    n_threads : int
        Threads; 0 for one per processor this process may use.
    portable : bool
        Use NumPy and SciPy alone: the same rows, in half as much time again.

    Returns
    -------
    positions : ndarray of shape (n_left, k), int32
        Highest score first; ties, to six digits, go to the smaller position; -1 where there
        are fewer.
    scores : ndarray of shape (n_left, k), float32
        Rounded to six digits; 0 where there is none. Independent of `n_threads`.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> rows = sparse.csr_matrix([[3.0, 4.0], [0.0, 2.0], [1.0, 0.0]])
    >>> positions, scores = nearest(rows, Vectors.of(rows), 2, barred=sparse.eye(3, format="csr"))
    >>> positions.tolist(), scores[0].astype(float).round(3).tolist()
    ([[1, 2], [0, -1], [0, -1]], [0.8, 0.6])
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    n_left = left.shape[0]
    found = np.full((n_left, k), NOTHING, dtype=np.int32)
    scores = np.zeros((n_left, k), dtype=np.float32)
    if not n_left or not len(right):
        return found, scores
    asked = Vectors(sparse.csr_matrix(left, dtype=np.float32), right.common)
    rare = right.rare.T.tocsr()
    rows = max(1, _BLOCK_SCORES // len(right))
    kernel = None if portable else solvers()
    select = _portable_candidates if kernel is None else partial(_compiled_candidates, kernel)

    def work(pieces: Pieces) -> None:
        for start, stop in pieces:
            block = asked.dense[start:stop] @ right.dense.T
            block += (asked.rare[start:stop] @ rare).toarray()
            values = measure(block, asked.length[start:stop], right.length)
            if barred is not None:
                entries = barred[start:stop].tocoo()
                block[entries.row, entries.col] = 0.0
            candidates = select(values, block, k)
            _write_best(values, candidates, found[start:stop], scores[start:stop])

    from threadpoolctl import threadpool_limits

    bounds = np.append(np.arange(0, n_left, rows), n_left)
    # Our threads take the blocks; BLAS on threads of its own would add up in another order.
    with threadpool_limits(limits=1, user_api="blas"):
        _prepare(asked, right)
        run_pieces(work, bounds, n_threads=n_threads or available_threads())
    return found, scores


def _prepare(*several: Vectors) -> None:
    """Work out what is kept, before several threads would each do it."""
    for vectors in several:
        _ = vectors.dense, vectors.rare, vectors.length


Candidates: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]
"""Rows and columns of what may be among the best, by row and column, and each row's unit."""


def _write_best(
    values: NDArray[np.float32],
    candidates: Candidates,
    found: NDArray[np.int32],
    scores: NDArray[np.float32],
) -> None:
    """Write the largest candidates of each row, cut to `_DIGITS`, to `found` and `scores`."""
    row, column, step = candidates
    value = np.rint(values[row, column] / step[row]) * step[row]
    order = np.lexsort((column, -value, row))
    lengths = np.bincount(row, minlength=len(values))
    place = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    kept = place < found.shape[1]
    best = order[kept]
    found[row[best], place[kept]] = column[best]
    scores[row[best], place[kept]] = value[best]


def _compiled_candidates(
    kernel: ModuleType, values: NDArray[np.float32], inner: NDArray[np.float32], k: int
) -> Candidates:
    """As `_portable_candidates`, in one pass that compares and two that collect."""
    least = np.full(len(values), np.finfo(np.float32).min, dtype=np.float32)
    largest = np.zeros(len(values), dtype=np.float32)
    kernel.bounds_of_rows(values, inner, min(k, values.shape[1]), least, largest)
    step = _step(largest)
    least = np.maximum(least - step, np.finfo(np.float32).min)
    lengths = np.zeros(len(values), dtype=np.intp)
    kernel.count_at_least(values, inner, least, lengths)
    column = np.empty(int(lengths.sum()), dtype=np.intp)
    kernel.write_at_least(values, inner, least, column)
    return np.repeat(np.arange(len(values)), lengths), column, step


def _portable_candidates(
    values: NDArray[np.float32], inner: NDArray[np.float32], k: int
) -> Candidates:
    """Return what may be among the k best of each row once values are cut to `_DIGITS`."""
    values = np.where(inner > 0, values, -np.inf)
    k = min(k, values.shape[1])
    ordered = np.partition(values, values.shape[1] - k, axis=1)[:, values.shape[1] - k :]
    step = _step(ordered.max(axis=1))
    least = np.maximum(ordered.min(axis=1) - step, np.finfo(np.float32).min)
    row, column = np.nonzero(values >= least[:, np.newaxis])
    return row, column, step


def _step(largest: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the unit in which a row's scores are counted; a power of two, so that it is exact."""
    _, exponent = np.frexp(np.maximum(largest, 0))
    unit: NDArray[np.float32] = np.ldexp(np.float32(1), exponent - _DIGITS).astype(np.float32)
    return unit
