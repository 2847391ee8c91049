"""Companions of many items, row after row: what the pair count gives and all else reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True, kw_only=True, slots=True)
class NeighbourLists:
    """Companions of consecutive items, best first, row after row.

    Parameters
    ----------
    indptr : ndarray of shape (n_rows + 1,), int64
        Row r holds the entries indptr[r] to indptr[r + 1].
    items : ndarray of shape (n_entries,), int32
        Item positions.
    scores : ndarray of shape (n_entries,), float32
        Similarity, descending within a row.
    customers : ndarray of shape (n_entries,), uint32
        Distinct customers with a basket that holds both items.
    baskets : ndarray of shape (n_entries,), uint32
        Baskets that hold both items.

    Examples
    --------
    >>> len(NeighbourLists.empty(3))
    3
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.float32]
    customers: NDArray[np.uint32]
    baskets: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @classmethod
    def empty(cls, n_rows: int) -> NeighbourLists:
        """Return `n_rows` empty lists.

        Parameters
        ----------
        n_rows : int
            Number of rows, 0 or more.

        Returns
        -------
        NeighbourLists
            Without entries.

        Examples
        --------
        >>> NeighbourLists.empty(2).indptr.tolist()
        [0, 0, 0]
        """
        return cls(
            indptr=np.zeros(n_rows + 1, dtype=np.int64),
            items=np.zeros(0, dtype=np.int32),
            scores=np.zeros(0, dtype=np.float32),
            customers=np.zeros(0, dtype=np.uint32),
            baskets=np.zeros(0, dtype=np.uint32),
        )

    @classmethod
    def joined(cls, parts: Sequence[NeighbourLists]) -> NeighbourLists:
        """Return the rows of all parts, one part after the other.

        Parameters
        ----------
        parts : sequence of NeighbourLists
            For instance the chunks of one build, in order.

        Returns
        -------
        NeighbourLists
            No parts give no rows.

        Examples
        --------
        >>> len(NeighbourLists.joined([NeighbourLists.empty(2), NeighbourLists.empty(1)]))
        3
        """
        if not parts:
            return cls.empty(0)
        lengths = np.concatenate([np.diff(part.indptr) for part in parts])
        return cls(
            indptr=row_bounds(lengths),
            items=np.concatenate([part.items for part in parts]),
            scores=np.concatenate([part.scores for part in parts]),
            customers=np.concatenate([part.customers for part in parts]),
            baskets=np.concatenate([part.baskets for part in parts]),
        )

    def first(self, n: int) -> NeighbourLists:
        """Return the first entries of every row.

        Parameters
        ----------
        n : int
            Entries kept of each row, 0 or more.

        Returns
        -------
        NeighbourLists
            The same rows, each at most `n` long.

        Examples
        --------
        >>> len(NeighbourLists.empty(2).first(1))
        2
        """
        lengths = np.diff(self.indptr)
        place = np.arange(len(self.items)) - np.repeat(self.indptr[:-1], lengths)
        kept = place < n
        return NeighbourLists(
            indptr=row_bounds(np.minimum(lengths, n)),
            items=self.items[kept],
            scores=self.scores[kept],
            customers=self.customers[kept],
            baskets=self.baskets[kept],
        )

    def matrix(self, n_items: int) -> sparse.csr_matrix:
        """Return the scores as a matrix.

        Parameters
        ----------
        n_items : int
            Number of item positions.

        Returns
        -------
        csr_matrix of shape (n_rows, n_items), float64
            Entries of a row stand best first, not by column.

        Examples
        --------
        >>> NeighbourLists.empty(2).matrix(5).shape
        (2, 5)
        """
        return sparse.csr_matrix(
            (self.scores.astype(np.float64), self.items, self.indptr), shape=(len(self), n_items)
        )


def row_bounds(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return where each row starts and ends.

    Parameters
    ----------
    lengths : ndarray of shape (n_rows,), integer
        Entries of each row.

    Returns
    -------
    ndarray of shape (n_rows + 1,), int64
        Row r holds the entries at r to r + 1 of it. No rows give [0].

    Examples
    --------
    >>> row_bounds(np.array([2, 0, 1])).tolist()
    [0, 2, 2, 3]
    """
    indptr = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=indptr[1:])
    return indptr


def best_of_pairs(
    row: NDArray[np.integer],
    items: NDArray[np.integer],
    scores: NDArray[np.float64],
    customers: NDArray[np.floating],
    baskets: NDArray[np.floating],
    *,
    n_rows: int,
    k: int,
) -> NeighbourLists:
    """Return the k best companions of each row among scored pairs.

    Parameters
    ----------
    row : ndarray of shape (n_pairs,), integer
        Row of each pair, ascending.
    items : ndarray of shape (n_pairs,), integer
        Item position of its companion.
    scores : ndarray of shape (n_pairs,), float64
        Similarity.
    customers, baskets : ndarray of shape (n_pairs,)
        Evidence.
    n_rows : int
        Number of rows, also of those without a pair.
    k : int
        Longest list.

    Returns
    -------
    NeighbourLists
        Best first, by the scores as given and not as rounded; ties go to the smaller item.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> pairs = np.array([0, 0, 2]), np.array([4, 3, 1]), np.array([0.5, 0.5, 0.25])
    >>> lists = best_of_pairs(*pairs, ones, ones, n_rows=3, k=1)
    >>> lists.indptr.tolist(), lists.items.tolist()
    ([0, 1, 1, 2], [3, 1])
    """
    order = np.lexsort((items, -scores, row))
    starts = np.searchsorted(row[order], np.arange(n_rows))
    best = order[np.arange(len(order)) - starts[row[order]] < k]
    return NeighbourLists(
        indptr=row_bounds(np.bincount(row[best], minlength=n_rows)),
        items=items[best].astype(np.int32),
        scores=scores[best].astype(np.float32),
        customers=customers[best].astype(np.uint32),
        baskets=baskets[best].astype(np.uint32),
    )
