"""The compiled sums of candidates. Import it only through `candidates`: it loads numba."""

from __future__ import annotations

from typing import Any

from recommendations.engine._kernel import compiled as _compiled


def _sums_at(weights: Any, rows: Any, asked: Any, sums: Any, out: Any) -> None:
    """Write weights × rows at the asked columns of each row to `out`."""
    weight_indptr, weight_rows, weight_values = weights
    row_indptr, row_columns, row_values = rows
    asked_indptr, asked_columns = asked
    for position in range(len(asked_indptr) - 1):
        for entry in range(weight_indptr[position], weight_indptr[position + 1]):
            row, weight = weight_rows[entry], weight_values[entry]
            for place in range(row_indptr[row], row_indptr[row + 1]):
                sums[row_columns[place]] += weight * row_values[place]
        for entry in range(asked_indptr[position], asked_indptr[position + 1]):
            out[entry] = sums[asked_columns[entry]]
        # Walked once more, where filling with zeros would cost as much as there are items.
        for entry in range(weight_indptr[position], weight_indptr[position + 1]):
            row = weight_rows[entry]
            for place in range(row_indptr[row], row_indptr[row + 1]):
                sums[row_columns[place]] = 0.0


sums_at = _compiled(_sums_at)
