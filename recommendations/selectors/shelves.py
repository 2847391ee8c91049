"""Shelves: products that stand for themselves and not beside one, by the same rules as a block."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.selectors.candidates import Candidate, Sieve, families, pinned
from recommendations.selectors.filling import (
    Filling,
    Given,
    keys_of,
    least_support,
    valid_count,
)
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.placements import PlacementChoice, item_rules, placement_choice
from recommendations.selectors.slots import Shelf

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ShelfOptions:
    """What any shelf can be asked for."""

    placement: str | PlacementChoice
    count: int | None = None
    exclude: Given = ()
    currency: str | None = None


def held_keys(adapter: ShopAdapter, request: HttpRequest | None) -> list[str]:
    """Return what the shopper holds, in the order in which it was put in; nobody holds nothing."""
    return [] if request is None else [line.key for line in adapter.basket(request)]


def filled_shelf(
    options: ShelfOptions,
    candidates: Callable[[PlacementChoice, int], Iterator[Candidate]],
    *,
    request: HttpRequest | None,
    held: Sequence[ItemFace],
    viewed: ItemFace | None = None,
    with_pins: bool = False,
) -> Shelf:
    """Return the shelf of what ``candidates`` yields for a placement and its minimum support.

    Exclusions with what is held or viewed hold for the shelf; pins of what is held come first
    where that is wanted.
    """
    adapter, given = get_adapter(), options.placement
    choice = given if isinstance(given, PlacementChoice) else placement_choice(given)
    support = least_support(choice)
    beside = held if viewed is None else [*held, viewed]
    rules = item_rules(pk for face in beside for pk in (face.id, face.family))
    sieve = Sieve(excluded=rules.excluded, minimum_support=support)
    sieve.take_out(() if viewed is None else (viewed.family,), "itself")
    sieve.take_out(families(held), "in basket")
    left_out = item_faces(keys_of(adapter, options.exclude))
    sieve.take_out(families(left_out.values()), "left out by the caller")
    filling = Filling(
        adapter=adapter,
        sieve=sieve,
        count=valid_count(options.count, choice),
        request=request,
        currency=options.currency,
    )
    pins = pinned(rules, (), support) if with_pins else []
    slots = filling.filled(sieve.passed(chain(pins, candidates(choice, support))))
    return Shelf(
        placement=choice.slug,
        title=choice.title,
        slots=tuple(slots),
        left_out=tuple(sieve.left_out),
    )
