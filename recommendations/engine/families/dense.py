"""What models with a score for every item share: the best of dense rows, lists of real pairs."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.neighbours import neighbours_of
from recommendations.engine.packing import MAX_LENGTH

# Scores held at once: 64 MB as float64, far below what any model holds, and no slower than more.
BLOCK_SCORES = 8_000_000

# Room for companions counted at once, 16 bytes each.
_BLOCK_PAIRS = 4_000_000

ScoreRows = Callable[[slice], NDArray[np.floating]]
"""Takes a range of queries; returns their scores of shape (n, n_columns), to be overwritten."""

ScorePairs = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.floating]]
"""Takes item positions of both sides of pairs; returns their scores."""


def solvers() -> ModuleType | None:
    """Return the compiled solvers, loaded on first use.

    Returns
    -------
    module or None
        None where numba cannot be loaded; NumPy serves there.

    Examples
    --------
    >>> solvers() is solvers()
    True
    """
    try:
        from recommendations.engine.families import _solvers as compiled
    except ImportError:
        return None
    return compiled


def best_of_scores(
    score_rows: ScoreRows, barred: sparse.csr_matrix, k: int, *, portable: bool = False
) -> NDArray[np.int32]:
    """Return the k best columns of each row, a block of rows at a time.

    Parameters
    ----------
    score_rows : callable
        The scores of a range of queries over all columns.
    barred : csr_matrix of shape (n_queries, n_columns)
        Entries stored are never returned.
    k : int
        At least 1.
    portable : bool
        Use NumPy alone: the same columns.

    Returns
    -------
    ndarray of shape (n_queries, k), int32
        Highest score first, ties to the smaller column; only scores above 0; -1 where there are
        fewer.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> scores = np.array([[1.0, 3.0, 3.0, -1.0]])
    >>> best_of_scores(lambda rows: scores[rows].copy(), sparse.csr_matrix((1, 4)), 4).tolist()
    [[1, 2, 0, -1]]
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    n_rows, n_columns = barred.shape
    found = np.full((n_rows, k), NOTHING, dtype=np.int32)
    kernel = None if portable else solvers()
    length = max(1, BLOCK_SCORES // max(n_columns, 1))
    for start in range(0, n_rows, length):
        block = slice(start, min(start + length, n_rows))
        scores = score_rows(block)
        if kernel is not None:
            kernel.best_of_rows(scores, (barred.indptr, barred.indices), k, start, found)
        else:
            found[block] = _portable_best(scores, barred[block], k)
    return found


def supported_lists(
    matrix: BasketMatrix,
    score_pairs: ScorePairs,
    *,
    k: int,
    min_customers: int,
    n_threads: int = 0,
) -> NeighbourLists:
    """Return each item's best companions by a model's score, among pairs really bought together.

    Every pair of at least `min_customers` distinct customers is scored, so the floor costs no
    place in the list. Pairs beyond the 65,535 of highest cosine of one item are not looked at.

    Parameters
    ----------
    matrix : BasketMatrix
        The rows in which pairs are counted.
    score_pairs : callable
        The model's score of pairs.
    k : int
        Longest list, 0 or more.
    min_customers : int
        At least 1.
    n_threads : int
        0 for one per processor.

    Returns
    -------
    NeighbourLists
        One row per item, scores above 0, best first, ties to the smaller item.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[10, 20, 30], baskets=[[0, 1], [0, 2]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> supported_lists(matrix, lambda left, right: right * 1.0, k=1, min_customers=1).items
    array([2], dtype=int32)
    """
    widest = min(max(matrix.n_items, 1), MAX_LENGTH)
    length = max(1, _BLOCK_PAIRS // widest)
    parts = []
    for start in range(0, matrix.n_items, length):
        block = np.arange(start, min(start + length, matrix.n_items))
        pairs = neighbours_of(
            matrix, block, k=widest, min_customers=min_customers, n_threads=n_threads
        )
        left = np.repeat(block, np.diff(pairs.indptr))
        scores = score_pairs(left, pairs.items.astype(np.int64)).astype(np.float32)
        parts.append(ranked(pairs, scores, k))
    return NeighbourLists.joined(parts)


def ranked(pairs: NeighbourLists, scores: NDArray[np.float32], k: int) -> NeighbourLists:
    """Return lists in the order of other scores.

    Parameters
    ----------
    pairs : NeighbourLists
        With their evidence, in any order.
    scores : ndarray of shape (n_entries,), float32
        Of each entry; those not above 0 fall out.
    k : int
        Longest list, 0 or more.

    Returns
    -------
    NeighbourLists
        The same rows, best first, ties to the smaller item.

    Examples
    --------
    >>> ranked(NeighbourLists.empty(2), np.zeros(0, dtype=np.float32), 5).indptr.tolist()
    [0, 0, 0]
    """
    row = np.repeat(np.arange(len(pairs)), np.diff(pairs.indptr))
    kept = np.flatnonzero(scores > 0)
    order = kept[np.lexsort((pairs.items[kept], -scores[kept], row[kept]))]
    lists = NeighbourLists(
        indptr=row_bounds(np.bincount(row[order], minlength=len(pairs))),
        items=pairs.items[order],
        scores=scores[order],
        customers=pairs.customers[order],
        baskets=pairs.baskets[order],
    )
    return lists.first(k)


def learnt_items(matrix: BasketMatrix, min_customers: int) -> NDArray[np.int64]:
    """Return the items that are learnt from, ascending.

    Parameters
    ----------
    matrix : BasketMatrix
        The rows.
    min_customers : int
        Distinct customers that an item must have; one that nobody bought is never learnt.

    Returns
    -------
    ndarray of shape (n_learnt,), int64
        Item positions.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[10, 20, 30], baskets=[[0, 2]], at=[0], customers=[0])
    >>> learnt_items(basket_matrix(history, as_of=0, half_life_days=None), 1).tolist()
    [0, 2]
    """
    enough = (matrix.item_customers >= min_customers) & (matrix.item_baskets > 0)
    return np.flatnonzero(enough)


def _portable_best(
    scores: NDArray[np.floating], barred: sparse.csr_matrix, k: int
) -> NDArray[np.int32]:
    rows, columns = barred.indptr, barred.indices
    scores[np.repeat(np.arange(len(scores)), np.diff(rows)), columns] = 0.0
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    found = np.where(np.take_along_axis(scores, best, axis=1) > 0, best, NOTHING)
    return np.pad(found, ((0, 0), (0, k - found.shape[1])), constant_values=NOTHING).astype(
        np.int32
    )
