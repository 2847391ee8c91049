"""What a basket page offers in the place of its lines, as HTML: for one line, or for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recommendations.faults import contained
from recommendations.selectors.basket_upgrades import BasketOffers, LineOffer, basket_offers
from recommendations.selectors.cached import digest
from recommendations.selectors.prices import NumberStyle, number_style, price_text
from recommendations.selectors.shelves import ShelfOptions
from recommendations.widgets import address_of

if TYPE_CHECKING:
    from django.http import HttpRequest

LINE_TEMPLATE = "crosssell/basket_upgrade.html"
LIST_TEMPLATE = "crosssell/basket_upgrades.html"

_ASKED = "_crosssell_basket_offers"


def offers_of(request: HttpRequest, options: ShelfOptions) -> BasketOffers | None:
    """Return the offers for this request's basket, asked for once: every line wants to know.

    None after a fault, which is logged once and not met again for each line.
    """
    name = repr((options.placement, options.count, options.exclude, options.currency))
    asked: dict[str, BasketOffers | None] = request.__dict__.setdefault(_ASKED, {})
    if name not in asked:
        asked[name] = contained(
            "Upgrades of the basket", lambda: basket_offers(request, options), otherwise=None
        )
    return asked[name]


def has_offer(request: HttpRequest, key: str, options: ShelfOptions) -> bool:
    """Tell whether there is an offer for the line of a key: most lines of a basket have none."""
    found = offers_of(request, options)
    return found is not None and found.of(key) is not None


def line_offer_html(
    request: HttpRequest,
    key: str,
    options: ShelfOptions,
    *,
    engine: Engine,
    next_url: str = "",
    csrf_token: object = None,
) -> str:
    """Return the offer for the line of a key as HTML, or nothing where there is none."""
    found = offers_of(request, options)
    offer = None if found is None else found.of(key)
    if found is None or offer is None:
        return ""
    page = _page(request, found, next_url, csrf_token)
    context = {**page, **_texts(found, offer, number_style())}
    return str(engine.get_template(LINE_TEMPLATE).render(Context(context)))


def basket_offers_html(
    request: HttpRequest,
    options: ShelfOptions,
    *,
    engine: Engine,
    next_url: str = "",
    csrf_token: object = None,
) -> str:
    """Return all offers for the basket as a list, or nothing where there are none."""
    found = offers_of(request, options)
    if found is None or not found.offers:
        return ""
    style = number_style()
    context = {
        **_page(request, found, next_url, csrf_token),
        # Letters, digits and hyphens of our own making: nothing to escape.
        "block_id": SafeString(f"crosssell-{digest(f'offers {found.placement}')[:10]}"),
        "heading": found.title or gettext("A step up for your basket"),
        "offers": [_texts(found, offer, style) for offer in found.offers],
    }
    return str(engine.get_template(LIST_TEMPLATE).render(Context(context)))


def _page(
    request: HttpRequest, found: BasketOffers, next_url: str, csrf_token: object
) -> dict[str, Any]:
    """Return what is the same for every offer of a page."""
    replace_url = address_of("crosssell:basket-replace") if found.can_replace else ""
    page: dict[str, Any] = {"replace_url": replace_url, "next": next_url}
    if replace_url:
        page["csrf_token"] = csrf_token or get_token(request)
    return page


def _texts(found: BasketOffers, offer: LineOffer, style: NumberStyle) -> dict[str, Any]:
    """Return what is said of one offer."""
    several = offer.quantity > 1
    words = gettext("For %(more)s more each:") if several else gettext("For %(more)s more:")
    more = offer.more
    return {
        "line": offer.line,
        "upgrade": offer.upgrade,
        "words": words % {"more": price_text(more, style)},
        "more": f"{more.amount:f}",
        "replaces": found.can_replace and not offer.upgrade.needs_choice,
    }
