"""The way from a shop's ratings to the engine's ``Ratings``."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import numpy as np
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.db.models.lookups import GreaterThanOrEqual, IsNull, LessThanOrEqual
from numpy.typing import NDArray

from recommendations.adapters import Ratings as Declaration
from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.adapters.declarations import LARGEST_RATING, Path
from recommendations.datasets.customer_keys import CustomerKeys, recognised
from recommendations.datasets.events import Declared, Values, behind_orders, read_events
from recommendations.datasets.expressions import BIG_NULL, DAMAGED, NULL, IsDamaged, Millionths
from recommendations.datasets.orders import ReadOrders
from recommendations.datasets.scans import Column
from recommendations.engine.events import Ratings, newest_of_customers, ratings

MAX_CUSTOMER_RATINGS: Final = 1_000
"""Newest ratings of a customer that count: nobody tried so many things, and each pair of a
customer's ratings is looked at."""

OUT_OF_SCALE: Final = DAMAGED + 1
"""Stands for a value that no scale reaches, whose millionths might not fit into an integer."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReadRatings:
    """The ratings of one moment."""

    ratings: Ratings
    """Positions of customers go on behind those of the orders."""
    keys: CustomerKeys
    """Who can be recognised, among those who ordered or rated."""
    left_out: dict[str, int]
    """Rows that cannot be used, by reason."""


def read_ratings(
    orders: ReadOrders,
    *,
    adapter: ShopAdapter | None = None,
    most: int = MAX_CUSTOMER_RATINGS,
    **how: Any,
) -> ReadRatings:
    """Read what customers gave; of a customer and an item the newest rating counts.

    Where several models hold ratings, all are told on the scale of the first.
    """
    adapter = adapter or get_adapter()
    sources = adapter.rating_sources()
    rows, left_out = read_events(
        [_declared(source, sources[0]) for source in sources], orders, adapter=adapter, **how
    )
    customer, n_customers = rows.customers(orders)
    scale = (sources[0].lowest, sources[0].highest) if sources else (1.0, 5.0)
    given = ratings(
        customer,
        rows.item,
        rows.value,
        rows.at,
        n_customers=n_customers,
        n_items=orders.history.n_items,
        scale=scale,
    )
    replaced = len(rows.item) - len(given)
    counted, too_many = newest_of_customers(given, most=most)
    left_out |= {
        reason: count
        for reason, count in (
            ("rated again later", replaced),
            ("beyond the newest ratings of a customer", too_many),
        )
        if count
    }
    everybody = np.concatenate([orders.history.basket_customer, customer])
    keys = recognised(everybody, behind_orders(rows, orders), orders.customers, adapter)
    return ReadRatings(ratings=counted, keys=keys, left_out=dict(sorted(left_out.items())))


def _declared(source: Declaration, first: Declaration) -> Declared:
    return Declared(
        source=source,
        at=source.rated_at,
        value=Column(_millionths(source.value), "integer"),
        values=_on_scale(source, first),
    )


def _millionths(path: Path) -> Any:
    """Return a value as an integer: fixed width, no Python number per row, the same everywhere."""
    value: Any = F(path) if isinstance(path, str) else path
    far = Q(GreaterThanOrEqual(value, LARGEST_RATING)) | Q(LessThanOrEqual(value, -LARGEST_RATING))
    return Case(
        When(Q(IsNull(value, rhs=True)), then=BIG_NULL),
        When(Q(IsDamaged(value)), then=Value(DAMAGED, output_field=BigIntegerField())),
        When(far, then=Value(OUT_OF_SCALE, output_field=BigIntegerField())),
        default=Millionths(value),
        output_field=BigIntegerField(),
    )


def _on_scale(source: Declaration, first: Declaration) -> Values:
    def values(
        read: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], dict[str, NDArray[np.bool_]]]:
        value = read / 1e6
        missing, damaged = read == NULL, read == DAMAGED
        outside = ~(missing | damaged) & ((value < source.lowest) | (value > source.highest))
        wrong = {"no value": missing, "value is no number": damaged, "out of scale": outside}
        if (source.lowest, source.highest) != (first.lowest, first.highest):
            share = (value - source.lowest) / (source.highest - source.lowest)
            value = first.lowest + share * (first.highest - first.lowest)
        return value, wrong

    return values
