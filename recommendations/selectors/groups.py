"""What trends and what is new, in the shop or in a category.

What a visitor viewed lately is not here: there are no view events yet to know it by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recommendations.adapters import get_adapter
from recommendations.models import Kind
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.fallbacks import Stage, Why, best_sellers, newest, shown_in_order
from recommendations.selectors.filling import Given
from recommendations.selectors.group_lists import group_list
from recommendations.selectors.pages import held_faces
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.shelves import ShelfOptions, filled_shelf
from recommendations.selectors.slots import Shelf, Slot

if TYPE_CHECKING:
    from django.http import HttpRequest


def trending(
    category: str = "",
    *,
    request: HttpRequest | None = None,
    placement: str = "trending",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what sells more than it used to, the surest first; no category means the shop."""
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(trending_shelf(category, options, request=request).slots)


def new_arrivals(
    category: str = "",
    *,
    request: HttpRequest | None = None,
    placement: str = "new-arrivals",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what is new, by how it sells so far; no category means the shop."""
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(new_arrivals_shelf(category, options, request=request).slots)


def trending_shelf(
    category: str, options: ShelfOptions, *, request: HttpRequest | None = None
) -> Shelf:
    """Return the shelf of what trends; best sellers stand in."""
    stages = (best_sellers, newest)
    return _shelf(Kind.TRENDING, category, options, request, "nothing trends now", stages)


def new_arrivals_shelf(
    category: str, options: ShelfOptions, *, request: HttpRequest | None = None
) -> Shelf:
    """Return the shelf of what is new; the newest that there is stands in."""
    return _shelf(Kind.NEW_ARRIVALS, category, options, request, "nothing is new now", (newest,))


def _shelf(
    kind: Kind,
    category: str,
    options: ShelfOptions,
    request: HttpRequest | None,
    nothing: Why,
    stages: tuple[Stage, ...],
) -> Shelf:
    listed = group_list(kind, category)

    def candidates(choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        return shown_in_order(
            choice,
            support,
            own=(listed,),
            why=lambda: "no build is published yet" if listed.build_id is None else nothing,
            categories=(category,),
            stages=stages,
        )

    held = held_faces(get_adapter(), request)
    return filled_shelf(options, candidates, request=request, held=held, category=category)
