from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connections
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.datasets import blocks, copy
from tests.recommendations.datasets.app import models as shop
from tests.recommendations.datasets.conftest import day, items, read

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(databases="__all__"),
]

ARRAYS = ("item_ids", "line_basket", "line_item", "basket_at", "basket_customer")


class IntegerShop(ShopAdapter):
    products = Products("dataset_shop.Product", title="name")
    lines = Lines(
        "dataset_shop.Line",
        product="product_id",
        order="order_id",
        customer="order__account_id",
        guest="order__email",
        quantity="quantity",
        amount="amount",
        placed_at=Coalesce("order__paid_at", "order__placed_at"),
        counted=Q(order__status="paid") & ~Q(refunded=F("quantity")),
    )


class UuidShop(ShopAdapter):
    products = Products("dataset_shop.UuidProduct", title="id")
    lines = Lines(
        "dataset_shop.UuidLine",
        product="product_id",
        order="order_id",
        customer="order__customer",
        amount="amount",
        placed_at="order__placed_at",
    )


class TextShop(ShopAdapter):
    products = Products("dataset_shop.TextProduct", title="sku")
    lines = Lines(
        "dataset_shop.TextLine",
        product="product_id",
        order="order_id",
        customer="order__customer",
        guest="order__email",
        amount="amount",
        placed_at="order__day",
    )


def moments(chance: random.Random):
    moment = day(chance.uniform(-40_000, 380))  # from 1914 to after the end of the history
    return moment + timedelta(microseconds=chance.randrange(1_000_000))


def fill_integers(using: str, chance: random.Random) -> None:
    orders = [
        shop.Order(
            pk=pk,
            account_id=chance.choice([None, None, 5, 6, 7]),
            email=chance.choice([None, "", " ", "É@x.example", "é@x.EXAMPLE ", "a@b.example", "5"]),
            status=chance.choice(["paid", "paid", "open"]),
            placed_at=chance.choice([None, *[moments(chance) for _ in range(9)]]),
            paid_at=chance.choice([None, moments(chance)]),
        )
        for pk in chance.sample(range(1, 4_000_000_000), 120)
    ]
    lines = [
        shop.Line(
            order_id=chance.choice([None, 17, *[order.pk for order in orders]]),
            product_id=chance.choice([None, 99, *range(1, 20)]),
            quantity=chance.randrange(1, 3),
            refunded=chance.choice([0, 0, 1]),
            amount=chance.choice([None, Decimal("1.10"), Decimal("-3")]),
        )
        for _ in range(900)
    ]
    shop.Order.objects.using(using).bulk_create(orders)
    shop.Line.objects.using(using).bulk_create(lines)
    damage = {"postgres": "'NaN'", "default": "9e999"}[using]
    if connections[using].vendor == "postgresql":
        damage = "'NaN'"
    with connections[using].cursor() as cursor:
        cursor.execute(f"UPDATE dataset_shop_line SET amount = {damage} WHERE product_id = 7")


def fill_uuids(using: str, chance: random.Random) -> None:
    keys = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(60)]
    shop.UuidOrder.objects.using(using).bulk_create(
        shop.UuidOrder(id=key, customer=chance.choice([None, *keys[:4]]), placed_at=moments(chance))
        for key in keys
    )
    shop.UuidLine.objects.using(using).bulk_create(
        shop.UuidLine(
            id=uuid.UUID(int=chance.getrandbits(128)),
            order_id=chance.choice([None, *keys]),
            product_id=chance.choice([None, *[uuid.UUID(int=n) for n in range(1, 9)]]),
        )
        for _ in range(300)
    )


def fill_texts(using: str, chance: random.Random) -> None:
    keys = ["", "0", "Ä-1", "a\nb", *[f"N{n}" for n in range(50)]]
    shop.TextOrder.objects.using(using).bulk_create(
        shop.TextOrder(
            number=key,
            customer=chance.choice(["", "5", "Ünal", "x" * 50]),
            email=chance.choice(["", "a@b.example", "A@b.example"]),
            day=date(2024, 1, 1) + timedelta(days=chance.randrange(-30_000, 400)),
        )
        for key in keys
    )
    shop.TextLine.objects.using(using).bulk_create(
        shop.TextLine(
            order_id=chance.choice([None, "gone", *keys]),
            product_id=chance.choice([None, "", "P 1", "pé", "99", *[f"P{n}" for n in range(9)]]),
            amount=chance.choice([None, 1.5, float("inf")]),
        )
        for _ in range(300)
    )


SHOPS = [
    pytest.param(IntegerShop, fill_integers, range(1, 20), id="integers"),
    pytest.param(UuidShop, fill_uuids, [uuid.UUID(int=n) for n in range(1, 7)], id="uuids"),
    pytest.param(TextShop, fill_texts, ["P 1", "pé", *[f"P{n}" for n in range(7)]], id="texts"),
]


@pytest.mark.parametrize(("adapter", "fill", "keys"), SHOPS)
@pytest.mark.parametrize(("pages", "rows"), [(1, 7), (2048, 50_000)])
def test_all_ways_agree(monkeypatch, adapter, fill, keys, pages, rows):
    monkeypatch.setattr(copy, "BLOCK_PAGES", pages)
    monkeypatch.setattr(blocks, "BLOCK_ROWS", rows)
    items(*keys)
    for using in ("default", "postgres"):
        fill(using, random.Random(3))
    by_copy = read(adapter, using="postgres", path="copy")
    assert by_copy.n_lines > 50
    assert by_copy.n_baskets > 20
    for other in (
        read(adapter, using="postgres", path="portable"),
        read(adapter, using="default", path="portable"),
        read(adapter, using="default", path="auto"),
    ):
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(by_copy, name), getattr(other, name), name)
        assert by_copy.left_out == other.left_out
        assert by_copy.fingerprint() == other.fingerprint()
