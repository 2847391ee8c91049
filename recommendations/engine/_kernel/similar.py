"""The best companions of each item by a discounted product of weight and norms."""

from __future__ import annotations

from typing import Any

from recommendations.engine._kernel.compiling import compiled
from recommendations.engine._kernel.counters import count_row, forget_row, write_row
from recommendations.engine._kernel.discounting import discount
from recommendations.engine._kernel.heap import is_worse, rise, sink


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
        # Without standard errors all of it is left, to the bit.
        if z > 0.0:
            score *= discount(
                float(counter.customers), float(item_customers[row]), float(item_customers[rank]), z
            )
        item = item_by_rank[rank]
        if size < k:
            rise(scores, heap_items, ranks, size, score, item, rank)
            size += 1
        elif is_worse(scores[0], heap_items[0], score, item):
            sink(scores, heap_items, ranks, size, score, item, rank)
    return size


_best_of_row = compiled(_best_of_row)


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
        n_touched = count_row(row, matrix, counters, touched)
        size = _best_of_row(row, n_touched, items, norms, limits, counters, touched, heap)
        write_row(position, size, counters, heap, out)
        forget_row(n_touched, counters, touched)


fill_rows = compiled(_fill_rows)
