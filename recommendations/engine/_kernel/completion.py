"""The best sums of several lists: what completes a basket."""

from __future__ import annotations

from typing import Any

import numpy as np

from recommendations.engine._kernel.compiling import compiled
from recommendations.engine._kernel.heap import is_worse, rise, sink


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


_sum_lists = compiled(_sum_lists)


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
                rise(scores, items, ranks, size, score, item, 0)
                size += 1
            elif score > 0.0 and is_worse(scores[0], items[0], score, item):
                sink(scores, items, ranks, size, score, item, 0)
        while size > 0:
            size -= 1
            found[position, size] = items[0]
            sink(scores, items, ranks, size, scores[size], items[size], ranks[size])


complete_rows = compiled(_complete_rows)
