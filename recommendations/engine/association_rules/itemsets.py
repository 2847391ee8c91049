"""Itemsets of two and three that enough baskets, and enough customers, hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from queue import SimpleQueue
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine._portable import piece_bounds
from recommendations.engine.association_rules._lines import FrequentLines, frequent_lines
from recommendations.engine.association_rules._portable import Counts, portable_itemsets
from recommendations.engine.families.base import MEBIBYTE, NotEnoughMemoryError
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbours import available_threads

LIMIT_BYTES = 2 * 2**30
"""What the itemsets may take while they are counted and sorted, where a caller does not say."""

# Each itemset while its columns are brought into order: the columns twice and the order once.
_PAIR_BYTES = 2 * (2 * 4 + 4 + 4 + 8) + 8
_TRIPLE_BYTES = 2 * (3 * 4 + 4 + 4 + 8) + 8

# Pieces of about equal work per thread: enough that none waits long for the last one.
_PIECES_PER_THREAD = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Itemsets:
    """Itemsets of one size with their evidence.

    Parameters
    ----------
    items : ndarray of shape (n_itemsets, size), int32
        Item positions, ascending within an itemset; itemsets in lexicographic order.
    baskets : ndarray of shape (n_itemsets,), uint32
        Baskets that hold all items of the set.
    customers : ndarray of shape (n_itemsets,), uint32
        Distinct customers with such a basket.
    weight : ndarray of shape (n_itemsets,), float64
        The same baskets, each counted by its time decay where that was asked for.

    Examples
    --------
    >>> len(Itemsets.empty(3))
    0
    """

    items: NDArray[np.int32]
    baskets: NDArray[np.uint32]
    customers: NDArray[np.uint32]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.items)

    @classmethod
    def empty(cls, size: int, n_itemsets: int = 0) -> Itemsets:
        """Return columns with room for itemsets.

        Parameters
        ----------
        size : int
            Items of a set.
        n_itemsets : int
            How many, not yet filled.

        Returns
        -------
        Itemsets
            Of undefined content.

        Examples
        --------
        >>> Itemsets.empty(2).items.shape
        (0, 2)
        """
        return cls(
            items=np.empty((n_itemsets, size), dtype=np.int32),
            baskets=np.empty(n_itemsets, dtype=np.uint32),
            customers=np.empty(n_itemsets, dtype=np.uint32),
            weight=np.empty(n_itemsets, dtype=np.float64),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequentItemsets:
    """All frequent pairs and triples of a shop, and the counts of single items to judge them by.

    Parameters
    ----------
    pairs, triples : Itemsets
        The sets of two and of three.
    item_weight : ndarray of shape (n_items,), float64
        Baskets with each item, frequent or not, counted as the sets' are.
    total : float
        All baskets, counted likewise.

    Examples
    --------
    >>> FrequentItemsets(
    ...     pairs=Itemsets.empty(2), triples=Itemsets.empty(3), item_weight=np.zeros(4), total=9.0
    ... ).n_items
    4
    """

    pairs: Itemsets
    triples: Itemsets
    item_weight: NDArray[np.float64]
    total: float

    @property
    def n_items(self) -> int:
        """Number of item positions."""
        return len(self.item_weight)


def frequent_itemsets(
    matrix: BasketMatrix,
    *,
    min_baskets: int,
    min_customers: int = 5,
    triples: bool = True,
    decayed: bool = False,
    limit_bytes: int = LIMIT_BYTES,
    n_threads: int = 0,
    portable: bool = False,
) -> FrequentItemsets:
    """Return the pairs and triples of items that enough baskets and customers hold.

    A set is frequent only if all its parts are (Agrawal and Srikant 1994, *Fast algorithms for
    mining association rules*), so rare items are dropped first. For each item the codes that
    stand before it in its baskets are counted: that gives its pairs. Its baskets, cut down to
    frequent partners, then give its triples in the same way (as the conditional databases of Han,
    Pei and Yin 2000 do). A first pass only counts how many sets there are, so memory is known
    before any is stored; besides the sets it is one counter per item and thread.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets, after the caps. Those set aside (weight 0) do not count.
    min_baskets : int
        Baskets a set must be in, at least 1.
    min_customers : int
        Distinct customers with such a basket, at least 1: below it, a set tells who bought what.
    triples : bool
        Count sets of three as well.
    decayed : bool
        Give weights with time decay. Which sets are frequent is told by plain counts always.
    limit_bytes : int
        What the sets may take at their peak.
    n_threads : int
        Threads; 0 for one per processor this process may use.
    portable : bool
        Use NumPy only, as is done where numba cannot be loaded: the same bytes, about 30
        times as slow.

    Returns
    -------
    FrequentItemsets
        Does not depend on `n_threads`, nor on the order in which baskets were given, except for
        the last digits of decayed weights.

    Raises
    ------
    ValueError
        If a minimum is below 1.
    NotEnoughMemoryError
        If the sets would take more than `limit_bytes`, before any of them is stored (with numba;
        the portable path notices while it goes).

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1, 2], [0, 1, 2], [0, 2]], at=[0] * 3,
    ...     customers=[0, 1, 1],
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> found = frequent_itemsets(matrix, min_baskets=2, min_customers=2)
    >>> found.pairs.items.tolist(), found.pairs.baskets.tolist()
    ([[0, 1], [0, 2], [1, 2]], [2, 3, 2])
    >>> found.triples.items.tolist(), found.triples.customers.tolist()
    ([[0, 1, 2]], [2])
    """
    for name, value in (("min_baskets", min_baskets), ("min_customers", min_customers)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}.")
    counted = matrix.basket_weight > 0
    weights = matrix.basket_decay if decayed else np.ones(matrix.n_baskets)
    lines = frequent_lines(
        matrix, min_baskets=min_baskets, min_customers=min_customers, weights=weights
    )
    kernel = None if portable else _compiled_kernel()
    limits = min_baskets, min_customers
    if kernel is None:
        pairs, found = _portable_itemsets(lines, limits, triples, limit_bytes)
    else:
        pairs, found = _compiled_itemsets(kernel, lines, limits, triples, limit_bytes, n_threads)
    return FrequentItemsets(
        pairs=_arranged(pairs),
        triples=_arranged(found),
        item_weight=matrix.item_weight if decayed else matrix.item_baskets.astype(np.float64),
        total=float(weights[counted].sum()),
    )


def bytes_needed(n_pairs: int, n_triples: int) -> int:
    """Return the peak memory of so many itemsets.

    Parameters
    ----------
    n_pairs, n_triples : int
        How many there are.

    Returns
    -------
    int
        Bytes, while they are brought into order.

    Examples
    --------
    >>> bytes_needed(1_000_000, 0)
    56000000
    """
    return n_pairs * _PAIR_BYTES + n_triples * _TRIPLE_BYTES


def _compiled_kernel() -> ModuleType | None:
    try:
        from recommendations.engine.association_rules import _kernel as kernel
    except ImportError:
        return None
    return kernel


def _admit(n_pairs: int, n_triples: int, limit_bytes: int) -> None:
    needed = bytes_needed(n_pairs, n_triples)
    if needed > limit_bytes:
        raise NotEnoughMemoryError(
            f"{n_pairs:,} pairs and {n_triples:,} triples need about {needed // MEBIBYTE:,} MiB;"
            f" {limit_bytes // MEBIBYTE:,} MiB are allowed. Ask for more baskets per set."
        )


def _compiled_itemsets(
    kernel: ModuleType,
    lines: FrequentLines,
    limits: tuple[int, int],
    triples: bool,  # noqa: FBT001 - handed on as it came
    limit_bytes: int,
    n_threads: int,
) -> tuple[Itemsets, Itemsets]:
    """Count once to know how many there are, and once more to write them down."""
    if not lines.n_codes:
        return Itemsets.empty(2), Itemsets.empty(3)
    n_threads = n_threads or available_threads()
    n_pairs = np.zeros(lines.n_codes, dtype=np.int64)
    n_triples = np.zeros(lines.n_codes, dtype=np.int64)

    def count(pairs: Itemsets, found: Itemsets) -> None:
        marks = n_pairs, n_triples, triples
        _on_threads(kernel, lines, limits, marks, (pairs, found), n_threads)

    count(Itemsets.empty(2), Itemsets.empty(3))
    pairs_in_all, triples_in_all = int(n_pairs.sum()), int(n_triples.sum())
    _admit(pairs_in_all, triples_in_all, limit_bytes)
    pairs, found = Itemsets.empty(2, pairs_in_all), Itemsets.empty(3, triples_in_all)
    if pairs_in_all:
        for numbers in (n_pairs, n_triples):
            np.subtract(np.cumsum(numbers), numbers, out=numbers)
        count(pairs, found)
    for itemsets in (pairs, found):
        itemsets.items[:] = lines.items[itemsets.items]
    return pairs, found


def _on_threads(
    kernel: ModuleType,
    lines: FrequentLines,
    limits: tuple[int, int],
    marks: tuple[Any, ...],
    out: tuple[Itemsets, Itemsets],
    n_threads: int,
) -> None:
    """Run the kernel over all codes on Python threads, which it leaves free to run."""
    places = lines.code_places.astype(np.int64)
    longest = int(lines.per_code(places).max(initial=0))
    # A triple's count walks what stands before what stands before.
    bounds = piece_bounds(lines.per_code(places**2), n_threads * _PIECES_PER_THREAD)
    free: SimpleQueue[tuple[NDArray[Any], ...]] = SimpleQueue()
    for _ in range(n_threads):
        free.put(kernel.empty_scratch(lines.n_codes, longest))
    arguments = (
        lines.basket_indptr.view(np.uint64),
        lines.basket_codes,
        lines.code_indptr.view(np.uint64),
        lines.code_baskets,
        lines.customers,
        lines.weights,
    )
    columns = [(o.items, o.baskets, o.customers, o.weight) for o in out]

    def work(piece: tuple[int, int]) -> None:
        scratch = free.get()
        try:
            kernel.itemset_rows(*piece, arguments, limits, scratch, marks, *columns)
        finally:
            free.put(scratch)

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, pairwise(bounds.tolist())))


def _portable_itemsets(
    lines: FrequentLines,
    limits: tuple[int, int],
    triples: bool,  # noqa: FBT001 - handed on as it came
    limit_bytes: int,
) -> tuple[Itemsets, Itemsets]:
    pair_parts, triple_parts = portable_itemsets(
        lines,
        limits,
        triples=triples,
        admit=lambda n_pairs, n_triples: _admit(n_pairs, n_triples, limit_bytes),
    )
    rarer, code, *evidence = _joined(pair_parts)
    pairs = _columns(lines.items[np.stack([code, rarer], axis=1)], evidence)
    number, third, *evidence = _joined(triple_parts)
    codes = np.stack([third, code[number], rarer[number]], axis=1)
    return pairs, _columns(lines.items[codes], evidence)


def _joined(parts: list[Counts]) -> list[NDArray[Any]]:
    types = (np.int64, np.int64, np.uint32, np.uint32, np.float64)
    return [
        np.concatenate([np.zeros(0, dtype), *(part[at] for part in parts)])
        for at, dtype in enumerate(types)
    ]


def _columns(items: NDArray[np.int32], evidence: list[NDArray[Any]]) -> Itemsets:
    baskets, customers, weight = evidence
    return Itemsets(items=items, baskets=baskets, customers=customers, weight=weight)


def _arranged(itemsets: Itemsets) -> Itemsets:
    """Return the sets with ascending items, in lexicographic order."""
    itemsets.items.sort(axis=1)
    order = np.lexsort(itemsets.items.T[::-1])
    return Itemsets(
        items=itemsets.items[order],
        baskets=itemsets.baskets[order],
        customers=itemsets.customers[order],
        weight=itemsets.weight[order],
    )
