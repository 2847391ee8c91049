"""Lists that are made for one customer, and shown to nobody else.

Whose list is read is decided by ``adapter.customer(request)`` alone: no parameter of a page or of
the API names a customer. The key itself is taken from commands and services, never from a visitor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest

from recommendations.adapters import get_adapter
from recommendations.models import Kind, Question
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.customer_lists import (
    customer_builds,
    customer_key,
    customer_lists,
)
from recommendations.selectors.fallbacks import Why, best_sellers, newest, shown_in_order
from recommendations.selectors.filling import Given
from recommendations.selectors.group_lists import trends
from recommendations.selectors.items import ItemFace
from recommendations.selectors.likes import lifted
from recommendations.selectors.pages import held_faces
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.serving import Serving, serving
from recommendations.selectors.shelves import ShelfOptions, filled_shelf
from recommendations.selectors.slots import Shelf, Slot


def recommended_for_customer(
    customer: HttpRequest | str,
    *,
    placement: str = "customer",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what a customer may want, best first: new things, then what the next order may hold.

    With a request it is its customer, whose basket is left out and whose prices are shown.
    """
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(customer_shelf(customer, options).slots)


def buy_again(
    customer: HttpRequest | str,
    *,
    placement: str = "buy-again",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what a customer bought before and may need again, by each product's own rhythm.

    Nothing stands in for it: what a customer never bought cannot be bought again.
    """
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(buy_again_shelf(customer, options).slots)


def buy_again_shelf(customer: HttpRequest | str, options: ShelfOptions) -> Shelf:
    """Return the shelf of what a customer bought before; it stays short or empty."""
    builds = [each for each in serving(Question.NEXT_BASKET) if each.kind == Kind.BUY_AGAIN]

    def candidates(choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        for listed in customer_lists(customer_key(customer), builds):
            yield from listed.candidates("model", support, {})

    request, held = _shopper(customer)
    key = None if isinstance(customer, HttpRequest) else customer
    return filled_shelf(options, candidates, request=request, held=held, customer=key)


def customer_shelf(
    customer: HttpRequest | str, options: ShelfOptions, *, builds: Sequence[Serving] | None = None
) -> Shelf:
    """Return the shelf of a customer; one without a list sees what trends and sells best.

    ``builds`` are asked instead of those that answer now: to look into one kind alone.
    """
    builds = customer_builds() if builds is None else builds
    key = customer_key(customer)

    def why() -> Why:
        if key is None:
            return "the customer is not known"
        return "the customer has no list yet" if builds else "no build is published yet"

    def candidates(choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        usual = shown_in_order(
            choice,
            support,
            own=customer_lists(key, builds),
            why=why,
            stages=(trends, best_sellers, newest),
        )
        return lifted(usual, request, support)

    request, held = _shopper(customer)
    return filled_shelf(options, candidates, request=request, held=held, customer=key)


def _shopper(customer: HttpRequest | str) -> tuple[HttpRequest | None, Sequence[ItemFace]]:
    """Return the request, if that is what was given, and the items that its shopper holds."""
    request = customer if isinstance(customer, HttpRequest) else None
    return request, held_faces(get_adapter(), request)
