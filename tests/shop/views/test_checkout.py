"""Checkout and confirmation."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from shop.models import Order, Product
from tests.shop.factories import make_order, make_product, make_user

pytestmark = pytest.mark.django_db

ADDRESS = {
    "email": "ann@example.com",
    "name": "Ann Example",
    "street": "Long Road 1",
    "postcode": "0150",
    "city": "Oslo",
    "country": "Norway",
}


def fill(client: Client, *products: Product, quantity: int = 1) -> None:
    for product in products:
        client.post("/basket/add/", {"product": product.pk, "quantity": quantity})


def form_of(client: Client) -> dict[str, str]:
    """Return the form as a browser would send it."""
    page = client.get("/checkout/").content.decode()
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)[1]  # type: ignore[index]
        for name in ("token", "agreed_total")
    }
    return ADDRESS | hidden


def test_a_guest_buys(client):
    fill(client, make_product("Kettle", stock=5), quantity=2)
    response = client.post("/checkout/", form_of(client), follow=True)
    order = Order.objects.get()
    assert response.redirect_chain == [(f"/checkout/thanks/{order.number}/", 302)]
    page = response.content.decode()
    assert order.number in page
    assert "€39.80" in page
    assert (order.status, order.user, order.email) == ("paid", None, "ann@example.com")
    assert Product.objects.get().stock == 3


def test_a_customer_buys_and_need_not_type_the_address_again(client):
    ann = make_user()
    client.force_login(ann)
    fill(client, make_product())
    client.post("/checkout/", form_of(client))
    assert Order.objects.get().user == ann
    fill(client, make_product())
    assert 'value="Long Road 1"' in client.get("/checkout/").content.decode()


def test_submitting_twice_makes_one_order(client):
    fill(client, make_product("Kettle", stock=5), quantity=2)
    form = form_of(client)
    first = client.post("/checkout/", form)
    second = client.post("/checkout/", form)
    assert first["Location"] == second["Location"]
    assert (Order.objects.count(), Product.objects.get().stock) == (1, 3)


def test_a_price_that_changed_is_shown_before_it_is_paid(client):
    fill(client, make_product(price="10.00"))
    form = form_of(client)
    Product.objects.update(price="12.00")
    response = client.post("/checkout/", form)
    assert response.status_code == 409
    page = response.content.decode()
    assert "A price changed in the meantime" in page
    assert 'value="12.00"' in page
    assert 'value="Long Road 1"' in page
    assert not Order.objects.exists()
    assert client.post("/checkout/", form_of(client)).status_code == 302


def test_a_total_of_ones_own_is_not_accepted(client):
    fill(client, make_product(price="10.00"))
    assert client.post("/checkout/", form_of(client) | {"agreed_total": "0.01"}).status_code == 409
    assert not Order.objects.exists()


def test_what_sold_out_meanwhile_is_not_sold(client):
    fill(client, make_product(stock=1))
    form = form_of(client)
    Product.objects.update(stock=0)
    assert client.post("/checkout/", form)["Location"] == "/basket/"
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nonsense"),
        ("email", ""),
        ("name", ""),
        ("city", "x" * 500),
        ("street", "a\0b"),
        ("token", "nonsense"),
        ("agreed_total", "NaN"),
    ],
)
def test_a_wrong_field_is_told_and_nothing_is_lost(client, field, value):
    fill(client, make_product())
    response = client.post("/checkout/", form_of(client) | {field: value})
    assert response.status_code == 200
    assert not Order.objects.exists()
    page = response.content.decode()
    if field in ADDRESS:
        assert f'id="id_{field}_hint"><span class="field__error">' in page
    if field != "country":
        assert 'value="Norway"' in page
    assert client.post("/checkout/", form_of(client)).status_code == 302


def test_without_a_basket_there_is_no_checkout(client):
    assert client.get("/checkout/")["Location"] == "/basket/"
    assert client.post("/checkout/", ADDRESS)["Location"] == "/basket/"


def test_a_confirmation_is_for_who_ordered(client):
    fill(client, make_product())
    address = client.post("/checkout/", form_of(client))["Location"]
    assert client.get(address).status_code == 200
    assert Client().get(address).status_code == 404
    bob = Client()
    bob.force_login(make_user("bob"))
    assert bob.get(address).status_code == 404


def test_a_customer_sees_the_confirmation_in_a_later_session(client):
    ann = make_user()
    order = make_order((make_product(), 1), user=ann)
    assert client.get(f"/checkout/thanks/{order.number}/").status_code == 404
    client.force_login(ann)
    assert client.get(f"/checkout/thanks/{order.number}/").status_code == 200


def test_a_confirmation_outlives_the_product(client):
    fill(client, make_product("Kettle"))
    address = client.post("/checkout/", form_of(client))["Location"]
    Product.objects.all().delete()
    assert b"Kettle" in client.get(address).content


def test_personal_pages_are_not_stored(client):
    fill(client, make_product())
    for path in ("/basket/", "/checkout/"):
        assert "no-store" in client.get(path)["Cache-Control"]
