"""The markup of products in blocks and shelves, kept while nothing on it changes.

What our templates write of products depends on their texts and on the language, not on who looks:
it is written once and not for every view. That took a third of what a block costs a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from django.template import Context, Template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from recommendations.selectors.prices import NumberStyle, minor_units, price_text
from recommendations.selectors.slots import Slot

KEPT = 1024
"""Blocks and shelves whose markup a process keeps, about 5 MB: those of its busiest pages."""

_OURS = Path(__file__).parent / "templates"


class Card(NamedTuple):
    """All that our own templates write of a product."""

    id: str
    key: str
    viewed: bool
    title: str
    href: str
    image: str
    price: str
    minor: str
    available: bool
    offered: bool
    tick: bool
    reason: str


def card_of(slot: Slot, card_id: str, style: NumberStyle, *, tick: bool = False) -> Card:
    """Return the texts of a slot, made once.

    Formatting in the template, each price and number where it stands, took twice the time.
    """
    viewed, price = slot.source == "viewed", slot.price
    return Card(
        id=card_id,
        key=slot.key,
        viewed=viewed,
        title=slot.title,
        href="" if viewed else slot.url,
        image=slot.image_url,
        price="" if price is None else price_text(price, style),
        minor="" if price is None else SafeString(minor_units(price)),
        available=slot.available,
        offered=slot.offered,
        tick=tick and slot.offered,
        reason=slot.reason,
    )


def products_html(
    template: Template, slots: Sequence[Slot], cards: Sequence[Card], texts: Mapping[str, Any]
) -> SafeString:
    """Return what a template writes of products: ``texts`` by name, and ``cards``.

    A shop's own template is not ours to keep: it may show what is not in the texts, so it gets
    each card's ``slot`` as well and is rendered for every view.
    """
    if _is_ours(template):
        return _kept(template, get_language(), tuple(texts), *texts.values(), *chain(*cards))
    shown = [{**card._asdict(), "slot": slot} for slot, card in zip(slots, cards, strict=True)]
    return template.render(Context({**texts, "cards": shown}))


# By type as well: "<b>" that the shop has marked as safe is not written as the same letters are
# that it has not.
@lru_cache(maxsize=KEPT, typed=True)
def _kept(
    template: Template, _language: str | None, names: tuple[str, ...], *values: Any
) -> SafeString:
    width = len(Card._fields)
    starts = range(len(names), len(values), width)
    cards = [Card(*values[start : start + width]) for start in starts]
    texts = dict(zip(names, values, strict=False))
    return template.render(Context({**texts, "cards": cards}))


@lru_cache(maxsize=64)
def _is_ours(template: Template) -> bool:
    origin = template.origin
    return origin is not None and Path(str(origin.name)).is_relative_to(_OURS)
