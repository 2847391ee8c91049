"""The API's shelves: allowed, refused, empty, hostile, and nobody else's."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model

from recommendations import faults
from recommendations.models import ModelChoice
from tests.recommendations.api.test_together import PROBLEM, assert_problem, staff, validate
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    publish_pairs,
    set_placement,
)

__all__ = ["staff"]

API = "/crosssell/api/v1/"
BASKET, ME = f"{API}baskets/recommendations/", f"{API}me/recommendations/"
TRENDING, NEW = f"{API}trending/", f"{API}new-arrivals/"
ALL = (BASKET, ME, TRENDING, NEW)


@pytest.fixture
def goods():
    return {name: make_product(name) for name in ("Laptop", "Mouse", "Bag", "Pen")}


@pytest.fixture
def published(goods):
    laptop, mouse, bag, pen = (item for _, item in goods.values())
    publish({laptop: companions(mouse, bag), bag: companions(pen, customers=4)})
    publish({}, {"": companions(bag), "Pens": companions(pen)}, kind="trending")
    publish({}, {"": companions(pen)}, kind="new_arrivals")
    for slug in ("basket", "customer", "trending", "new-arrivals"):
        set_placement(slug)


@pytest.fixture
def customers(client, goods, published):
    users = [get_user_model().objects.create_user(name) for name in ("anna", "bert")]
    lists = {
        str(users[0].pk): companions(goods["Mouse"][1], customers=1),
        str(users[1].pk): companions(goods["Bag"][1], customers=1),
    }
    publish({}, kind="user_based", customers=lists)
    return users


def shown(response):
    assert response.status_code == 200, response.content
    body = response.json()
    validate(body, "Shelf")
    return [slot["title"] for slot in body["recommendations"]]


def hold(client, *keys):
    session = client.session
    session["held"] = list(keys)
    session.save()


class TestBasket:
    def test_the_sessions_basket_is_private(self, client, goods, published):
        hold(client, goods["Laptop"][1].key)
        response = client.get(BASKET)
        assert shown(response) == ["Mouse", "Bag"]
        assert "private" in response["Cache-Control"]
        assert "no-store" in response["Cache-Control"]

    def test_another_session_has_another_basket(self, client, goods, published):
        hold(client, goods["Laptop"][1].key)
        assert shown(type(client)().get(BASKET)) == []

    def test_items_that_are_named_are_the_same_for_everybody(self, client, goods, published):
        hold(client, goods["Mouse"][1].key)
        response = client.get(BASKET, {"items": goods["Laptop"][1].key})
        assert shown(response) == ["Mouse", "Bag"]
        assert "public" in response["Cache-Control"]
        both = f"{goods['Laptop'][1].key},{goods['Mouse'][1].key}"
        assert shown(client.get(BASKET, {"items": both})) == ["Bag"]

    def test_a_body_names_them_as_well_and_needs_no_token(self, goods, published):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(get_user_model().objects.create_user("anna"))
        body = json.dumps({"items": [goods["Laptop"][1].key]})
        response = client.post(f"{BASKET}?count=1", body, content_type="application/json")
        assert shown(response) == ["Mouse"]
        assert "no-store" in response["Cache-Control"]

    def test_counts_below_the_minimum_are_neither_shown_nor_told(self, client, goods, published):
        response = client.get(BASKET, {"items": goods["Bag"][1].key})
        assert shown(response) == []
        assert "4" not in json.dumps(response.json()["recommendations"])

    def test_what_follows_from_two_is_told_and_explained_to_staff(self, client, goods, staff):
        laptop, mouse, bag, pen = (item for _, item in goods.values())
        ModelChoice.objects.create(question="basket", kind="rules")
        set_placement("basket")
        rules = publish({laptop: companions(pen)}, kind="rules")
        publish_pairs(rules, laptop, mouse, companions(bag), customers=50)
        query = {"items": f"{laptop.key},{mouse.key}"}
        response = client.get(BASKET, query)
        assert shown(response) == ["Bag", "Pen"]
        first = response.json()["recommendations"][0]
        assert first["reason"] == "8 in 10 customers who bought Laptop and Mouse bought this too"
        assert "explanation" not in first
        told = client.get(BASKET, {**query, "explain": "1"}).json()["recommendations"][0]
        assert told["explanation"]["trace"]["pair"] == {
            "keys": [laptop.key, mouse.key],
            "titles": ["Laptop", "Mouse"],
            "customers": 50,
        }

    def test_a_body_that_is_no_basket(self, client, published):
        for body in ("[]", "{", '{"items": []}', '{"items": [1]}', '{"items": ["a", "a"]}'):
            response = client.post(BASKET, body, content_type="application/json")
            assert response.status_code == 400
            assert response["Content-Type"] == PROBLEM


class TestMe:
    def test_each_customer_gets_their_own_and_no_cache_keeps_it(self, client, customers):
        for user, expected in zip(customers, ["Mouse", "Bag"], strict=True):
            client.force_login(user)
            response = client.get(ME)
            assert shown(response) == [expected]
            assert "private" in response["Cache-Control"]
            assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize("name", ["customer", "customer_key", "user", "items", "category"])
    def test_nobody_can_name_another(self, client, customers, name):
        client.force_login(customers[0])
        assert_problem(client.get(ME, {name: customers[1].pk}), 400, "invalid-parameters")

    def test_who_is_not_known_gets_nobodys_list(self, client, customers):
        assert shown(client.get(ME)) == []
        body = client.get(ME, {"placement": "undecided"}).json()
        assert {slot["source"] for slot in body["recommendations"]} == {"fallback"}

    def test_no_counts_reach_anybody(self, client, customers):
        client.force_login(customers[0])
        text = client.get(ME).content.decode()
        assert "evidence" not in text
        assert "score" not in text


class TestGroups:
    def test_what_trends_and_what_is_new(self, client, published):
        assert shown(client.get(TRENDING)) == ["Bag"]
        assert shown(client.get(TRENDING, {"category": "Pens"})) == ["Pen"]
        assert shown(client.get(NEW)) == ["Pen"]
        assert "public" in client.get(NEW)["Cache-Control"]

    def test_a_category_that_is_none_is_empty(self, client, published):
        set_placement("strict", fallback="category")
        query = {"category": "there is none", "placement": "strict"}
        assert shown(client.get(TRENDING, query)) == []

    @pytest.mark.parametrize("category", ["", "x" * 301, "a\x00b", "a\x1bb"])
    def test_a_category_that_cannot_be_one_is_refused(self, client, published, category):
        response = client.get(TRENDING, {"category": category})
        assert_problem(response, 400, "invalid-parameters")


@pytest.mark.parametrize("address", ALL)
class TestEveryShelf:
    def test_parameters_that_cannot_be_used_are_named(
        self, client, published, address, django_assert_num_queries
    ):
        query = {"count": "0", "currency": "eur", "placement": "a b", "explain": "2", "x": "1"}
        with django_assert_num_queries(0):
            body = assert_problem(client.get(address, query), 400, "invalid-parameters")
        assert sorted(error["parameter"] for error in body["errors"]) == sorted(query)

    def test_more_than_the_settings_allow_is_refused(self, client, published, address):
        assert_problem(client.get(address, {"count": "51"}), 400, "invalid-parameters")

    def test_explain_is_for_staff(self, client, published, address):
        assert_problem(client.get(address, {"explain": "1"}), 403, "permission-denied")

    def test_staff_learn_why(self, client, published, address, staff):
        response = client.get(address, {"explain": "1"})
        validate(response.json(), "Shelf")
        assert "left_out" in response.json()
        assert "no-store" in response["Cache-Control"]

    def test_nothing_published_is_an_empty_shelf(self, client, address):
        for slug in ("basket", "customer", "trending", "new-arrivals"):
            set_placement(slug)
        assert shown(client.get(address)) == []

    def test_a_fault_is_a_problem_without_a_word_of_it(
        self, client, published, address, monkeypatch, caplog
    ):
        def broken(self, keys, *, request=None):
            raise RuntimeError("secret")

        faults.forget_faults()
        monkeypatch.setattr(SmallShop, "live_products", broken)
        set_placement("other", fallback="popular")
        response = client.get(address, {"placement": "undecided"})
        assert "secret" not in json.dumps(assert_problem(response, 500, "internal-error"))
