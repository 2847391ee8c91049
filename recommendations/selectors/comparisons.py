"""The comparison of models that is running, or ran last."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from recommendations.models import BuildLease, Comparison


def latest_comparison() -> Comparison | None:
    """Return the newest run, or None before the first."""
    return Comparison.objects.order_by("-pk").first()


def comparison_alive(*, now: datetime | None = None) -> bool:
    """Tell whether somebody is comparing: whoever died or was stopped holds no lease."""
    leases = BuildLease.objects.filter(kind=Comparison.LEASE, expires_at__gt=now or timezone.now())
    return leases.exists()
