"""The block of a placement as its preview draws it, and for whom it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from django.template import Engine
from django.utils.translation import gettext as _

from recommendations.comparison import upgrades_html
from recommendations.models import Item, Placement
from recommendations.selectors.explaining import Block, Supposed, block_named, block_of
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import LeftOut, TogetherBlock
from recommendations.selectors.upgrades import UpgradesBlock
from recommendations.shelf_blocks import (
    ALSO_VIEWED,
    BASKET_RECOMMENDATIONS,
    BUY_AGAIN,
    NEW_ARRIVALS,
    ORDER_RECOMMENDATIONS,
    RECENTLY_VIEWED,
    RECOMMENDED_FOR_YOU,
    SIMILAR_ITEMS,
    TRENDING,
    VISIT_RECOMMENDATIONS,
    Asked,
    ShelfBlock,
)
from recommendations.widgets import shelf_html, together_html

if TYPE_CHECKING:
    from django.http import HttpRequest


class Drawn(NamedTuple):
    """A block as HTML, and what it holds."""

    html: str
    n_shown: int
    left_out: tuple[LeftOut, ...]
    scene: str
    """For whom and where it was asked."""


def drawn(request: HttpRequest, item: Item, choice: PlacementChoice) -> Drawn | None:
    """Return the block that a placement's page shows; None where the shop does not show the item.

    It is asked without the request: the basket and the prices of the person at the admin are no
    shopper's.
    """
    block, options = block_of(choice), ShelfOptions(placement=choice)
    category = item.category if choice.page == Placement.Page.CATEGORY else ""
    page = Supposed(item=item.key, basket=[item.key], category=category)
    made = block.make(page, options)
    if made is None:
        return None
    engine = Engine.get_default()
    if isinstance(made, TogetherBlock):
        html = together_html(made, engine=engine, request=request)
    elif isinstance(made, UpgradesBlock):
        html = upgrades_html(made, engine=engine)
    else:
        asked = Asked(options=options, product=item.key, items=[item.key], category=category)
        heading = _SHELVES[block.usual].heading(asked)
        html = shelf_html(made, engine=engine, heading=heading)
    return Drawn(html, len(made.slots), made.left_out, _scene(block, item, category))


def usual_heading(slug: str, page: str) -> str:
    """Return what stands above a placement's block where the merchant has written nothing."""
    block = block_named(slug, page)
    if block.usual in _SHELVES:
        return _SHELVES[block.usual].heading(Asked(options=ShelfOptions(placement=slug)))
    if block.usual == "product":
        return _("Frequently bought together")
    return _("A step up: what more you get")


_SHELVES: Final[Mapping[str, ShelfBlock]] = {
    block.placement: block
    for block in (
        ALSO_VIEWED, SIMILAR_ITEMS, BASKET_RECOMMENDATIONS, ORDER_RECOMMENDATIONS,
        RECOMMENDED_FOR_YOU, BUY_AGAIN, RECENTLY_VIEWED, VISIT_RECOMMENDATIONS, TRENDING,
        NEW_ARRIVALS,
    )
}  # fmt: skip
"""Shelves by their usual placement; the other blocks have a form of their own."""


def _scene(block: Block, item: Item, category: str) -> str:
    """Return for whom and where a block was asked."""
    title = {"title": item}
    if block.needs == "nobody":
        return _(
            "For a visitor of whom nothing is known: each shopper has a block of their own, so "
            "look at the shop for theirs."
        )
    if block.needs == "item":
        return _beside(item)
    if block.usual == BASKET_RECOMMENDATIONS.placement:
        return _("For a basket that holds only “%(title)s”.") % title
    if block.usual == ORDER_RECOMMENDATIONS.placement:
        return _("After an order of “%(title)s” alone.") % title
    if category:
        return _("On the page of the category “%(category)s”.") % {"category": category}
    return _("As every visitor sees it: the product above plays no part.")


def _beside(item: Item) -> str:
    return _(
        "On the page of “%(title)s”, for a visitor who is not logged in and has an empty basket. "
        "In the shop, what other blocks of the page show already is left out as well, and so is "
        "what a customer owns where you wish it."
    ) % {"title": item}
