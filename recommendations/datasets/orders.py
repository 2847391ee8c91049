"""The way from a shop's order lines to the engine's ``OrderHistory``.

Orders and lines are read as two narrow scans and joined here, since a database needs about three
times as long for the joined scan. Each chunk of lines becomes positions at once: only four bytes
a side stay of the keys.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from django.apps import apps
from django.db import router
from django.utils.timezone import is_naive
from numpy.typing import NDArray

from recommendations.adapters import Lines, ShopAdapter, get_adapter
from recommendations.datasets.baskets import Baskets, Part, merged
from recommendations.datasets.customer_keys import CustomerKeys, customer_keys
from recommendations.datasets.customers import CustomerCodes, customer_positions
from recommendations.datasets.items import ItemIndex, item_index
from recommendations.datasets.lines import LineSource
from recommendations.datasets.snapshot import snapshot
from recommendations.engine.history import OrderHistory, sorted_lines

ReadPath: TypeAlias = Literal["auto", "portable", "copy"]
Progress: TypeAlias = Callable[[str, int, int], None]


def read_order_history(
    *,
    as_of: datetime,
    path: ReadPath = "auto",
    progress: Progress | None = None,
    adapter: ShopAdapter | None = None,
    using: str | None = None,
) -> OrderHistory:
    """Read all counted lines of orders placed up to ``as_of`` (to the second)."""
    given: dict[str, Any] = {"as_of": as_of, "path": path, "progress": progress}
    return read_orders(**given, adapter=adapter or get_adapter(), using=using).history


def read_customer_history(
    *,
    as_of: datetime,
    path: ReadPath = "auto",
    progress: Progress | None = None,
    adapter: ShopAdapter | None = None,
    using: str | None = None,
) -> tuple[OrderHistory, CustomerKeys]:
    """Read what ``read_order_history`` reads, and who each customer position is.

    The scans are the same: keys are made of what they have read, and only here.
    """
    adapter = adapter or get_adapter()
    given: dict[str, Any] = {"as_of": as_of, "path": path, "progress": progress}
    read = read_orders(**given, adapter=adapter, using=using)
    return read.history, customer_keys(read.history, read.baskets, read.customers, adapter)


class ReadOrders(NamedTuple):
    """What one read of the orders leaves, for whatever else is read about the same customers."""

    history: OrderHistory
    baskets: Baskets
    customers: CustomerCodes
    """The numbers that users and guests were given."""
    items: ItemIndex


def read_orders(
    *,
    as_of: datetime,
    path: ReadPath,
    progress: Progress | None,
    adapter: ShopAdapter,
    using: str | None,
) -> ReadOrders:
    """Read the history, its orders and the numbers that its customers were given.

    ``path`` chooses how: ``copy`` needs PostgreSQL, ``portable`` works everywhere, ``auto`` takes
    the faster one. Both give the same arrays. (What needs a join or reads a view goes through the
    portable cursor in any case.) ``progress`` hears ``("read", rows, estimate)``.
    Lines left out of the history are counted by reason; lines that the shop's own condition on
    lines keeps out are never read and so not counted.
    """
    if is_naive(as_of):
        msg = f"as_of must carry its time zone, not {as_of!r}."
        raise ValueError(msg)
    if path not in {"auto", "portable", "copy"}:
        msg = f"path is {path!r}; it must be 'auto', 'portable' or 'copy'."
        raise ValueError(msg)
    items = item_index()
    customers, left_out = CustomerCodes(), Counter[str]()
    with ExitStack() as stack:
        connections = {}
        sources = []
        for lines in adapter.line_sources():
            alias = using or _alias(lines)
            if alias not in connections:
                connections[alias] = stack.enter_context(snapshot(alias))
            if path == "copy" and connections[alias].vendor != "postgresql":
                msg = f"path 'copy' needs PostgreSQL; {alias!r} is {connections[alias].vendor}."
                raise ValueError(msg)
            sources.append(LineSource(lines, adapter, items, connections[alias], path))
        meter = Meter(progress, sum(source.estimate() for source in sources) if progress else 0)
        parts = [
            source.read(int(as_of.timestamp()), customers, left_out, meter.add)
            for source in sources
        ]
    return ReadOrders(*_history(parts, items.ids, left_out), customers, items)


def _alias(lines: Lines) -> str:
    return router.db_for_read(apps.get_model(lines.model))


@dataclasses.dataclass(slots=True)
class Meter:
    """Adds up rows and reports them."""

    progress: Progress | None
    estimate: int
    done: int = 0

    def add(self, rows: int) -> None:
        """Count rows that were read."""
        self.done += rows
        if self.progress is not None:
            self.progress("read", self.done, max(self.estimate, self.done))


def _history(
    parts: Sequence[Part], item_ids: NDArray[np.int64], left_out: Counter[str]
) -> tuple[OrderHistory, Baskets]:
    """Number the baskets of all parts together; orders of one model are one, wherever read."""
    baskets, line_basket = merged(parts)
    line_basket, line_item = sorted_lines(
        line_basket, np.concatenate([part.line_item for part in parts]), n_items=len(item_ids)
    )
    customer, n_customers = customer_positions(baskets.user, baskets.is_text, baskets.guest)
    history = OrderHistory(
        item_ids=item_ids,
        line_basket=line_basket,
        line_item=line_item,
        basket_at=baskets.at,
        basket_customer=customer,
        n_customers=n_customers,
        left_out=dict(sorted(left_out.items())),
    )
    return history, baskets
