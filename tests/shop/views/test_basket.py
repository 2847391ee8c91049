"""The basket as a shopper sees it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.models import Basket, BasketLine, Product
from tests.shop.factories import make_product, make_user, make_variant

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def messages(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_an_empty_basket_says_so_and_makes_no_row(client):
    assert b"nothing in your basket" in client.get("/basket/").content
    assert not Basket.objects.exists()


def test_a_product_is_added_and_the_shopper_goes_back(client):
    kettle = make_product("Kettle")
    response = client.post(
        "/basket/add/", {"product": kettle.pk, "quantity": 2, "next": "/products/"}, follow=True
    )
    assert response.redirect_chain == [("/products/", 302)]
    assert messages(response) == ["Kettle is in your basket."]
    assert b"<b>2</b>" in response.content
    page = client.get("/basket/").content
    assert b"39.80" in page


def test_a_script_gets_json(client):
    kettle = make_product("Kettle", stock=1)
    first = client.post("/basket/add/", {"product": kettle.pk}, headers=JSON)
    assert (first.status_code, first.json()) == (
        200,
        {"done": True, "message": "Kettle is in your basket.", "count": 1},
    )
    second = client.post("/basket/add/", {"product": kettle.pk}, headers=JSON)
    assert (second.status_code, second.json()["done"], second.json()["count"]) == (409, False, 1)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_nobody_is_sent_elsewhere(client, target):
    kettle = make_product()
    response = client.post("/basket/add/", {"product": kettle.pk, "next": target})
    assert response["Location"] == "/basket/"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"product": "x"},
        {"product": "0"},
        {"product": "9" * 30},
        {"product": "\0"},
        {"product": "999"},
        {"product": "1", "quantity": "-1"},
        {"product": "1", "quantity": "1e9"},
    ],
)
def test_nonsense_is_refused_politely(client, data):
    response = client.post("/basket/add/", data, headers=JSON)
    assert response.status_code == 409
    assert response.json()["message"]
    assert client.post("/basket/change/", data).status_code == 302
    assert not BasketLine.objects.exists()


def test_a_variant_must_be_chosen(client):
    bag = make_product("Bag")
    navy = make_variant(bag, "Navy")
    refused = client.post("/basket/add/", {"product": bag.pk}, headers=JSON)
    assert refused.json()["message"] == "Choose a variant of Bag."
    added = client.post("/basket/add/", {"product": navy.pk}, headers=JSON)
    assert added.json()["message"] == "Bag (Navy) is in your basket."


def test_quantities_change_and_lines_go(client):
    kettle = make_product("Kettle", stock=5)
    client.post("/basket/add/", {"product": kettle.pk})
    client.post("/basket/change/", {"product": kettle.pk, "quantity": 4})
    assert BasketLine.objects.get().quantity == 4
    response = client.post("/basket/change/", {"product": kettle.pk, "quantity": 6}, follow=True)
    assert messages(response)[-1] == "Only 5 pieces of Kettle are left."
    client.post("/basket/change/", {"product": kettle.pk, "quantity": 0})
    assert not BasketLine.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stock": 0}, b"Sold out."),
        ({"stock": 1}, b"Only 1 left."),
        ({"visible": False}, b"No longer for sale."),
    ],
)
def test_what_changed_since_is_marked_and_stops_the_checkout(client, change, words):
    kettle = make_product()
    client.post("/basket/add/", {"product": kettle.pk, "quantity": 2})
    Product.objects.update(**change)
    page = client.get("/basket/").content
    assert words in page
    assert b"Go to checkout" not in page
    assert client.get("/checkout/")["Location"] == "/basket/"


def test_another_currency_is_marked_and_not_added_up(client):
    kettle, lamp = make_product(), make_product()
    for product in (kettle, lamp):
        client.post("/basket/add/", {"product": product.pk})
    Product.objects.filter(pk=lamp.pk).update(currency="GBP")
    page = client.get("/basket/").content.decode()
    assert "another currency" in page
    assert "€39.80" not in page


def test_the_price_is_the_one_of_the_moment(client):
    kettle = make_product()
    client.post("/basket/add/", {"product": kettle.pk})
    Product.objects.update(price="24.00")
    assert "€24.00" in client.get("/basket/").content.decode()


def test_two_guests_do_not_see_each_others_baskets(client):
    client.post("/basket/add/", {"product": make_product("Kettle").pk})
    assert b"Kettle" in client.get("/basket/").content
    assert b"Kettle" not in Client().get("/basket/").content


def test_the_guests_basket_comes_along_at_login_and_stays_behind_at_logout(client):
    make_user("ann")
    client.post("/basket/add/", {"product": make_product("Kettle").pk})
    client.post("/account/login/", {"username": "ann", "password": "ann"})
    assert b"Kettle" in client.get("/basket/").content
    client.post("/account/logout/")
    assert b"Kettle" not in client.get("/basket/").content
    client.post("/account/login/", {"username": "ann", "password": "ann"})
    assert b"Kettle" in client.get("/basket/").content


def test_only_posts_change_the_basket(client):
    kettle = make_product()
    assert client.get(f"/basket/add/?product={kettle.pk}").status_code == 405
    assert client.get("/basket/change/").status_code == 405


def test_a_foreign_page_cannot_post():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/basket/add/", {"product": make_product().pk}).status_code == 403


def test_the_basket_page_takes_the_same_queries_for_any_number(client):
    for _product in range(6):
        client.post("/basket/add/", {"product": make_product().pk})
    client.get("/basket/")  # the messages are read and gone
    # Session, basket, its lines with their products, number on the basket, navigation; and what
    # offers and shelf ask in a shop that knows no items yet: what there is of the items held (in
    # vain, so each of them asks), what is newest.
    with CaptureQueriesContext(connection) as captured:
        client.get("/basket/")
    # PostgreSQL guards the transaction by a savepoint; nothing is read by it.
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 9
