"""The customer's account."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.services.orders import ship_order
from tests.shop.factories import buy, make_basket, make_order, make_product, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-one-7"


@pytest.mark.parametrize("path", ["/account/", "/account/orders/N1/"])
def test_a_guest_logs_in_first(client, path):
    assert client.get(path)["Location"] == f"/account/login/?next={path}"


def test_a_new_customer_signs_up_and_logs_in_again(client):
    form = {"email": "Ann@Example.com", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post("/account/sign-up/", form, follow=True)
    assert response.redirect_chain == [("/account/", 302)]
    assert b"not ordered anything yet" in response.content
    client.post("/account/logout/")
    login = {"username": "ANN@example.com", "password": PASSWORD}
    assert client.post("/account/login/", login)["Location"] == "/account/"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "ann@example.com"}, "already an account"),
        ({"email": "nonsense"}, "valid email"),
        ({"password1": "1", "password2": "1"}, "too short"),
        ({"password2": "different-one-8"}, "match"),
    ],
)
def test_a_sign_up_that_cannot_be_says_why(client, change, words):
    get_user_model()._default_manager.create_user(username="ann@example.com")
    form = {"email": "bob@example.com", "password1": PASSWORD, "password2": PASSWORD} | change
    response = client.post("/account/sign-up/", form)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert get_user_model()._default_manager.count() == 1


def test_a_customer_sees_own_orders_only(client):
    ann, bob = make_user("ann"), make_user("bob")
    own = make_order((make_product("Kettle"), 2), user=ann)
    theirs = make_order((make_product("Lamp"), 1), user=bob)
    guests = make_order((make_product("Mat"), 1), email="ann@example.com")
    client.force_login(ann)
    page = client.get("/account/").content.decode()
    assert own.number in page
    assert theirs.number not in page
    assert b"Kettle" in client.get(own.get_absolute_url()).content
    for order in (theirs, guests):
        assert client.get(order.get_absolute_url()).status_code == 404
        assert client.post(f"{order.get_absolute_url()}cancel/").status_code == 404
        order.refresh_from_db()
        assert order.status == "paid"


def test_a_customer_cancels_before_shipping(client):
    ann, kettle = make_user(), make_product(stock=5)
    order = buy(make_basket((kettle, 2), user=ann), user=ann)
    client.force_login(ann)
    assert b"Yes, cancel the order" in client.get(order.get_absolute_url()).content
    page = client.post(f"{order.get_absolute_url()}cancel/", follow=True).content
    assert b"is cancelled" in page
    assert b"Yes, cancel the order" not in page
    kettle.refresh_from_db()
    assert kettle.stock == 5


def test_a_customer_does_not_cancel_after_shipping(client):
    ann = make_user()
    order = buy(make_basket((make_product(), 2), user=ann), user=ann)
    ship_order(order)
    client.force_login(ann)
    assert b"Yes, cancel the order" not in client.get(order.get_absolute_url()).content
    page = client.post(f"{order.get_absolute_url()}cancel/", follow=True).content
    assert b"no longer be cancelled" in page
    order.refresh_from_db()
    assert order.status == "paid"


def test_only_a_post_cancels(client):
    ann = make_user()
    order = make_order((make_product(), 1), user=ann)
    client.force_login(ann)
    assert client.get(f"{order.get_absolute_url()}cancel/").status_code == 405


def test_orders_are_paged_in_the_same_number_of_queries(client):
    ann, kettle = make_user(), make_product()
    for _order in range(25):
        make_order((kettle, 1), user=ann)
    client.force_login(ann)
    client.get("/account/")
    # Session, user, number of orders, orders, what is held (for the number on the basket and the
    # shelf), navigation; and what the shelf asks in a shop that knows no items: what is newest.
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/account/")
    # PostgreSQL guards the transaction by a savepoint; nothing is read by it.
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 7
    assert len(response.context["page"]) == 20
    assert len(client.get("/account/?page=2").context["page"]) == 5


def test_login_leads_back_to_the_shop_only(client):
    make_user("ann")
    form = {"username": "ann", "password": "ann", "next": "https://evil.example/"}
    assert client.post("/account/login/", form)["Location"] == "/account/"
