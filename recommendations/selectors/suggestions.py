"""What one kind alone would show, whatever was chosen for pages: for commands that look into it.

All the rest is as on pages: the merchant's placement and exclusions, what stands in, and why.
"""

from __future__ import annotations

from collections.abc import Iterator

from recommendations.models import Kind
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.customer_lists import customer_builds
from recommendations.selectors.customers import customer_shelf
from recommendations.selectors.fallbacks import Listed, Why, shown_in_order
from recommendations.selectors.group_lists import group_list
from recommendations.selectors.lists import ItemList, item_list
from recommendations.selectors.overview import CUSTOMER_KINDS, GROUP_KINDS
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.serving import Serving
from recommendations.selectors.shelves import ShelfOptions, filled_shelf
from recommendations.selectors.slots import Shelf


def suggestions_for_item(kind: str, key: str, options: ShelfOptions) -> Shelf | None:
    """Return what a kind suggests beside an item, best first; None if there is no such item."""
    build_id = published_build_id(kind)
    listed = item_list(build_id, key)
    if listed is None:
        return None

    def candidates(choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        return shown_in_order(
            choice,
            support,
            own=_lists(kind, build_id, listed),
            why=lambda: _why(kind, build_id, listed),
            categories=(listed.face.category,),
        )

    return filled_shelf(options, candidates, request=None, held=[listed.face])


def suggestions_for_customer(kind: str, customer: str, options: ShelfOptions) -> Shelf:
    """Return what a kind suggests to a customer; what trends and sells stands in for no list."""
    build_id = published_build_id(kind)
    builds = [] if build_id is None else [Serving(kind, build_id, {})]
    return customer_shelf(customer, options, builds=builds)


def kind_for_customers() -> str | None:
    """Return the kind whose lists a customer sees first, or None where none is published."""
    return next((each.kind for each in customer_builds()), None)


def _lists(kind: str, build_id: int | None, listed: ItemList) -> Iterator[Listed]:
    if kind in GROUP_KINDS:
        for category in dict.fromkeys((listed.face.category, "")):
            yield group_list(kind, category)
    else:
        yield Listed(kind, build_id, listed.companions, beside=listed.face.category)


def _why(kind: str, build_id: int | None, listed: ItemList) -> Why:
    """Return why a kind has no list here."""
    if build_id is None:
        return "no build is published yet"
    if kind == Kind.TRENDING:
        return "nothing trends now"
    if kind == Kind.NEW_ARRIVALS:
        return "nothing is new now"
    if kind in CUSTOMER_KINDS:
        return "it has lists for customers only"
    return "too few customers share it" if listed.known else "no order holds this item yet"
