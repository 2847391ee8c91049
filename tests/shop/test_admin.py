"""The merchant's side: lists, searches, and actions that need their own permission."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from shop.models import Basket, Brand, Category, Order, OrderLine, Product
from shop.services.orders import ship_order
from tests.shop.factories import (
    buy,
    make_basket,
    make_brand,
    make_category,
    make_order,
    make_product,
    make_user,
    make_variant,
)

pytestmark = pytest.mark.django_db

MODELS = (Basket, Brand, Category, Order, OrderLine, Product)


def listing(model) -> str:
    return reverse(f"admin:shop_{model._meta.model_name}_changelist")


def act(client, action: str, *rows) -> list[str]:
    """Run an action on rows and return what the merchant is told."""
    response = client.post(
        listing(type(rows[0])),
        {"action": action, "_selected_action": [row.pk for row in rows]},
        follow=True,
    )
    return [str(message) for message in response.context["messages"]]


def merchant(client, *permissions: str):
    views = [f"view_{model._meta.model_name}" for model in MODELS]
    client.force_login(make_user("merchant", *views, *permissions, is_staff=True))
    return client


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_every_row_has_a_page(admin_client, model):
    product = make_product("Kettle", category=make_category(), brand=make_brand(), stock=0)
    make_variant(product, "Red")
    make_basket((product, 1), user=make_user())
    make_order((product, 2))
    buy(make_basket((make_product(), 1)))
    assert admin_client.get(listing(model)).status_code == 200
    assert admin_client.get(listing(model), {"q": "kettle"}).status_code == 200
    for row in model.objects.all():
        address = reverse(f"admin:shop_{model._meta.model_name}_change", args=[row.pk])
        assert admin_client.get(address).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_the_same_queries_for_any_number(
    admin_client, model, django_assert_max_num_queries
):
    for number in range(12):
        product = make_product(category=make_category(f"C{number}"), brand=make_brand(f"B{number}"))
        make_order((product, 1), user=make_user(f"u{number}"))
        make_basket((product, 1))
    with django_assert_max_num_queries(11):
        admin_client.get(listing(model))


@pytest.mark.parametrize("chosen", ["out", "few", "more", "untracked", "nonsense"])
def test_products_are_filtered_by_stock(admin_client, chosen):
    for name, stock in (("Gone", 0), ("Scarce", 5), ("Plenty", 6), ("Endless", None)):
        make_product(name, stock=stock)
    page = admin_client.get(listing(Product), {"stock": chosen})
    names = {product.name for product in page.context["cl"].queryset}
    expected = {"out": "Gone", "few": "Scarce", "more": "Plenty", "untracked": "Endless"}
    assert names == ({expected[chosen]} if chosen in expected else set(expected.values()))


@pytest.mark.parametrize(("kind", "names"), [("page", {"Bag"}), ("variant", {"Bag (Red)"})])
def test_variants_are_told_from_pages(admin_client, kind, names):
    make_variant(make_product("Bag"), "Red")
    page = admin_client.get(listing(Product), {"kind": kind})
    assert {product.full_name for product in page.context["cl"].queryset} == names


def test_orders_and_their_lines_are_never_edited_by_hand(admin_client, rf, admin_user):
    request = rf.get("/")
    request.user = admin_user
    for model in (Order, OrderLine, Basket):
        site = admin.site.get_model_admin(model)
        assert not site.has_add_permission(request)
        assert not site.has_change_permission(request)
        assert not site.has_delete_permission(request)


def test_a_merchant_cancels_and_refunds(client):
    merchant(client, "cancel_order", "refund_order", "change_order")
    kettle = make_product(stock=9)
    one, two, three = (buy(make_basket((kettle, 3))) for _order in range(3))
    ship_order(two)
    assert act(client, "cancel", one, two) == [
        f"Order {two.number} can no longer be cancelled.",
        "1 order was changed.",
    ]
    assert act(client, "refund", two) == ["1 order was changed."]
    assert act(client, "ship", three) == ["1 order was changed."]
    found = {order.pk: order for order in Order.objects.all()}
    assert [found[order.pk].status for order in (one, two, three)] == [
        "cancelled",
        "refunded",
        "paid",
    ]
    assert found[three.pk].shipped_at is not None
    assert Product.objects.get().stock == 6


def test_a_merchant_refunds_single_lines(client):
    merchant(client, "refund_order")
    order = make_order((make_product("Kettle", stock=0), 3))
    line = order.lines.get()
    assert act(client, "refund_one", line) == ["1 line was refunded."]
    assert act(client, "refund_all", line) == ["1 line was refunded."]
    assert len(act(client, "refund_one", line)) == 1  # no longer paid
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.refunded_quantity, order.status) == (3, "refunded")
    assert Product.objects.get().stock == 3


@pytest.mark.parametrize("action", ["cancel", "refund", "ship"])
def test_without_the_permission_there_is_no_action(client, action):
    merchant(client)
    order = make_order((make_product(), 1))
    page = client.get(listing(Order))
    assert f'value="{action}"' not in page.content.decode()
    act(client, action, order)
    order.refresh_from_db()
    assert (order.status, order.shipped_at) == ("paid", None)


def test_a_merchant_hides_and_shows_products(client):
    merchant(client, "change_product")
    kettle = make_product()
    assert act(client, "hide", kettle) == ["1 product was changed."]
    assert not Product.objects.get().visible
    act(client, "show", kettle)
    assert Product.objects.get().visible
