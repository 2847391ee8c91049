"""What a customer wants more of turns the lists that a later build makes for this customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommendations.adapters import get_adapter
from recommendations.datasets.feedback import liked
from recommendations.engine.packing import unpack
from recommendations.models import Build, CustomerList, Feedback, Item
from recommendations.services.builds import rebuild
from recommendations.services.kinds import sections
from recommendations.services.sync import sync_items
from shop.models import Product
from tests.recommendations.orders import sell
from tests.shop.factories import make_product

pytestmark = pytest.mark.django_db

MORE, LESS = Feedback.Kind.MORE_LIKE_THIS, Feedback.Kind.NOT_INTERESTED

NAMES = ("A", "P", "Q", "X")


@pytest.fixture
def goods(settings: Any) -> dict[str, Product]:
    """Three bought A and P, three A, Q and X; one has A alone."""
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 2, "THREADS": 1}
    made = {name: make_product(name) for name in NAMES}
    for number in range(3):
        sell(made["A"], made["P"], email=f"p{number}@example.com")
        sell(made["A"], made["Q"], made["X"], email=f"q{number}@example.com")
    sell(made["A"], email="one@example.com")
    sync_items()
    return made


def key(name: str) -> str:
    return get_adapter().guest_key(f"{name}@example.com")


def say(customer: str, name: str, kind: str = MORE) -> None:
    Feedback.objects.create(customer=key(customer), item=Item.objects.get(title=name), kind=kind)


def lists(kind: str = "user_based") -> dict[str, list[str]]:
    """Build a kind and return the titles of each customer's list."""
    build: Build | None = rebuild(kind, sync=False).build
    assert build is not None
    titles = dict(Item.objects.values_list("pk", "title"))
    rows = CustomerList.objects.filter(build=build).values_list("customer", "packed")
    return {
        customer: [titles[pk] for pk in unpack(packed).items.tolist()] for customer, packed in rows
    }


def test_a_list_turns_to_what_goes_with_it(goods):
    before = lists()
    assert before[key("one")] == ["P", "Q", "X"]
    say("one", "X")
    after = lists()
    assert after[key("one")] == ["Q", "X", "P"], "X was not bought, so it may be shown itself"
    assert {**after, key("one"): []} == {**before, key("one"): []}, "nobody else's list changes"


def test_the_same_words_give_the_same_lists(goods):
    say("one", "X")
    assert lists() == lists()


def test_it_is_no_purchase(goods, monkeypatch):
    """Kinds that foretell the next order do not even read it."""
    for number in range(2):  # rhythms need a customer who came back
        sell(goods["A"], goods["Q"], email="one@example.com")
        sell(goods["P"], email=f"p{number}@example.com")
    for kind in ("next_basket", "buy_again"):
        Feedback.objects.all().delete()
        before = lists(kind)
        assert before
        say("one", "X")
        with monkeypatch.context() as patched:
            patched.setattr(sections, "liked", lambda *_: pytest.fail("It was read."))
            assert lists(kind) == before


def test_rows_are_customers_and_columns_items(django_assert_num_queries):
    items = [Item.objects.create(key=name).pk for name in "abc"]
    for customer, pk, kind in [
        ("anna", items[0], MORE),
        ("ben", items[1], MORE),
        ("anna", items[1], LESS),
    ]:
        Feedback.objects.create(customer=customer, item_id=pk, kind=kind)
    with django_assert_num_queries(1):
        found = liked(["ben", "anna"], np.array(items, dtype=np.int64))
    assert found.toarray().tolist() == [[0, 1, 0], [1, 0, 0]]
