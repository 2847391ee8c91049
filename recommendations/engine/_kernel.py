"""The compiled pair count. Import it only through `neighbours`: it loads numba.

Plain nogil loops, run on Python threads: numba's own threading layers do not survive a fork
(OpenMP) or a second caller (workqueue), and Celery workers do both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

# One record of counters per item: a pair touches one cache line instead of four.
COUNTERS = np.dtype(
    [
        ("weight", np.float64),
        ("baskets", np.uint32),
        ("customers", np.uint32),
        ("last_customer", np.int32),
        ("padding", np.uint32),
    ]
)


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile, keeping the machine code on disk where a place can be written to."""
    try:
        return njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:
        # A read-only file system has no place for the cache: compile in every process.
        return njit(nogil=True, error_model="numpy")(function)


# `similarity.wilson_share` of one pair, written out again because numba's cache does not notice
# a change in another file; a test holds the two to the same bits.
def _wilson_share(customers: Any, trials: Any, z: Any) -> Any:
    share = customers / trials
    centre = share + z * z / (2.0 * trials)
    spread = z * np.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials))
    return (centre - spread) / (1.0 + z * z / trials) / share


_wilson_share = _compiled(_wilson_share)


def _discount(customers: Any, left: Any, right: Any, z: Any) -> Any:
    """Return what is left of a cosine when both its shares shrink to their lower bounds."""
    return np.sqrt(_wilson_share(customers, left, z) * _wilson_share(customers, right, z))


_discount = _compiled(_discount)


def _is_worse(score: Any, item: Any, other_score: Any, other_item: Any) -> Any:
    return score < other_score or (score == other_score and item > other_item)


_is_worse = _compiled(_is_worse)


def _sink(scores: Any, items: Any, ranks: Any, size: Any, score: Any, item: Any, rank: Any) -> None:
    """Put an entry in place of the root of a heap whose root is the worst entry."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _is_worse(
            scores[child + 1], items[child + 1], scores[child], items[child]
        ):
            child += 1
        if _is_worse(score, item, scores[child], items[child]):
            break
        scores[at], items[at], ranks[at] = scores[child], items[child], ranks[child]
        at = child
    scores[at], items[at], ranks[at] = score, item, rank


_sink = _compiled(_sink)


def _rise(scores: Any, items: Any, ranks: Any, size: Any, score: Any, item: Any, rank: Any) -> None:
    """Add an entry to a heap of `size` entries whose root is the worst entry."""
    at = size
    while at > 0:
        parent = (at - 1) // 2
        if not _is_worse(score, item, scores[parent], items[parent]):
            break
        scores[at], items[at], ranks[at] = scores[parent], items[parent], ranks[parent]
        at = parent
    scores[at], items[at], ranks[at] = score, item, rank


_rise = _compiled(_rise)


def _count_row(row: Any, matrix: Any, counters: Any, touched: Any) -> Any:
    """Add up weight, baskets and customers of every item met with `row`; return how many."""
    rank_indptr, rank_baskets, basket_indptr, basket_ranks, weights, customers = matrix
    n_touched = np.uint64(0)
    for entry in range(rank_indptr[row], rank_indptr[row + 1]):
        basket = rank_baskets[entry]
        weight = weights[basket]
        if weight <= 0.0:
            continue
        customer = customers[basket]
        for line in range(basket_indptr[basket], basket_indptr[basket + np.uint32(1)]):
            rank = basket_ranks[line]
            counter = counters[rank]
            # Written always, kept only when new: cheaper than a branch nobody can predict.
            touched[n_touched] = rank
            n_touched += np.uint64(counter.baskets == np.uint32(0))
            counter.weight += weight
            counter.baskets += np.uint32(1)
            counter.customers += np.uint32(counter.last_customer != customer)
            counter.last_customer = customer
    return n_touched


_count_row = _compiled(_count_row)


def _best_of_row(
    row: Any,
    n_touched: Any,
    items: Any,
    norms: Any,
    limits: Any,
    counters: Any,
    touched: Any,
    heap: Any,
) -> Any:
    """Put the best companions of `row` on the heap; return how many."""
    item_by_rank, item_customers = items
    left_norm, right_norm = norms
    k, min_customers, z = limits
    scores, heap_items, ranks = heap
    size = 0
    for entry in range(n_touched):
        rank = touched[entry]
        counter = counters[rank]
        if counter.customers < min_customers or rank == row:
            continue
        score = counter.weight * left_norm[row] * right_norm[rank]
        # The discount only lowers a score, so most candidates need not be discounted.
        if size == k and score < scores[0]:
            continue
        score *= _discount(
            float(counter.customers), float(item_customers[row]), float(item_customers[rank]), z
        )
        item = item_by_rank[rank]
        if size < k:
            _rise(scores, heap_items, ranks, size, score, item, rank)
            size += 1
        elif _is_worse(scores[0], heap_items[0], score, item):
            _sink(scores, heap_items, ranks, size, score, item, rank)
    return size


_best_of_row = _compiled(_best_of_row)


def _write_row(position: Any, size: Any, counters: Any, heap: Any, out: Any) -> None:
    """Empty the heap into one row, from its end: the worst entry comes off first."""
    scores, heap_items, ranks = heap
    out_items, out_scores, out_customers, out_baskets, out_lengths = out
    out_lengths[position] = size
    while size > 0:
        size -= 1
        counter = counters[ranks[0]]
        out_items[position, size] = heap_items[0]
        out_scores[position, size] = scores[0]
        out_customers[position, size] = counter.customers
        out_baskets[position, size] = counter.baskets
        _sink(scores, heap_items, ranks, size, scores[size], heap_items[size], ranks[size])


_write_row = _compiled(_write_row)


def _fill_rows(
    rows: Any,
    start: Any,
    stop: Any,
    matrix: Any,
    items: Any,
    norms: Any,
    limits: Any,
    scratch: Any,
    out: Any,
) -> None:
    """Write the best companions of rows[start:stop] (ranks) to the same rows of `out`.

    Pure loops over the arrays of a `BasketMatrix`; `neighbours` says what comes out.
    """
    counters, touched, heap_scores, heap_items, heap_ranks = scratch
    heap = heap_scores, heap_items, heap_ranks
    for position in range(start, stop):
        row = rows[position]
        if items[1][row] < limits[1]:
            continue
        n_touched = _count_row(row, matrix, counters, touched)
        size = _best_of_row(row, n_touched, items, norms, limits, counters, touched, heap)
        _write_row(position, size, counters, heap, out)
        for entry in range(n_touched):
            counter = counters[touched[entry]]
            counter.weight = 0.0
            counter.baskets = np.uint32(0)
            counter.customers = np.uint32(0)
            counter.last_customer = np.int32(-1)


fill_rows = _compiled(_fill_rows)


def _sum_lists(position: Any, queries: Any, lists: Any, sums: Any, touched: Any) -> Any:
    """Add up the lists of one query by item; return how many items were met."""
    query_indptr, query_rows, query_weights = queries
    list_indptr, list_items, list_scores = lists
    n_touched = 0
    for entry in range(query_indptr[position], query_indptr[position + 1]):
        row, weight = query_rows[entry], query_weights[entry]
        for place in range(list_indptr[row], list_indptr[row + 1]):
            item, part = list_items[place], weight * list_scores[place]
            # Only sums above 0 tell that an item was met, so nothing may add 0.
            if part > 0.0:
                touched[n_touched] = item
                n_touched += int(sums[item] == 0.0)
                sums[item] += part
    return n_touched


_sum_lists = _compiled(_sum_lists)


def _complete_rows(
    start: Any, stop: Any, queries: Any, lists: Any, held: Any, k: Any, sums: Any, found: Any
) -> None:
    """Write the best k sums of rows start..stop to `found`, as `best_candidates` says."""
    held_indptr, held_items = held
    touched = np.empty(len(sums) + 1, dtype=np.int32)
    scores = np.empty(k, dtype=np.float64)
    items = np.empty(k, dtype=np.int32)
    ranks = np.zeros(k, dtype=np.uint32)
    for position in range(start, stop):
        n_touched = _sum_lists(position, queries, lists, sums, touched)
        for entry in range(held_indptr[position], held_indptr[position + 1]):
            sums[held_items[entry]] = 0.0
        size = 0
        for entry in range(n_touched):
            item, score = touched[entry], sums[touched[entry]]
            sums[item] = 0.0
            if size < k and score > 0.0:
                _rise(scores, items, ranks, size, score, item, 0)
                size += 1
            elif score > 0.0 and _is_worse(scores[0], items[0], score, item):
                _sink(scores, items, ranks, size, score, item, 0)
        while size > 0:
            size -= 1
            found[position, size] = items[0]
            _sink(scores, items, ranks, size, scores[size], items[size], ranks[size])


complete_rows = _compiled(_complete_rows)


def empty_scratch(n_items: int, k: int) -> tuple[NDArray[Any], ...]:
    """Return the working memory of one thread."""
    counters = np.zeros(n_items, dtype=COUNTERS)
    counters["last_customer"] = -1
    return (
        counters,
        # One more than items: the last write may be one that is not kept.
        np.empty(n_items + 1, dtype=np.uint32),
        np.empty(k, dtype=np.float64),
        np.empty(k, dtype=np.int32),
        np.empty(k, dtype=np.uint32),
    )
