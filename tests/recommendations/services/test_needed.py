"""What a nightly rebuild makes: the kinds that pages read, once they have what they need."""

from __future__ import annotations

import pytest
from django.utils import timezone

from recommendations.models import Build, Kind, ModelChoice, Question
from recommendations.services.builds import needed_kinds
from tests.recommendations.services.recipes import make_items

pytestmark = pytest.mark.django_db


def read_orders(n_orders, *, repeat_customers=1_000):
    """Leave what a build of *together* counts."""
    counts = {"orders": n_orders, "customers": n_orders, "repeat_customers": repeat_customers}
    now = timezone.now()
    Build.objects.create(
        kind=Kind.TOGETHER, as_of=now, fence=1, started_at=now, heartbeat_at=now,
        input_counts=counts,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _items():
    make_items(4)


def test_nothing_is_chosen_and_every_shelf_is_filled():
    read_orders(5_000)
    assert list(needed_kinds()) == [
        "together", "content", "user_based", "next_basket", "buy_again", "trending", "new_arrivals"
    ]  # fmt: skip


def test_what_was_chosen_is_made_and_not_what_it_stands_for():
    read_orders(5_000)
    for by, kind in (("auto", Kind.ALS), ("merchant", Kind.EASE)):
        ModelChoice.objects.create(question=Question.CUSTOMER, chosen_by=by, kind=kind)
    found = list(needed_kinds())
    assert "ease" in found  # the merchant's word counts
    assert not {"als", "user_based"} & set(found)


def test_a_kind_that_lacks_something_is_not_tried():
    read_orders(5_000, repeat_customers=0)
    assert not {"next_basket", "buy_again"} & set(needed_kinds())


def test_whether_the_others_are_ready_is_looked_up_after_the_first_build():
    found = needed_kinds()
    assert next(found) == "together"
    read_orders(5_000)
    assert "trending" in list(found)
