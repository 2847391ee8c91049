"""What the merchant has decided about a block: its placement, its rules, pins and exclusions."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Exists, Q

from recommendations.engine.conditions import Condition, parse
from recommendations.models import (
    Exclusion,
    Merchandising,
    Pin,
    Placement,
    PlacementPin,
    PlacementStep,
    SlotShare,
)
from recommendations.selectors.cached import cache_key, recall, remembered, rules_seconds
from recommendations.selectors.items import ItemFace


class PlacedRule(NamedTuple):
    """A rule that lifts, buries or hides, as blocks read it."""

    id: int | None
    """None for one that is not saved yet."""
    name: str
    kind: str
    strength: int
    condition: str
    """The document as text."""


class PlacedShare(NamedTuple):
    """A group of products with a share of the places."""

    id: int | None
    name: str
    percent: int
    condition: str


class PlacedPin(NamedTuple):
    """A companion at a position."""

    position: int
    face: ItemFace


@dataclasses.dataclass(frozen=True, slots=True)
class PlacementChoice:
    """A placement as blocks read it; the defaults hold where the merchant has made none."""

    slug: str
    title: str
    enabled: bool
    count: int
    minimum_support: int
    fallback: str
    page: str = Placement.Page.PRODUCT.value
    condition: str = ""
    """The document as text; empty: every product may be shown."""
    price_from_percent: int | None = None
    price_to_percent: int | None = None
    hide_owned: bool = False
    per_category: int | None = None
    diversity: int = 0
    rotation: str = Placement.Rotation.NONE.value
    steps: tuple[str, ...] = ()
    """Strategies in order; none: the usual chain of the block."""
    rules: tuple[PlacedRule, ...] = ()
    """Its own and those of all placements."""
    shares: tuple[PlacedShare, ...] = ()
    pins: tuple[PlacedPin, ...] = ()

    @property
    def judges(self) -> bool:
        """Whether any rule is asked of a product."""
        return bool(self.condition or self.rules)

    @property
    def arranges(self) -> bool:
        """Whether the order of what may be shown can become another one; pins apart."""
        return bool(
            self.per_category
            or self.diversity
            or self.shares
            or self.rotation != Placement.Rotation.NONE
        )


COLUMNS = (
    "slug", "title", "enabled", "count", "minimum_support", "fallback", "page", "condition",
    "price_from_percent", "price_to_percent", "hide_owned", "per_category", "diversity",
    "rotation",
)  # fmt: skip
"""Columns of a placement, in the order of the fields of ``PlacementChoice``."""


def condition_text(document: Any) -> str:
    """Return a stored rule as the text that choices hold; empty for none."""
    return "" if document is None else json.dumps(document, ensure_ascii=False, sort_keys=True)


@lru_cache(maxsize=512)
def condition_of(text: str) -> Condition:
    """Return the rule of a text; rules are few and asked for on every page."""
    return parse(json.loads(text))


class ItemRules(NamedTuple):
    """A merchant's single exceptions for an item and its family."""

    pins: tuple[PlacedPin, ...]
    """Companions that the merchant puts at a position, in this order."""
    excluded: frozenset[int]
    """Ids of items never to show with it."""


EVERYWHERE = ""
"""Stands among the names of placements for rules of all of them: no placement is called so."""

PLACEMENTS = cache_key("placements")
"""Merchants make few placements, so all are one entry: a made-up name then stores nothing."""


def rules_name(item_id: int | None) -> str:
    """Return the cache key of an item's pins and exclusions; None: exclusions with any item."""
    return cache_key("rules", item_id or "everywhere")


WITH_RULES = cache_key("ruled")
"""The items of which the merchant has said anything, as one entry. Most pages are of others."""

MOST_NAMED = 1000
"""Beyond so many items the entry would cost a page more than to ask for its own rules."""


def placement_choice(slug: str) -> PlacementChoice:
    """Return a placement by name; one query, none when cached."""
    rows = remembered(PLACEMENTS, rules_seconds(), _placement_rows)
    everywhere = rows[EVERYWHERE]
    if slug in rows:
        columns, steps, rules, shares, pins = rows[slug]
    else:
        default = Placement(slug=slug)
        columns = _with_text(getattr(default, name) for name in COLUMNS)
        steps = rules = shares = pins = ()
    return PlacementChoice(
        **dict(zip(COLUMNS, columns, strict=True)),
        steps=tuple(steps),
        rules=tuple(PlacedRule(*rule) for rule in (*rules, *everywhere)),
        shares=tuple(PlacedShare(*share) for share in shares),
        pins=tuple(PlacedPin(position, ItemFace(*face)) for position, face in pins),
    )


def item_rules(item_ids: Iterable[int]) -> ItemRules:
    """Return the rules of an item and its parent together; three queries, none when cached."""
    few, named = remembered(WITH_RULES, rules_seconds(), _items_with_rules)
    ids: list[int | None] = [None, *dict.fromkeys(item_ids)]
    names = {pk: rules_name(pk) for pk in ids if pk in named or not few}
    stored = recall(names, rules_seconds(), _rules_by_item) if names else {}
    pins = sorted({pin for rules in stored.values() for pin in rules[0]})
    excluded = frozenset(pk for rules in stored.values() for pk in rules[1])
    placed = tuple(PlacedPin(position, ItemFace(*face)) for position, _, face in pins)
    return ItemRules(placed, excluded)


def _placement_rows() -> dict[str, Any]:
    """Return all placements by name, and under the empty one the rules of all of them.

    One query; four more where the merchant has made any rule, share, pin or source. Without any
    placement there is nobody to say whether there are rules, so they are looked for.
    """
    made = Q(Exists(Merchandising.objects.filter(enabled=True)))
    for more in (PlacementStep.objects, SlotShare.objects, PlacementPin.objects):
        made |= Q(Exists(more.all()))
    rows = list(
        Placement.objects.order_by().annotate(made=made).values_list("pk", "made", *COLUMNS)
    )
    if not rows:
        return {EVERYWHERE: _rules().get(None, ())}
    related = _Related() if rows[0][1] else None
    found: dict[str, Any] = {EVERYWHERE: related.rules.get(None, ()) if related else ()}
    for pk, _made, *columns in rows:
        theirs = related.of(pk) if related else ((), (), (), ())
        found[columns[0]] = (_with_text(columns), *theirs)
    return found


class _Related:
    """What belongs to placements, by placement: each table in one query, in order."""

    def __init__(self) -> None:
        steps = PlacementStep.objects.order_by("position", "pk")
        self.steps = _grouped(steps.values_list("placement_id", "strategy"), lambda row: row[0])
        self.rules = _rules()
        shares = SlotShare.objects.order_by("pk")
        self.shares = _grouped(
            shares.values_list("placement_id", "pk", "name", "percent", "condition"),
            lambda row: (*row[:-1], condition_text(row[-1])),
        )
        pins = PlacementPin.objects.order_by("position", "pk")
        self.pins = _grouped(
            pins.values_list(
                "placement_id", "position", "item_id", "item__key", "item__parent_id",
                "item__category",
            ),
            lambda row: (row[0], row[1:]),
        )  # fmt: skip

    def of(self, pk: int) -> tuple[Any, ...]:
        """Return sources, rules, shares and pins of a placement."""
        return tuple(each.get(pk, ()) for each in (self.steps, self.rules, self.shares, self.pins))


def _rules() -> dict[int | None, tuple[Any, ...]]:
    rules = Merchandising.objects.filter(enabled=True).order_by("pk")
    return _grouped(
        rules.values_list("placement_id", "pk", "name", "kind", "strength", "condition"),
        lambda row: (*row[:-1], condition_text(row[-1])),
    )


def _grouped(
    rows: Iterable[tuple[Any, ...]], value: Callable[[tuple[Any, ...]], Any]
) -> dict[int | None, tuple[Any, ...]]:
    found: dict[int | None, tuple[Any, ...]] = {}
    for placement_id, *row in rows:
        found[placement_id] = (*found.get(placement_id, ()), value(tuple(row)))
    return found


def _with_text(columns: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(
        condition_text(value) if name == "condition" else value
        for name, value in zip(COLUMNS, columns, strict=True)
    )


def _items_with_rules() -> tuple[bool, frozenset[int | None]]:
    """Return whether few items have pins or exclusions, and then which; None: any item's."""
    pins, exclusions = Pin.objects.order_by(), Exclusion.objects.order_by()
    both = pins.values_list("item_id", flat=True).union(exclusions.values_list("item_id"))
    named = frozenset(both[: MOST_NAMED + 1])
    return (True, named) if len(named) <= MOST_NAMED else (False, frozenset())


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
