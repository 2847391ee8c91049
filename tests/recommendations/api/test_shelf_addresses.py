"""Every shelf as JSON and HTML: allowed, refused, hostile, who may keep it, nobody else's."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations import faults
from recommendations.models import Item
from recommendations.selectors.looked_at import VIEWED
from shop.models import Product
from tests.recommendations.api.test_together import assert_problem, staff, validate
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)

__all__ = ["staff"]

API = "/crosssell/api/v1/"
BESIDE = {"also-viewed": "also-viewed", "similar": "similar"}
OWN = {
    "baskets/recommendations": "basket",
    "me/recommendations": "customer",
    "me/buy-again": "buy-again",
    "me/recently-viewed": "recently-viewed",
    "me/visit": "visit",
}
GROUPS = {"trending": "trending", "new-arrivals": "new-arrivals"}
EVERY = pytest.mark.parametrize("name", [*BESIDE, *OWN, *GROUPS])
NEW = pytest.mark.parametrize("name", [*BESIDE, *list(OWN)[2:]])


@pytest.fixture
def goods():
    found = {name: make_product(name) for name in ("Laptop", "Mouse", "Bag", "Pen")}
    for placement in (*BESIDE.values(), *OWN.values(), *GROUPS.values()):
        set_placement(placement)
    laptop, mouse, bag, pen = (item for _, item in found.values())
    publish({laptop: companions(bag), pen: companions(mouse)})
    for kind in ("viewed_bought", "content"):
        publish({laptop: companions(bag)}, kind=kind)
    for kind in ("user_based", "buy_again"):
        publish({}, kind=kind, customers={"1": companions(bag), "2": companions(mouse)})
    for kind in ("trending", "new_arrivals"):
        publish({}, {"": companions(bag)}, kind=kind)
    return found


@pytest.fixture
def people(goods, client):
    """Customer 1 looks at bags and holds a laptop, customer 2 looks at mice and holds a pen."""
    clients = {}
    for pk, held, viewed in (("1", "Laptop", "Bag"), ("2", "Pen", "Mouse")):
        user = get_user_model().objects.create(pk=int(pk), username=f"customer {pk}")
        own = type(client)()
        own.force_login(user)
        session = own.session
        session["held"] = [goods[held][1].key]
        session[VIEWED] = [goods[viewed][1].key]
        session.save()
        clients[pk] = own
    return clients


def address(name, goods, end=""):
    item = f"items/{goods['Laptop'][1].key}/" if name in BESIDE else ""
    return f"{API}{item}{name}/{end}"


def titles(response):
    assert response.status_code == 200, response.content
    body = response.json()
    validate(body, "Shelf")
    return [slot["title"] for slot in body["recommendations"]]


class TestBesideAnItem:
    @pytest.mark.parametrize("name", BESIDE)
    def test_the_same_for_everybody_unless_the_basket_is_asked_for(self, people, goods, name):
        url = address(name, goods)
        response = people["1"].get(url)
        assert titles(response) == ["Bag"]
        assert "public" in response["Cache-Control"]
        session = people["1"].session
        session["held"] = [goods["Bag"][1].key]
        session.save()
        assert titles(people["1"].get(url)) == ["Bag"]
        own = people["1"].get(url, {"basket": "1"})
        assert titles(own) == []
        assert "no-store" in own["Cache-Control"]

    @pytest.mark.parametrize("end", ["", "fragment/"])
    @pytest.mark.parametrize("name", BESIDE)
    def test_an_item_that_the_shop_does_not_show_is_a_problem(self, client, goods, name, end):
        Product.objects.filter(name="Laptop").update(visible=False)
        assert_problem(client.get(address(name, goods, end)), 404, "item-not-found")
        url = f"{API}items/unheard-of/{name}/{end}"
        assert_problem(client.get(url), 404, "item-not-found")

    @pytest.mark.parametrize("end", ["", "fragment/"])
    @pytest.mark.parametrize("name", BESIDE)
    @pytest.mark.parametrize("key", ["%00", "a%0Ab", "%7F", "x" * 201, "x" * 100_000])
    def test_a_key_that_cannot_be_is_refused_without_a_query(self, client, db, name, end, key):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"{API}items/{key}/{name}/{end}")
        assert_problem(response, 400, "invalid-parameters")
        assert len(captured) == 0


class TestOwn:
    @pytest.mark.parametrize("end", ["", "fragment/"])
    @pytest.mark.parametrize("name", OWN)
    def test_each_gets_their_own_and_no_cache_keeps_it(self, people, goods, name, end):
        theirs = {"1": "Bag", "2": "Mouse"}
        if name == "me/visit":
            for pk, viewed in (("1", "Laptop"), ("2", "Pen")):
                session = people[pk].session
                session[VIEWED], session["held"] = [goods[viewed][1].key], []
                session.save()
        for pk, client in people.items():
            response = client.get(address(name, goods, end))
            text = response.content.decode()
            assert theirs[pk] in text
            assert theirs["2" if pk == "1" else "1"] not in text
            assert "no-store" in response["Cache-Control"]
            assert "private" in response["Cache-Control"]

    @pytest.mark.parametrize("end", ["", "fragment/"])
    @pytest.mark.parametrize("name", list(OWN)[1:])
    @pytest.mark.parametrize(
        "parameter", ["customer", "customer_key", "user", "session", "items", "category", "basket"]
    )
    def test_nobody_can_name_another(self, people, goods, name, end, parameter):
        response = people["1"].get(address(name, goods, end), {parameter: "2"})
        assert_problem(response, 400, "invalid-parameters")

    @pytest.mark.parametrize("end", ["", "fragment/"])
    @pytest.mark.parametrize("name", OWN)
    def test_a_stranger_gets_nobodys(self, client, people, goods, name, end):
        headers = {"X-Customer": "2", "X-User": "2", "Authorization": "customer 2"}
        response = client.get(address(name, goods, end), headers=headers)
        assert response.status_code == 200
        assert "Bag" not in response.content.decode()
        assert "Mouse" not in response.content.decode()

    def test_no_counts_reach_the_customer(self, people, goods):
        text = people["1"].get(address("me/buy-again", goods)).content.decode()
        assert "evidence" not in text
        assert "score" not in text


class TestFragments:
    @EVERY
    def test_the_shelf_as_html_and_nothing_where_there_is_nothing(self, people, goods, name):
        client = people["1"]
        if name == "me/visit":
            session = client.session
            session[VIEWED], session["held"] = [goods["Laptop"][1].key], []
            session.save()
        html = client.get(address(name, goods, "fragment/"))
        assert html["Content-Type"].startswith("text/html")
        assert "crosssell--shelf" in html.content.decode()
        everything = ",".join(item.key for _, item in goods.values())
        empty = client.get(address(name, goods, "fragment/"), {"exclude": everything})
        assert (empty.status_code, empty.content) == (200, b"")

    @pytest.mark.parametrize("name", [*BESIDE, *GROUPS])
    def test_for_everybody_on_request(self, people, goods, name):
        session = people["1"].session
        session["held"] = [goods["Bag"][1].key]
        session.save()
        url = address(name, goods, "fragment/")
        assert people["1"].get(url).content == b""
        response = people["1"].get(url, {"basket": "0"})
        assert "Bag" in response.content.decode()
        assert "public" in response["Cache-Control"]
        assert "Cookie" not in response.get("Vary", "")

    def test_a_basket_that_is_named_is_nobodys(self, client, goods):
        url = address("baskets/recommendations", goods, "fragment/")
        response = client.get(url, {"items": goods["Laptop"][1].key})
        assert "Bag" in response.content.decode()
        assert "public" in response["Cache-Control"]

    @EVERY
    def test_explain_is_for_json(self, client, goods, staff, name):
        url = address(name, goods, "fragment/")
        assert_problem(client.get(url, {"explain": "1"}), 403, "permission-denied")

    @EVERY
    def test_a_fault_leaves_a_gap(self, people, goods, name, monkeypatch):
        def broken(self, keys, *, request=None):
            raise RuntimeError("secret")

        faults.forget_faults()
        monkeypatch.setattr(SmallShop, "live_products", broken)
        Item.objects.update(category="Desk")
        response = people["1"].get(address(name, goods, "fragment/"))
        assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("end", ["", "fragment/"])
@EVERY
class TestHostile:
    def test_parameters_that_cannot_be_used_are_named(self, client, goods, name, end):
        query = {"count": "0", "currency": "eur", "placement": "a b", "explain": "2", "x": "1"}
        with CaptureQueriesContext(connection) as captured:
            body = assert_problem(client.get(address(name, goods, end), query), 400,
                                  "invalid-parameters")  # fmt: skip
        assert sorted(error["parameter"] for error in body["errors"]) == sorted(query)
        assert len(captured) == 0

    @pytest.mark.parametrize(
        "query",
        ["exclude=" + ",".join(map(str, range(100_000))), "exclude=1%002", "exclude=1,1",
         "count=" + "9" * 100_000, "count=%D9%A3", "placement=../x", "%3Cscript%3E=1"],
        ids=["many", "NUL", "twice", "digits", "Arabic", "path", "markup"],
    )  # fmt: skip
    def test_what_no_shelf_can_use_is_refused(self, client, goods, name, end, query):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"{address(name, goods, end)}?{query}")
        assert_problem(response, 400, "invalid-parameters")
        assert len(captured) == 0
        assert len(response.content) < 2000

    def test_other_methods(self, client, goods, name, end):
        for method in ("PUT", "PATCH", "DELETE"):
            url = address(name, goods, end)
            assert_problem(client.generic(method, url), 405, "method-not-allowed")


@NEW
def test_staff_learn_why(client, goods, staff, name):
    response = client.get(address(name, goods), {"explain": "1"})
    assert "left_out" in response.json()
    assert "no-store" in response["Cache-Control"]


@NEW
def test_others_do_not(people, goods, name):
    response = people["1"].get(address(name, goods), {"explain": "1"})
    assert_problem(response, 403, "permission-denied")


@NEW
def test_a_fault_is_a_problem_without_a_word_of_it(people, goods, name, monkeypatch):
    def broken(self, keys, *, request=None):
        raise RuntimeError("secret")

    if name == "me/visit":
        session = people["1"].session
        session[VIEWED] = [goods["Laptop"][1].key]
        session["held"] = []
        session.save()
    monkeypatch.setattr(SmallShop, "live_products", broken)
    response = people["1"].get(address(name, goods))
    assert "secret" not in json.dumps(assert_problem(response, 500, "internal-error"))
