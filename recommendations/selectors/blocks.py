"""What every block and shelf has in common: whom it is for, and what it must not show."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from recommendations.adapters import ShopAdapter
from recommendations.selectors.candidates import Sieve, families
from recommendations.selectors.contexts import rule_context
from recommendations.selectors.feedback import dismissed_families
from recommendations.selectors.filling import Filling, Given, keys_of, least_support, valid_count
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.owned import owned_families
from recommendations.selectors.pages import page_of
from recommendations.selectors.placements import ItemRules, PlacementChoice
from recommendations.selectors.rulebook import Rulebook
from recommendations.selectors.slots import Rule, Slot

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One question for a block."""

    adapter: ShopAdapter
    choice: PlacementChoice
    rules: ItemRules
    """Of the viewed item or of what is held."""
    request: HttpRequest | None
    viewed: ItemFace | None = None
    held: Sequence[ItemFace] = ()
    exclude: Given = ()
    count: int | None = None
    currency: str | None = None
    channel: str = "web"
    customer: str | None = None
    """Key of whom it is for, where no request tells: from the shop's own code, never a visitor."""
    subject: str = ""
    """What else tells the block from others of its placement on one page, such as a category."""


def filling_of(asked: Asked) -> Filling:
    """Return what fills a block: nothing that its context forbids gets into it.

    The page learns of the viewed item, and of all that the block then shows.
    """
    adapter, choice, request = asked.adapter, asked.choice, asked.request
    page = page_of(request)
    subject = asked.subject if asked.viewed is None else f"{asked.viewed.family} {asked.subject}"
    block = f"{choice.slug} {subject}"
    sieve = Sieve(excluded=asked.rules.excluded, minimum_support=least_support(choice))
    if asked.viewed is not None:
        sieve.take_out((asked.viewed.family,), "itself")
    sieve.take_out(families(asked.held), "in basket")
    if choice.hide_owned:
        sieve.take_out(owned_families(adapter, request, asked.customer), "owned")
    sieve.take_out(dismissed_families(request), "not interested")
    left_out = item_faces(keys_of(adapter, asked.exclude))
    sieve.take_out(families(left_out.values()), "left out by the caller")
    sieve.take_out(page.elsewhere(block), "already on this page")
    if asked.viewed is not None:
        page.is_about(asked.viewed.family)
    context = partial(
        rule_context,
        adapter,
        request,
        choice=choice,
        channel=asked.channel,
        viewed=asked.viewed,
        held=asked.held,
        customer=asked.customer,
    )
    steered = choice.judges or choice.arranges
    return Filling(
        adapter=adapter,
        sieve=sieve,
        count=valid_count(asked.count, choice),
        request=request,
        currency=asked.currency,
        choice=choice,
        rulebook=Rulebook(choice=choice, sieve=sieve, context=context) if steered else None,
        page=page,
        block=block,
    )


def within_band(choice: PlacementChoice, viewed: Slot) -> Callable[[Slot], Rule | None]:
    """Return the rule on live prices: the placement's band around that of the viewed item."""
    low, high = choice.price_from_percent, choice.price_to_percent
    if low is None and high is None:
        return lambda _slot: None

    def rule(slot: Slot) -> Rule | None:
        if viewed.price is None or slot.price is None:
            return "beyond the price band"
        percent, price = slot.price.amount * 100, viewed.price.amount
        too_low = low is not None and percent < Decimal(low) * price
        too_high = high is not None and percent > Decimal(high) * price
        return "beyond the price band" if too_low or too_high else None

    return rule
