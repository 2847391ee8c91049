"""Half-steps of alternating least squares: one side solved with the other side fixed."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine._portable import piece_bounds
from recommendations.engine._threads import PIECES_PER_THREAD, Pieces, run_pieces
from recommendations.engine.families.dense import solvers
from recommendations.engine.neighbours import available_threads

# Rows of the portable path looked at together: 8 bytes for each of their entries' factors.
_PORTABLE_ROWS = 4_096


def solved_rows(
    entries: sparse.csr_matrix,
    other: NDArray[np.float64],
    *,
    targets: NDArray[np.float64],
    gram: NDArray[np.float64],
    l2: NDArray[np.float64],
    begin: NDArray[np.float64] | None = None,
    steps: int = 0,
    n_threads: int = 0,
    portable: bool = False,
) -> NDArray[np.float64]:
    """Return x of (gram + Σ_e a_e y_e y_eᵀ + l2 I) x = Σ_e t_e y_e for each row.

    Parameters
    ----------
    entries : csr_matrix of shape (n_rows, n_others), float64
        a_e, the weight of each entry.
    other : ndarray of shape (n_others, n_factors), float64
        y, the fixed factors.
    targets : ndarray of shape (n_entries,), float64
        t_e, entry by entry.
    gram : ndarray of shape (n_factors, n_factors), float64
        What every row has in common, positive semidefinite.
    l2 : ndarray of shape (n_rows,), float64
        Above 0.
    begin : ndarray of shape (n_rows, n_factors), float64, optional
        Where conjugate gradients start; zeros if not given.
    steps : int
        Steps of conjugate gradients (Takács, Pilászy and Tikk 2011, Applications of the conjugate
        gradient method for implicit feedback collaborative filtering), n_factors · n_entries
        each; 0 solves exactly by Cholesky, with n_factors times the work.
    n_threads : int
        0 for one per processor; the result does not depend on it.
    portable : bool
        Use NumPy and SciPy alone.

    Returns
    -------
    ndarray of shape (n_rows, n_factors), float64
        A row without entries gives zeros.

    Raises
    ------
    ValueError
        If `steps` is below 0 or an `l2` is not above 0.

    Examples
    --------
    >>> entries = sparse.csr_matrix([[1.0, 0.0], [0.0, 0.0]])
    >>> solved_rows(
    ...     entries,
    ...     np.array([[2.0], [1.0]]),
    ...     targets=np.array([3.0]),
    ...     gram=np.zeros((1, 1)),
    ...     l2=np.ones(2),
    ... ).tolist()
    [[1.2], [0.0]]
    """
    if steps < 0:
        raise ValueError(f"steps must be 0 or more, not {steps}.")
    if len(l2) and not l2.min() > 0:
        raise ValueError(f"l2 must be above 0, not {l2.min()}.")
    n_rows, n_factors = entries.shape[0], other.shape[1]
    begun = begin is not None and steps > 0
    out = np.array(begin, dtype=np.float64) if begun else np.zeros((n_rows, n_factors))
    kernel = None if portable else solvers()
    system = entries, other, targets, gram, l2
    if kernel is None:
        _portable_rows(*system, steps, out)
    else:
        _compiled_rows(kernel, *system, steps, n_threads or available_threads(), out)
    return out


def _compiled_rows(
    kernel: ModuleType,
    entries: sparse.csr_matrix,
    other: NDArray[np.float64],
    targets: NDArray[np.float64],
    gram: NDArray[np.float64],
    l2: NDArray[np.float64],
    steps: int,
    n_threads: int,
    out: NDArray[np.float64],
) -> None:
    if not len(out):
        return
    rows = entries.indptr, entries.indices, entries.data, targets
    n_factors = other.shape[1]
    arguments = rows, np.ascontiguousarray(other), np.ascontiguousarray(gram), l2

    def work(pieces: Pieces) -> None:
        scratch = np.empty((3 if steps else n_factors, n_factors))
        for start, stop in pieces:
            if steps:
                kernel.improve_rows(start, stop, *arguments, steps, scratch, out)
            else:
                kernel.solve_rows(start, stop, *arguments, scratch, out)

    bounds = piece_bounds(np.diff(entries.indptr) + n_factors, n_threads * PIECES_PER_THREAD)
    run_pieces(work, bounds, n_threads=n_threads)


def _portable_rows(
    entries: sparse.csr_matrix,
    other: NDArray[np.float64],
    targets: NDArray[np.float64],
    gram: NDArray[np.float64],
    l2: NDArray[np.float64],
    steps: int,
    out: NDArray[np.float64],
) -> None:
    for start in range(0, len(out), _PORTABLE_ROWS):
        block = slice(start, min(start + _PORTABLE_ROWS, len(out)))
        part = entries[block]
        wanted = targets[entries.indptr[block.start] : entries.indptr[block.stop]]
        right = _with_data(part, wanted) @ other
        if steps:
            out[block] = _improved(part, other, right, gram, l2[block], steps, out[block])
        else:
            out[block] = _exact(part, other, right, gram, l2[block])


def _exact(
    part: sparse.csr_matrix,
    other: NDArray[np.float64],
    right: NDArray[np.float64],
    gram: NDArray[np.float64],
    l2: NDArray[np.float64],
) -> NDArray[np.float64]:
    solutions = np.zeros_like(right)
    eye = np.eye(len(gram))
    for row in np.flatnonzero(np.diff(part.indptr)):
        held = slice(part.indptr[row], part.indptr[row + 1])
        vectors = other[part.indices[held]]
        square = gram + (vectors.T * part.data[held]) @ vectors + l2[row] * eye
        solutions[row] = np.linalg.solve(square, right[row])
    return solutions


def _improved(
    part: sparse.csr_matrix,
    other: NDArray[np.float64],
    right: NDArray[np.float64],
    gram: NDArray[np.float64],
    l2: NDArray[np.float64],
    steps: int,
    solutions: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Take conjugate gradient steps on all rows at once."""
    row = np.repeat(np.arange(len(right)), np.diff(part.indptr))

    def multiplied(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        products = np.einsum("ef,ef->e", vectors[row], other[part.indices])
        image: NDArray[np.float64] = vectors @ gram + l2[:, np.newaxis] * vectors
        image += _with_data(part, part.data * products) @ other
        return image

    empty = np.diff(part.indptr) == 0
    solutions = np.where(empty[:, np.newaxis], 0.0, solutions)
    residual = right - multiplied(solutions)
    direction = residual.copy()
    length = (residual**2).sum(axis=1)
    for _ in range(steps):
        image = multiplied(direction)
        alive = length >= 1e-20
        step = np.where(alive, length, 0.0) / np.where(alive, (direction * image).sum(axis=1), 1.0)
        solutions += step[:, np.newaxis] * direction
        residual -= step[:, np.newaxis] * image
        shorter = (residual**2).sum(axis=1)
        ratio = shorter / np.where(alive, length, 1.0)
        direction = residual + ratio[:, np.newaxis] * direction
        length = np.where(alive, shorter, 0.0)
    return solutions


def _with_data(pattern: sparse.csr_matrix, data: NDArray[np.float64]) -> sparse.csr_matrix:
    return sparse.csr_matrix((data, pattern.indices, pattern.indptr), shape=pattern.shape)
