"""A lease lets one builder write, and takes the pen from one who overslept."""

from __future__ import annotations

import time

import pytest
from pytest_django.fixtures import Settings

from recommendations.models import BuildLease, Item
from recommendations.services.lease import LeaseLost, acquire_lease, held, kept_alive, release_lease

pytestmark = pytest.mark.django_db


def test_second_builder_waits_until_the_first_gives_back() -> None:
    first = acquire_lease("together", holder="a")
    assert first is not None
    assert acquire_lease("together", holder="b") is None
    release_lease(first)
    second = acquire_lease("together", holder="b")
    assert second is not None
    assert second.fence == first.fence + 1


def test_kinds_do_not_wait_for_each_other() -> None:
    assert acquire_lease("together") is not None
    assert acquire_lease("other") is not None


def test_a_lease_that_ran_out_passes_on_and_its_old_holder_writes_nothing() -> None:
    asleep = acquire_lease("together", holder="a", seconds=-1)
    awake = acquire_lease("together", holder="b")
    assert asleep is not None
    assert awake is not None
    with pytest.raises(LeaseLost, match=f"fence {asleep.fence}, has passed"), held(asleep):
        Item.objects.create(key="written by the old holder")
    with held(awake):
        Item.objects.create(key="written by the new holder")
    assert list(Item.objects.values_list("key", flat=True)) == ["written by the new holder"]


def test_the_old_holder_cannot_give_back_the_new_ones_lease() -> None:
    asleep = acquire_lease("together", holder="a", seconds=-1)
    awake = acquire_lease("together", holder="b")
    assert asleep is not None
    assert awake is not None
    release_lease(asleep)
    assert acquire_lease("together", holder="c") is None


def test_each_write_renews() -> None:
    lease = acquire_lease("together", seconds=5)
    assert lease is not None
    before = BuildLease.objects.get().expires_at
    with held(lease, seconds=500):
        pass
    after = BuildLease.objects.get().expires_at
    assert before is not None
    assert after is not None
    assert after > before


@pytest.mark.django_db(transaction=True)
def test_a_long_computation_keeps_its_lease(settings: Settings) -> None:
    # Long enough for a busy machine to renew it in time.
    settings.RECOMMENDATIONS = {"LEASE_SECONDS": 1.5}
    lease = acquire_lease("together")
    assert lease is not None
    with kept_alive(lease):
        time.sleep(2.0)
        assert acquire_lease("together") is None
    time.sleep(1.7)
    assert acquire_lease("together") is not None, "afterwards it runs out as any other"


@pytest.mark.django_db(transaction=True)
def test_an_outdated_lease_is_not_brought_back_to_life(settings: Settings) -> None:
    settings.RECOMMENDATIONS = {"LEASE_SECONDS": 0.2}
    asleep = acquire_lease("together")
    assert asleep is not None
    BuildLease.objects.update(expires_at=None)
    other = acquire_lease("together", seconds=60)
    assert other is not None
    expires_at = BuildLease.objects.get().expires_at
    with kept_alive(asleep):
        time.sleep(0.3)
    assert BuildLease.objects.get().expires_at == expires_at
