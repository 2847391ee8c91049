"""The way from a shop's page views to the engine's ``Views``."""

from __future__ import annotations

import dataclasses
from typing import Any

from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.datasets.events import Declared, read_events
from recommendations.datasets.orders import ReadOrders
from recommendations.engine.events import Views, views


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReadViews:
    """The looks of one moment."""

    views: Views
    """Positions of customers go on behind those of the orders."""
    left_out: dict[str, int]
    """Rows that cannot be used, by reason."""


def read_views(orders: ReadOrders, *, adapter: ShopAdapter | None = None, **how: Any) -> ReadViews:
    """Read who looked at what; of a customer and an item the first look counts.

    Looks of visitors who cannot be found among buyers say nothing, and are counted as left out.
    """
    adapter = adapter or get_adapter()
    rows, left_out = read_events(
        [Declared(source=source, at=source.viewed_at) for source in adapter.view_sources()],
        orders,
        adapter=adapter,
        **how,
    )
    customer, n_customers = rows.customers(orders)
    seen = views(
        customer, rows.item, rows.at, n_customers=n_customers, n_items=orders.history.n_items
    )
    repeated = len(rows.item) - len(seen)
    if repeated:
        left_out["looked at before"] = repeated
    return ReadViews(views=seen, left_out=dict(sorted(left_out.items())))
