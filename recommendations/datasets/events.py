"""Reads rows that tell of one customer and one product each: ratings, and looks at products.

They are read like order lines: in bulk, keys turned into positions chunk by chunk, and whatever
cannot be used is counted by reason. Customers get the positions that their orders gave them;
those who never ordered follow behind.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import numpy as np
from django.apps import apps
from django.db import router
from django.utils.timezone import is_naive
from numpy.typing import NDArray

from recommendations.adapters import Lines, Ratings, ShopAdapter, Views, get_adapter
from recommendations.adapters.rebase import SplitLines
from recommendations.datasets.baskets import utc_seconds
from recommendations.datasets.customers import customer_positions
from recommendations.datasets.expressions import NULL
from recommendations.datasets.keys import ABSENT
from recommendations.datasets.lines import REASONS, WhoAndWhen, about_rows, reader_of
from recommendations.datasets.orders import Meter, Progress, ReadOrders, ReadPath
from recommendations.datasets.products import ProductColumns
from recommendations.datasets.scans import Column, Scan
from recommendations.datasets.snapshot import snapshot


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """Rows that can be used, as columns."""

    user: NDArray[np.int64]
    guest: NDArray[np.int32]
    is_text: NDArray[np.bool_]
    item: NDArray[np.int32]
    at: NDArray[np.int64]
    value: NDArray[np.float64]

    def customers(self, orders: ReadOrders) -> tuple[NDArray[np.int32], int]:
        """Return each row's customer, and how many customers there are with those who ordered."""
        together = behind_orders(self, orders)
        positions, n_customers = customer_positions(together.user, together.is_text, together.guest)
        return positions[len(orders.baskets.at) :], n_customers


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Who stands behind rows: the orders first, so that their customers keep their positions."""

    user: NDArray[np.int64]
    guest: NDArray[np.int32]
    is_text: NDArray[np.bool_]


def behind_orders(rows: Happened, orders: ReadOrders) -> People:
    """Return who placed the orders, and then who stands behind the rows."""
    baskets = orders.baskets
    return People(
        user=np.concatenate([baskets.user, rows.user]),
        guest=np.concatenate([baskets.guest, rows.guest]),
        is_text=np.concatenate([baskets.is_text, rows.is_text]),
    )


Values = Callable[[NDArray[np.int64]], tuple[NDArray[np.float64], dict[str, NDArray[np.bool_]]]]
"""Returns a column's values, and which of them cannot be used, by reason."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """One declaration as it is read."""

    source: Ratings | Views
    at: Any
    value: Column | None = None
    values: Values | None = None


def read_events(
    declarations: Sequence[Declared],
    orders: ReadOrders,
    *,
    as_of: datetime,
    path: ReadPath = "auto",
    progress: Progress | None = None,
    adapter: ShopAdapter | None = None,
    using: str | None = None,
) -> tuple[Happened, dict[str, int]]:
    """Read the rows of all declarations, and count by reason what is left out.

    ``path`` and ``progress`` are those of ``read_order_history``.
    """
    if is_naive(as_of):
        msg = f"as_of must carry its time zone, not {as_of!r}."
        raise ValueError(msg)
    adapter, left_out = adapter or get_adapter(), Counter[str]()
    with ExitStack() as stack:
        connections: dict[str, Any] = {}
        sources = []
        for declared in declarations:
            model = apps.get_model(declared.source.model)
            alias = using or router.db_for_read(model)
            if alias not in connections:
                connections[alias] = stack.enter_context(snapshot(alias))
            sources.append(_Source(declared, orders, adapter, connections[alias], path))
        meter = Meter(progress, sum(source.estimate() for source in sources) if progress else 0)
        parts = [source.read(int(as_of.timestamp()), left_out, meter.add) for source in sources]
    return _joined(parts), dict(sorted(left_out.items()))


class _Source:
    """Reads one declaration."""

    def __init__(
        self,
        declared: Declared,
        orders: ReadOrders,
        adapter: ShopAdapter,
        connection: Any,
        path: str,
    ) -> None:
        source = declared.source
        self.model = apps.get_model(source.model)
        whole = SplitLines(
            line_model=self.model,
            line_order="pk",
            line_counted=source.counted,
            customer=source.customer,
            guest=source.guest,
            placed_at=declared.at,
        )
        # Products are found as those of a line that is an order of its own.
        as_line = Lines(
            source.model,
            product=source.product,
            product_model=source.product_model,
            order="pk",
            placed_at=declared.at,
        )
        self.declared, self.connection, self.path = declared, connection, path
        self.products = ProductColumns(as_line, self.model, adapter, orders.items)
        self.who = WhoAndWhen(whole, self.model, connection, orders.customers)

    def estimate(self) -> int:
        """Return about how many rows there are to read."""
        return about_rows(self.model, self.connection.alias)

    def read(self, as_of: int, left_out: Counter[str], report: Callable[[int], None]) -> Happened:
        """Return the rows that can be used."""
        n_products = len(self.products.columns)
        value = () if self.declared.value is None else (self.declared.value,)
        columns = (*self.products.columns, *value, *self.who.all)
        scan = Scan(self.model, columns, self.declared.source.counted)
        parts = []
        for values in reader_of(self.path, self.connection, scan)(self.connection, scan):
            item = self.products.positions(values[:n_products])
            at, user, guest = self.who.values(values[n_products + len(value) :])
            rows = Happened(
                user=user,
                guest=guest,
                is_text=np.full(len(item), self.who.user_is_text),
                item=item,
                at=utc_seconds(at, self.who.zone),
                value=np.zeros(len(item)),
            )
            wrong: dict[str, NDArray[np.bool_]] = {}
            if self.declared.values is not None:
                read, wrong = self.declared.values(np.asarray(values[n_products], dtype=np.int64))
                rows = dataclasses.replace(rows, value=read)
            parts.append(_usable(rows, wrong, as_of, left_out))
            report(len(item))
        return _joined(parts)


def _usable(
    rows: Happened, wrong: dict[str, NDArray[np.bool_]], as_of: int, left_out: Counter[str]
) -> Happened:
    """Return the rows that say who, what and when; others count under their first reason."""
    reasons = {
        **{reason: rows.item == position for position, reason in REASONS["item"].items()},
        "no customer": (rows.user == NULL) & (rows.guest == ABSENT),
        "no time": rows.at == NULL,
        "after as_of": rows.at > as_of,
        **wrong,
    }
    keep = np.ones(len(rows.item), dtype=bool)
    for reason, applies in reasons.items():
        count = int((keep & applies).sum())
        if count:
            left_out[reason] += count
            keep &= ~applies
    return rows if keep.all() else _picked(rows, keep)


def _picked(rows: Happened, keep: NDArray[np.bool_]) -> Happened:
    columns = {field.name: getattr(rows, field.name)[keep] for field in dataclasses.fields(rows)}
    return Happened(**columns)


def _joined(parts: Sequence[Happened]) -> Happened:
    nothing = Happened(
        user=np.zeros(0, dtype=np.int64),
        guest=np.zeros(0, dtype=np.int32),
        is_text=np.zeros(0, dtype=bool),
        item=np.zeros(0, dtype=np.int32),
        at=np.zeros(0, dtype=np.int64),
        value=np.zeros(0),
    )
    several = [nothing, *parts]
    return Happened(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in several])
            for field in dataclasses.fields(Happened)
        }
    )
