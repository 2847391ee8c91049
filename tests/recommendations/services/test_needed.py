"""What a nightly rebuild makes: the kinds that pages read, once they have what they need."""

from __future__ import annotations

import pytest
from django.utils import timezone

from recommendations.models import Build, Kind, ModelChoice, Question
from recommendations.services.builds import needed, needed_kinds
from recommendations.services.kinds.table import KINDS
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


def test_a_shop_that_records_page_views_has_its_shelf_of_them_filled(monkeypatch):
    read_orders(5_000)
    assert "viewed_bought" not in list(needed_kinds())
    monkeypatch.setattr(needed, "missing", lambda _kind, _counts: "")
    monkeypatch.setattr(needed, "buildable_kinds", lambda: KINDS)
    assert "viewed_bought" in list(needed_kinds())
