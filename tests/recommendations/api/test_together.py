"""The API's answers: to shoppers, to staff, to caches, in every permitted form."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import cache
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from rest_framework.throttling import AnonRateThrottle

from recommendations import faults
from recommendations.api.schema import api_schema
from recommendations.models import Item
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)

PROBLEM = "application/problem+json"


def address(key, end=""):
    return f"/crosssell/api/v1/items/{key}/frequently-bought-together/{end}"


def assert_problem(response, status, name):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    body = response.json()
    assert (body["type"], body["status"]) == (f"/problems/{name}", status)
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.content.decode()
    return body


def validate(body, shape):
    schema = api_schema()
    # OpenAPI 3.0 says "nullable" where JSON schema has a type of its own.
    Draft202012Validator(
        {"$ref": f"#/components/schemas/{shape}", "components": _nullable(schema["components"])}
    ).validate(body)


def _nullable(value):
    if isinstance(value, list):
        return [_nullable(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _nullable(each) for name, each in value.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if value.get("nullable") is True else plain


@pytest.fixture
def viewed():
    return make_product("Laptop", price="1200.00")


@pytest.fixture
def two():
    return [make_product("Mouse", price="34.90"), make_product("Bag", price="42.50")]


@pytest.fixture
def published(viewed, two):
    return publish({viewed[1]: companions(*(item for _, item in two))})


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_user("merchant", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_neighbourlist"))
    client.force_login(user)
    return user


def shown(response):
    assert response.status_code == 200, response.content
    return [companion["key"] for companion in response.json()["companions"]]


class TestAnswer:
    def test_an_item_with_its_companions(self, client, viewed, two, published):
        response = client.get(address(viewed[1].key))
        body = response.json()
        validate(body, "Together")
        assert body["item"]["key"] == viewed[1].key
        assert body["total"] == {"amount": "1277.40", "currency": "EUR"}
        assert body["companions"][0] == {
            "key": two[0][1].key,
            "title": "Mouse",
            "price": {"amount": "34.90", "currency": "EUR"},
            "url": f"/p/{two[0][0].slug}/",
            "image_url": "",
            "available": True,
            "needs_choice": False,
            "reason": "Bought together by 41 customers",
            "source": "model",
        }

    def test_shoppers_learn_no_score(self, client, viewed, published):
        text = client.get(address(viewed[1].key)).content.decode()
        assert "score" not in text
        assert "trace" not in text
        assert "left_out" not in text

    def test_count_exclude_and_placement(self, client, viewed, two, published):
        mouse, bag = (item.key for _, item in two)
        url = address(viewed[1].key)
        set_placement("one", count=1)
        assert shown(client.get(url, {"count": 1})) == [mouse]
        assert shown(client.get(url, {"placement": "one"})) == [mouse]
        assert shown(client.get(url, {"exclude": mouse})) == [bag]
        assert shown(client.get(url, {"exclude": f"{mouse},{bag}"})) == []
        assert shown(client.get(url, {"exclude": [mouse, bag]})) == []
        assert shown(client.get(url, {"exclude": "unknown"})) == [mouse, bag]

    def test_currency(self, client, viewed, two, published):
        two[1][0].currency = "USD"
        two[1][0].save()
        assert shown(client.get(address(viewed[1].key))) == [two[0][1].key]
        response = client.get(address(viewed[1].key), {"currency": "USD"})
        assert shown(response) == [two[1][1].key]
        assert response.json()["total"] is None

    def test_nothing_to_recommend_is_an_empty_list(self, client, two, published):
        response = client.get(address(two[0][1].key))
        assert shown(response) == []
        validate(response.json(), "Together")

    def test_a_hidden_price_is_null(self, client, viewed, published, monkeypatch):
        monkeypatch.setattr(SmallShop, "price", lambda self, product, *, request=None: None)
        body = client.get(address(viewed[1].key)).json()
        validate(body, "Together")
        assert body["companions"][0]["price"] is None

    @pytest.mark.parametrize("key", ["catalog.book:17", "a b", "5/7", "é.€", "a,b", "x" * 200])
    def test_keys_of_any_letters(self, client, viewed, published, key, monkeypatch):
        Item.objects.filter(pk=viewed[1].pk).update(key=key)
        products = {key: viewed[0]}
        monkeypatch.setattr(
            SmallShop,
            "live_products",
            lambda self, keys, *, request=None: {k: products[k] for k in keys if k in products},
        )
        from django.urls import reverse

        response = client.get(reverse("crosssell:together", args=[key]))
        assert response.status_code == 200
        assert response.json()["item"]["key"] == key

    def test_head_and_options(self, client, viewed, published):
        head = client.head(address(viewed[1].key))
        assert (head.status_code, head.content) == (200, b"")
        assert client.options(address(viewed[1].key)).status_code == 200


class TestExplain:
    def test_staff_with_the_permission_see_scores_and_rules(
        self, client, staff, viewed, two, published
    ):
        two[1][0].stock = 0
        two[1][0].save()
        response = client.get(address(viewed[1].key), {"explain": 1})
        body = response.json()
        validate(body, "Together")
        explanation = body["companions"][0]["explanation"]
        assert explanation["score"] == 1.0
        assert explanation["evidence"] == {"customers": 41, "baskets": 43}
        assert explanation["trace"]["build"] == body["build"] == published.pk
        assert body["left_out"] == [
            {"key": two[1][1].key, "source": "model", "rule": "not available"}
        ]
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize("who", ["anonymous", "customer", "staff without it"])
    def test_nobody_else_does(self, client, viewed, published, who):
        if who != "anonymous":
            user = get_user_model().objects.create_user("x", is_staff=who.startswith("staff"))
            client.force_login(user)
        response = client.get(address(viewed[1].key), {"explain": 1})
        assert_problem(response, 403, "permission-denied")


class TestCaching:
    def test_the_plain_answer_is_the_same_for_everybody(self, client, viewed, two, published):
        session = client.session
        session["held"] = [two[0][1].key]
        session.save()
        response = client.get(address(viewed[1].key))
        assert len(shown(response)) == 2
        assert response["Cache-Control"] == "public, max-age=60"
        assert "Cookie" not in response["Vary"]
        assert "Accept-Language" in response["Vary"]

    def test_the_basket_makes_it_personal(self, client, viewed, two, published):
        session = client.session
        session["held"] = [two[0][1].key]
        session.save()
        response = client.get(address(viewed[1].key), {"basket": 1})
        assert shown(response) == [two[1][1].key]
        assert "private" in response["Cache-Control"]
        assert "no-store" in response["Cache-Control"]

    def test_a_price_of_this_shopper_is_only_told_when_personal(
        self, client, viewed, published, monkeypatch
    ):
        seen = []
        plain = SmallShop.price

        def price(self, product, *, request=None):
            seen.append(request)
            return plain(self, product, request=request)

        monkeypatch.setattr(SmallShop, "price", price)
        client.get(address(viewed[1].key))
        assert set(seen) == {None}
        client.get(address(viewed[1].key), {"basket": 1})
        assert seen[-1] is not None

    def test_a_language_by_cookie_is_not_shared(self, client, viewed, published, settings):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
        assert "no-store" in client.get(address(viewed[1].key))["Cache-Control"]

    def test_errors_are_not_kept(self, client, db):
        assert client.get(address("none"))["Cache-Control"] == "no-store"


class TestFragment:
    def test_it_is_the_block_of_this_shopper(self, client, viewed, published):
        response = client.get(address(viewed[1].key, "fragment/"), headers={"Accept": "text/html"})
        assert response.status_code == 200
        assert response["Content-Type"] == "text/html; charset=utf-8"
        assert "no-store" in response["Cache-Control"]
        html = response.content.decode()
        assert "csrfmiddlewaretoken" in html
        assert "Mouse" in html

    def test_for_everybody_it_has_no_form(self, client, viewed, published):
        response = client.get(address(viewed[1].key, "fragment/"), {"basket": 0})
        assert response["Cache-Control"] == "public, max-age=60"
        assert "csrftoken" not in response.cookies
        assert "<form" not in response.content.decode()

    def test_nothing_to_show_is_empty(self, client, two, published):
        response = client.get(address(two[0][1].key, "fragment/"))
        assert (response.status_code, response.content) == (200, b"")

    def test_a_fault_is_empty_and_logged(self, client, viewed, published, monkeypatch, caplog):
        faults.forget_faults()
        monkeypatch.setattr(SmallShop, "title", lambda self, product: 1 / 0)
        response = client.get(address(viewed[1].key, "fragment/"))
        assert (response.status_code, response.content) == (200, b"")
        assert "ZeroDivisionError" in caplog.text

    def test_hostile_input_is_a_problem(self, client, viewed, published):
        url = address(viewed[1].key, "fragment/")
        assert_problem(client.get(url, {"count": 0}), 400, "invalid-parameters")
        assert_problem(client.get(url, {"explain": 1}), 403, "permission-denied")
        assert_problem(client.get(address("none", "fragment/")), 404, "item-not-found")
        assert_problem(
            client.get(url, headers={"Accept": "application/json"}), 406, "not-acceptable"
        )


class TestFaults:
    def test_a_fault_is_a_problem_without_a_word_about_it(
        self, client, viewed, published, monkeypatch, caplog
    ):
        faults.forget_faults()

        def broken(self, keys, *, request=None):
            raise RuntimeError("secret of the shop")

        monkeypatch.setattr(SmallShop, "live_products", broken)
        client.raise_request_exception = True
        for _ in range(3):
            response = client.get(address(viewed[1].key))
            assert_problem(response, 500, "internal-error")
            assert "secret" not in response.content.decode()
        assert caplog.text.count("RuntimeError: secret of the shop") == 1

    def test_throttled(self, client, viewed, published, monkeypatch):
        class Once(AnonRateThrottle):
            rate = "1/min"

        from recommendations.api.views import TogetherView

        monkeypatch.setattr(TogetherView, "throttle_classes", [Once])
        cache.clear()
        assert client.get(address(viewed[1].key)).status_code == 200
        response = client.get(address(viewed[1].key))
        assert_problem(response, 429, "throttled")
        assert int(response["Retry-After"]) > 0

    def test_the_projects_settings_do_not_matter(self, client, viewed, published, settings):
        settings.REST_FRAMEWORK = {
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
            "EXCEPTION_HANDLER": "nowhere.handler",
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
            "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
        }
        assert client.get(address(viewed[1].key)).status_code == 200
        assert_problem(client.get(address("none")), 404, "item-not-found")
