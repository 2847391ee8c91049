"""Which block stands for a placement in its preview, and for whom it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from django.template import Engine
from django.utils.translation import gettext as _

from recommendations.comparison import upgrades_html
from recommendations.models import Item, Placement
from recommendations.selectors.customers import buy_again_shelf, customer_shelf
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import LeftOut, Shelf
from recommendations.selectors.together import together_block
from recommendations.selectors.upgrades import upgrades_block
from recommendations.selectors.visits import recently_viewed_shelf, visit_shelf
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

Page = Placement.Page

UPGRADES = "upgrades"
"""The placement whose block is a comparison and no shelf."""


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
    engine = Engine.get_default()
    shelf_block = _shelf_block(choice.slug, choice.page)
    if shelf_block is not None:
        asked, scene = _asked(shelf_block, item, choice)
        ask = _OF_NOBODY.get(shelf_block.name, shelf_block.ask)
        shelf = ask(asked)
        if shelf is None:
            return None
        html = shelf_html(shelf, engine=engine, heading=shelf_block.heading(asked))
        return Drawn(html, len(shelf.slots), shelf.left_out, scene)
    if choice.slug == UPGRADES:
        compared = upgrades_block(item.key, ShelfOptions(placement=choice))
        if compared is None:
            return None
        html = upgrades_html(compared, engine=engine)
        return Drawn(html, len(compared.slots), compared.left_out, _beside(item))
    block = together_block(item.key, placement=choice)
    if block is None:
        return None
    html = together_html(block, engine=engine, request=request)
    return Drawn(html, len(block.slots), block.left_out, _beside(item))


def usual_heading(slug: str, page: str) -> str:
    """Return what stands above a placement's block where the merchant has written nothing."""
    block = _shelf_block(slug, page)
    if block is not None:
        return block.heading(Asked(options=ShelfOptions(placement=slug)))
    if slug == UPGRADES:
        return _("A step up: what more you get")
    return _("Frequently bought together")


_BY_NAME: Final[Mapping[str, ShelfBlock]] = {
    block.placement: block
    for block in (
        ALSO_VIEWED, SIMILAR_ITEMS, BASKET_RECOMMENDATIONS, ORDER_RECOMMENDATIONS,
        RECOMMENDED_FOR_YOU, BUY_AGAIN, RECENTLY_VIEWED, VISIT_RECOMMENDATIONS, TRENDING,
        NEW_ARRIVALS,
    )
}  # fmt: skip
"""Blocks by the placement that they ask for where a page's template names none."""

_BY_PAGE: Final[Mapping[str, ShelfBlock]] = {
    Page.BASKET: BASKET_RECOMMENDATIONS,
    Page.CHECKOUT: BASKET_RECOMMENDATIONS,
    Page.CONFIRMATION: ORDER_RECOMMENDATIONS,
    Page.EMAIL: ORDER_RECOMMENDATIONS,
    Page.CATEGORY: TRENDING,
    Page.SEARCH: TRENDING,
    Page.ACCOUNT: RECOMMENDED_FOR_YOU,
    Page.HOME: RECOMMENDED_FOR_YOU,
}
"""What such a page usually shows under another name; a product page shows what goes together."""

_OF_NOBODY: Final[Mapping[str, Callable[[Asked], Shelf]]] = {
    RECOMMENDED_FOR_YOU.name: lambda asked: customer_shelf("", asked.options),
    BUY_AGAIN.name: lambda asked: buy_again_shelf("", asked.options),
    RECENTLY_VIEWED.name: lambda asked: recently_viewed_shelf(None, asked.options),
    VISIT_RECOMMENDATIONS.name: lambda asked: visit_shelf(None, asked.options),
}
"""Shelves of one shopper each, asked for somebody of whom nothing is known."""


def _shelf_block(slug: str, page: str) -> ShelfBlock | None:
    return None if slug == UPGRADES else _BY_NAME.get(slug) or _BY_PAGE.get(page)


def _asked(block: ShelfBlock, item: Item, choice: PlacementChoice) -> tuple[Asked, str]:
    """Return what the block is asked for, and the same in words."""
    options = ShelfOptions(placement=choice)
    title = {"title": item}
    if block.name in _OF_NOBODY:
        return Asked(options=options), _(
            "For a visitor of whom nothing is known: each shopper has a block of their own, so "
            "look at the shop for theirs."
        )
    if block is BASKET_RECOMMENDATIONS:
        scene = _("For a basket that holds only “%(title)s”.") % title
        return Asked(options=options, items=[item.key]), scene
    if block is ORDER_RECOMMENDATIONS:
        scene = _("After an order of “%(title)s” alone.") % title
        return Asked(options=options, items=[item.key]), scene
    if block in (ALSO_VIEWED, SIMILAR_ITEMS):
        return Asked(options=options, product=item.key), _beside(item)
    if choice.page == Page.CATEGORY:
        scene = _("On the page of the category “%(category)s”.") % {"category": item.category}
        return Asked(options=options, category=item.category), scene
    scene = _("As every visitor sees it: the product above plays no part.")
    return Asked(options=options), scene


def _beside(item: Item) -> str:
    return _(
        "On the page of “%(title)s”, for a visitor who is not logged in and has an empty basket. "
        "In the shop, what other blocks of the page show already is left out as well, and so is "
        "what a customer owns where you wish it."
    ) % {"title": item}
