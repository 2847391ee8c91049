"""The head of a build: what stands for the shop and for each category where lists end.

Best sellers come first. Where fewer than the minimum of customers bought anything, what is newest
follows: it tells nothing about who bought what, and says nothing about sales.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.conf import recommendation_settings
from recommendations.datasets.shelves import Shelves
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.packing import pack
from recommendations.engine.popularity import item_popularity
from recommendations.models import Build, PopularList
from recommendations.services.bulk import Rows


def head_rows(
    build: Build, matrix: BasketMatrix, faces: Shelves, item_ids: NDArray[np.int64]
) -> Rows:
    """Return a list for each category, and one for all under the empty name."""
    conf = recommendation_settings()
    popularity = item_popularity(matrix)  # in distinct customers: a bot counts once
    claimed = matrix.item_customers >= conf.minimum_customers
    ranked = ranking(popularity, claimed, faces)
    groups = {name: items[: conf.group_items] for name, items in by_category(ranked, faces)}
    groups[""] = ranked[: conf.group_items]
    filled = {name: items for name, items in groups.items() if len(items)}
    weight = np.where(claimed, popularity, 0.0)
    customers = np.where(claimed, matrix.item_customers, 0)
    baskets = np.where(claimed, matrix.item_baskets, 0)
    columns: dict[str, list[Any]] = {
        "build_id": [build.pk] * len(filled),
        "category": list(filled),
        "packed": [
            pack(item_ids[items], weight[items], customers[items], baskets[items])
            for items in filled.values()
        ],
    }
    return Rows(PopularList, columns)


def ranking(
    popularity: NDArray[np.float64], claimed: NDArray[np.bool_], faces: Shelves
) -> NDArray[np.int64]:
    """Return shown items: best sellers, then the newest; ties go to the smaller id."""
    shown = np.flatnonzero(faces.active & ~faces.variant)
    order = np.lexsort((shown, -faces.first_seen[shown], -popularity[shown] * claimed[shown]))
    return shown[order]


def by_category(
    items: NDArray[np.int64], faces: Shelves
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each category with its items, in the order given."""
    names = faces.category_names
    if not names:  # no item is known
        return
    category = faces.category[items]
    grouped = np.argsort(category, kind="stable")
    ends = np.searchsorted(category[grouped], np.arange(1, len(names)))
    yield from zip(names, np.split(items[grouped], ends), strict=True)


def fallback(counts: dict[str, Any], listed: int, matrix: BasketMatrix) -> dict[str, Any]:
    """Return what pages show where lists end, and why: as codes and figures."""
    needed = recommendation_settings().minimum_customers
    popular = int(np.count_nonzero(matrix.item_customers >= needed))
    if not counts["orders"]:
        why = "no_orders"
    elif not listed:
        why = "few_customers"
    else:
        why = "short_lists"
    return {
        "serves": "best_sellers" if popular else "new_arrivals",
        "why": why,
        "orders": counts["orders"],
        "customers": counts["customers"],
        "best_sellers": popular,
        "needed_customers": needed,
    }
