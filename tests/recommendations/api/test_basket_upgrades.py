"""Offers for a basket and putting one in the place of a line: by form, by API, by hostile hands."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from recommendations import faults
from recommendations.models import LadderStep
from shop.models import Product
from tests.recommendations.admin.makers import make_staff
from tests.recommendations.api.test_basket import told
from tests.recommendations.api.test_together import assert_problem, validate
from tests.recommendations.basket_shop import BASKET_SHOP, LINK_SHOP, BasketShop
from tests.recommendations.factories import companions, make_product, publish, set_placement

FORM = "/crosssell/basket/replace/"
API = "/crosssell/api/v1/basket/replace/"
OFFERS = "/crosssell/api/v1/baskets/upgrades/"


@pytest.fixture(autouse=True)
def basket_shop(settings):
    settings.CROSSSELL_SHOP = BASKET_SHOP
    faults.forget_faults()


@pytest.fixture
def lamp():
    return make_product("Lamp", price="100")[1]


@pytest.fixture
def plus(lamp):
    _, plus = make_product("Lamp Plus", price="112")
    publish({lamp: companions(plus, customers=7)}, kind="upgrades")
    return plus


def hold(client, held):
    session = client.session
    session["held"] = dict(held)
    session.save()


def held(client):
    return client.session.get("held", {})


class TestForm:
    def post(self, client, lamp, plus, **values):
        form = {"item": lamp.key, "with": plus.key, "more": "12.00", "next": "/basket/", **values}
        return client.post(FORM, form)

    def test_the_line_is_replaced_and_told(self, client, lamp, plus):
        hold(client, {lamp.key: 3})
        response = self.post(client, lamp, plus)
        assert (response.status_code, response["Location"]) == (302, "/basket/")
        assert held(client) == {plus.key: 3}
        assert told(response) == ["Lamp Plus is in your basket instead."]

    def test_pressed_twice(self, client, lamp, plus):
        hold(client, {lamp.key: 3})
        self.post(client, lamp, plus)
        assert told(self.post(client, lamp, plus))[-1] == "Lamp Plus is in your basket."
        assert held(client) == {plus.key: 3}

    def test_a_price_that_has_changed_is_told_and_nothing_is_done(self, client, lamp, plus):
        hold(client, {lamp.key: 1})
        Product.objects.filter(name="Lamp Plus").update(price="140")
        (message,) = told(self.post(client, lamp, plus))
        assert "€40.00 more now" in message
        assert held(client) == {lamp.key: 1}

    def test_somebody_elses_basket_is_out_of_reach(self, client, lamp, plus):
        other = Client()
        hold(other, {lamp.key: 2})
        assert told(self.post(client, lamp, plus)) == ["This product is no longer in your basket."]
        assert held(other) == {lamp.key: 2}
        assert held(client) == {}

    @pytest.mark.parametrize(
        "values",
        [
            {"item": "\x00"}, {"with": "x" * 201}, {"item": ""}, {"with": ""},
            {"more": "1e9"}, {"more": "NaN"}, {"more": ""}, {"more": "9" * 40}, {"more": "12,00"},
        ],
    )  # fmt: skip
    def test_hostile_forms_change_nothing(self, client, lamp, plus, values):
        hold(client, {lamp.key: 1})
        response = self.post(client, lamp, plus, **values)
        assert response.status_code == 302
        assert told(response) == ["Your basket was left as it is."]
        assert held(client) == {lamp.key: 1}

    def test_a_form_without_fields(self, client, db):
        assert told(client.post(FORM)) == ["Your basket was left as it is."]

    def test_an_adapter_that_breaks_is_told_without_a_traceback(
        self, client, lamp, plus, monkeypatch
    ):
        hold(client, {lamp.key: 1})
        monkeypatch.setattr(BasketShop, "replace_in_basket", lambda *_: 1 / 0)
        assert told(self.post(client, lamp, plus)) == ["Your basket was left as it is."]

    def test_it_needs_a_token_and_post(self, lamp, plus):
        client = Client(enforce_csrf_checks=True)
        hold(client, {lamp.key: 1})
        assert self.post(client, lamp, plus).status_code == 403
        assert client.get(FORM).status_code == 405
        assert held(client) == {lamp.key: 1}

    def test_it_needs_the_token_where_the_project_checks_none(self, lamp, plus, settings):
        settings.MIDDLEWARE = [
            name for name in settings.MIDDLEWARE if not name.endswith("CsrfViewMiddleware")
        ]
        client = Client(enforce_csrf_checks=True)
        hold(client, {lamp.key: 1})
        assert self.post(client, lamp, plus).status_code == 403
        assert held(client) == {lamp.key: 1}

    def test_the_way_back_is_never_to_another_host(self, client, lamp, plus):
        response = self.post(client, lamp, plus, next="https://elsewhere.example/")
        assert response["Location"] == "/"


class TestApi:
    def post(self, client, body, **extra):
        return client.post(API, body, content_type="application/json", **extra)

    def test_replaced(self, client, lamp, plus):
        hold(client, {lamp.key: 2})
        response = self.post(client, {"item": lamp.key, "with": plus.key, "more": "12.00"})
        assert response.status_code == 200
        validate(response.json(), "Replaced")
        assert response.json() == {
            "message": "Lamp Plus is in your basket instead.", "quantity": 2,
        }  # fmt: skip
        assert response["Cache-Control"] == "private, no-store"
        assert held(client) == {plus.key: 2}

    def test_refused(self, client, lamp, plus):
        body = self.post(client, {"item": lamp.key, "with": plus.key})
        problem = assert_problem(body, 409, "not-replaced")
        assert problem["detail"] == "This product is no longer in your basket."

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, ["/item", "/with"]),
            ({"item": 1, "with": None}, ["/item", "/with"]),
            ({"item": "1", "with": "2", "more": 12.0}, ["/more"]),
            ({"item": "1", "with": "2", "more": "x"}, ["/more"]),
            ({"item": "1", "with": "\x00", "quantity": 3}, ["/quantity", "/with"]),
        ],
    )
    def test_hostile_bodies(self, client, db, body, pointers):
        problem = assert_problem(self.post(client, body), 400, "invalid-parameters")
        assert [error["pointer"] for error in problem["errors"]] == pointers

    def test_what_is_no_object(self, client, db):
        assert_problem(self.post(client, "[]"), 400, "malformed-request")

    def test_guests_need_the_token_as_well(self, lamp, plus):
        client = Client(enforce_csrf_checks=True)
        hold(client, {lamp.key: 1})
        body = {"item": lamp.key, "with": plus.key}
        assert_problem(self.post(client, body), 403, "permission-denied")
        assert held(client) == {lamp.key: 1}

    def test_a_shop_whose_baskets_are_closed(self, client, lamp, plus, settings):
        settings.CROSSSELL_SHOP = LINK_SHOP
        hold(client, {lamp.key: 1})
        assert_problem(self.post(client, {"item": lamp.key, "with": plus.key}), 404, "not-found")
        assert held(client) == {lamp.key: 1}


class TestOffers:
    def test_the_shoppers_own_and_never_shared(self, client, lamp, plus):
        hold(client, {lamp.key: 2})
        response = client.get(OFFERS)
        body = response.json()
        validate(body, "BasketOffers")
        (offer,) = body["offers"]
        assert (offer["item"]["key"], offer["quantity"]) == (lamp.key, 2)
        assert (offer["upgrade"]["key"], offer["more"]["amount"]) == (plus.key, "12.00")
        assert offer["upgrade"]["reason"] == "7 customers moved up to it"
        assert body["can_replace"] is True
        assert "explanation" not in offer["upgrade"]
        assert response["Cache-Control"] == "private, no-store"
        assert Client().get(OFFERS).json()["offers"] == []

    def test_the_fragment(self, client, lamp, plus):
        assert client.get(f"{OFFERS}fragment/").content == b""
        hold(client, {lamp.key: 2})
        response = client.get(f"{OFFERS}fragment/")
        assert "For €12.00 more each:" in response.content.decode()
        assert "csrfmiddlewaretoken" in response.content.decode()
        assert response["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize("query", ["count=0", "count=x", "items=1", "placement=%00", "a=b"])
    def test_hostile_queries(self, client, db, query):
        for address in (OFFERS, f"{OFFERS}fragment/"):
            assert_problem(client.get(f"{address}?{query}"), 400, "invalid-parameters")

    def test_scores_and_rules_are_for_staff(self, client, lamp, plus):
        hold(client, {lamp.key: 1})
        LadderStep.objects.create(item=lamp, upgrade=plus, rule="forbid")
        for user in (None, get_user_model().objects.create_user("ann"), make_staff(name="bea")):
            if user is not None:
                client.force_login(user)
            assert_problem(client.get(f"{OFFERS}?explain=1"), 403, "permission-denied")
        client.force_login(make_staff("view_neighbourlist"))
        hold(client, {lamp.key: 1})
        body = client.get(f"{OFFERS}?explain=1").json()
        assert body["left_out"] == [{"key": plus.key, "source": "model", "rule": "forbidden step"}]
        assert_problem(client.get(f"{OFFERS}fragment/?explain=1"), 403, "permission-denied")

    def test_the_placement_decides(self, client, lamp, plus):
        hold(client, {lamp.key: 1})
        set_placement("basket-upgrades", enabled=False)
        assert client.get(OFFERS).json()["offers"] == []
        assert len(client.get(f"{OFFERS}?placement=other&count=1").json()["offers"]) == 1

    def test_a_fault_is_a_problem_and_an_empty_fragment(self, client, lamp, plus, monkeypatch):
        monkeypatch.setattr(BasketShop, "basket", lambda *_: 1 / 0)
        assert_problem(client.get(OFFERS), 500, "internal-error")
        assert client.get(f"{OFFERS}fragment/").content == b""
