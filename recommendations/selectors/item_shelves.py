"""Shelves beside an item: what was bought in the end after looking at it, and what is like it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.models import Kind
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.fallbacks import Listed, Why, shown_in_order
from recommendations.selectors.filling import Given
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.lists import item_list
from recommendations.selectors.pages import held_faces, page_of
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.reasons import SIMILAR
from recommendations.selectors.serving import Serving, described, family_of
from recommendations.selectors.shelves import ShelfOptions, filled_shelf
from recommendations.selectors.slots import Shelf, Slot

if TYPE_CHECKING:
    from django.http import HttpRequest


def also_viewed(
    key_or_product: str | Model,
    *,
    request: HttpRequest | None = None,
    placement: str = "also-viewed",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what customers bought in the end who looked at an item, best first."""
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    shelf = also_viewed_shelf(key_or_product, options, request=request)
    return [] if shelf is None else list(shelf.slots)


def similar_items(
    key_or_product: str | Model,
    *,
    request: HttpRequest | None = None,
    placement: str = "similar",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what is like an item by what it is, the most alike first."""
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    shelf = similar_shelf(key_or_product, options, request=request)
    return [] if shelf is None else list(shelf.slots)


def also_viewed_shelf(
    key_or_product: str | Model, options: ShelfOptions, *, request: HttpRequest | None = None
) -> Shelf | None:
    """Return the shelf of what was bought after looking at an item; None if there is no such item.

    Descriptions stand in, then best sellers of the item's category.
    """
    build_id = published_build_id(Kind.VIEWED_BOUGHT)
    builds = [] if build_id is None else [Serving(Kind.VIEWED_BOUGHT, build_id, {})]
    asked = _Beside(own=builds, others=described, nothing="nobody looked at it and bought yet")
    return asked.shelf(key_or_product, options, request)


def similar_shelf(
    key_or_product: str | Model, options: ShelfOptions, *, request: HttpRequest | None = None
) -> Shelf | None:
    """Return the shelf of what is like an item; None if there is no such item.

    A description that was made to find what an item goes *with* says nothing about likeness, so
    its lists are not read here. Best sellers of the item's category stand in.
    """
    builds = [
        each
        for each in described()
        if each.kind == Kind.CONTENT and family_of(each.build_id) in {SIMILAR, ""}
    ]
    asked = _Beside(own=builds, others=list, nothing="nothing is known to be like it")
    return asked.shelf(key_or_product, options, request)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Beside:
    """One question about an item, and which builds answer it."""

    own: Iterable[Serving]
    others: Callable[[], Iterable[Serving]]
    """Builds that stand in; looked up when they are reached."""
    nothing: Why
    """Why something stands in where the item has no list."""

    def shelf(
        self, key_or_product: str | Model, options: ShelfOptions, request: HttpRequest | None
    ) -> Shelf | None:
        adapter = get_adapter()
        key, product = _live(adapter, key_or_product, request)
        viewed = item_faces([key]).get(key)
        if viewed is None or product is None:
            return None
        if options.currency is None:
            price = adapter.price(product, request=request)
            currency = None if price is None else price.currency
            options = dataclasses.replace(options, currency=currency)

        def candidates(choice: PlacementChoice, support: int) -> Iterator[Candidate]:
            return shown_in_order(
                choice,
                support,
                own=_lists(self.own, viewed),
                others=(each for build in self.others() for each in _lists([build], viewed)),
                categories=(viewed.category,),
                why=lambda: self.nothing if self.own else "no build is published yet",
            )

        held = held_faces(adapter, request)
        return filled_shelf(options, candidates, request=request, held=held, viewed=viewed)


def _live(
    adapter: ShopAdapter, key_or_product: str | Model, request: HttpRequest | None
) -> tuple[str, Any]:
    """Return an item's key and its product; who gives a key asks the shop whether it shows it."""
    if not isinstance(key_or_product, str):
        return adapter.key(key_or_product), key_or_product
    key = key_or_product
    live = page_of(request).live(
        [key], lambda missing: adapter.live_products(missing, request=request)
    )
    return key, live.get(key)


def _lists(builds: Iterable[Serving], viewed: ItemFace) -> Iterator[Listed]:
    for each in builds:
        listed = item_list(each.build_id, viewed.key)
        if listed is not None:
            yield Listed(each.kind, each.build_id, listed.companions, beside=viewed.category)
