"""Orders as arrays: one row each by ascending key, whatever the order and number of rows read."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.datasets.expressions import NULL
from recommendations.datasets.keys import ABSENT, Codes, IntegerLookup, Lookup, TextLookup
from recommendations.datasets.scans import Values

LATE, TIMELESS = -2, -3
"""Positions of orders that were placed after the history ends, and of those without a time."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """Orders by ascending key. ``keys`` are integers, or texts where there is no number."""

    keys: NDArray[np.int64] | list[str]
    at: NDArray[np.int64]
    user: NDArray[np.int64]
    user_is_text: bool
    guest: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.at)

    def positions(self, as_of: int) -> NDArray[np.int32]:
        """Return the basket position of each order, or ``LATE`` or ``TIMELESS``."""
        timeless, late = self.at == NULL, self.at > as_of
        positions = np.cumsum(~(timeless | late), dtype=np.int32) - np.int32(1)
        positions[timeless], positions[late] = TIMELESS, LATE
        return positions

    def lookup(self, positions: NDArray[np.int32]) -> Lookup:
        """Return the look-up from keys to these positions."""
        if isinstance(self.keys, list):
            return TextLookup(dict(zip(self.keys, positions.tolist(), strict=True)))
        return IntegerLookup(self.keys, positions)

    def placed(self, as_of: int) -> Orders:
        """Return those with a time up to ``as_of``."""
        keep = (self.at != NULL) & (self.at <= as_of)
        if keep.all():
            return self
        keys = self.keys
        return dataclasses.replace(
            self,
            keys=(
                [key for key, kept in zip(keys, keep.tolist(), strict=True) if kept]
                if isinstance(keys, list)
                else keys[keep]
            ),
            at=self.at[keep],
            user=self.user[keep],
            guest=self.guest[keep],
        )


class OrderRows:
    """Collects rows that tell of an order, in chunks."""

    def __init__(self) -> None:
        self._codes: Codes | None = None
        self._chunks: list[tuple[NDArray[Any], ...]] = []

    def add(
        self,
        keys: Values,
        at: NDArray[np.int64],
        user: NDArray[np.int64],
        guest: NDArray[np.int32],
    ) -> None:
        """Add a chunk of rows."""
        if isinstance(keys, list):
            self._codes = self._codes if self._codes is not None else Codes()
            codes = self._codes.of(keys)
            keys = np.where(codes == ABSENT, NULL, codes)
        self._chunks.append((keys, at, user, guest))

    def orders(self, *, zone: tzinfo, user_is_text: bool) -> tuple[Orders, NDArray[np.int32]]:
        """Return the distinct orders, and for each row which it was (``ABSENT`` without a key).

        Where rows of one order differ, the least time and then the least customer holds, so that
        the outcome does not depend on the order of rows.
        """
        columns = [_joined(self._chunks, number) for number in range(4)]
        self._chunks.clear()
        keys, at, user, guest = columns
        names: list[str] | None = None
        if self._codes is not None:
            names, keys = _ranked(self._codes, keys)
        at = utc_seconds(at, zone)
        first, row_order = _distinct(keys, at, user, guest)
        distinct = keys[first]
        return (
            Orders(
                keys=distinct if names is None else [names[key] for key in distinct.tolist()],
                at=at[first],
                user=user[first],
                user_is_text=user_is_text,
                guest=guest[first],
            ),
            row_order,
        )


def utc_seconds(seconds: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int64]:
    """Turn seconds on the clock of a time zone into seconds since 1970 UTC.

    An hour that the clock shows twice is taken as its first time, as Django does.
    """
    if zone is UTC or getattr(zone, "key", "") == "UTC":
        return seconds
    # Clocks are only ever set at full quarters of an hour.
    known = seconds != NULL
    quarters, which = np.unique(seconds[known] // 900, return_inverse=True)
    offsets = [_offset(quarter * 900, zone) for quarter in quarters.tolist()]
    shifted = seconds.copy()
    shifted[known] -= np.array(offsets, dtype=np.int64)[which]
    return shifted


def _offset(seconds: int, zone: tzinfo) -> int:
    """Return how far the zone's clock is ahead of UTC when it shows this time."""
    try:
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).replace(tzinfo=zone)
        offset = local.utcoffset()
    except OverflowError:  # beyond the years of a datetime
        offset = None
    return 0 if offset is None else int(offset.total_seconds())


def _joined(chunks: Sequence[tuple[NDArray[Any], ...]], number: int) -> NDArray[Any]:
    if chunks:
        return np.concatenate([chunk[number] for chunk in chunks])
    return np.zeros(0, dtype=np.int32 if number == 3 else np.int64)


def _ranked(codes: Codes, keys: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """Renumber codes by ascending text."""
    texts = codes.texts()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    ranks = np.empty(len(texts) + 1, dtype=np.int64)
    ranks[order] = np.arange(len(texts))
    ranks[-1] = NULL
    return [texts[code] for code in order], ranks[np.where(keys == NULL, -1, keys)]


def _distinct(
    keys: NDArray[np.int64],
    at: NDArray[np.int64],
    user: NDArray[np.int64],
    guest: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the row that stands for each distinct key, ascending, and the order of each row."""
    n = len(keys)
    if not n or (keys[0] != NULL and np.all(keys[1:] > keys[:-1])):  # a scan by primary key
        return np.arange(n), np.arange(n, dtype=np.int32)
    by_key = np.argsort(keys, kind="stable")
    same = keys[by_key][1:] == keys[by_key][:-1]
    differs = np.zeros(n - 1, dtype=bool)
    for column in (at, user, guest):
        differs |= column[by_key][1:] != column[by_key][:-1]
    if np.any(same & differs):
        by_key = np.lexsort((guest, user, at, keys))
    starts = np.ones(n, dtype=bool)
    starts[1:] = keys[by_key][1:] != keys[by_key][:-1]
    row_order = np.empty(n, dtype=np.int32)
    row_order[by_key] = np.cumsum(starts, dtype=np.int32) - np.int32(1)
    first = by_key[starts]
    if keys[first[0]] == NULL:  # the least of all integers: rows without an order come first
        first, row_order = first[1:], row_order - np.int32(1)
    return first, row_order


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one declaration of lines contributes."""

    space: Hashable
    """Says of which model the orders are: declarations with the same one share their orders."""
    orders: Orders
    line_order: NDArray[np.int32]
    line_item: NDArray[np.int32]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Baskets:
    """Orders of all declarations by position."""

    at: NDArray[np.int64]
    user: NDArray[np.int64]
    is_text: NDArray[np.bool_]
    guest: NDArray[np.int32]


def merged(parts: Sequence[Part]) -> tuple[Baskets, NDArray[np.int32]]:
    """Return the orders of all parts, and the basket of each part's lines one after another.

    Orders of one model are one basket however many declarations tell of it; the first one says
    when and by whom. Orders of two models never meet, even if their keys are equal.
    """
    chosen: list[Orders] = []
    offsets: dict[int, NDArray[np.int32]] = {}
    n_baskets = 0
    spaces = dict.fromkeys(part.space for part in parts)
    for space in spaces:
        numbers = [number for number, part in enumerate(parts) if part.space == space]
        orders, positions = _union([parts[number].orders for number in numbers])
        for number, position in zip(numbers, positions, strict=True):
            offsets[number] = position + np.int32(n_baskets)
        n_baskets += len(orders)
        chosen.append(orders)
    lines = [offsets[number][part.line_order] for number, part in enumerate(parts)]
    baskets = Baskets(
        at=np.concatenate([orders.at for orders in chosen]),
        user=np.concatenate([orders.user for orders in chosen]),
        is_text=np.concatenate([np.full(len(orders), orders.user_is_text) for orders in chosen]),
        guest=np.concatenate([orders.guest for orders in chosen]),
    )
    return baskets, np.concatenate(lines)


def _union(several: Sequence[Orders]) -> tuple[Orders, list[NDArray[np.int32]]]:
    """Return the orders of several declarations of one model, and where each one's went."""
    if len(several) == 1:
        return several[0], [np.arange(len(several[0]), dtype=np.int32)]
    keys = [key for orders in several for key in orders.keys]
    distinct, first, which = np.unique(np.array(keys), return_index=True, return_inverse=True)
    ends = np.cumsum([len(orders) for orders in several])[:-1]

    def picked(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(orders, name) for orders in several])[first]

    union = dataclasses.replace(
        several[0],
        keys=distinct.tolist() if isinstance(several[0].keys, list) else distinct,
        at=picked("at"),
        user=picked("user"),
        guest=picked("guest"),
    )
    return union, [part.astype(np.int32) for part in np.split(which, ends)]
