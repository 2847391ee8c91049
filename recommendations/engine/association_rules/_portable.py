"""The itemset count with NumPy alone: the reference, and what serves without numba."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommendations.engine._portable import piece_bounds
from recommendations.engine.association_rules._lines import FrequentLines

# Pairs (or triples) looked at together: 30 bytes each, so about 100 MB.
_BLOCK = 3_000_000

Limits = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """Codes met before an entry of a group: one row per meeting, group by group.

    `place` is that of the code in its basket, so that one can go on from there.
    """

    group: NDArray[np.int64]
    code: NDArray[np.int64]
    basket: NDArray[np.int64]
    place: NDArray[np.int64]


Counts = tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.uint32],
    NDArray[np.uint32],
    NDArray[np.float64],
]
"""Group, code, baskets, customers and weight of each pair of group and code that is frequent."""


def portable_itemsets(
    lines: FrequentLines, limits: Limits, *, triples: bool, admit: Callable[[int, int], None]
) -> tuple[list[Counts], list[Counts]]:
    """Return the frequent pairs as (rarer, code), the triples as (place of a pair, code)."""
    # `admit` is told the numbers found so far, and raises when they are too many.
    pairs: list[Counts] = []
    found: list[Counts] = []
    n_pairs = n_triples = 0
    work = lines.per_code(lines.code_places)
    for start, stop in _blocks(work):
        entries = slice(int(lines.code_indptr[start]), int(lines.code_indptr[stop]))
        lengths = np.diff(lines.code_indptr[start : stop + 1])
        met = _before(
            lines,
            np.repeat(np.arange(start, stop), lengths),
            lines.code_baskets[entries].astype(np.int64),
            lines.code_places[entries].astype(np.int64),
        )
        counts, number = _counted(met, lines, limits)
        pairs.append(counts)
        if triples:
            for block in _triples(met, number, lines, limits):
                found.append((block[0] + n_pairs, *block[1:]))
                n_triples += len(block[0])
        n_pairs += len(counts[0])
        admit(n_pairs, n_triples)
    return pairs, found


def _blocks(work: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    if len(work):
        yield from pairwise(piece_bounds(work, 1 + int(work.sum()) // _BLOCK).tolist())


def _before(
    lines: FrequentLines,
    group: NDArray[np.int64],
    basket: NDArray[np.int64],
    place: NDArray[np.int64],
) -> Met:
    """Return every code that stands before the given places of the given baskets."""
    owner = np.repeat(np.arange(len(place)), place)
    ahead = np.arange(len(owner)) - np.repeat(np.cumsum(place) - place, place)
    code = lines.basket_codes[lines.basket_indptr[basket[owner]] + ahead]
    return Met(group=group[owner], code=code.astype(np.int64), basket=basket[owner], place=ahead)


def _counted(met: Met, lines: FrequentLines, limits: Limits) -> tuple[Counts, NDArray[np.int64]]:
    """Return the frequent (group, code) pairs, and the number of each meeting's, or -1."""
    base = max(lines.n_codes, 1)
    keys, number = np.unique(met.group * base + met.code, return_inverse=True)
    # Stable: within a pair the baskets stay as they stood, customer by customer.
    order = np.argsort(number, kind="stable")
    owner = lines.customers[met.basket[order]]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (number[order][1:] != number[order][:-1]) | (owner[1:] != owner[:-1])
    baskets = np.bincount(number, minlength=len(keys))
    customers = np.bincount(number[order], weights=new, minlength=len(keys))
    weights = np.bincount(number, weights=lines.weights[met.basket], minlength=len(keys))
    kept = (baskets >= limits[0]) & (customers >= limits[1])
    renumbered = np.where(kept, np.cumsum(kept) - 1, -1)
    counts = (
        keys[kept] // base,
        keys[kept] % base,
        baskets[kept].astype(np.uint32),
        customers[kept].astype(np.uint32),
        weights[kept].astype(np.float64),
    )
    return counts, renumbered[number]


def _triples(
    met: Met, number: NDArray[np.int64], lines: FrequentLines, limits: Limits
) -> Iterator[Counts]:
    """Yield the frequent (pair, code) of the meetings whose pair is frequent, block by block."""
    order = np.argsort(number, kind="stable")
    order = order[np.searchsorted(number[order], 0) :]
    pair, basket, place = number[order], met.basket[order], met.place[order]
    work = np.bincount(pair, weights=place).astype(np.int64)
    ends = np.searchsorted(pair, np.arange(len(work) + 1))
    for start, stop in _blocks(work):
        part = slice(ends[start], ends[stop])
        ahead = _before(lines, pair[part], basket[part], place[part])
        yield _counted(ahead, lines, limits)[0]
