"""Bundles on sale, and what one of them costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from bundles.engine.pricing import PricedPart, percentage_discount, split_discount
from bundles.models import Bundle


def bundles_on_sale(*, now: datetime | None = None) -> QuerySet[Bundle]:
    """Return the active bundles whose time has come and not passed."""
    now = now or timezone.now()
    return Bundle.objects.filter(
        Q(starts_at__isnull=True) | Q(starts_at__lte=now),
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        active=True,
    )


def bundles_with_items(item_ids: Iterable[int], *, now: datetime | None = None) -> QuerySet[Bundle]:
    """Return the bundles on sale that hold any of these items, their parts at hand: 2 queries."""
    return (
        bundles_on_sale(now=now)
        .filter(parts__item_id__in=list(item_ids))
        .distinct()
        .prefetch_related("parts__item")
    )


def bundle_prices(
    bundle: Bundle, prices: Mapping[int, Decimal], currency: str
) -> dict[int, PricedPart] | None:
    """Return each part of a bundle by item id, priced from the shop's live prices of one piece.

    None when an item has no price: a bundle is sold whole or not at all.
    """
    parts = list(bundle.parts.all())
    if not parts or any(part.item_id not in prices for part in parts):
        return None
    sums = [prices[part.item_id] * part.quantity for part in parts]
    discount = percentage_discount(sums, Decimal(bundle.percent_off), currency)
    priced = split_discount(sums, discount, currency)
    return {part.item_id: price for part, price in zip(parts, priced, strict=True)}
