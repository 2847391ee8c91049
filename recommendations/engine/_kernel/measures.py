"""The best companions of each item by a measure of counts: `counted` says which."""

from __future__ import annotations

from typing import Any

import numpy as np

from recommendations.engine._kernel.compiling import compiled
from recommendations.engine._kernel.counters import count_row, forget_row, write_row
from recommendations.engine._kernel.heap import is_worse, rise, sink

# What `_pair_score` computes; `counted.KINDS` names them.
PRODUCT, JACCARD, LOG_LIKELIHOOD = 0, 1, 2


def _plogp(count: Any) -> Any:
    return count * np.log(count) if count > 0.0 else 0.0


_plogp = compiled(_plogp)


def _log_likelihood(both: Any, left: Any, right: Any, total: Any) -> Any:
    """Return G² of a pair that meets more often than by chance, else 0."""
    if both * total <= left * right:
        return 0.0
    return 2.0 * (
        _plogp(both)
        + _plogp(left - both)
        + _plogp(right - both)
        + _plogp(total - left - right + both)
        - _plogp(left)
        - _plogp(total - left)
        - _plogp(right)
        - _plogp(total - right)
        + _plogp(total)
    )


_log_likelihood = compiled(_log_likelihood)


def _pair_score(kind: Any, weight: Any, left: Any, right: Any, total: Any) -> Any:
    if kind == PRODUCT:
        return weight * left * right
    if kind == JACCARD:
        return weight / (left + right - weight)
    return _log_likelihood(weight, left, right, total)


_pair_score = compiled(_pair_score)


def _best_counted(
    row: Any,
    n_touched: Any,
    item_by_rank: Any,
    norms: Any,
    limits: Any,
    counters: Any,
    touched: Any,
    heap: Any,
) -> Any:
    """Put the best companions of `row` by a measure of counts on the heap; return how many."""
    left, right = norms
    k, min_customers, kind, total, shrinkage = limits
    scores, heap_items, ranks = heap
    size = 0
    for entry in range(n_touched):
        rank = touched[entry]
        counter = counters[rank]
        if counter.customers < min_customers or rank == row:
            continue
        baskets = float(counter.baskets)
        score = _pair_score(kind, counter.weight, left[row], right[rank], total)
        score = score * (baskets / (baskets + shrinkage))
        if not score > 0.0:
            continue
        item = item_by_rank[rank]
        if size < k:
            rise(scores, heap_items, ranks, size, score, item, rank)
            size += 1
        elif is_worse(scores[0], heap_items[0], score, item):
            sink(scores, heap_items, ranks, size, score, item, rank)
    return size


_best_counted = compiled(_best_counted)


def _fill_counted(
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
    """Write the best companions of rows[start:stop] by a measure of counts, as `_fill_rows`."""
    counters, touched, heap_scores, heap_items, heap_ranks = scratch
    heap = heap_scores, heap_items, heap_ranks
    for position in range(start, stop):
        row = rows[position]
        if items[1][row] < limits[1]:
            continue
        n_touched = count_row(row, matrix, counters, touched)
        size = _best_counted(row, n_touched, items[0], norms, limits, counters, touched, heap)
        write_row(position, size, counters, heap, out)
        forget_row(n_touched, counters, touched)


fill_counted = compiled(_fill_counted)
