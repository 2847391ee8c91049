"""Who a customer position is, in the words of the shop's adapter."""

from __future__ import annotations

from uuid import UUID

import pytest

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.datasets import customer_keys
from recommendations.datasets.orders import read_customer_history
from tests.recommendations.datasets.app import models as shop
from tests.recommendations.datasets.conftest import AS_OF, day, items, read
from tests.recommendations.datasets.test_orders import Shop, order

pytestmark = pytest.mark.django_db


def keys(adapter) -> tuple[list[int], list[str]]:
    history, found = read_customer_history(as_of=AS_OF, adapter=adapter())
    assert history.fingerprint() == read(adapter).fingerprint()
    return found.positions.tolist(), found.keys


def test_users_by_primary_key_guests_by_their_hash_and_nobody_not_at_all():
    items(1)
    shop.Account.objects.create(pk=5)
    order(1, 1, email="")
    order(2, 1, account_id=5, email="a@example.com")
    order(3, 1, email=" B@Example.com ")
    order(4, 1, email="b@example.com")
    order(5, 1, account_id=5)
    positions, found = keys(Shop)
    assert positions == [1, 2]
    assert found == ["5", Shop().guest_key("b@example.com")]
    assert "example" not in "".join(found)


class UuidShop(ShopAdapter):
    products = Products("dataset_shop.UuidProduct", title="id")
    lines = Lines(
        "dataset_shop.UuidLine", product="product_id", order="order_id",
        customer="order__customer", placed_at="order__placed_at",
    )  # fmt: skip


def test_a_uuid_is_written_as_the_shop_writes_it():
    product, buyer = UUID(int=7), UUID(int=2**100 + 5)
    items(product.hex)
    shop.UuidProduct.objects.create(pk=product)
    for number, customer in ((1, None), (2, buyer)):
        made = shop.UuidOrder.objects.create(
            pk=UUID(int=number), customer=customer, placed_at=day(number)
        )
        shop.UuidLine.objects.create(order=made, product_id=product)
    assert keys(UuidShop) == ([1], [str(buyer)])


class TextShop(ShopAdapter):
    products = Products("dataset_shop.TextProduct", title="sku")
    lines = Lines(
        "dataset_shop.TextLine", product="product_id", order="order_id",
        customer="order__customer", guest="order__email", placed_at="order__day",
    )  # fmt: skip


def test_text_keys_stay_as_they_are():
    items("tea")
    for number, customer in enumerate(("mo", "", "ann", "mo")):
        made = shop.TextOrder.objects.create(
            number=f"n{number}", customer=customer, email="x@example.com", day=day(number)
        )
        shop.TextLine.objects.create(order=made, product_id="tea")
    assert keys(TextShop) == ([0, 1, 2], ["mo", TextShop().guest_key("x@example.com"), "ann"])


def test_no_orders_no_keys():
    assert keys(Shop) == ([], [])


def test_a_key_that_no_row_could_hold_is_left_out(monkeypatch):
    items("tea")
    for number, customer in enumerate(("overlong", "ann")):
        made = shop.TextOrder.objects.create(
            number=f"n{number}", customer=customer, day=day(number)
        )
        shop.TextLine.objects.create(order=made, product_id="tea")
    monkeypatch.setattr(customer_keys, "KEY_LIMIT", 3)
    assert keys(TextShop) == ([1], ["ann"])
