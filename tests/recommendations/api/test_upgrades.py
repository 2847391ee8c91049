"""Upgrades by the API: allowed, refused, empty, hostile, and cached only where it may be."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations import faults
from tests.recommendations.api.test_together import assert_problem, staff, validate
from tests.recommendations.factories import SmallShop, companions, make_product, publish

__all__ = ["staff"]

PUBLIC, PRIVATE = "max-age=60, public", "no-store, private"


@pytest.fixture
def goods():
    prices = {"Alder Lamp": "100", "Alder Lamp Plus": "130", "Alder Lamp Pro": "180"}
    made = {name: make_product(name, price=price) for name, price in prices.items()}
    first, *others = (item for _, item in made.values())
    publish({first: companions(*others, customers=7)}, kind="upgrades")
    return {name: item.key for name, (_, item) in made.items()}


def address(key, end=""):
    return f"/crosssell/api/v1/items/{key}/upgrades/{end}"


def ask(client, key, end="", **query):
    return client.get(address(key, end), query)


def titles(response):
    assert response.status_code == 200, response.content
    body = response.json()
    validate(body, "Upgrades")
    return [upgrade["title"] for upgrade in body["upgrades"]]


def caching(response):
    return ", ".join(sorted(response["Cache-Control"].split(", ")))


def test_the_item_and_its_upgrades(client, goods):
    response = ask(client, goods["Alder Lamp"])
    assert titles(response) == ["Alder Lamp Plus", "Alder Lamp Pro"]
    body = response.json()
    assert (body["item"]["title"], body["placement"]) == ("Alder Lamp", "upgrades")
    plus = body["upgrades"][0]
    assert plus["more"] == {"amount": "30.00", "currency": "EUR"}
    assert plus["reason"] == "7 customers moved up to it"
    assert "explanation" not in plus
    assert caching(response) == PUBLIC


def test_parameters(client, goods):
    key = goods["Alder Lamp"]
    assert titles(ask(client, key, count=1)) == ["Alder Lamp Plus"]
    assert titles(ask(client, key, exclude=goods["Alder Lamp Plus"])) == ["Alder Lamp Pro"]
    assert titles(ask(client, key, currency="USD")) == []


def test_the_shoppers_basket_is_private_and_left_out(client, goods):
    session = client.session
    session["held"] = [goods["Alder Lamp Plus"]]
    session.save()
    key = goods["Alder Lamp"]
    assert len(titles(ask(client, key))) == 2, "the public answer knows no basket"
    response = ask(client, key, basket=1)
    assert titles(response) == ["Alder Lamp Pro"]
    assert caching(response) == PRIVATE


def test_explanations_are_for_staff(client, goods, staff):
    client.logout()
    assert_problem(ask(client, goods["Alder Lamp"], explain=1), 403, "permission-denied")
    client.force_login(staff)
    response = ask(client, goods["Alder Lamp"], explain=1)
    assert titles(response) == ["Alder Lamp Plus", "Alder Lamp Pro"]
    assert caching(response) == PRIVATE
    told = response.json()["upgrades"][0]["explanation"]
    assert told["trace"]["strategy"] == "upgrades"
    assert told["evidence"]["customers"] == 7


@pytest.mark.parametrize("end", ["", "fragment/"])
def test_unknown_and_hidden_items(client, goods, end):
    assert_problem(ask(client, "unheard-of", end), 404, "item-not-found")
    product, item = make_product("Hidden", price="10")
    type(product).objects.filter(pk=product.pk).update(visible=False)
    assert_problem(ask(client, item.key, end), 404, "item-not-found")


@pytest.mark.parametrize("end", ["", "fragment/"])
@pytest.mark.parametrize("query", ["count=0", "count=1&count=2", "exclude=1%002", "customer=7"])
def test_hostile_parameters_never_reach_the_database(client, goods, end, query):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(f"{address(goods['Alder Lamp'], end)}?{query}")
    assert_problem(response, 400, "invalid-parameters")
    assert len(captured) == 0


def test_the_fragment(client, goods):
    key = goods["Alder Lamp"]
    response = ask(client, key, "fragment/")
    assert "+€30.00" in response.content.decode()
    assert caching(response) == PRIVATE
    assert caching(ask(client, key, "fragment/", basket=0)) == PUBLIC
    assert ask(client, goods["Alder Lamp Pro"], "fragment/").content == b""
    assert_problem(ask(client, key, "fragment/", explain=1), 403, "permission-denied")


def test_a_fault_leaves_the_fragment_empty(client, goods, monkeypatch):
    def broken(self, *args, **kwargs):
        raise RuntimeError("the shop is away")

    faults.forget_faults()
    monkeypatch.setattr(SmallShop, "attributes", broken)
    response = ask(client, goods["Alder Lamp"], "fragment/")
    assert (response.status_code, response.content) == (200, b"")


def test_only_reading(client, goods):
    response = client.post(address(goods["Alder Lamp"]))
    assert_problem(response, 405, "method-not-allowed")
