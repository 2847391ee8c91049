"""Writes to the shopper's basket, which is the shop's: several products through its adapter."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.faults import contained

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A product that did not get into the basket, and why, in a shopper's words."""

    key: str
    reason: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """What became of a wish to add several products."""

    titles: tuple[str, ...]
    keys: tuple[str, ...]
    refused: tuple[Refusal, ...]


def add_to_basket(request: HttpRequest, keys: Sequence[str]) -> Added:
    """Add one of each product; what the shop does not sell now is refused, the rest is added.

    Keys come from a form, so each is looked up anew: a price or a hidden product is never taken
    from what the page has shown.
    """
    adapter = get_adapter()
    live = adapter.live_products(keys, request=request)
    titles, added, refused = [], [], []
    for key in dict.fromkeys(keys):
        reason = _add(adapter, request, live.get(key))
        if reason:
            refused.append(Refusal(key=key, reason=reason))
        else:
            added.append(key)
            titles.append(adapter.title(live[key]))
    return Added(titles=tuple(titles), keys=tuple(added), refused=tuple(refused))


def _add(adapter: ShopAdapter, request: HttpRequest, product: Any) -> str:
    """Add one product and return nothing, or return why it was not added."""
    if product is None:
        return gettext("This product is no longer sold.")
    # One product whose adding breaks must not keep the others out of the basket.
    return contained(
        "Adding a product to the basket",
        lambda: _add_live(adapter, request, product),
        otherwise=gettext("A product could not be added."),
    )


def _add_live(adapter: ShopAdapter, request: HttpRequest, product: Any) -> str:
    title = adapter.title(product)
    if not adapter.available(product, request=request):
        return gettext("%(product)s is not available now.") % {"product": title}
    try:
        with transaction.atomic():
            adapter.add_to_basket(request, product)
    except ValueError as refusal:
        return str(refusal) or gettext("%(product)s could not be added.") % {"product": title}
    return ""
