from __future__ import annotations

import pytest
from django.db.models import Q

from recommendations.adapters import Lines, Products, ShopAdapter
from tests.recommendations.datasets.app.models import Account, Line, Order
from tests.recommendations.datasets.conftest import baskets, day, items, read, seconds

pytestmark = pytest.mark.django_db


class Shop(ShopAdapter):
    products = Products("dataset_shop.Product", title="name")
    lines = Lines(
        "dataset_shop.Line",
        product="product_id",
        order="order_id",
        customer="order__account_id",
        guest="order__email",
        quantity="quantity",
        amount="amount",
        placed_at="order__placed_at",
        counted=Q(order__status="paid", refunded=0),
    )


def order(key: int, *products: int | None, **values) -> Order:
    made = Order.objects.create(pk=key, **{"placed_at": day(key), **values})
    Line.objects.bulk_create(Line(order_id=key, product_id=product) for product in products)
    return made


def test_reads_lines_by_order_and_item():
    position = items(30, 10, 20)
    order(7, 10, 20)
    order(3, 20)
    history = read(Shop)
    assert baskets(history) == [[position["20"]], [position["10"], position["20"]]]
    assert history.basket_at.tolist() == [seconds(3), seconds(7)]
    assert history.left_out == {}


def test_counts_lines_left_out_by_reason():
    items(1, 2)
    order(1, 1, 2, None, 99)  # one empty product, one of none of our items
    order(2, 1, 2, status="cancelled")
    order(3, 1, placed_at=day(400))
    order(4, 1, 99, placed_at=None)
    Line.objects.create(order_id=None, product_id=1)
    Line.objects.create(order_id=1000, product_id=1)  # an order that is gone
    Line.objects.create(order_id=1, product_id=1, refunded=1)
    history = read(Shop)
    assert baskets(history) == [[0, 1]]
    assert history.left_out == {
        "after as_of": 1,
        "no order": 1,
        "no product": 1,
        "no time": 2,
        "not counted": 3,
        "unknown product": 1,
    }


def test_customers_are_users_else_guests_else_orders():
    items(1)
    for pk in (5, 6):
        Account.objects.create(pk=pk)
    order(1, 1, account_id=5, email="a@example.com")
    order(2, 1, email=" A@Example.com ")
    order(3, 1, email="a@example.com")
    order(4, 1, email="")
    order(5, 1, email=None)
    order(6, 1, account_id=6, email="a@example.com")
    order(7, 1, account_id=5, email="b@example.com")
    order(8, 1, email="5")
    order(9, 1, email="   ")
    history = read(Shop)
    assert history.basket_customer.tolist() == [0, 1, 1, 2, 3, 4, 0, 5, 6]
    assert history.n_customers == 7
