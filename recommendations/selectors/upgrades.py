"""Upgrades of an item: its list, held to what is dearer now by the shop's live prices.

Nothing stands in for an upgrade: best sellers would be other things. Pins are not shown either,
since the merchant pins what goes *with* an item; exclusions hold.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext

from recommendations.adapters import Money, get_adapter
from recommendations.conf import recommendation_settings
from recommendations.engine.upgrades.names import name_words, same_name
from recommendations.models import Kind
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import (
    Candidate,
    Sieve,
    families,
    told_where_supported,
)
from recommendations.selectors.filling import Filling, Given, keys_of, least_support, valid_count
from recommendations.selectors.items import item_faces, item_names
from recommendations.selectors.lists import ItemList, item_list
from recommendations.selectors.placements import PlacementChoice, item_rules, placement_choice
from recommendations.selectors.prices import displayed, number_style, price_text
from recommendations.selectors.shelves import ShelfOptions, held_keys
from recommendations.selectors.slots import LeftOut, Rule, Slot

if TYPE_CHECKING:
    from django.http import HttpRequest

PLACEMENT = "upgrades"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class UpgradesBlock:
    """The viewed item and what is a step up from it."""

    placement: str
    title: str
    """The merchant's heading, or empty for the usual words."""
    viewed: Slot
    slots: tuple[Slot, ...]
    build_id: int | None
    left_out: tuple[LeftOut, ...] = ()

    def more(self, slot: Slot) -> Money:
        """Return what an upgrade costs more than the viewed item, as both prices are shown."""
        return more(self.viewed, slot)


def upgrades(
    key_or_product: str | Model,
    *,
    request: HttpRequest | None = None,
    placement: str = PLACEMENT,
    count: int | None = None,
    exclude: Given = (),
) -> list[Slot]:
    """Return dearer items that meet the same need, best first; none is an empty list."""
    options = ShelfOptions(placement=placement, count=count, exclude=exclude)
    block = upgrades_block(key_or_product, options, request=request)
    return [] if block is None else list(block.slots)


def upgrades_block(
    key_or_product: str | Model,
    options: ShelfOptions,
    *,
    request: HttpRequest | None = None,
) -> UpgradesBlock | None:
    """Return an item with its upgrades, or None if the shop shows no such item now.

    With a request, prices are its shopper's and what the shopper holds is left out.
    """
    adapter = get_adapter()
    given = options.placement
    choice = given if isinstance(given, PlacementChoice) else placement_choice(given)
    is_key = isinstance(key_or_product, str)
    key = key_or_product if isinstance(key_or_product, str) else adapter.key(key_or_product)
    build_id = published_build_id(Kind.UPGRADES)
    listed = item_list(build_id, key)
    if listed is None:
        return None
    sieve = _sieve(listed, choice, options, held_keys(adapter, request))
    filling = Filling(
        adapter=adapter,
        sieve=sieve,
        count=valid_count(options.count, choice),
        request=request,
        currency=None,
    )
    candidates = sieve.passed(_candidates(listed, build_id, least_support(choice)))
    first = filling.round(candidates, *((key,) if is_key else ()))
    product: Any = first[1].get(key) if is_key else key_or_product
    if product is None:
        return None
    available = adapter.available(product, request=request)
    viewed = filling.slot(listed.face, product, source="viewed", available=available)
    shown: Sequence[Slot] = ()
    if viewed.price is not None and options.currency in {None, viewed.price.currency}:
        filling.currency = viewed.price.currency
        filling.refused = _Band(viewed).rule
        shown = filling.filled(candidates, first)
    return UpgradesBlock(
        placement=choice.slug,
        title=choice.title,
        viewed=viewed,
        slots=tuple(_worded(viewed, shown, listed)),
        build_id=build_id,
        left_out=tuple(sieve.left_out),
    )


def more(viewed: Slot, slot: Slot) -> Money:
    """Return what one costs more than the other, as both prices are shown."""
    assert viewed.price is not None  # noqa: S101 - there are no upgrades of what has no price
    assert slot.price is not None  # noqa: S101 - nor any without
    dearer, price = displayed(slot.price), displayed(viewed.price)
    return Money(dearer.amount - price.amount, price.currency)


@dataclasses.dataclass(frozen=True, slots=True)
class _Band:
    """What may be shown beside an item by its live price: dearer, and not by too much."""

    viewed: Slot

    def rule(self, slot: Slot) -> Rule | None:
        """Return why a slot is no upgrade now, or None if it is one."""
        viewed = self.viewed.price
        if viewed is None or slot.price is None or more(self.viewed, slot).amount <= 0:
            return "not dearer"
        highest = Decimal(str(recommendation_settings().upgrade_highest_ratio))
        return "beyond the price band" if slot.price.amount > highest * viewed.amount else None


def _sieve(
    listed: ItemList, choice: PlacementChoice, options: ShelfOptions, held: Sequence[str]
) -> Sieve:
    face = listed.face
    rules = item_rules((face.id, face.family))
    sieve = Sieve(excluded=rules.excluded, minimum_support=least_support(choice))
    sieve.take_out((face.family,), "itself")
    sieve.take_out(families(item_faces(held).values()), "in basket")
    left_out = item_faces(keys_of(get_adapter(), options.exclude))
    sieve.take_out(families(left_out.values()), "left out by the caller")
    return sieve


def _candidates(listed: ItemList, build_id: int | None, support: int) -> Iterator[Candidate]:
    """Yield the list's entries; who moved up is told only of enough customers."""
    trace = {"strategy": Kind.UPGRADES.value, "build": build_id}
    return told_where_supported(listed.companions, "model", trace, ("moved up", "upgrade"), support)


def _worded(viewed: Slot, slots: Sequence[Slot], listed: ItemList) -> Iterator[Slot]:
    """Yield the slots with what they cost more, and with the surest thing to say of them."""
    if not slots:
        return
    style, next_id = number_style(), _next_step(listed)
    for slot in slots:
        difference = more(viewed, slot)
        told = {"more": price_text(difference, style)}
        reason = slot.reason
        if slot.item_id == next_id and slot.evidence is None:
            reason = gettext("The next step up for %(more)s more") % told
        trace = {**slot.trace, "more": f"{difference.amount:f}", "next": slot.item_id == next_id}
        yield dataclasses.replace(slot, reason=reason, trace=trace)


def _next_step(listed: ItemList) -> int | None:
    """Return the next step of the item's own ladder: of the same name, the cheapest of the list.

    Asked of the whole list, not of what is shown: behind a step that is sold out, the one after
    is not the next.
    """
    own = listed.face.family
    ids = [own, *(companion.face.id for companion in listed.companions)]
    names = item_names(ids)
    if own not in names:
        return None
    brand, words = names[own].brand, name_words(names[own].title, names[own].brand)
    ladder = [
        (names[pk].price or 0.0, pk)
        for pk in ids[1:]
        if pk in names
        and names[pk].brand == brand
        and same_name(words, name_words(names[pk].title, brand))
    ]
    return min(ladder)[1] if ladder else None
