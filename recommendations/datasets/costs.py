"""What the shop pays for its products: read when a build weighs what a sale earns, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from django.db.models import Model
from numpy.typing import NDArray

from recommendations.adapters import Products, ShopAdapter, get_adapter
from recommendations.datasets.faces import PRICE_LIMIT
from recommendations.models import Item


def item_costs(
    item_ids: NDArray[np.int64], *, adapter: ShopAdapter | None = None
) -> NDArray[np.float64]:
    """Return what each item costs the shop, in the currency of its price; NaN where unknown.

    A path to several rows gives a product several costs: the highest, so that no margin is
    thought larger than it is. A cost that is no amount of 0 or more counts as unknown.
    """
    adapter = adapter or get_adapter()
    costs = np.full(len(item_ids), np.nan)
    if not _sources(adapter):
        return costs
    position = _positions(item_ids.tolist())
    for key, amount in _told(adapter, None):
        if key in position:
            costs[position[key]] = np.fmax(costs[position[key]], amount)
    return costs


def costs_by_key(keys: Iterable[str], *, adapter: ShopAdapter | None = None) -> dict[str, float]:
    """Return what the products of a few keys cost the shop, as ``item_costs``, where it is known.

    One query per sellable model whose cost is declared.
    """
    adapter = adapter or get_adapter()
    wanted = set(keys)
    costs: dict[str, float] = {}
    if wanted and _sources(adapter):
        for key, amount in _told(adapter, list(adapter.live_products(wanted).values())):
            costs[key] = max(costs.get(key, 0.0), amount)
    return costs


def _sources(adapter: ShopAdapter) -> list[Products]:
    return [source for source in adapter.sources().values() if source.cost is not None]


def _told(adapter: ShopAdapter, products: Sequence[Model] | None) -> Iterator[tuple[str, float]]:
    """Yield (key, cost) of all products, or of some, as far as the shop tells."""
    for source in _sources(adapter):
        declared: Any = source.cost
        rows = adapter.item_queryset(source)
        if products is not None:
            rows = rows.filter(
                pk__in=[one.pk for one in products if adapter.source_of(one) is source]
            )
        for pk, given in rows.order_by("pk").values_list("pk", declared).iterator():
            amount = _amount(given)
            if amount is not None:
                yield adapter.key_for(source.model, pk), amount


def _positions(item_ids: Sequence[int]) -> dict[str, int]:
    place = {pk: position for position, pk in enumerate(item_ids)}
    rows = Item.objects.values_list("pk", "key").iterator()
    return {key: place[pk] for pk, key in rows if pk in place}


def _amount(given: Any) -> float | None:
    if given is None or isinstance(given, bool):
        return None
    try:
        amount = float(given)
    except (TypeError, ValueError):
        return None
    return amount if 0 <= amount < float(PRICE_LIMIT) else None
