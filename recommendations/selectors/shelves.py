"""Shelves: products that stand for themselves and not beside one, by the same rules as a block."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from recommendations.adapters import get_adapter
from recommendations.selectors.blocks import Asked, filling_of
from recommendations.selectors.candidates import Candidate, pinned
from recommendations.selectors.filling import Given, least_support
from recommendations.selectors.items import ItemFace
from recommendations.selectors.placements import PlacementChoice, item_rules, placement_choice
from recommendations.selectors.slots import Shelf
from recommendations.selectors.steps import Subject, stepped

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ShelfOptions:
    """What any shelf can be asked for."""

    placement: str | PlacementChoice
    count: int | None = None
    exclude: Given = ()
    currency: str | None = None
    channel: str = "web"
    """Where it is shown: "web", "api" or "email"; rules can ask for it."""


def filled_shelf(
    options: ShelfOptions,
    candidates: Callable[[PlacementChoice, int], Iterator[Candidate]],
    *,
    request: HttpRequest | None,
    held: Sequence[ItemFace],
    viewed: ItemFace | None = None,
    with_pins: bool = False,
    category: str = "",
    customer: str | None = None,
) -> Shelf:
    """Return the shelf of what ``candidates`` yields for a placement and its minimum support.

    Exclusions with what is held or viewed hold for the shelf, and so do pins of what is held where
    that is wanted. Where the merchant has made a chain of sources for the placement, it is asked
    instead: with the category of the page, and a customer where no request tells of one.
    """
    adapter, given = get_adapter(), options.placement
    choice = given if isinstance(given, PlacementChoice) else placement_choice(given)
    support = least_support(choice)
    beside = held if viewed is None else [*held, viewed]
    rules = item_rules(pk for face in beside for pk in (face.id, face.family))
    asked = Asked(
        adapter=adapter,
        choice=choice,
        rules=rules,
        request=request,
        viewed=viewed,
        held=held,
        exclude=options.exclude,
        count=options.count,
        currency=options.currency,
        channel=options.channel,
        customer=customer,
        subject=category,
    )
    filling = filling_of(asked)
    pins = pinned([*(rules.pins if with_pins else ()), *choice.pins], (), support)
    if choice.steps:
        subject = Subject(
            request=request, customer=customer, viewed=viewed, held=held, category=category
        )
        listed = stepped(choice.steps, subject, support)
    else:
        listed = candidates(choice, support)
    slots = filling.filled(filling.considered(chain(pins, listed)))
    return Shelf(
        placement=choice.slug,
        title=choice.title,
        slots=tuple(slots),
        left_out=tuple(filling.sieve.left_out),
    )
