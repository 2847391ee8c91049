"""Turns a block into HTML: the context of its one template, shared by the tag and the fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.urls import NoReverseMatch, reverse
from django.utils.formats import get_format

from recommendations.adapters import get_adapter
from recommendations.selectors.cached import digest
from recommendations.selectors.prices import (
    currency_digits,
    currency_prefix,
    minor_units,
    price_text,
)
from recommendations.selectors.slots import Slot, TogetherBlock

if TYPE_CHECKING:
    from django.http import HttpRequest

TOGETHER_TEMPLATE = "crosssell/frequently_bought_together.html"
LAZY_TEMPLATE = "crosssell/lazy.html"


def together_html(
    block: TogetherBlock | None, *, engine: Engine, request: HttpRequest | None, next_url: str = ""
) -> str:
    """Return the block as HTML, or nothing if it has no companions.

    Without a request there is no form: nobody is known whose basket could be filled.
    """
    if block is None or not block.slots:
        return ""
    slots = (block.viewed, *block.slots)
    total = block.total()
    block_id = f"crosssell-{digest(f'{block.placement} {block.viewed.key}')[:10]}"
    context: dict[str, Any] = {
        "block": block,
        "slots": slots,
        "block_id": block_id,
        "total": total,
        "total_text": "" if total is None else price_text(total),
        "all_offered": all(slot.offered for slot in slots),
        "next": next_url,
        "add_url": "",
    }
    offered = any(slot.offered for slot in slots)
    if request is not None and offered and get_adapter().can_add_to_basket():
        context["add_url"] = _reverse("crosssell:basket-add")
        context["csrf_token"] = get_token(request)
    if total is not None:
        context["money"] = money_format(total.currency)
    context["cards"] = [
        card(slot, f"{block_id}-{number}", tick=bool(context["add_url"]))
        for number, slot in enumerate(slots)
    ]
    return str(engine.get_template(TOGETHER_TEMPLATE).render(Context(context)))


def card(slot: Slot, card_id: str, *, tick: bool) -> dict[str, Any]:
    """Return a slot as the template writes it: texts, made once.

    Formatting in the template, each price and number where it stands, took twice the time.
    """
    viewed = slot.source == "viewed"
    return {
        "slot": slot,
        "id": card_id,
        "key": slot.key,
        "viewed": viewed,
        "title": slot.title,
        "href": "" if viewed else slot.url,
        "image": slot.image_url,
        "price": "" if slot.price is None else price_text(slot.price),
        "minor": "" if slot.price is None else str(minor_units(slot.price)),
        "available": slot.available,
        "offered": slot.offered,
        "tick": tick and slot.offered,
        "reason": slot.reason,
    }


def lazy_html(url: str, *, engine: Engine) -> str:
    """Return the place that the script fills with the fragment at ``url``."""
    return str(engine.get_template(LAZY_TEMPLATE).render(Context({"url": url})))


def money_format(currency: str) -> dict[str, Any]:
    """Return what the script needs to write a total just as the server does."""
    grouping = get_format("NUMBER_GROUPING")
    groups = grouping if isinstance(grouping, list | tuple) else [grouping]
    return {
        "prefix": currency_prefix(currency),
        "digits": currency_digits(currency),
        "decimal": get_format("DECIMAL_SEPARATOR"),
        "thousand": get_format("THOUSAND_SEPARATOR") if settings.USE_I18N else "",
        "groups": ",".join(map(str, groups)),
    }


def _reverse(name: str) -> str:
    """Return an address, or nothing where the project has not included ours."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
