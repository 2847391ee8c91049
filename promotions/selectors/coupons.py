"""The coupon behind what a shopper typed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from promotions.engine.codes import normal_form
from promotions.models import Coupon


def usable_coupon(text: str, *, now: datetime | None = None) -> Coupon | None:
    """Return the coupon of a code whose campaign runs now, with its campaign; None for no such.

    Unknown, malformed and expired codes are not told apart here, so that guessing teaches nothing.
    """
    try:
        code = normal_form(text)
    except ValueError:
        return None
    now = now or timezone.now()
    return (
        Coupon.objects.select_related("campaign")
        .filter(
            Q(campaign__starts_at__isnull=True) | Q(campaign__starts_at__lte=now),
            Q(campaign__ends_at__isnull=True) | Q(campaign__ends_at__gt=now),
            campaign__active=True,
            normal_form=code,
        )
        .first()
    )
