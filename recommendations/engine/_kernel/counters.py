"""What is counted of every item that one item meets, in one pass over its baskets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine._kernel.compiling import compiled
from recommendations.engine._kernel.heap import sink

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


def count_row(row: Any, matrix: Any, counters: Any, touched: Any) -> Any:
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


count_row = compiled(count_row)


def forget_row(n_touched: Any, counters: Any, touched: Any) -> None:
    """Set the counters of all items met back to nothing."""
    for entry in range(n_touched):
        counter = counters[touched[entry]]
        counter.weight = 0.0
        counter.baskets = np.uint32(0)
        counter.customers = np.uint32(0)
        counter.last_customer = np.int32(-1)


forget_row = compiled(forget_row)


def write_row(position: Any, size: Any, counters: Any, heap: Any, out: Any) -> None:
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
        sink(scores, heap_items, ranks, size, scores[size], heap_items[size], ranks[size])


write_row = compiled(write_row)


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
