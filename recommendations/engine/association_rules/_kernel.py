"""The compiled itemset count. Import it only through `itemsets`: it loads numba.

Plain nogil loops on Python threads, as in `recommendations.engine._kernel`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine._kernel import COUNTERS
from recommendations.engine._kernel import compiled as _compiled


def _meet(counters: Any, touched: Any, n_touched: Any, code: Any, weight: Any, owner: Any) -> Any:
    """Count one basket of `owner` for a code; return how many codes were met so far."""
    counter = counters[code]
    touched[n_touched] = code
    n_touched += np.uint64(counter.baskets == np.uint32(0))
    counter.weight += weight
    counter.baskets += np.uint32(1)
    counter.customers += np.uint32(counter.last_customer != owner)
    counter.last_customer = owner
    return n_touched


_meet = _compiled(_meet)


def _forget(counters: Any, touched: Any, n_touched: Any) -> None:
    for entry in range(n_touched):
        counter = counters[touched[entry]]
        counter.weight = 0.0
        counter.baskets = np.uint32(0)
        counter.customers = np.uint32(0)
        counter.last_customer = np.int32(-1)


_forget = _compiled(_forget)


def _is_frequent(counter: Any, limits: Any) -> Any:
    min_baskets, min_customers = limits
    return counter.baskets >= min_baskets and counter.customers >= min_customers


_is_frequent = _compiled(_is_frequent)


def _count_pairs(row: Any, lines: Any, counters: Any, touched: Any) -> Any:
    """Count every code that stands before `row` in its baskets; return how many there are."""
    basket_indptr, basket_codes, code_indptr, code_baskets, customers, weights = lines
    n_touched = np.uint64(0)
    for entry in range(code_indptr[row], code_indptr[row + 1]):
        basket = code_baskets[entry]
        for line in range(basket_indptr[basket], basket_indptr[basket + np.uint32(1)]):
            code = basket_codes[line]
            if code == row:
                break
            n_touched = _meet(
                counters, touched, n_touched, code, weights[basket], customers[basket]
            )
    return n_touched


_count_pairs = _compiled(_count_pairs)


def _write(out: Any, at: Any, counter: Any) -> None:
    _, baskets, customers, weights = out
    baskets[at], customers[at], weights[at] = counter.baskets, counter.customers, counter.weight


_write = _compiled(_write)


def _keep_pairs(row: Any, n_touched: Any, limits: Any, scratch: Any, at: Any, out: Any) -> Any:
    """Note the partners whose pair is frequent, write them if `out` has room; return how many."""
    # A partner's slot is its place among them plus one; `filled` gets where it begins to occur.
    counters, touched, slots, partners, filled = scratch[:5]
    n_partners = 0
    n_occurrences = np.int64(0)
    for entry in range(n_touched):
        code = touched[entry]
        counter = counters[code]
        if not _is_frequent(counter, limits):
            continue
        partners[n_partners] = code
        filled[n_partners] = n_occurrences
        n_partners += 1
        slots[code] = n_partners
        n_occurrences += np.int64(counter.baskets)
        if len(out[1]):
            out[0][at, 0], out[0][at, 1] = code, row
            _write(out, at, counter)
            at += 1
    return n_partners


_keep_pairs = _compiled(_keep_pairs)


def _project(row: Any, lines: Any, scratch: Any) -> None:
    """Write the baskets of `row` with its partners alone, and where each partner occurs."""
    basket_indptr, basket_codes, code_indptr, code_baskets = lines[:4]
    slots = scratch[2]
    filled, projected, begins, ends, baskets = scratch[4:9]
    n_projected = np.int64(0)
    for entry in range(code_indptr[row], code_indptr[row + 1]):
        basket = code_baskets[entry]
        begin = n_projected
        for line in range(basket_indptr[basket], basket_indptr[basket + np.uint32(1)]):
            code = basket_codes[line]
            if code == row:
                break
            slot = slots[code]
            if slot == 0:
                continue
            at = filled[slot - 1]
            filled[slot - 1] += 1
            begins[at], ends[at], baskets[at] = begin, n_projected, basket
            projected[n_projected] = slot - 1
            n_projected += 1


_project = _compiled(_project)


def _count_triples(
    row: Any, n_partners: Any, lines: Any, limits: Any, scratch: Any, at: Any, out: Any
) -> Any:
    """Count what stands before each partner in the projected baskets; return the frequent."""
    customers, weights = lines[4:]
    partners, filled, projected, begins, ends, baskets, counters, touched = scratch[3:]
    n_frequent = 0
    first = np.int64(0)
    for partner in range(n_partners):
        n_touched = np.uint64(0)
        # After projecting, `filled` says where the partner's occurrences end.
        for occurrence in range(first, filled[partner]):
            basket = baskets[occurrence]
            for place in range(begins[occurrence], ends[occurrence]):
                n_touched = _meet(
                    counters,
                    touched,
                    n_touched,
                    projected[place],
                    weights[basket],
                    customers[basket],
                )
        first = filled[partner]
        for entry in range(n_touched):
            counter = counters[touched[entry]]
            if not _is_frequent(counter, limits):
                continue
            if len(out[1]):
                members = out[0][at + n_frequent]
                members[0], members[1] = partners[touched[entry]], partners[partner]
                members[2] = row
                _write(out, at + n_frequent, counter)
            n_frequent += 1
        _forget(counters, touched, n_touched)
    return n_frequent


_count_triples = _compiled(_count_triples)


def _itemset_rows(
    start: Any,
    stop: Any,
    lines: Any,
    limits: Any,
    scratch: Any,
    found: Any,
    pairs: Any,
    triples: Any,
) -> None:
    """Count the frequent pairs and triples whose rarest item is one of the codes start..stop.

    `found` holds pairs and triples per code. It is filled while the output is empty; once there
    is room, it says where the output of each code begins.
    """
    counters, touched, slots, partners = scratch[:4]
    found_pairs, found_triples, wants_triples = found
    writing = len(pairs[1]) > 0
    for row in range(start, stop):
        n_touched = _count_pairs(np.uint32(row), lines, counters, touched)
        n_partners = _keep_pairs(row, n_touched, limits, scratch, found_pairs[row], pairs)
        _forget(counters, touched, n_touched)
        n_triples = 0
        if wants_triples and n_partners > 1:
            _project(np.uint32(row), lines, scratch)
            n_triples = _count_triples(
                row, n_partners, lines, limits, scratch, found_triples[row], triples
            )
        for entry in range(n_partners):
            slots[partners[entry]] = 0
        if not writing:
            found_pairs[row], found_triples[row] = n_partners, n_triples


itemset_rows = _compiled(_itemset_rows)


def empty_scratch(n_codes: int, longest: int) -> tuple[NDArray[Any], ...]:
    """Return the working memory of one thread; `longest` is the most codes before any code."""
    counters = np.zeros((2, n_codes), dtype=COUNTERS)
    counters["last_customer"] = -1
    return (
        counters[0],
        # One more than codes: the last write may be one that is not kept.
        np.empty(n_codes + 1, dtype=np.uint32),
        np.zeros(n_codes, dtype=np.int32),
        np.empty(n_codes, dtype=np.uint32),
        np.empty(n_codes, dtype=np.int64),
        np.empty(longest, dtype=np.uint32),
        np.empty(longest, dtype=np.int64),
        np.empty(longest, dtype=np.int64),
        np.empty(longest, dtype=np.uint32),
        counters[1],
        np.empty(n_codes + 1, dtype=np.uint32),
    )
