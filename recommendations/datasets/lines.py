"""One declaration of order lines, read and turned into positions chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from typing import Any, TypeAlias

import numpy as np
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    IntegerField,
    Max,
    Model,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, IsNull
from django.utils.timezone import get_default_timezone
from numpy.typing import NDArray

from recommendations.adapters import Lines, ShopAdapter
from recommendations.adapters.declarations import Path
from recommendations.adapters.rebase import split_lines
from recommendations.datasets.baskets import LATE, TIMELESS, OrderRows, Orders, Part
from recommendations.datasets.blocks import can_read_blocks, read_blocks
from recommendations.datasets.copy import can_copy, read_copy
from recommendations.datasets.customers import CustomerCodes
from recommendations.datasets.expressions import NULL
from recommendations.datasets.items import ItemIndex
from recommendations.datasets.keys import ABSENT
from recommendations.datasets.products import DAMAGED_LINE, NO_PRODUCT, ProductColumns
from recommendations.datasets.scans import Column, Scan, Values, column, output_field, read_portable

REASONS = {
    "order": {ABSENT: "not counted", LATE: "after as_of", TIMELESS: "no time"},
    "item": {ABSENT: "unknown product", NO_PRODUCT: "no product", DAMAGED_LINE: "damaged amount"},
}
"""Why a line is left out. A line with several reasons counts under its order's."""


Reader: TypeAlias = Callable[[BaseDatabaseWrapper, Scan], Iterator[list[Values]]]


class LineSource:
    """Reads one declaration."""

    def __init__(
        self,
        lines: Lines,
        adapter: ShopAdapter,
        items: ItemIndex,
        connection: BaseDatabaseWrapper,
        path: str,
    ) -> None:
        self.split = split_lines(lines)
        self.products = ProductColumns(lines, self.split.line_model, adapter, items)
        self.connection = connection
        self.path = path

    def estimate(self) -> int:
        """Return about how many rows there are to read: what the highest primary keys tell."""
        models = (self.split.line_model, self.split.order_model)
        return sum(about_rows(model, self.connection.alias) for model in models if model)

    def read(
        self,
        as_of: int,
        customers: CustomerCodes,
        left_out: Counter[str],
        report: Callable[[int], None],
    ) -> Part:
        """Read orders and lines in two scans, or both in one where they cannot be told apart."""
        self.report = report
        if self.split.order_model is None:
            return self._read_joined(as_of, customers, left_out)
        orders = self._read_orders(self.split.order_model, customers)
        return self._read_lines(orders, as_of, left_out)

    def _read_orders(self, model: type[Model], customers: CustomerCodes) -> Orders:
        """Read orders, and in a scan of their own the guests' addresses.

        Most orders have a user, so the first scan stays free of texts, which are slow to read.
        """
        reader = WhoAndWhen(self.split, model, self.connection, customers)
        key = column(model, self.split.order_key or "pk")
        rows, counted = OrderRows(), self.split.order_counted
        for keys, *values in self._chunks(Scan(model, (key, *reader.who_and_when), counted)):
            rows.add(keys, *reader.values(values))
        orders, _ = rows.orders(zone=reader.zone, user_is_text=reader.user_is_text)
        if reader.guest is not None:
            lookup = orders.lookup(np.arange(len(orders), dtype=np.int32))
            for keys, addresses in self._chunks(
                Scan(model, (key, reader.guest), counted & reader.is_guest)
            ):
                where = lookup.positions(keys)
                orders.guest[where] = customers.guest(addresses, len(where))
        return orders

    def _read_lines(self, orders: Orders, as_of: int, left_out: Counter[str]) -> Part:
        lookup = orders.lookup(orders.positions(as_of))
        order = column(self.split.line_model, self.split.line_order)
        scan = Scan(self.split.line_model, (order, *self.products.columns), self.split.line_counted)
        kept = _KeptLines(left_out)
        for keys, *values in self._chunks(scan):
            kept.add(lookup.positions(keys), self.products.positions(values), keys)
        return kept.part(self._space(), orders.placed(as_of))

    def _read_joined(self, as_of: int, customers: CustomerCodes, left_out: Counter[str]) -> Part:
        model = self.split.line_model
        reader = WhoAndWhen(self.split, model, self.connection, customers)
        n_products = len(self.products.columns)
        columns = (column(model, self.split.line_order), *self.products.columns, *reader.all)
        rows, items = OrderRows(), [np.zeros(0, dtype=np.int32)]
        for keys, *values in self._chunks(Scan(model, columns, self.split.line_counted)):
            items.append(self.products.positions(values[:n_products]))
            rows.add(keys, *reader.values(values[n_products:]))
        orders, row_order = rows.orders(zone=reader.zone, user_is_text=reader.user_is_text)
        without = row_order == ABSENT
        positions = np.append(orders.positions(as_of), np.int32(ABSENT))[row_order]
        kept = _KeptLines(left_out)
        kept.add(positions, np.concatenate(items), np.where(without, NULL, 0))
        return kept.part(self._space(), orders.placed(as_of))

    def _space(self) -> tuple[object, ...]:
        if self.split.order_model is None:
            return (self.split.line_model, self.split.line_order)
        return (self.split.order_model._meta.concrete_model, str(self.split.order_key))

    def _chunks(self, scan: Scan) -> Iterator[list[Values]]:
        for values in reader_of(self.path, self.connection, scan)(self.connection, scan):
            yield values
            self.report(len(values[0]))


def reader_of(path: str, connection: BaseDatabaseWrapper, scan: Scan) -> Reader:
    """Return the fastest way to read this scan."""
    if path == "portable":
        return read_portable
    if can_copy(connection, scan):
        return read_copy
    return read_blocks if can_read_blocks(connection, scan) else read_portable


class _KeptLines:
    """Collects lines that count, and counts the others by reason."""

    def __init__(self, left_out: Counter[str]) -> None:
        self._left_out = left_out
        self._orders = [np.zeros(0, dtype=np.int32)]
        self._items = [np.zeros(0, dtype=np.int32)]

    def add(self, orders: NDArray[np.int32], items: NDArray[np.int32], keys: Values) -> None:
        """Add a chunk of lines: positions, and the orders' keys to tell an absent from an empty."""
        # One comparison for both: the sign bit of either shows in the union.
        keep = (orders | items) >= 0
        if not keep.all():
            self._count(orders, items, keys)
            orders, items = orders[keep], items[keep]
        self._orders.append(orders)
        self._items.append(items)

    def _count(self, orders: NDArray[np.int32], items: NDArray[np.int32], keys: Values) -> None:
        absent = np.flatnonzero(orders == ABSENT)
        empty = _n_empty(keys, absent)
        counts = Counter({"no order": empty, "not counted": len(absent) - empty})
        for position in (LATE, TIMELESS):
            counts[REASONS["order"][position]] += int((orders == position).sum())
        ordered = items[orders >= 0]
        for position, reason in REASONS["item"].items():
            counts[reason] += int((ordered == position).sum())
        self._left_out.update({reason: count for reason, count in counts.items() if count})

    def part(self, space: tuple[object, ...], orders: Orders) -> Part:
        """Return what was collected."""
        line_order, line_item = np.concatenate(self._orders), np.concatenate(self._items)
        return Part(space=space, orders=orders, line_order=line_order, line_item=line_item)


def _n_empty(keys: Values, rows: NDArray[np.intp]) -> int:
    """Return how many of these rows have no key at all."""
    if isinstance(keys, np.ndarray):
        return int((keys[rows] == NULL).sum())
    return sum(not keys[row] for row in rows.tolist())


class WhoAndWhen:
    """The columns that tell when something happened and who did it."""

    def __init__(
        self,
        split: Any,
        model: type[Model],
        connection: BaseDatabaseWrapper,
        customers: CustomerCodes,
    ) -> None:
        self._customers = customers
        self._user = None if split.customer is None else column(model, split.customer)
        placed = output_field(model, split.placed_at)
        zoned = settings.USE_TZ and isinstance(placed, DateTimeField)
        self.zone: tzinfo = (connection.timezone if zoned else None) or get_default_timezone()
        if zoned and connection.vendor == "postgresql":
            self.zone = UTC
        self.who_and_when: tuple[Column, ...] = (Column(split.placed_at, "time"),)
        if self._user is not None:
            self.who_and_when += (self._user,)
        self.user_is_text = self._user is not None and self._user.is_text
        self.guest: Column | None = None
        self.is_guest = Q()
        if split.guest is not None:
            self.is_guest = _is_guest(split.guest, self._user)
            address = Case(When(self.is_guest, then=_expression(split.guest)))
            self.guest = Column(Cast(address, CharField()), "text")

    @property
    def all(self) -> tuple[Column, ...]:
        """All columns for one scan."""
        return self.who_and_when if self.guest is None else (*self.who_and_when, self.guest)

    def values(
        self, values: list[Values]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        """Return times, users and guests of a chunk; without a column of guests there are none."""
        at, *who = values
        n = len(at)
        user = self._customers.user(self._user, who.pop(0) if self._user else None, n)
        return at, user, self._customers.guest(who.pop(0) if who else None, n)  # type: ignore[return-value]


def _is_guest(guest: Path, user: Column | None) -> Q:
    """Return the condition that an order has an address and no user.

    Addresses of users are neither needed nor anybody's business, so they are not read.
    """
    address = _expression(guest)
    condition = Q(IsNull(address, rhs=False)) & ~Q(Exact(address, Value("")))
    if user is None:
        return condition
    nobody = Q(IsNull(_expression(user.path), rhs=True))
    if user.is_text and user.kind == "text":
        nobody |= Q(Exact(_expression(user.path), Value("")))
    return condition & nobody


def _expression(path: Path) -> Any:
    return F(path) if isinstance(path, str) else path


def about_rows(model: type[Model], using: str) -> int:
    """Return about how many rows there are, without a scan where keys are numbers."""
    rows = model._base_manager.using(using)
    if isinstance(model._meta.pk, IntegerField):
        # One look into the index instead of a scan.
        return max(int(rows.aggregate(highest=Max("pk"))["highest"] or 0), 0)
    return rows.count()
