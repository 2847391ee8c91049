"""Where and for whom rules are asked: the page, the shopper and what the shopper holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils import timezone

from recommendations.adapters import Money, ShopAdapter
from recommendations.engine.conditions import (
    BasketFacts,
    Context,
    CustomerFacts,
    PageFacts,
    fields_of,
)
from recommendations.selectors.customer_orders import buyer_of, customer_orders
from recommendations.selectors.facts import remembered_facts
from recommendations.selectors.items import ItemFace
from recommendations.selectors.pages import held_lines, page_of
from recommendations.selectors.placements import PlacementChoice, condition_of
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_OF_ORDERS = frozenset({"customer.orders", "customer.days_since_order"})


def rule_context(
    adapter: ShopAdapter,
    request: HttpRequest | None,
    *,
    choice: PlacementChoice,
    channel: str,
    viewed: ItemFace | None,
    held: Sequence[ItemFace],
    customer: str | None = None,
    now: datetime | None = None,
) -> Context:
    """Return what is the same for every product of a block, as far as its rules ask for it.

    What no rule of the placement asks for is not looked up. Else the viewed item costs a query, the
    total of the basket another for its products' prices, and the customer's orders one for each
    declaration of order lines: once a page each. What is not known is missing, and so is who asks
    where nobody does or does not want it to matter.
    """
    asked = _fields(choice)
    local = timezone.localtime(now)
    facts = None
    if viewed is not None and any(name.startswith("viewed.") for name in asked):
        facts = remembered_facts((viewed.id,)).get(viewed.id)
    return Context(
        viewed=facts,
        customer=_customer(adapter, request, asked, customer=customer, now=local),
        basket=_basket(adapter, request, asked, held),
        page=PageFacts(
            placement=choice.slug,
            channel=channel,
            weekday=WEEKDAYS[local.weekday()],
            time=local.time(),
        ),
    )


def _fields(choice: PlacementChoice) -> frozenset[str]:
    """Return the fields that any rule of a placement reads."""
    rules, shares = choice.rules, choice.shares
    texts = (choice.condition, *(r.condition for r in rules), *(s.condition for s in shares))
    return frozenset().union(*(_fields_of_text(text) for text in texts if text))


@lru_cache(maxsize=512)
def _fields_of_text(text: str) -> frozenset[str]:
    return fields_of(condition_of(text))


def _customer(
    adapter: ShopAdapter,
    request: HttpRequest | None,
    asked: frozenset[str],
    *,
    customer: str | None,
    now: datetime,
) -> CustomerFacts:
    """Return what rules ask of the customer; who is known is in no segment as yet."""
    if not any(name.startswith("customer.") for name in asked):
        return CustomerFacts()
    buyer = buyer_of(adapter, request, customer)
    if buyer is None:
        return CustomerFacts(known=False if is_personal(request) else None)
    orders = days = None
    if asked & _OF_ORDERS:
        found = page_of(request).orders(buyer, lambda: customer_orders(adapter, buyer))
        orders = found.orders
        days = None if found.last_at is None else max((now - found.last_at).days, 0)
    return CustomerFacts(known=True, segments=frozenset(), orders=orders, days_since_order=days)


def _basket(
    adapter: ShopAdapter,
    request: HttpRequest | None,
    asked: frozenset[str],
    held: Sequence[ItemFace],
) -> BasketFacts:
    quantity = total = None
    if request is not None and "basket.quantity" in asked:
        quantity = sum(line.quantity for line in held_lines(adapter, request))
    if request is not None and "basket.total" in asked:
        total = _total(adapter, request)
    return BasketFacts(
        total=total,
        quantity=quantity,
        items=frozenset(face.key for face in held),
        categories=frozenset(face.category for face in held if face.category),
    )


def _total(adapter: ShopAdapter, request: HttpRequest) -> Money | None:
    """Return what the lines of a basket cost at this shopper's prices, before any discount.

    None for an empty basket, which has no currency, and where any line has no price or another
    currency: half a sum would be a wrong one.
    """
    lines = held_lines(adapter, request)
    found = page_of(request).live(
        (line.key for line in lines), lambda keys: adapter.live_products(keys, request=request)
    )
    if any(line.key not in found for line in lines):
        return None
    prices = [(adapter.price(found[line.key], request=request), line.quantity) for line in lines]
    known = [(price, quantity) for price, quantity in prices if price is not None]
    currencies = {price.currency for price, _ in known}
    if len(known) < len(lines) or len(currencies) != 1:
        return None
    amount = sum((price.amount * quantity for price, quantity in known), start=Decimal(0))
    return Money(amount, currencies.pop())
