"""The best of many vectors for each of many others, never storing all pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine._threads import Pieces, run_pieces
from recommendations.engine.families.content.measures import Measure, cosine
from recommendations.engine.families.content.vectors import Vectors, inner_products
from recommendations.engine.families.dense import solvers
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbours import available_threads

_BLOCK_SCORES = 4_000_000
"""Scores in memory at once for each thread: 16 MB, and a few arrays as large beside them."""

# Items as good as equal must tie: scores are cut to 20 binary digits below the largest of their
# row, six decimal ones.
_DIGITS = 20


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
        Scores from inner products and lengths. Pairs whose inner product is not above what
        rounding leaves of two long vectors have nothing in common and are not returned, whatever
        the measure says.
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
        Rounded to six digits; 0 where there is none. The same to the bit whatever `n_threads`,
        the size of blocks, BLAS and the processor.

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
    asked = Vectors.of(left, right.common)
    lengths = asked.length, right.length
    floor = right.rounding * asked.length * right.length.max()
    margin = _margin(measure, lengths, right.rounding)
    kernel = None if portable else solvers()
    select = _portable_candidates if kernel is None else partial(_compiled_candidates, kernel)
    block_scores = _block_scores(asked, right, measure)

    def work(pieces: Pieces) -> None:
        for start, stop in pieces:
            inner, values = block_scores(start, stop)
            if barred is not None:
                entries = barred[start:stop].tocoo()
                inner[entries.row, entries.col] = 0.0
            limits = floor[start:stop], margin[start:stop]
            row, column = select(values, inner, k, limits)
            row += start
            exact = inner_products(asked.rows, right.rows, (row, column), kernel)
            kept = exact > floor[row]
            row, column, exact = row[kept], column[kept], exact[kept]
            score = measure(exact, lengths[0][row], lengths[1][column])
            _write_best((row, column, score), found, scores)

    from threadpoolctl import threadpool_limits

    rows = max(1, _BLOCK_SCORES // len(right))
    bounds = np.append(np.arange(0, n_left, rows), n_left)
    # Our threads take the blocks; BLAS needs none of its own.
    with threadpool_limits(limits=1, user_api="blas"):
        run_pieces(work, bounds, n_threads=n_threads or available_threads())
    return found, scores


Block: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Inner products and scores of some rows with all of the right, to about six digits."""


def _block_scores(asked: Vectors, right: Vectors, measure: Measure) -> Callable[[int, int], Block]:
    """Return what computes the block of a range of rows; the threads share what it reads."""
    left_dense, right_dense = asked.dense, right.dense.T
    left_rare, right_rare = asked.rare, right.rare.T.tocsr()
    left_length = asked.length.astype(np.float32)[:, np.newaxis]
    right_length = right.length.astype(np.float32)

    def block(start: int, stop: int) -> Block:
        inner = left_dense[start:stop] @ right_dense
        inner += (left_rare[start:stop] @ right_rare).toarray()
        return inner, measure(inner, left_length[start:stop], right_length)

    return block


def _margin(
    measure: Measure, lengths: tuple[NDArray[np.float64], NDArray[np.float64]], rounding: float
) -> NDArray[np.float64]:
    """Return how far a float32 score of each row may be off: at most what it is at the steepest."""
    left, longest = lengths[0], lengths[1].max()
    steepest = [
        measure(left * other, left, other) - measure((1 - 2 * rounding) * left * other, left, other)
        for other in (left, np.full_like(left, longest))
    ]
    return np.maximum(*steepest)


Scored: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.floating]]
"""Rows, ascending, columns and scores of pairs."""

Limits: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]
"""For each row, the inner product of nothing in common, and how far a score may be off."""


def _write_best(scored: Scored, found: NDArray[np.int32], scores: NDArray[np.float32]) -> None:
    """Write the largest scores of each row, cut to `_DIGITS`, to `found` and `scores`."""
    row, column, exact = scored
    if not len(row):
        return
    first = np.flatnonzero(np.append(True, np.diff(row) > 0))
    lengths = np.diff(np.append(first, len(row)))
    step = np.repeat(_step(np.maximum.reduceat(exact, first)), lengths)
    value = np.rint(exact / step) * step
    order = np.lexsort((column, -value, row))
    place = np.arange(len(row)) - np.repeat(first, lengths)
    kept = place < found.shape[1]
    best = order[kept]
    found[row[best], place[kept]] = column[best]
    scores[row[best], place[kept]] = value[best]


def _compiled_candidates(
    kernel: ModuleType,
    values: NDArray[np.float32],
    inner: NDArray[np.float32],
    k: int,
    limits: Limits,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """As `_portable_candidates`, in one pass that compares and two that collect."""
    floor, margin = limits
    worst = np.full(len(values), -np.inf, dtype=np.float32)
    largest = np.zeros(len(values), dtype=np.float32)
    kernel.bounds_of_rows(values, inner, 2 * floor, min(k, values.shape[1]), worst, largest)
    least = _least(worst, largest, margin)
    lengths = np.zeros(len(values), dtype=np.intp)
    kernel.count_at_least(values, inner, least, lengths)
    column = np.empty(int(lengths.sum()), dtype=np.intp)
    kernel.write_at_least(values, inner, least, column)
    return np.repeat(np.arange(len(values)), lengths), column


def _portable_candidates(
    values: NDArray[np.float32], inner: NDArray[np.float32], k: int, limits: Limits
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of all that may be among the k best of each row."""
    floor, margin = limits
    # What is surely above nothing says how good the k-th is; what may be as good is looked at
    # again.
    sure = np.where(inner > 2 * floor[:, np.newaxis], values, -np.inf)
    k = min(k, values.shape[1])
    ordered = np.partition(sure, values.shape[1] - k, axis=1)[:, values.shape[1] - k :]
    least = _least(ordered.min(axis=1), ordered.max(axis=1), margin)
    row, column = np.nonzero((values >= least[:, np.newaxis]) & (inner > 0))
    return row, column


def _least(
    worst: NDArray[np.floating], largest: NDArray[np.floating], margin: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what a score must be so that, cut to `_DIGITS`, it may be as good as the k-th."""
    return worst - (2 * margin + _step(largest + margin))


def _step(largest: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the unit in which a row's scores are counted; a power of two, so that it is exact."""
    # A largest score of 1 that rounding leaves below 1 has the unit of 1.
    _, exponent = np.frexp(np.maximum(largest, 0) * (1 + 2.0**-_DIGITS))
    unit: NDArray[np.float64] = np.ldexp(1.0, exponent - _DIGITS)
    return unit
