"""Upgrades of an item: the merchant's steps, then its list, held to what is dearer now.

The live price decides, whoever chose the step. Nothing stands in for an upgrade: best sellers would
be other things. Pins are not shown either, since the merchant pins what goes *with* an item;
exclusions hold, but for a step that the merchant chose.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext

from recommendations.adapters import Money, get_adapter
from recommendations.engine.upgrades.names import name_words, same_name
from recommendations.models import Kind
from recommendations.selectors.blocks import Asked, filling_of
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.filling import Given, least_support
from recommendations.selectors.items import item_names
from recommendations.selectors.ladder_rules import ladder_rules
from recommendations.selectors.lists import ItemList, item_list
from recommendations.selectors.pages import held_faces
from recommendations.selectors.placements import PlacementChoice, item_rules, placement_choice
from recommendations.selectors.prices import number_style, price_text
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import LeftOut, Slot
from recommendations.selectors.upgrade_steps import more, price_band, step_candidates

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
    face = listed.face
    filling = filling_of(
        Asked(
            adapter=adapter,
            choice=choice,
            rules=item_rules((face.id, face.family)),
            request=request,
            viewed=face,
            held=held_faces(adapter, request),
            exclude=options.exclude,
            count=options.count,
            channel=options.channel,
        )
    )
    ladder = ladder_rules((face.id, face.family))
    filling.sieve.take_out(ladder.forbidden, "forbidden step")
    steps = step_candidates(listed, ladder, build_id, least_support(choice), choice.pins)
    candidates = filling.considered(steps)
    first = filling.round(candidates, *((key,) if is_key else ()))
    product: Any = first[1].get(key) if is_key else key_or_product
    if product is None:
        return None
    available = adapter.available(product, request=request)
    viewed = filling.slot(face, product, source="viewed", available=available)
    shown: Sequence[Slot] = ()
    if viewed.price is not None and options.currency in {None, viewed.price.currency}:
        filling.currency = viewed.price.currency
        filling.refused = partial(price_band(choice).rule, viewed)
        shown = filling.filled(candidates, first)
    return UpgradesBlock(
        placement=choice.slug,
        title=choice.title,
        viewed=viewed,
        slots=tuple(_worded(viewed, shown, listed)),
        build_id=build_id,
        left_out=tuple(filling.sieve.left_out),
    )


def _worded(viewed: Slot, slots: Sequence[Slot], listed: ItemList) -> Iterator[Slot]:
    """Yield the slots with what they cost more, and with the surest thing to say of them."""
    if not slots:
        return
    style, next_id = number_style(), _next_step(listed)
    for slot in slots:
        difference = more(viewed, slot)
        told = {"more": price_text(difference, style)}
        reason = slot.reason
        if slot.item_id == next_id and slot.evidence is None and slot.source == "model":
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
