"""The compiled search for similar rows. Import it only through `nearest`: it loads numba."""

from __future__ import annotations

from typing import Any

import numpy as np

from recommendations.engine._kernel import compiled, is_worse, rise, sink


def _dot_rows(position: Any, queries: Any, columns: Any, sums: Any, seen: Any, touched: Any) -> Any:
    """Add up one query's products with every row that shares a column; return how many."""
    query_indptr, query_columns, query_values = queries
    column_indptr, column_rows, column_values = columns
    n_touched = 0
    for entry in range(query_indptr[position], query_indptr[position + 1]):
        column, value = query_columns[entry], query_values[entry]
        for place in range(column_indptr[column], column_indptr[column + 1]):
            row = column_rows[place]
            # Sums of centred values can pass through 0, so a mark of its own says what was met.
            if seen[row] != position:
                seen[row] = position
                sums[row] = 0.0
                touched[n_touched] = row
                n_touched += 1
            sums[row] += value * column_values[place]
    return n_touched


_dot_rows = compiled(_dot_rows)


def _nearest(
    start: Any,
    stop: Any,
    queries: Any,
    columns: Any,
    shifts: Any,
    scales: Any,
    itself: Any,
    out: Any,
) -> None:
    """Write the most similar rows of queries start..stop, as `nearest_rows` says."""
    query_shift, row_shift = shifts
    query_scale, row_scale = scales
    found, values = out
    n_rows, k = len(row_shift), found.shape[1]
    sums = np.zeros(n_rows, dtype=np.float64)
    seen = np.full(n_rows, -1, dtype=np.int64)
    touched = np.empty(n_rows, dtype=np.int32)
    scores = np.empty(k, dtype=np.float64)
    rows = np.empty(k, dtype=np.int32)
    unused = np.zeros(k, dtype=np.uint32)
    for position in range(start, stop):
        n_touched = _dot_rows(position, queries, columns, sums, seen, touched)
        size = 0
        for entry in range(n_touched):
            row = touched[entry]
            score = sums[row] - query_shift[position] * row_shift[row]
            score *= query_scale[position] * row_scale[row]
            if score <= 0.0 or row == itself[position]:
                continue
            if size < k:
                rise(scores, rows, unused, size, score, row, 0)
                size += 1
            elif is_worse(scores[0], rows[0], score, row):
                sink(scores, rows, unused, size, score, row, 0)
        while size > 0:
            size -= 1
            found[position, size] = rows[0]
            values[position, size] = scores[0]
            sink(scores, rows, unused, size, scores[size], rows[size], unused[size])


nearest = compiled(_nearest)
