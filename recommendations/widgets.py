"""Turns blocks and shelves into HTML: the contexts of their templates, for tags and fragments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.urls import NoReverseMatch, get_resolver, get_script_prefix, get_urlconf, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from recommendations.adapters import get_adapter
from recommendations.conf import recommendation_settings
from recommendations.feedback_form import can_say, feedback_form_html
from recommendations.markup import card_of, products_html
from recommendations.selectors.cached import digest
from recommendations.selectors.prices import (
    NumberStyle,
    currency_digits,
    currency_prefix,
    number_style,
    price_text,
)
from recommendations.selectors.slots import Shelf, Slot, TogetherBlock

if TYPE_CHECKING:
    from django.http import HttpRequest

TOGETHER_TEMPLATE = "crosssell/frequently_bought_together.html"
COMPANIONS_TEMPLATE = "crosssell/companions.html"
SHELF_TEMPLATE = "crosssell/shelf.html"
LAZY_TEMPLATE = "crosssell/lazy.html"

_SAYS_IT_ALL = {"popular", "trending", "new_arrivals", "newest"}
"""What may stand in under a heading that is its own reason."""


def together_html(
    block: TogetherBlock | None,
    *,
    engine: Engine,
    request: HttpRequest | None,
    next_url: str = "",
    csrf_token: object = None,
) -> str:
    """Return the block as HTML, or nothing if it has no companions.

    Without a request there is no form: nobody is known whose basket could be filled. A page that
    has a token for its own forms passes it on.
    """
    if block is None or not block.slots:
        return ""
    slots = (block.viewed, *block.slots)
    offered = [slot.offered for slot in slots]
    can_add = request is not None and any(offered) and get_adapter().can_add_to_basket()
    add_url = address_of("crosssell:basket-add") if can_add else ""
    # Letters, digits and hyphens of our own making: nothing to escape.
    block_id = SafeString(f"crosssell-{digest(f'{block.placement} {block.viewed.key}')[:10]}")
    context: dict[str, Any] = {
        "block": block,
        "block_id": block_id,
        "heading": _heading(block),
        "companions": _companions(block, slots, block_id, engine=engine, add_url=add_url),
        "add_url": add_url,
        "next": next_url,
    }
    if add_url and request is not None:
        context["csrf_token"] = csrf_token or get_token(request)
    return str(engine.get_template(TOGETHER_TEMPLATE).render(Context(context)))


def _heading(block: TogetherBlock) -> str:
    if block.title:
        return block.title
    together = block.bought_together
    return gettext("Frequently bought together") if together else gettext("You may also like")


def _companions(
    block: TogetherBlock, slots: Sequence[Slot], block_id: str, *, engine: Engine, add_url: str
) -> SafeString:
    """Return the products of a block and their sum: what is the same for every shopper."""
    total, style = block.total(), number_style()
    texts: dict[str, Any] = {
        "add_url": add_url,
        "all_offered": all(slot.offered for slot in slots),
        "total_text": "",
    }
    if total is not None:
        texts |= {"total_text": price_text(total, style), **money_format(total.currency, style)}
    cards = [
        card_of(slot, SafeString(f"{block_id}-{number}"), style, tick=bool(add_url))
        for number, slot in enumerate(slots)
    ]
    return products_html(engine.get_template(COMPANIONS_TEMPLATE), slots, cards, texts)


def shelf_html(
    shelf: Shelf, *, engine: Engine, heading: str, shopper: HttpRequest | None = None
) -> str:
    """Return a shelf as HTML, or nothing if it is empty; the merchant's heading stands before ours.

    It has links: the shopper chooses on the product's page. With ``shopper``, whose own shelf it
    is, each product has buttons to say whether it interests.
    """
    if not shelf.slots:
        return ""
    style = number_style()
    heading = shelf_heading(shelf, heading)
    # One placement may stand on a page twice: what trends, in two categories.
    shelf_id = SafeString(f"crosssell-{digest(f'shelf {shelf.placement} {heading}')[:10]}")
    cards = [
        card_of(slot, SafeString(f"{shelf_id}-{number}"), style)
        for number, slot in enumerate(shelf.slots)
    ]
    # Said once above the shelf, it need not be said again on every card.
    cards = [card._replace(reason="") if card.reason == heading else card for card in cards]
    say_url = address_of("crosssell:feedback") if can_say(shopper) else ""
    feedback_id = SafeString(f"{shelf_id}-say") if say_url else ""
    texts = {"shelf_id": shelf_id, "heading": heading, "feedback_id": feedback_id}
    html = products_html(engine.get_template(SHELF_TEMPLATE), shelf.slots, cards, texts)
    if shopper is None or not say_url:
        return html
    return html + feedback_form_html(shopper, feedback_id, say_url, engine=engine)


def shelf_heading(shelf: Shelf, usual: str) -> str:
    """Return what stands above a shelf: the merchant's words, else the usual, else what is true.

    What only stands in is not what the usual words promise: where all of it is there for one
    reason (it sells best, it trends, it is new), that reason is the heading.
    """
    if shelf.title or shelf.answers:
        return shelf.title or usual
    reasons = {slot.reason for slot in shelf.slots}
    strategies = {slot.trace.get("strategy") for slot in shelf.slots}
    if len(reasons) == 1 and strategies <= _SAYS_IT_ALL:
        return reasons.pop()
    return gettext("You may also like")


def lazy_html(url: str, *, engine: Engine) -> str:
    """Return the place that the script fills with the fragment at ``url``."""
    most = SafeString(recommendation_settings().api_max_exclude)
    return str(engine.get_template(LAZY_TEMPLATE).render(Context({"url": url, "most": most})))


def money_format(currency: str, style: NumberStyle) -> dict[str, Any]:
    """Return what the script needs to write a total just as the server does."""
    groups = style.grouping if isinstance(style.grouping, tuple) else (style.grouping,)
    return {
        "prefix": currency_prefix(currency),
        "digits": str(currency_digits(currency)),
        "decimal": style.decimal,
        "thousand": style.thousand if settings.USE_I18N else "",
        "groups": ",".join(map(str, groups)),
    }


def address_of(name: str) -> str:
    """Return an address of ours, or nothing where the project has not included our addresses."""
    return _reversed(name, get_resolver(get_urlconf()), get_script_prefix(), get_language())


# What an address depends on; a resolver is a new one when a project's addresses change.
@lru_cache(maxsize=64)
def _reversed(name: str, _resolver: object, _prefix: str, _language: str | None) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
