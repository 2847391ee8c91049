"""What the merchant has decided about a block: its placement, pins and exclusions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from recommendations.models import Exclusion, Pin, Placement
from recommendations.selectors.cached import cache_key, recall, remembered, rules_seconds
from recommendations.selectors.items import ItemFace


@dataclasses.dataclass(frozen=True, slots=True)
class PlacementChoice:
    """A placement as blocks read it; the defaults hold where the merchant has made none."""

    slug: str
    title: str
    enabled: bool
    count: int
    minimum_support: int
    fallback: str


_FIELDS = [field.name for field in dataclasses.fields(PlacementChoice)]


class ItemRules(NamedTuple):
    """A merchant's single exceptions for an item and its family."""

    pins: tuple[ItemFace, ...]
    """Companions to show first, in this order."""
    excluded: frozenset[int]
    """Ids of items never to show with it."""


PLACEMENTS = cache_key("placements")
"""Merchants make few placements, so all are one entry: a made-up name then stores nothing."""


def rules_name(item_id: int | None) -> str:
    """Return the cache key of an item's pins and exclusions; None: exclusions with any item."""
    return cache_key("rules", item_id or "everywhere")


def placement_choice(slug: str) -> PlacementChoice:
    """Return a placement by name; one query, none when cached."""
    rows = remembered(PLACEMENTS, rules_seconds(), _placement_rows)
    if slug in rows:
        return PlacementChoice(*rows[slug])
    default = Placement(slug=slug)
    return PlacementChoice(*(getattr(default, name) for name in _FIELDS))


def item_rules(item_ids: Iterable[int]) -> ItemRules:
    """Return the rules of an item and its parent together; two queries, none when cached."""
    ids: list[int | None] = [None, *dict.fromkeys(item_ids)]
    stored = recall({pk: rules_name(pk) for pk in ids}, rules_seconds(), _rules_by_item)
    pins = sorted({pin for rules in stored.values() for pin in rules[0]})
    excluded = frozenset(pk for rules in stored.values() for pk in rules[1])
    return ItemRules(tuple(ItemFace(*pin[2]) for pin in pins), excluded)


def _placement_rows() -> dict[str, tuple[Any, ...]]:
    return {row[0]: row for row in Placement.objects.order_by().values_list(*_FIELDS)}


def _rules_by_item(
    item_ids: list[int | None],
) -> Mapping[int | None, tuple[tuple[Any, ...], tuple[int, ...]]]:
    """Return per item its pins as (position, pk, face) and its excluded ids."""
    pins: dict[int | None, list[Any]] = {pk: [] for pk in item_ids}
    excluded: dict[int | None, list[int]] = {pk: [] for pk in item_ids}
    wanted = [pk for pk in item_ids if pk is not None]
    rows = Pin.objects.filter(item_id__in=wanted).values_list(
        "item_id", "position", "pk", "companion_id", "companion__key", "companion__parent_id",
        "companion__category",
    )  # fmt: skip
    for item_id, position, pk, *face in rows:
        pins[item_id].append((position, pk, tuple(face)))
    for excluding_id, companion_id in _exclusions(wanted, everywhere=None in item_ids):
        excluded[excluding_id].append(companion_id)
    return {pk: (tuple(pins[pk]), tuple(excluded[pk])) for pk in item_ids}


def _exclusions(item_ids: list[int], *, everywhere: bool) -> Iterable[tuple[int | None, int]]:
    rows = Exclusion.objects.filter(item_id__in=item_ids)
    if everywhere:
        rows = rows | Exclusion.objects.filter(item__isnull=True)
    return rows.values_list("item_id", "companion_id")
