"""Issuing codes."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from promotions.conf import promotion_settings
from promotions.engine.codes import generated_code, normal_form
from promotions.models import Campaign, Coupon


@transaction.atomic
def issue_coupons(campaign: Campaign, n_coupons: int) -> list[str]:
    """Generate codes for a campaign and return them as they are printed. All or none are stored."""
    highest = promotion_settings().max_issue
    if not 1 <= n_coupons <= highest:
        raise ValueError(f"n_coupons is {n_coupons}; it must be from 1 to {highest}.")
    # A set: within one batch even a coincidence of 1 in 10^11 must not reach the database.
    codes: set[str] = set()
    while len(codes) < n_coupons:
        codes.add(generated_code())
    now = timezone.now()
    Coupon.objects.bulk_create(
        [
            Coupon(campaign=campaign, code=code, normal_form=normal_form(code), created_at=now)
            for code in codes
        ],
        batch_size=promotion_settings().insert_batch,
    )
    return sorted(codes)
