"""What the merchant has decided about an item's ladder: steps to offer, steps that are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from recommendations.models import LadderStep
from recommendations.selectors.cached import cache_key, recall, remembered, rules_seconds
from recommendations.selectors.items import ItemFace
from recommendations.selectors.placements import PlacedPin

Row = tuple[int, int, bool, tuple[Any, ...]]
"""Position, primary key, whether it is offered, and the upgrade's face."""


class LadderRules(NamedTuple):
    """A merchant's steps of an item and its family."""

    steps: tuple[PlacedPin, ...]
    """Upgrades to offer at a position, in this order."""
    forbidden: frozenset[int]
    """Families never to offer as an upgrade of it. None that is a step as well."""


WITH_STEPS = cache_key("ladders")
"""The items of which the merchant has said anything, as one entry."""


def ladder_rules_name(item_id: int) -> str:
    """Return the cache key of an item's own steps."""
    return cache_key("ladder", item_id)


def ladder_rules(item_ids: Iterable[int]) -> LadderRules:
    """Return the steps of an item and its parent together; two queries, none when cached."""
    rows = ladder_rows(item_ids)
    return rules_of(row for own in rows.values() for row in own)


def ladder_rows(item_ids: Iterable[int]) -> dict[int, tuple[Row, ...]]:
    """Return the rows of those items that have any; one query for all that are not cached."""
    # One look for a basket of fifty lines, of which merchants have said something of few.
    said = remembered(WITH_STEPS, rules_seconds(), _items_with_steps)
    names = {pk: ladder_rules_name(pk) for pk in item_ids if pk in said}
    return recall(names, rules_seconds(), _rows_by_item) if names else {}


def rules_of(rows: Iterable[Row]) -> LadderRules:
    """Return what rows of one family mean together."""
    in_order = sorted(set(rows))
    steps = tuple(
        PlacedPin(position, ItemFace(*face)) for position, _, offered, face in in_order if offered
    )
    forbidden = {ItemFace(*face).family for _, _, offered, face in in_order if not offered}
    return LadderRules(steps, frozenset(forbidden - {step.face.family for step in steps}))


def _items_with_steps() -> frozenset[int]:
    return frozenset(LadderStep.objects.order_by().values_list("item_id", flat=True).distinct())


def _rows_by_item(item_ids: list[int]) -> Mapping[int, tuple[Row, ...]]:
    rows: dict[int, list[Row]] = {pk: [] for pk in item_ids}
    found = LadderStep.objects.filter(item_id__in=item_ids).values_list(
        "item_id", "position", "pk", "rule", "upgrade_id", "upgrade__key", "upgrade__parent_id",
        "upgrade__category",
    )  # fmt: skip
    for item_id, position, pk, rule, *face in found:
        rows[item_id].append((position, pk, rule == LadderStep.Rule.OFFER, tuple(face)))
    return {pk: tuple(own) for pk, own in rows.items()}
