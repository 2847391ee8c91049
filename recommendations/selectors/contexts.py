"""Where and for whom rules are asked: the page, the shopper and what the shopper holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from recommendations.adapters import ShopAdapter
from recommendations.engine.conditions import BasketFacts, Context, CustomerFacts, PageFacts
from recommendations.selectors.facts import remembered_facts
from recommendations.selectors.items import ItemFace
from recommendations.selectors.pages import held_lines
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rule_context(
    adapter: ShopAdapter,
    request: HttpRequest | None,
    *,
    placement: str,
    channel: str,
    viewed: ItemFace | None,
    held: Sequence[ItemFace],
    now: datetime | None = None,
) -> Context:
    """Return what is the same for every product of a block; one query for the viewed item's facts.

    What is not known is missing: the total of a basket, whose prices only the shop knows, and who
    asks where nobody does or does not want it to matter.
    """
    local = timezone.localtime(now)
    facts = {} if viewed is None else remembered_facts((viewed.id,))
    known = None
    if request is not None and is_personal(request):
        known = adapter.customer(request) is not None
    lines = held_lines(adapter, request)
    return Context(
        viewed=None if viewed is None else facts.get(viewed.id),
        customer=CustomerFacts(known=known),
        basket=BasketFacts(
            quantity=None if request is None else sum(line.quantity for line in lines),
            items=frozenset(face.key for face in held),
            categories=frozenset(face.category for face in held if face.category),
        ),
        page=PageFacts(
            placement=placement,
            channel=channel,
            weekday=WEEKDAYS[local.weekday()],
            time=local.time(),
        ),
    )
