"""Shops of other shapes: lines without orders, several models, other keys, other clocks."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Concat

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.datasets.baskets import utc_seconds
from recommendations.datasets.expressions import NULL
from tests.recommendations.datasets.app import models as shop
from tests.recommendations.datasets.conftest import baskets, day, items, read, seconds

pytestmark = pytest.mark.django_db


class TillShop(ShopAdapter):
    """Each line knows its order's number and nothing else holds orders."""

    products = Products("dataset_shop.TextProduct", title="sku")
    lines = Lines(
        "dataset_shop.Till",
        product="article",
        order="receipt",
        customer="customer",
        guest="email",
        placed_at="at",
    )


def test_lines_without_an_order_model():
    position = items("mug", "tea")
    rows = [
        (7, "tea", None, "A@x.example", day(3)),
        (7, "mug", None, "a@x.example ", day(3)),
        (2, "tea", 4, "", day(5)),
        (9, "mug", None, "a@x.example", day(6)),
        (8, "mug", None, "", day(400)),
        (6, "mug", None, "", None),
        (None, "mug", None, "", day(1)),
        (2, "pot", 4, "", day(5)),
    ]
    shop.Till.objects.bulk_create(
        shop.Till(receipt=receipt, article=article, customer=customer, email=email, at=at)
        for receipt, article, customer, email, at in rows
    )
    history = read(TillShop)
    tea, mug = position["tea"], position["mug"]
    assert baskets(history) == [[tea], sorted([tea, mug]), [mug]]
    assert history.basket_at.tolist() == [seconds(5), seconds(3), seconds(6)]
    assert history.basket_customer.tolist() == [0, 1, 1]
    assert history.left_out == {
        "after as_of": 1,
        "no order": 1,
        "no time": 1,
        "unknown product": 1,
    }


def test_lines_of_one_order_that_disagree_give_the_same_in_any_order():
    items("mug", "tea")
    rows = [
        {"receipt": 1, "article": "mug", "at": day(3), "customer": 5},
        {"receipt": 1, "article": "tea", "at": day(2), "customer": 9},
        {"receipt": 2, "article": "tea", "at": day(2), "customer": 9},
    ]
    found = []
    for some in (rows, rows[::-1]):
        shop.Till.objects.all().delete()
        shop.Till.objects.bulk_create(shop.Till(**row) for row in some)
        found.append(read(TillShop))
    assert found[0].fingerprint() == found[1].fingerprint()
    assert found[0].basket_at.tolist() == [seconds(2), seconds(2)]
    assert found[0].basket_customer.tolist() == [0, 0]


class MixedShop(ShopAdapter):
    """Some of its conditions need both the line and the order."""

    products = Products("dataset_shop.Product", title="name")
    lines = Lines(
        "dataset_shop.Line",
        product="product_id",
        order="order_id",
        customer="order__account_id",
        guest="order__email",
        placed_at="order__placed_at",
        counted=Q(order__status="paid") & (Q(quantity__gt=0) | Q(order__status="sent")),
    )


def test_one_scan_and_two_scans_agree():
    class OneScan(MixedShop):
        # An expression names no foreign key, so nothing can be read from the orders' table.
        lines = dataclasses.replace(MixedShop.lines, order=Coalesce("order_id", "order_id"))

    items(1, 2, 3)
    shop.Account.objects.create(pk=5)
    for key in (4, 2, 9):
        shop.Order.objects.create(
            pk=key,
            placed_at=day(key),
            account_id=5 if key == 2 else None,
            email="a@x.example",
            status="open" if key == 9 else "paid",
        )
        shop.Line.objects.bulk_create(
            shop.Line(order_id=key, product_id=product) for product in (1, 3)
        )
    two, one = read(MixedShop), read(OneScan)
    assert two.n_lines == 4
    assert one.fingerprint() == two.fingerprint()


class AnyShop(ShopAdapter):
    """Products and tickets have the same primary keys; lines say which they mean."""

    products = (
        Products("dataset_shop.Product", title="name"),
        Products("dataset_shop.Ticket", title="name"),
    )
    lines = Lines(
        "dataset_shop.AnyLine",
        product="object_id",
        product_model="content_type_id",
        order="order_id",
        placed_at="order__placed_at",
    )


@pytest.fixture
def any_lines():
    position = items("dataset_shop.product:1", "dataset_shop.ticket:1", "dataset_shop.ticket:2")
    shop.Order.objects.create(pk=1, placed_at=day(1))
    shop.Order.objects.create(pk=2, placed_at=day(2))
    types = {
        model: ContentType.objects.get_for_model(model)
        for model in (shop.Product, shop.Ticket, shop.Account)
    }
    for order, model, pk in (
        (1, shop.Product, 1),
        (1, shop.Ticket, 2),
        (2, shop.Ticket, 1),
        (2, shop.Account, 1),
        (2, shop.Ticket, None),
    ):
        shop.AnyLine.objects.create(
            order_id=order,
            content_type=types[model],
            label=model._meta.label,
            object_id=pk,
        )
    return position


@pytest.mark.parametrize("path", ["content_type_id", "content_type", "label"])
def test_several_models_whose_keys_overlap(any_lines, path):
    class Shop(AnyShop):
        lines = dataclasses.replace(AnyShop.lines, product_model=path)

    history = read(Shop)
    product, ticket, other = (any_lines[key] for key in any_lines)
    assert baskets(history) == [[product, other], [ticket]]
    assert history.left_out == {"no product": 1, "unknown product": 1}


def test_several_models_need_to_be_told_apart():
    class Shop(AnyShop):
        lines = dataclasses.replace(AnyShop.lines, product_model=None)

    with pytest.raises(ValueError, match="must declare product_model"):
        read(Shop)


def test_several_line_models_share_the_orders_they_share(any_lines):
    class Shop(AnyShop):
        lines = (
            Lines(
                "dataset_shop.Line",
                product="product_id",
                order="order_id",
                customer="order__account_id",
                placed_at="order__placed_at",
            ),
            Lines(
                "dataset_shop.TicketLine",
                product="ticket_id",
                order="order_id",
                customer="order__account_id",
                placed_at="order__placed_at",
            ),
            Lines(
                "dataset_shop.Till",
                product="article",
                product_model=Value("dataset_shop.Ticket"),
                order="receipt",
                customer="customer",
                placed_at="at",
            ),
        )

    shop.Account.objects.create(pk=7)
    shop.Order.objects.filter(pk=2).update(account_id=7)
    shop.Line.objects.create(order_id=2, product_id=1)
    shop.TicketLine.objects.create(order_id=2, ticket_id=1)
    shop.TicketLine.objects.create(order_id=1, ticket_id=2)
    # Number 2 of the till is another order than number 2 of the web shop, of the same customer.
    shop.Till.objects.create(receipt=2, article="2", customer=7, at=day(3))
    history = read(Shop)
    product, one, two = (any_lines[key] for key in any_lines)
    assert baskets(history) == [[two], [product, one], [two]]
    assert history.basket_customer.tolist() == [0, 1, 1]


def test_a_user_and_a_guest_named_alike_are_two():
    class Shop(ShopAdapter):
        products = TillShop.products
        lines = dataclasses.replace(
            TillShop.lines, customer=Concat("email", Value("")), guest="email"
        )

    items("mug")
    shop.Till.objects.create(receipt=1, article="mug", customer=5, at=day(1))
    shop.Till.objects.create(receipt=2, article="mug", email="5", at=day(1))
    assert read(TillShop).basket_customer.tolist() == [0, 1]
    assert read(Shop).basket_customer.tolist() == [0, 1]


def test_clocks_are_turned_back_to_utc():
    london = ZoneInfo("Europe/London")
    local = [
        datetime(2024, 1, 15, 12, 30),  # noqa: DTZ001
        datetime(2024, 7, 15, 12, 30),  # noqa: DTZ001
        datetime(1965, 7, 15, 12, 30),  # noqa: DTZ001
        datetime(2024, 10, 27, 1, 30),  # noqa: DTZ001 - twice on this day
    ]
    clock = np.array([int(at.replace(tzinfo=UTC).timestamp()) for at in local] + [NULL])
    expected = [int(at.replace(tzinfo=london).timestamp()) for at in local]
    assert utc_seconds(clock, london).tolist() == [*expected, NULL]
    assert utc_seconds(clock, UTC) is clock


def test_dates_begin_where_the_project_is(settings):
    settings.TIME_ZONE = "Asia/Tokyo"

    class Shop(ShopAdapter):
        products = Products("dataset_shop.TextProduct", title="sku")
        lines = Lines(
            "dataset_shop.TextLine", product="product_id", order="order_id", placed_at="order__day"
        )

    items("mug")
    shop.TextOrder.objects.create(number="N1", day=day(0).date())
    shop.TextLine.objects.create(order_id="N1", product_id="mug")
    assert read(Shop).basket_at.tolist() == [seconds(0) - 9 * 3600]
