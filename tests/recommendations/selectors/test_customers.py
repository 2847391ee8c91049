"""A customer's own lists, what stands in for them, and that nobody sees another's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import CustomerList, Exclusion, ModelChoice
from recommendations.selectors.customers import buy_again, recommended_for_customer
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names, request_of


class Visitor:
    """A user as requests carry one."""

    def __init__(self, pk: int | None) -> None:
        self.pk = pk
        self.is_authenticated = pk is not None


def visit(pk: int | None, *held: str) -> Any:
    request = request_of(*held)
    request.user = Visitor(pk)
    return request


@pytest.fixture
def goods():
    return {name: make_product(name) for name in ("Tea", "Milk", "Rice", "Salt")}


@pytest.fixture
def published(goods):
    tea, milk, rice, salt = (item for _, item in goods.values())
    set_placement("customer")
    return publish(
        {},
        {"": companions(salt)},
        kind="user_based",
        customers={"1": companions(tea, milk, customers=2), "2": companions(rice, customers=1)},
    )


def test_each_customer_has_a_list_of_their_own(published):
    assert names(recommended_for_customer(visit(1))) == ["Tea", "Milk"]
    assert names(recommended_for_customer(visit(2))) == ["Rice"]
    assert names(recommended_for_customer("2")) == ["Rice"]


def test_no_parameter_header_or_cookie_names_another_customer(published, rf):
    request = rf.get("/?customer=2&user=2", headers={"X-Customer": "2"})
    request.COOKIES["customer"] = "2"
    request.session = {"customer": "2", "customer_key": "2"}
    request.user = Visitor(1)
    assert names(recommended_for_customer(request)) == ["Tea", "Milk"]
    request.user = Visitor(None)
    assert {slot.source for slot in recommended_for_customer(request)} <= {"fallback"}


def test_what_is_deleted_for_a_customer_is_gone_at_once(published):
    assert names(recommended_for_customer(visit(1))) == ["Tea", "Milk"]
    CustomerList.objects.filter(customer="1").delete()
    assert recommended_for_customer(visit(1)) == []


def test_reasons_claim_no_counts(published):
    (slot,) = recommended_for_customer(visit(2))
    assert (slot.reason, slot.evidence, slot.source) == ("Fits what you bought", None, "model")
    told = {"strategy": "user_based", "build": published.pk, "position": 1}
    assert slot.trace.items() >= told.items()


def test_what_is_held_or_excluded_is_left_out(goods, published):
    assert names(recommended_for_customer(visit(1, goods["Tea"][1].key))) == ["Milk"]
    Exclusion.objects.create(item=None, companion=goods["Milk"][1])
    from django.core.cache import cache

    cache.clear()
    assert names(recommended_for_customer(visit(1))) == ["Tea"]


def test_the_chosen_kind_comes_first_and_the_next_basket_fills(goods, published):
    ModelChoice.objects.create(question="customer", kind="ease", chosen_by="merchant")
    publish({}, kind="ease", customers={"1": companions(goods["Salt"][1])})
    publish({}, kind="next_basket", customers={"1": companions(goods["Rice"][1])})
    set_placement("customer", fallback="popular", count=4)
    slots = recommended_for_customer(visit(1))
    assert [(slot.title, slot.source, slot.reason) for slot in slots] == [
        ("Salt", "model", "Fits what you bought"),
        ("Tea", "fallback", "Fits what you bought"),
        ("Milk", "fallback", "Fits what you bought"),
        ("Rice", "fallback", "For your next order"),
    ]


class TestStandingIn:
    def told(self, request):
        return [
            (slot.title, slot.reason, slot.trace["why"])
            for slot in recommended_for_customer(request, placement="undecided", count=1)
        ]

    def test_a_visitor_gets_best_sellers(self, published):
        why = "the customer is not known"
        assert self.told(visit(None)) == [("Salt", "Popular in this shop", why)]

    def test_a_new_customer_gets_what_trends(self, goods, published):
        publish({}, {"": companions(goods["Rice"][1])}, kind="trending")
        why = "the customer has no list yet"
        assert self.told(visit(3)) == [("Rice", "Trending now", why)]

    def test_before_any_build_the_newest(self, goods):
        why = "no build is published yet"
        assert self.told(visit(3)) == [("Salt", "More from this shop", why)]

    def test_nothing_where_nothing_is_to_stand_in(self, published):
        assert recommended_for_customer(visit(3)) == []


class TestBuyAgain:
    def test_the_customers_own_and_nothing_in_its_place(self, goods, published):
        publish({}, kind="buy_again", customers={"1": companions(goods["Milk"][1])})
        (slot,) = buy_again(visit(1))
        assert (slot.title, slot.reason, slot.evidence) == ("Milk", "You bought this before", None)
        assert buy_again(visit(2)) == buy_again(visit(None)) == []

    def test_needs_a_build_of_its_kind(self, published):
        assert buy_again(visit(1)) == []


def test_a_warm_shelf_costs_one_query_of_ours_and_one_of_the_shops(published):
    recommended_for_customer(visit(1))
    with CaptureQueriesContext(connection) as captured:
        recommended_for_customer(visit(1))
    told = [query["sql"] for query in captured]
    assert sum("crosssell_recommendations_customerlist" in sql for sql in told) == 1
    assert len(told) == 2
