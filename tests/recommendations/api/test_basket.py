"""Adding several products: by the form without a script, and by the API."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from recommendations import faults
from tests.recommendations.api.test_together import assert_problem, validate
from tests.recommendations.factories import SmallShop, make_product, make_products

FORM = "/crosssell/basket/add/"
API = "/crosssell/api/v1/basket/add/"


@pytest.fixture(autouse=True)
def fresh():
    faults.forget_faults()


@pytest.fixture
def three():
    return [make_product(name) for name in ("Laptop", "Mouse", "Bag")]


def keys(products):
    return [item.key for _, item in products]


def held(client):
    return client.session.get("held", [])


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestForm:
    def test_everything_ticked_is_added_and_told(self, client, three):
        response = client.post(FORM, {"item": keys(three), "next": "/p/1/?a=b"})
        assert (response.status_code, response["Location"]) == (302, "/p/1/?a=b")
        assert held(client) == keys(three)
        assert told(response) == ["Added to your basket: Laptop, Mouse and Bag."]

    def test_what_is_gone_is_told_and_the_rest_is_added(self, client, three):
        three[1][0].visible = False
        three[1][0].save()
        three[2][0].stock = 0
        three[2][0].save()
        response = client.post(FORM, {"item": keys(three)})
        assert held(client) == keys(three[:1])
        assert told(response) == [
            "Added to your basket: Laptop.",
            "This product is no longer sold.",
            "Bag is not available now.",
        ]

    def test_the_shops_words_are_told(self, client, three):
        three[0][0].attributes = {"refuse": "Choose a size of Laptop."}
        three[0][0].save()
        response = client.post(FORM, {"item": keys(three)})
        assert held(client) == keys(three[1:])
        assert "Choose a size of Laptop." in told(response)

    def test_a_product_that_breaks_keeps_no_other_out(self, client, three, caplog):
        three[0][0].attributes = {"break": "secret"}
        three[0][0].save()
        response = client.post(FORM, {"item": keys(three)})
        assert held(client) == keys(three[1:])
        assert "A product could not be added." in told(response)
        assert not any("secret" in text for text in told(response))
        assert caplog.text.count("RuntimeError: secret") == 1

    def test_an_adapter_that_breaks_is_told_without_a_traceback(self, client, three, monkeypatch):
        monkeypatch.setattr(SmallShop, "live_products", lambda self, keys, *, request=None: 1 / 0)
        response = client.post(FORM, {"item": keys(three), "next": "/p/1/"})
        assert (response.status_code, response["Location"]) == (302, "/p/1/")
        assert told(response) == ["The products could not be added."]

    def test_nothing_ticked(self, client, db):
        assert told(client.post(FORM)) == ["Nothing was chosen."]

    def test_a_key_twice_is_added_once(self, client, three):
        client.post(FORM, {"item": keys(three[:1]) * 3})
        assert held(client) == keys(three[:1])

    @pytest.mark.parametrize("key", ["\x00", "x" * 201, "unknown", "-1", "1e9"])
    def test_hostile_keys_add_nothing(self, client, db, key):
        response = client.post(FORM, {"item": [key]})
        assert response.status_code == 302
        assert held(client) == []

    def test_no_more_than_a_block_can_hold(self, client, settings):
        settings.RECOMMENDATIONS = {"API_MAX_COUNT": 2}
        client.post(FORM, {"item": keys(make_products(5))})
        assert len(held(client)) == 3

    @pytest.mark.parametrize(
        "outside",
        [
            "https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)",
            "http:///elsewhere.example", "/\\elsewhere.example",
        ],
    )  # fmt: skip
    def test_the_way_back_is_never_to_another_host(self, client, three, outside):
        response = client.post(
            FORM, {"item": keys(three), "next": outside}, headers={"Referer": outside}
        )
        assert response["Location"] == "/"

    def test_without_next_it_goes_back(self, client, three):
        response = client.post(
            FORM, {"item": keys(three)}, headers={"Referer": "http://testserver/p/2/"}
        )
        assert response["Location"] == "http://testserver/p/2/"

    def test_it_needs_a_token_and_post(self, three):
        client = Client(enforce_csrf_checks=True)
        assert client.post(FORM, {"item": keys(three)}).status_code == 403
        assert client.get(FORM).status_code == 405
        assert held(client) == []

    def test_it_needs_the_token_where_the_project_checks_none(self, three, settings):
        settings.MIDDLEWARE = [
            name for name in settings.MIDDLEWARE if not name.endswith("CsrfViewMiddleware")
        ]
        client = Client(enforce_csrf_checks=True)
        assert client.post(FORM, {"item": keys(three)}).status_code == 403
        assert held(client) == []

    def test_a_shop_without_messages(self, client, three, settings):
        settings.MIDDLEWARE = [
            name for name in settings.MIDDLEWARE if not name.endswith("MessageMiddleware")
        ]
        assert client.post(FORM, {"item": keys(three)}).status_code == 302
        assert held(client) == keys(three)


class TestApi:
    def post(self, client, *keys, **extra):
        return client.post(API, {"items": list(keys)}, content_type="application/json", **extra)

    def test_added_and_refused(self, client, three):
        three[1][0].stock = 0
        three[1][0].save()
        response = self.post(client, *keys(three))
        assert response.status_code == 200
        validate(response.json(), "Added")
        assert response.json() == {
            "added": [three[0][1].key, three[2][1].key],
            "refused": [{"key": three[1][1].key, "reason": "Mouse is not available now."}],
        }
        assert held(client) == [three[0][1].key, three[2][1].key]
        assert "no-store" in response["Cache-Control"]

    def test_unknown_keys_add_nothing(self, client, db):
        body = assert_problem(self.post(client, "unknown", "-1"), 409, "nothing-added")
        assert [error["pointer"] for error in body["errors"]] == ["/items/0", "/items/1"]

    def test_guests_need_the_token_as_well(self, three):
        client = Client(enforce_csrf_checks=True)
        assert_problem(self.post(client, *keys(three)), 403, "permission-denied")
        token = "x" * 32
        client.cookies["csrftoken"] = token
        response = self.post(client, *keys(three), headers={"X-CSRFToken": token})
        assert response.status_code == 200
        assert held(client) == keys(three)

    def test_a_shop_whose_baskets_are_closed(self, client, three, monkeypatch):
        monkeypatch.setattr(SmallShop, "can_add_to_basket", lambda self: False)
        assert_problem(self.post(client, *keys(three)), 404, "not-found")

    def test_a_fault_is_a_problem(self, client, three, monkeypatch):
        monkeypatch.setattr(SmallShop, "live_products", lambda self, keys, *, request=None: 1 / 0)
        assert_problem(self.post(client, *keys(three)), 500, "internal-error")
