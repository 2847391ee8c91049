"""What the shop pays for its products: read when a build weighs what a sale earns, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.adapters import ShopAdapter, get_adapter
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
    sources = [source for source in adapter.sources().values() if source.cost is not None]
    if not sources:
        return costs
    position = _positions(item_ids.tolist())
    for source in sources:
        declared: Any = source.cost
        rows = adapter.item_queryset(source).order_by("pk").values_list("pk", declared)
        for pk, given in rows.iterator():
            place = position.get(adapter.key_for(source.model, pk))
            amount = _amount(given)
            if place is not None and amount is not None:
                costs[place] = np.fmax(costs[place], amount)
    return costs


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
