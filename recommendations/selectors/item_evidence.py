"""What the orders say about items: lists with the evidence behind each companion."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Length

from recommendations.engine.packing import pack, unpack
from recommendations.models import Build, Exclusion, Item, NeighbourList
from recommendations.selectors.builds import published_build

EMPTY_BYTES = len(pack([], [], [], []))
ENTRY_BYTES = len(pack([0], [0.0], [0], [0])) - EMPTY_BYTES


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Companion:
    """One entry of a list, and what would keep a shopper from seeing it."""

    item: Item
    score: float
    customers: int
    baskets: int
    excluded: bool
    too_few: bool


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """An item's list in the published build. ``build`` is None before the first one."""

    build: Build | None
    n_customers: int = 0
    n_baskets: int = 0
    companions: tuple[Companion, ...] = ()


def list_length() -> Combinable:
    """Return the number of entries of a packed list as a database expression."""
    return (Length("packed") - EMPTY_BYTES) / ENTRY_BYTES


def with_companions(lists: QuerySet[NeighbourList]) -> QuerySet[NeighbourList]:
    """Return those lists that hold at least one companion."""
    return lists.alias(packed_bytes=Length("packed")).filter(packed_bytes__gt=EMPTY_BYTES)


def item_list_lengths(build: Build | None, items: Iterable[Item]) -> dict[int, int]:
    """Return the length of each item's list by primary key; variants have their parent's."""
    lists = {item.pk: item.parent_id or item.pk for item in items}
    rows = NeighbourList.objects.filter(build=build, item_id__in=set(lists.values()))
    lengths = dict(rows.annotate(length=list_length()).values_list("item_id", "length"))
    return {pk: lengths.get(list_id, 0) for pk, list_id in lists.items()}


def item_evidence(item: Item, kind: str, *, minimum_support: int) -> Evidence:
    """Return an item's list in the published build, judged by a placement's minimum support."""
    build = published_build(kind)
    if build is None:
        return Evidence(build=None)
    stored = NeighbourList.objects.filter(build=build, item_id=item.parent_id or item.pk).first()
    if stored is None:
        return Evidence(build=build)
    packed = unpack(stored.packed)
    ids = packed.items.tolist()
    items = Item.objects.in_bulk(ids)
    excluded = _excluded_ids(item, ids)
    entries = zip(
        ids, packed.scores.tolist(), packed.customers.tolist(), packed.baskets.tolist(), strict=True
    )
    companions = tuple(
        Companion(
            item=items[item_id],
            score=score,
            customers=customers,
            baskets=baskets,
            excluded=item_id in excluded,
            too_few=customers < minimum_support,
        )
        for item_id, score, customers, baskets in entries
        if item_id in items
    )
    return Evidence(
        build=build,
        n_customers=stored.n_customers,
        n_baskets=stored.n_baskets,
        companions=companions,
    )


def _excluded_ids(item: Item, companion_ids: Iterable[int]) -> set[int]:
    """Return which of these companions are excluded, with this item's family or with any item."""
    family = {item.pk, item.parent_id or item.pk}
    rows = Exclusion.objects.filter(companion_id__in=list(companion_ids))
    here_or_everywhere = rows.filter(Q(item_id__in=family) | Q(item__isnull=True))
    return set(here_or_everywhere.values_list("companion_id", flat=True))
