"""The evidence behind listed pairs: the distinct customers and baskets that hold both items.

Models that are not counted pair by pair give scores only. Their lists get their evidence here,
so that the floor on distinct customers and the reason shown to shoppers hold for them as well.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine._portable import PORTABLE_BLOCK, customer_counts, piece_bounds
from recommendations.engine._threads import PIECES_PER_THREAD, Pieces, run_pieces
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.neighbours import available_threads, compiled_kernel, compiled_matrix


def with_evidence(
    lists: NeighbourLists,
    matrix: BasketMatrix,
    *,
    start: int = 0,
    n_threads: int = 0,
    portable: bool = False,
) -> NeighbourLists:
    """Return the lists with the customers and baskets that each pair really has.

    Parameters
    ----------
    lists : NeighbourLists
        Row r holds companions of the item at position start + r.
    matrix : BasketMatrix
        The baskets to count in; those set aside (weight 0) do not count.
    start : int
        Item position of the first row, 0 or more.
    n_threads : int
        Threads; 0 for one per processor this process may use.
    portable : bool
        Use NumPy and SciPy only, as is done where numba cannot be loaded: the same counts.

    Returns
    -------
    NeighbourLists
        Same rows, items and scores; `customers` and `baskets` counted, 0 for a pair in no
        basket. Independent of `n_threads`.

    Raises
    ------
    ValueError
        If a row or an entry is no item position of the matrix.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[10, 20], baskets=[[0, 1], [0, 1]], at=[0, 0], customers=[0, 0]
    ... )
    >>> lists = NeighbourLists(
    ...     indptr=np.array([0, 1, 1]),
    ...     items=np.array([1], dtype=np.int32),
    ...     scores=np.array([0.5], dtype=np.float32),
    ...     customers=np.array([0], dtype=np.uint32),
    ...     baskets=np.array([0], dtype=np.uint32),
    ... )
    >>> counted = with_evidence(lists, basket_matrix(history, as_of=0, half_life_days=None))
    >>> counted.customers.tolist(), counted.baskets.tolist()
    ([1], [2])
    """
    _check(lists, matrix, start)
    if not len(lists.items):
        return lists
    rows = np.arange(start, start + len(lists))
    kernel = None if portable else compiled_kernel()
    if kernel is None:
        customers, baskets = _portable_counts(lists, matrix, rows)
    else:
        customers, baskets = _compiled_counts(kernel, lists, matrix, rows, n_threads)
    return replace(lists, customers=customers, baskets=baskets)


def supported_only(lists: NeighbourLists, *, min_customers: int) -> NeighbourLists:
    """Return the lists without pairs of too few customers.

    Parameters
    ----------
    lists : NeighbourLists
        With evidence.
    min_customers : int
        Distinct customers a pair must have, 0 or more.

    Returns
    -------
    NeighbourLists
        The same rows, shorter where pairs fell out; the order of the rest is kept.

    Raises
    ------
    ValueError
        If `min_customers` is below 0.

    Examples
    --------
    >>> lists = NeighbourLists(
    ...     indptr=np.array([0, 2]),
    ...     items=np.array([3, 1], dtype=np.int32),
    ...     scores=np.array([0.5, 0.25], dtype=np.float32),
    ...     customers=np.array([4, 5], dtype=np.uint32),
    ...     baskets=np.array([9, 9], dtype=np.uint32),
    ... )
    >>> supported_only(lists, min_customers=5).items.tolist()
    [1]
    """
    if min_customers < 0:
        raise ValueError(f"min_customers must be at least 0, not {min_customers}.")
    kept = lists.customers >= min_customers
    kept_before = np.append(0, np.cumsum(kept))
    return NeighbourLists(
        indptr=row_bounds(np.diff(kept_before[lists.indptr])),
        items=lists.items[kept],
        scores=lists.scores[kept],
        customers=lists.customers[kept],
        baskets=lists.baskets[kept],
    )


def _check(lists: NeighbourLists, matrix: BasketMatrix, start: int) -> None:
    if not 0 <= start <= start + len(lists) <= matrix.n_items:
        raise ValueError(
            f"Rows {start} to {start + len(lists)} were given for {matrix.n_items} items."
        )
    items = lists.items
    if len(items) and not 0 <= items.min() <= items.max() < matrix.n_items:
        raise ValueError(
            f"Item positions must be 0 to {matrix.n_items - 1}, not {items.min()} to {items.max()}."
        )


def _work(
    lists: NeighbourLists, matrix: BasketMatrix, rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the baskets to look at for each row; empty rows cost nothing."""
    return np.where(np.diff(lists.indptr) > 0, matrix.item_baskets[rows], 0)


def _compiled_counts(
    kernel: ModuleType,
    lists: NeighbourLists,
    matrix: BasketMatrix,
    rows: NDArray[np.int64],
    n_threads: int,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    n_threads = n_threads or available_threads()
    bounds = piece_bounds(_work(lists, matrix, rows), n_threads * PIECES_PER_THREAD)
    listed = matrix.rank_by_item[lists.items]
    out = np.zeros(len(listed), dtype=np.uint32), np.zeros(len(listed), dtype=np.uint32)
    arguments = matrix.rank_by_item[rows], compiled_matrix(matrix), (lists.indptr, listed)

    def work(pieces: Pieces) -> None:
        scratch = kernel.empty_scratch(matrix.n_items, 0)[:2]
        for start, stop in pieces:
            kernel.count_listed(start, stop, *arguments, scratch, out)

    run_pieces(work, bounds, n_threads=n_threads)
    return out


def _portable_counts(
    lists: NeighbourLists, matrix: BasketMatrix, rows: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    active = matrix.basket_weight > 0
    baskets_items = matrix.baskets_items()[active]
    items_baskets = baskets_items.T.tocsr()
    work = _work(lists, matrix, rows)
    customers = np.zeros(len(lists.items), dtype=np.uint32)
    baskets = np.zeros(len(lists.items), dtype=np.uint32)
    for start, stop in pairwise(piece_bounds(work, 1 + int(work.sum()) // PORTABLE_BLOCK).tolist()):
        block = items_baskets[rows[start:stop]]
        entries = slice(lists.indptr[start], lists.indptr[stop])
        pairs = (
            np.repeat(np.arange(stop - start), np.diff(lists.indptr[start : stop + 1])),
            lists.items[entries],
        )
        met = customer_counts(block, baskets_items, matrix.basket_customer[active])
        customers[entries] = _at(met, pairs)
        baskets[entries] = _at((block @ baskets_items).tocsr(), pairs)
    return customers, baskets


def _at(
    counts: sparse.csr_matrix, pairs: tuple[NDArray[np.integer], NDArray[np.integer]]
) -> NDArray[np.float64]:
    """Return the counts of some pairs, 0 where none is stored."""
    return np.asarray(counts[pairs], dtype=np.float64).ravel()
