"""What a customer is not interested in is in no list that a later build makes for this customer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from recommendations.datasets.feedback import dismissed
from recommendations.engine.packing import unpack
from recommendations.models import Build, CustomerList, Feedback, Item
from recommendations.services.builds import rebuild
from tests.recommendations.services.databases import ON_BOTH

pytestmark = pytest.mark.django_db

LESS, MORE = Feedback.Kind.NOT_INTERESTED, Feedback.Kind.MORE_LIKE_THIS


@pytest.fixture(params=ON_BOTH)
def shop(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> None:
    """A small shop in which some customers come back, and rate."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 2, "BLOCK_ITEMS": 16, "THREADS": 1}
    call_command(
        "seed_shop", products=30, customers=30, orders=200, seed=5,
        plan_file=tmp_path / "plan.json", verbosity=0,
    )  # fmt: skip
    rebuild("together")


def lists(kind: str) -> dict[str, list[int]]:
    """Build a kind and return the items of each customer's list."""
    build: Build | None = rebuild(kind, sync=False).build
    assert build is not None
    assert build.status == Build.Status.PUBLISHED, build.verdict
    rows = CustomerList.objects.filter(build=build).values_list("customer", "packed")
    return {customer: unpack(packed).items.tolist() for customer, packed in rows}


def test_it_is_in_no_later_list_of_the_customer(shop: None) -> None:
    """One shop for all kinds: making it takes longer than to build them."""
    for kind in ("user_based", "next_basket", "buy_again", "ratings"):
        Feedback.objects.all().delete()
        _dismissed_is_left_out(kind)


def _dismissed_is_left_out(kind: str) -> None:
    before = lists(kind)
    anna, ben, *_ = sorted(
        (name for name in before if len(before[name]) > 1), key=lambda name: -len(before[name])
    )
    shared = before[anna][0]
    Feedback.objects.create(customer=anna, item_id=shared, kind=LESS)
    if kind != "user_based":  # of these models nothing but the bar is taught: see test_liked
        Feedback.objects.create(customer=anna, item_id=before[anna][1], kind=MORE)
        Feedback.objects.create(customer=ben, item_id=before[ben][0], kind=MORE)
    after = lists(kind)
    kept = [pk for pk in before[anna] if pk != shared]
    assert shared not in after[anna]
    assert after[anna][: len(kept)] == kept, "the others stay as they were"
    assert {name: items for name, items in after.items() if name != anna} == {
        name: items for name, items in before.items() if name != anna
    }


class TestReading:
    def test_rows_are_customers_and_columns_items(self, django_assert_num_queries):
        items = [Item.objects.create(key=key).pk for key in "abcd"]
        for customer, pk, kind in [
            ("anna", items[0], LESS),
            ("anna", items[3], LESS),
            ("ben", items[1], LESS),
            ("ben", items[0], MORE),
            ("else", items[0], LESS),
        ]:
            Feedback.objects.create(customer=customer, item_id=pk, kind=kind)
        asked = np.array([items[0], items[1], items[2]], dtype=np.int64)
        with django_assert_num_queries(1):
            found = dismissed(["ben", "cara", "anna"], asked)
        assert found.toarray().tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]

    def test_nothing_said_is_nothing(self):
        assert dismissed(["anna"], np.array([1, 2], dtype=np.int64)).toarray().tolist() == [[0, 0]]
        assert dismissed([], np.zeros(0, dtype=np.int64)).shape == (0, 0)
        item = Item.objects.create(key="a")
        Feedback.objects.create(customer="anna", item=item, kind=LESS)
        assert dismissed(["anna"], np.zeros(0, dtype=np.int64)).shape == (1, 0)
