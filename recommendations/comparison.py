"""A product beside its upgrades: what each costs more, and what else about it differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.template import Context, Engine
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recommendations.adapters import get_adapter
from recommendations.selectors.cached import digest
from recommendations.selectors.prices import NumberStyle, number_style, price_text
from recommendations.selectors.slots import Slot
from recommendations.selectors.upgrades import UpgradesBlock

TEMPLATE = "crosssell/upgrades.html"

MOST_ROWS = 8
"""Facts compared at most: who needs all of them is on the product's own page."""


class Column(NamedTuple):
    """A product as the head of its column."""

    key: str
    title: str
    href: str
    image: str
    price: str
    more: str
    """What it costs more; empty for the viewed product."""
    reason: str
    available: bool
    viewed: bool


class Fact(NamedTuple):
    """What a product says under one name."""

    text: str
    """Empty where it says nothing."""
    differs: bool
    """Whether the viewed product says something else."""


class Row(NamedTuple):
    """One name and what each product says, in the order of the columns."""

    name: str
    facts: tuple[Fact, ...]


def upgrades_html(block: UpgradesBlock | None, *, engine: Engine) -> str:
    """Return the comparison as HTML, or nothing where there is nothing to compare."""
    if block is None or not block.slots:
        return ""
    style = number_style()
    slots = (block.viewed, *block.slots)
    # Letters, digits and hyphens of our own making: nothing to escape.
    block_id = SafeString(f"crosssell-{digest(f'{block.placement} {block.viewed.key}')[:10]}")
    context: dict[str, Any] = {
        "block": block,
        "block_id": block_id,
        "heading": block.title or gettext("A step up: what more you get"),
        "columns": [_column(block, slot, style) for slot in slots],
        "rows": rows([attributes_of(slot) for slot in slots]),
    }
    return str(engine.get_template(TEMPLATE).render(Context(context)))


def attributes_of(slot: Slot) -> dict[str, str]:
    """Return what the shop tells of a slot's product; what is empty is not told."""
    given = get_adapter().attributes(slot.product)
    texts = {str(name): str(value).strip() for name, value in given.items() if value is not None}
    return {name: text for name, text in texts.items() if text}


def rows(attributes: Sequence[Mapping[str, str]]) -> list[Row]:
    """Return what differs between the first product and any other.

    Names in the order in which the products tell them, the first product's first.
    """
    first = attributes[0] if attributes else {}
    names = dict.fromkeys(name for told in attributes for name in told)
    differing = [
        Row(name, tuple(_fact(told, first, name) for told in attributes)) for name in names
    ]
    return [row for row in differing if any(fact.differs for fact in row.facts)][:MOST_ROWS]


def _fact(told: Mapping[str, str], first: Mapping[str, str], name: str) -> Fact:
    text = told.get(name, "")
    return Fact(text, differs=text != first.get(name, ""))


def _column(block: UpgradesBlock, slot: Slot, style: NumberStyle) -> Column:
    viewed = slot.source == "viewed"
    return Column(
        key=slot.key,
        title=slot.title,
        href="" if viewed else slot.url,
        image=slot.image_url,
        price="" if slot.price is None else price_text(slot.price, style),
        more="" if viewed else f"+{price_text(block.more(slot), style)}",
        reason=slot.reason,
        available=slot.available,
        viewed=viewed,
    )
