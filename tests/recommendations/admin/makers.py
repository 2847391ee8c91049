"""Builds of every status with figures, and people with chosen permissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone

from recommendations.models import Build, Item, Kind, NeighbourList, Publication
from recommendations.selectors.builds import forget_published_builds
from tests.recommendations.factories import Entry, packed

LEFT_OUT = {"not counted": 9_120, "no product": 311, "unknown product": 42, "no order": 3}


def make_build(status: Build.Status | str, **values: Any) -> Build:
    """Make a build that began three days ago, with the figures of a middling one."""
    begun = timezone.now() - timedelta(days=3)
    ended = None if status == Build.Status.RUNNING else begun + timedelta(seconds=95)
    plain: dict[str, Any] = {
        "kind": Kind.TOGETHER,
        "status": status,
        "as_of": begun,
        "fence": 1,
        "started_at": begun,
        "heartbeat_at": ended or timezone.now(),
        "finished_at": ended,
        "published_at": ended if status in {"published", "retired"} else None,
        "parameters": {"neighbours": 40, "minimum_customers": 5},
        "input_counts": {
            "lines": 509_152,
            "orders": 20_573,
            "customers": 4_285,
            "items": 4_213,
            "left_out": LEFT_OUT,
        },
        "metrics": {
            "coverage": 0.71,
            "hit_rate": 0.312,
            "list_lengths": {"0": 1_200, "1": 300, "12": 800, "40": 1_913},
            "facts": {"queries": 2_000, "overlap": 0.93},
            "seconds": {"read": 4.1, "gate": 0.8},
        },
        "verdict": {"accepted": status != "rejected", "reasons": []},
        "total_items": 4_213,
        "done_items": 4_213,
    }
    build = Build.objects.create(**{**plain, **values})
    if status == Build.Status.PUBLISHED:
        Publication.objects.update_or_create(
            kind=build.kind,
            defaults={"build": build, "published_at": build.published_at or timezone.now()},
        )
        forget_published_builds()
    return build


def add_lists(
    build: Build,
    lists: Mapping[Item, Sequence[Entry]],
    *,
    n_customers: int = 412,
    n_baskets: int = 530,
) -> None:
    """Give a build these lists."""
    for item, entries in lists.items():
        NeighbourList.objects.create(
            build=build,
            item=item,
            n_customers=n_customers,
            n_baskets=n_baskets,
            packed=packed(entries),
        )


def make_staff(*permissions: str, name: str = "merchant") -> Any:
    """Make a person who may enter the admin and has these permissions of ours."""
    user = get_user_model().objects.create_user(name, password=name, is_staff=True)
    chosen = Permission.objects.filter(
        content_type__app_label="crosssell_recommendations", codename__in=permissions
    )
    assert len(chosen) == len(permissions), "a permission of that name does not exist"
    user.user_permissions.set(chosen)
    return user
