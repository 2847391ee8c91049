"""Recommendations in a shop's e-mails: absolute addresses, and nothing that needs a browser.

Mail programs know tables and inline styles, drop style sheets and scripts, and few of them draw
SVG or WebP; so such a picture is left out rather than shown broken.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from django.template import Context, Engine
from django.utils.translation import gettext

from recommendations.selectors.baskets import order_shelf
from recommendations.selectors.customers import customer_shelf
from recommendations.selectors.filling import Given
from recommendations.selectors.prices import NumberStyle, number_style, price_text
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import Shelf, Slot
from recommendations.widgets import shelf_heading

PLACEMENT = "email"
HTML_TEMPLATE = "crosssell/email.html"
TEXT_TEMPLATE = "crosssell/email.txt"

_DRAWN = (".png", ".jpg", ".jpeg", ".gif")
"""Pictures that every mail program draws."""

_WEB = frozenset({"http", "https"})


class Letter(NamedTuple):
    """A shelf with the words above it."""

    shelf: Shelf
    heading: str


class _Product(NamedTuple):
    """All that is written of a product."""

    title: str
    href: str
    image: str
    price: str
    reason: str


def order_letter(bought: Given, options: ShelfOptions) -> Letter:
    """Return what goes with products that were bought, at everybody's prices."""
    return _letter(order_shelf(bought, options), gettext("Goes with your order"))


def customer_letter(customer: str, options: ShelfOptions) -> Letter:
    """Return what a customer may want; the key comes from the shop's own code, never a visitor."""
    return _letter(customer_shelf(customer, options), gettext("Recommended for you"))


def letter_html(letter: Letter, *, base_url: str, engine: Engine) -> str:
    """Return the HTML of a letter's shelf, or nothing if it is empty."""
    return _rendered(letter, HTML_TEMPLATE, base_url=base_url, engine=engine, autoescape=True)


def letter_text(letter: Letter, *, base_url: str, engine: Engine) -> str:
    """Return the plain text of a letter's shelf, or nothing if it is empty."""
    return _rendered(letter, TEXT_TEMPLATE, base_url=base_url, engine=engine, autoescape=False)


def absolute(base_url: str, url: str) -> str:
    """Return an address that works in a mail program; empty for what is none of the web.

    Raises ``ValueError`` where the shop's own address is not one of the web.
    """
    base = urlsplit(base_url)
    if base.scheme not in _WEB or not base.netloc:
        msg = f"base_url is {base_url!r}; it must begin with https:// and name the shop's host."
        raise ValueError(msg)
    try:
        address = urljoin(base_url, url)
        return address if url and urlsplit(address).scheme in _WEB else ""
    except ValueError:  # what no address can be, such as half of an IPv6 host
        return ""


def _letter(shelf: Shelf, usual: str) -> Letter:
    return Letter(shelf, shelf_heading(shelf, usual))


def _rendered(
    letter: Letter, template: str, *, base_url: str, engine: Engine, autoescape: bool
) -> str:
    if not letter.shelf.slots:
        return ""
    style = number_style()
    products = [_product(slot, base_url, letter.heading, style) for slot in letter.shelf.slots]
    context: dict[str, Any] = {
        "heading": _line(letter.heading),
        "products": products,
        "pictures": any(product.image for product in products),
    }
    return engine.get_template(template).render(Context(context, autoescape=autoescape))


def _product(slot: Slot, base_url: str, heading: str, style: NumberStyle) -> _Product:
    image = absolute(base_url, slot.image_url)
    drawn = urlsplit(image).path.lower().endswith(_DRAWN)
    return _Product(
        title=_line(slot.title),
        href=absolute(base_url, slot.url),
        image=image if drawn else "",
        price="" if slot.price is None else price_text(slot.price, style),
        reason="" if slot.reason == heading else slot.reason,
    )


def _line(text: str) -> str:
    """Return a text on one line: a line break in a title would look like our own words."""
    return " ".join(text.split())
