"""The best companions of each item: co-occurrence, minimum support, measure and top K in one."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine._portable import Measure, piece_bounds, portable_rows
from recommendations.engine._threads import PIECES_PER_THREAD, Pieces, run_pieces
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.packing import MAX_LENGTH


def neighbours(
    matrix: BasketMatrix,
    *,
    k: int,
    min_customers: int = 5,
    item_exponent: float = 0.5,
    companion_exponent: float = 0.5,
    confidence_z: float = 0.0,
    start: int = 0,
    stop: int | None = None,
    n_threads: int = 0,
    portable: bool = False,
) -> NeighbourLists:
    """Return the best companions of the items start..stop.

    score(i, j) = Σ_b w_b / (n_i^a · n_j^c) · √(L(d, m_i) · L(d, m_j)), with w_b the weight of a
    basket b that holds both, n the decayed baskets of an item, a and c the two exponents, d the
    distinct customers with such a basket, m the distinct customers of an item, and L(d, m) the
    share of d/m that is left at the lower end of its Wilson (1927) score interval. So a pair
    bought 3 of 3 times does not beat one bought 400 of 1,000 times.
    Exponents (½, ½) give the cosine, (1, 0) P3α (Cooper et al. 2014) and (1, β) RP3β (Paudel
    et al. 2017), both with baskets in the place of users and with `size_exponent` = 1.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets, with their weights.
    k : int
        Longest list, 1 to 65,535.
    min_customers : int
        Distinct customers a pair must have, at least 1.
    item_exponent : float
        a: how much frequent items count less as the item of the list. Changes only the scale of
        its list, not the order.
    companion_exponent : float
        c: how much frequent items count less as companions.
    confidence_z : float
        Standard errors to the lower end of the interval; 0 for no discount, 1.96 for 95 %.
    start, stop : int
        Item positions, 0 ≤ start ≤ stop ≤ n_items. `stop` None is n_items. Memory grows with
        stop - start, and the parts of a whole joined are the whole, to the bit.
    n_threads : int
        Threads; 0 for one per processor this process may use.
    portable : bool
        Use NumPy and SciPy only, as is done where numba cannot be loaded: the same lists, about
        10 times as slow.

    Returns
    -------
    NeighbourLists
        One row per item of start..stop, best first; ties go to the smaller item position. Items
        without a companion have an empty row. The result does not depend on `n_threads`.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[10, 20, 30],
    ...     baskets=[[0, 1], [0, 1], [0, 2], [1]],
    ...     at=[0, 0, 0, 0],
    ...     customers=[0, 1, 2, 3],
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None, size_exponent=0.0)
    >>> lists = neighbours(matrix, k=2, min_customers=1)
    >>> lists.indptr.tolist(), lists.items.tolist()
    ([0, 2, 3, 4], [1, 2, 0, 0])
    >>> [round(float(score), 3) for score in lists.scores]
    [0.667, 0.577, 0.667, 0.577]
    """
    stop = matrix.n_items if stop is None else stop
    if not 0 <= start <= stop <= matrix.n_items:
        raise ValueError(
            f"start and stop must be ascending within 0 to {matrix.n_items},"
            f" not {start} and {stop}."
        )
    return neighbours_of(
        matrix,
        np.arange(start, stop),
        k=k,
        min_customers=min_customers,
        item_exponent=item_exponent,
        companion_exponent=companion_exponent,
        confidence_z=confidence_z,
        n_threads=n_threads,
        portable=portable,
    )


def neighbours_of(
    matrix: BasketMatrix,
    items: NDArray[np.integer],
    *,
    k: int,
    min_customers: int = 5,
    item_exponent: float = 0.5,
    companion_exponent: float = 0.5,
    confidence_z: float = 0.0,
    n_threads: int = 0,
    portable: bool = False,
) -> NeighbourLists:
    """Return the best companions of chosen items; all else as in `neighbours`.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets, with their weights.
    items : ndarray of shape (n_rows,), integer
        Item positions, any order.
    k, min_customers, item_exponent, companion_exponent, confidence_z, n_threads, portable
        As in `neighbours`.

    Returns
    -------
    NeighbourLists
        Row r holds the companions of items[r].

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[10, 20], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> neighbours_of(matrix, np.array([1]), k=5, min_customers=1).items.tolist()
    [0]
    """
    _check_parameters(matrix, items, k, min_customers, confidence_z)
    if not len(items):
        return NeighbourLists.empty(0)
    measure = Measure(
        k=k,
        min_customers=min_customers,
        left_norm=_norm(matrix.item_weight, item_exponent),
        right_norm=_norm(matrix.item_weight, companion_exponent),
        z=confidence_z,
    )
    kernel = None if portable else compiled_kernel()
    if kernel is None:
        return portable_rows(matrix, items, measure)
    by_rank = matrix.item_by_rank
    norms = measure.left_norm[by_rank], measure.right_norm[by_rank]
    limits = k, min_customers, confidence_z
    return compiled_rows(
        kernel, matrix, items, kernel.fill_rows, (norms, limits), k=k, n_threads=n_threads
    )


def available_threads() -> int:
    """Return the number of processors that this process may use.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> available_threads() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _check_parameters(
    matrix: BasketMatrix,
    items: NDArray[np.integer],
    k: int,
    min_customers: int,
    confidence_z: float,
) -> None:
    if len(items) and not 0 <= items.min() <= items.max() < matrix.n_items:
        raise ValueError(
            f"Item positions must be 0 to {matrix.n_items - 1}, not {items.min()} to {items.max()}."
        )
    if not 1 <= k <= MAX_LENGTH:
        raise ValueError(f"k must be 1 to {MAX_LENGTH}, not {k}.")
    if min_customers < 1:
        raise ValueError(f"min_customers must be at least 1, not {min_customers}.")
    if not 0 <= confidence_z < float("inf"):
        raise ValueError(f"confidence_z must be at least 0, not {confidence_z}.")


def _norm(item_weight: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Return weight ** -exponent, and 0 for items nobody bought."""
    norm = np.zeros(len(item_weight))
    sold = item_weight > 0
    norm[sold] = item_weight[sold] ** -exponent
    return norm


def compiled_kernel() -> ModuleType | None:
    """Return the compiled code, loaded on first use: processes that only read never load numba.

    Returns
    -------
    module or None
        None where numba cannot be loaded; the portable paths serve there.

    Examples
    --------
    >>> compiled_kernel() is compiled_kernel()
    True
    """
    try:
        from recommendations.engine import _kernel as kernel
    except ImportError:
        return None
    return kernel


def compiled_matrix(matrix: BasketMatrix) -> tuple[NDArray[Any], ...]:
    """Return the arrays of a matrix as the compiled code takes them.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets.

    Returns
    -------
    tuple of ndarray
        Baskets by rank, ranks by basket, weights and customers; nothing is copied.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[10, 20], baskets=[[0, 1]], at=[0], customers=[0])
    >>> len(compiled_matrix(basket_matrix(history, as_of=0, half_life_days=None)))
    6
    """
    return (
        # Unsigned, so that the compiler need not think of positions counted from the end.
        matrix.rank_indptr.view(np.uint64),
        matrix.rank_baskets,
        matrix.basket_indptr.view(np.uint64),
        matrix.basket_ranks,
        matrix.basket_weight,
        matrix.basket_customer,
    )


def compiled_rows(
    kernel: ModuleType,
    matrix: BasketMatrix,
    items: NDArray[np.integer],
    fill: Callable[..., None],
    arguments: tuple[Any, ...],
    *,
    k: int,
    n_threads: int,
) -> NeighbourLists:
    """Fill lists with compiled code on Python threads, which it leaves free to run.

    Parameters
    ----------
    kernel : module
        The compiled code.
    matrix : BasketMatrix
        The baskets.
    items : ndarray of shape (n_rows,), integer
        Item positions, at least one.
    fill : callable
        `fill_rows` of the kernel, or one that takes the same.
    arguments : tuple
        What `fill` takes between the matrix and its working memory; by item rank.
    k : int
        Longest list.
    n_threads : int
        0 for one per processor this process may use.

    Returns
    -------
    NeighbourLists
        Row r holds the companions of items[r].

    Examples
    --------
    >>> compiled_rows.__name__
    'compiled_rows'
    """
    rows = matrix.rank_by_item[items]
    shape = (len(rows), k)
    lengths = np.zeros(len(rows), dtype=np.int64)
    out = (
        np.empty(shape, dtype=np.int32),
        np.empty(shape, dtype=np.float32),
        np.empty(shape, dtype=np.uint32),
        np.empty(shape, dtype=np.uint32),
        lengths,
    )
    by_rank = matrix.item_by_rank
    # Items by rank: their positions, and their distinct customers.
    named = by_rank, matrix.item_customers[by_rank]
    n_threads = n_threads or available_threads()
    bounds = piece_bounds(matrix.item_baskets[items], n_threads * PIECES_PER_THREAD)

    def work(pieces: Pieces) -> None:
        scratch = kernel.empty_scratch(matrix.n_items, k)
        for start, stop in pieces:
            fill(rows, start, stop, compiled_matrix(matrix), named, *arguments, scratch, out)

    run_pieces(work, bounds, n_threads=n_threads)
    filled = np.arange(k) < lengths[:, np.newaxis]
    return NeighbourLists(
        indptr=row_bounds(lengths),
        items=out[0][filled],
        scores=out[1][filled],
        customers=out[2][filled],
        baskets=out[3][filled],
    )
