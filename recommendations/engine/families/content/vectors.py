"""Rows to be compared, and the inner products of some of their pairs to the last bit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# A column that so many items have is multiplied as part of a dense block: BLAS does in one
# instruction what a sparse product does in several steps.
_DENSE_SHARE = 0.02

# Entries of rows gathered at once where nothing is compiled: 12 bytes each, a few times over.
_BLOCK_ENTRIES = 2_000_000


@dataclass(frozen=True)
class Vectors:
    """Rows to be compared; columns that many rows have are kept apart.

    Parameters
    ----------
    rows : csr_matrix of shape (n_rows, n_columns), float32
        The vectors; columns ascend within each row.
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
    def of(cls, rows: sparse.csr_matrix, common: NDArray[np.bool_] | None = None) -> Vectors:
        """Return the rows, with the columns that most of them have found.

        Parameters
        ----------
        rows : csr_matrix of shape (n_rows, n_columns)
            The vectors; left as they are.
        common : ndarray of shape (n_columns,), bool, optional
            Columns of a dense block; where not given, those that many rows have.

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
        if not rows.has_canonical_format:
            rows = rows.copy()
            rows.sum_duplicates()
        if common is None:
            having = np.bincount(rows.indices, minlength=rows.shape[1])
            common = having > _DENSE_SHARE * rows.shape[0]
        return cls(rows=rows, common=common)

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
    def length(self) -> NDArray[np.float64]:
        """Euclidean length of each row."""
        rows = self.rows.astype(np.float64)
        lengths: NDArray[np.float64] = np.sqrt(rows.multiply(rows).sum(axis=1).A1)
        return lengths

    @cached_property
    def rounding(self) -> float:
        """How far a float32 inner product with a row may be off, as a share of ‖a‖·‖b‖.

        n·u for a sum of n products in any order (Higham 2002, *Accuracy and Stability of
        Numerical Algorithms*, §3.1), and a few more u for what a measure makes of it.
        """
        n_products = int(np.diff(self.rows.indptr).max(initial=0))
        return (n_products + 8) * 2.0**-24


def inner_products(
    left: sparse.csr_matrix,
    right: sparse.csr_matrix,
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
    kernel: ModuleType | None,
) -> NDArray[np.float64]:
    """Return the inner products of some pairs, the same to the bit on every machine.

    Products of two float32 numbers are exact in float64, and are added up one by one in the order
    of columns: neither the block that a pair was found in, nor threads, nor BLAS leave a trace.

    Parameters
    ----------
    left, right : csr_matrix of shape (n_left, n_columns) and (n_right, n_columns), float32
        Columns ascend within each row.
    pairs : (ndarray, ndarray) of shape (n_pairs,), intp
        Rows of `left`, ascending, and rows of `right`.
    kernel : module, optional
        The compiled solvers; without, NumPy and SciPy do it, to the same bits.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        In the order of `pairs`.

    Examples
    --------
    >>> rows = sparse.csr_matrix(np.array([[3.0, 4.0], [0.0, 2.0]], dtype=np.float32))
    >>> inner_products(rows, rows, (np.array([0, 0, 1]), np.array([0, 1, 1])), None).tolist()
    [25.0, 8.0, 4.0]
    """
    row, column = pairs
    found = np.empty(len(row))
    if kernel is not None:
        of_row = np.zeros(left.shape[1])
        kernel.inner_of_pairs(row, column, _parts(left), _parts(right), of_row, found)
        return found
    longest = int(np.diff(right.indptr).max(initial=1)) + int(np.diff(left.indptr).max(initial=1))
    length = max(1, _BLOCK_ENTRIES // longest)
    for start in range(0, len(row), length):
        block = slice(start, start + length)
        products = left[row[block]].astype(np.float64).multiply(right[column[block]])
        found[block] = products.sum(axis=1).A1
    return found


def _parts(
    rows: sparse.csr_matrix,
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.float32]]:
    return rows.indptr, rows.indices, rows.data
