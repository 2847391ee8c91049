"""Putting an upgrade in the place of a line of the shopper's basket, through the shop's adapter."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from recommendations.adapters import Money, ShopAdapter, get_adapter
from recommendations.selectors.prices import displayed, number_style, price_text

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """What became of a wish to replace a line."""

    done: bool
    message: str
    """For the shopper: what stands in the basket now, or why nothing was changed."""
    quantity: int = 0
    """Pieces of the upgrade that were put in."""


def replace_in_basket(
    request: HttpRequest, key: str, with_key: str, *, more: Decimal | None = None
) -> Replaced:
    """Put an upgrade in the place of what the shopper holds under ``key``.

    All of it in one transaction, or nothing. Of an upgrade that there is too little of, as many
    pieces as there are; the others stay what they were. A second press finds the line gone and
    changes nothing. ``more`` is what the shopper was told it costs more, each: if that is no longer
    true, nothing is changed and the new difference is told.
    """
    adapter = get_adapter()
    held = {line.key: line.quantity for line in adapter.basket(request)}
    live = adapter.live_products((key, with_key), request=request)
    product = live.get(with_key)
    if key not in held:
        return _gone(adapter, product, already=with_key in held)
    if product is None:
        return _refused(gettext("This product is no longer sold."))
    title = adapter.title(product)
    if key == with_key or adapter.needs_choice(product, request=request):
        return _refused(gettext("Choose a variant of %(product)s.") % {"product": title})
    quantity = _available(adapter, product, held[key], request)
    if not quantity:
        return _refused(gettext("%(product)s is not available now.") % {"product": title})
    changed = None if more is None else _changed(adapter, live.get(key), product, more, request)
    if changed is not None:
        return _refused(changed)
    try:
        with transaction.atomic():
            adapter.replace_in_basket(request, key, product, quantity)
    except ValueError as refusal:
        words = gettext("%(product)s could not be added.") % {"product": title}
        return _refused(str(refusal) or words)
    return Replaced(done=True, message=_done(title, quantity, held[key]), quantity=quantity)


def _available(adapter: ShopAdapter, product: Any, wanted: int, request: HttpRequest) -> int:
    """Return how many of the pieces that are wanted can be had: asked a few times, not a hundred.

    Nobody can have more once so many are too many.
    """
    enough, too_many = 0, wanted + 1
    asked = wanted
    while too_many - enough > 1:
        if adapter.available(product, quantity=asked, request=request):
            enough = asked
        else:
            too_many = asked
        asked = (enough + too_many) // 2
    return enough


def _changed(
    adapter: ShopAdapter, old: Any, product: Any, more: Decimal, request: HttpRequest
) -> str | None:
    """Return words for the shopper if the step costs something else than was told."""
    before = None if old is None else adapter.price(old, request=request)
    after = adapter.price(product, request=request)
    if before is None or after is None or before.currency != after.currency:
        return gettext("The price has changed, so your basket was left as it is.")
    before, after = displayed(before), displayed(after)
    now = Money(after.amount - before.amount, after.currency)
    if now.amount == more:
        return None
    text = gettext("The price has changed: it is %(more)s more now. Your basket was left as it is.")
    return text % {"more": price_text(now, number_style())}


def _gone(adapter: ShopAdapter, product: Any, *, already: bool) -> Replaced:
    """Return what is to be said where the line is no longer there: perhaps it was pressed twice."""
    if already and product is not None:
        text = gettext("%(product)s is in your basket.") % {"product": adapter.title(product)}
        return Replaced(done=True, message=text)
    return _refused(gettext("This product is no longer in your basket."))


def _done(title: str, quantity: int, wanted: int) -> str:
    if quantity == wanted:
        return gettext("%(product)s is in your basket instead.") % {"product": title}
    text = gettext("%(quantity)s of %(wanted)s are %(product)s now; there are no more of it.")
    return text % {"quantity": quantity, "wanted": wanted, "product": title}


def _refused(message: str) -> Replaced:
    return Replaced(done=False, message=message)
