"""The evidence of pairs that are listed already."""

from __future__ import annotations

from typing import Any

from recommendations.engine._kernel.compiling import compiled
from recommendations.engine._kernel.counters import count_row, forget_row


def _count_listed(
    start: Any, stop: Any, rows: Any, matrix: Any, lists: Any, scratch: Any, out: Any
) -> None:
    """Write customers and baskets of the pairs listed in rows[start:stop] (ranks) to `out`."""
    indptr, listed = lists
    out_customers, out_baskets = out
    counters, touched = scratch
    for position in range(start, stop):
        if indptr[position] == indptr[position + 1]:
            continue
        n_touched = count_row(rows[position], matrix, counters, touched)
        for entry in range(indptr[position], indptr[position + 1]):
            counter = counters[listed[entry]]
            out_customers[entry] = counter.customers
            out_baskets[entry] = counter.baskets
        forget_row(n_touched, counters, touched)


count_listed = compiled(_count_listed)
