"""What the admin's overview counts and advises."""

from __future__ import annotations

import pytest
from django.utils import timezone

from recommendations.engine.packing import pack
from recommendations.models import Build, Item, NeighbourList, Publication
from recommendations.selectors.overview import Step, overview

pytestmark = pytest.mark.django_db


def test_variants_are_not_counted_as_items_without_companions() -> None:
    mug = Item.objects.create(key="mug")
    bowl = Item.objects.create(key="bowl")
    Item.objects.create(key="mug in blue", parent=mug)
    Item.objects.create(key="old cup", active=False)
    now = timezone.now()
    build = Build.objects.create(
        kind="together", status="published", as_of=now, fence=1, started_at=now,
        heartbeat_at=now, published_at=now,
    )  # fmt: skip
    Publication.objects.create(kind="together", build=build, published_at=now)
    for item, packed in ((mug, pack([bowl.pk], [1.0], [5], [5])), (bowl, pack([], [], [], []))):
        NeighbourList.objects.create(
            build=build, item=item, n_customers=5, n_baskets=5, packed=packed
        )
    state = overview("together")
    assert (state.n_with_companions, state.n_active) == (1, 2)
    assert state.covered_share == 0.5
    assert state.steps == (Step.NOTHING,)


def test_an_empty_project_is_told_to_synchronise_and_build() -> None:
    assert overview("together").steps == (Step.SYNC, Step.BUILD)
