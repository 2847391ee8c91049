from __future__ import annotations

import dataclasses
import random
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Q

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.models import Item
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


def test_merges_the_same_product_on_an_order():
    items(1, 2)
    order(1, 2, 1, 2, 2)
    assert baskets(read(Shop)) == [[0, 1]]


def test_orders_without_lines_are_baskets_too():
    items(1)
    order(1)
    order(2, 1)
    history = read(Shop)
    assert baskets(history) == [[], [0]]


def test_empty_tables_give_an_empty_history():
    history = read(Shop)
    assert (history.n_items, history.n_baskets, history.n_lines, history.n_customers) == (
        0,
        0,
        0,
        0,
    )


def test_variants_count_for_the_parent_shown():
    position = items("parent", 1, 2, 3)
    parent = Item.objects.get(key="parent")
    Item.objects.filter(key__in=["1", "2"]).update(parent=parent)
    Item.objects.filter(key="3").update(parent=Item.objects.get(key="2"))
    order(1, 1, 2)
    order(2, 3)
    history = read(Shop)
    assert baskets(history) == [[position["parent"]], [position["parent"]]]


def test_a_family_without_a_head_ends_somewhere_in_itself():
    items(1, 2)
    one, two = Item.objects.order_by("pk")
    Item.objects.filter(pk=one.pk).update(parent=two)
    Item.objects.filter(pk=two.pk).update(parent=one)
    order(1, 1, 2)
    assert baskets(read(Shop))[0]


@pytest.mark.parametrize("value", ["NaN", "no number", float("inf")])
def test_lines_whose_numbers_are_damaged_are_left_out(value):
    class Weighed(Shop):
        lines = dataclasses.replace(Shop.lines, quantity="weight")

    items(1, 2)
    order(1, 1, 2)
    name = "amount" if isinstance(value, str) else "weight"
    if connection.vendor == "postgresql" and value == "no number":
        value = "NaN"  # PostgreSQL keeps nothing else out of place
    with connection.cursor() as cursor:
        statement = f"UPDATE dataset_shop_line SET {name} = %s WHERE product_id = 2"
        cursor.execute(statement, [value])
    for path in ("auto", "portable"):
        history = read(Weighed, path=path)
        assert baskets(history) == [[0]]
        assert history.left_out == {"damaged amount": 1}


def test_nothing_depends_on_the_order_of_rows():
    items(*range(1, 9))
    keys = [3, 1, 2]
    for key in keys:
        Order.objects.create(pk=key, placed_at=day(key), email=f"{key % 2}@x.example")
    pairs = [(key, product) for key in keys for product in range(1, 9) if (key * product) % 3]
    Line.objects.bulk_create(Line(order_id=key, product_id=product) for key, product in pairs)
    first = read(Shop)
    Line.objects.all().delete()
    random.Random(1).shuffle(pairs)
    Line.objects.bulk_create(Line(order_id=key, product_id=product) for key, product in pairs)
    assert read(Shop).fingerprint() == first.fingerprint()


def test_as_of_must_know_its_time_zone():
    with pytest.raises(ValueError, match="as_of must carry its time zone"):
        read(Shop, as_of=datetime(2024, 1, 1))  # noqa: DTZ001


def test_unknown_paths_are_refused():
    with pytest.raises(ValueError, match="'auto', 'portable' or 'copy'"):
        read(Shop, path="fast")


def test_copy_is_refused_elsewhere_than_on_postgresql():
    if connection.vendor == "postgresql":
        pytest.skip("this suite runs on PostgreSQL")
    with pytest.raises(ValueError, match="'copy' needs PostgreSQL"):
        read(Shop, path="copy")


def test_as_of_holds_to_the_second():
    items(1)
    order(1, 1, placed_at=day(1))
    order(2, 1, placed_at=day(1) + timedelta(seconds=1))
    assert read(Shop, as_of=day(1)).n_baskets == 1
    assert read(Shop, as_of=day(1) + timedelta(seconds=1)).n_baskets == 2


def test_progress_hears_of_every_row():
    items(1)
    for key in range(1, 6):
        order(key, 1, 1)
    heard = []
    read(Shop, progress=lambda *report: heard.append(report))
    assert {phase for phase, _, _ in heard} == {"read"}
    done = [rows for _, rows, _ in heard]
    assert done == sorted(done)
    assert done[-1] == 15  # 5 orders and 10 lines
    assert all(rows <= total for _, rows, total in heard)


@pytest.mark.parametrize("n_orders", [2, 60])
def test_the_number_of_queries_does_not_grow(django_assert_num_queries, n_orders):
    items(*range(1, 9))
    for key in range(1, n_orders):
        order(key, *range(1, 9), email=f"{key}@x.example")
    with django_assert_num_queries(4):  # items, orders, guests, lines
        read(Shop, path="portable")


@pytest.mark.parametrize("path", ["auto", "portable"])
def test_no_object_is_made_of_a_row(monkeypatch, path):
    items(1, 2)
    order(1, 1, 2)

    def refuse(*args, **kwargs):
        raise AssertionError("a model instance was made")

    for model in (Order, Line, Item):
        monkeypatch.setattr(model, "from_db", refuse)
        monkeypatch.setattr(model, "__init__", refuse)
    assert baskets(read(Shop, path=path)) == [[0, 1]]
