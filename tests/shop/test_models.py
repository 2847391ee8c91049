"""What the database refuses, whoever writes to it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shop.models import Basket, OrderLine, Product
from tests.shop.factories import make_basket, make_order, make_product, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field", ["price", "cost", "stock"])
def test_a_product_has_nothing_negative(field):
    product = make_product(cost=Decimal(1), stock=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(**{field: -1})


def test_cost_and_stock_may_be_unknown():
    product = make_product(cost=None, stock=None)
    assert product.in_stock(10_000)


def test_a_product_is_not_its_own_parent():
    product = make_product()
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(parent=product)


@pytest.mark.parametrize(
    "change", [{"refunded_quantity": 3}, {"quantity": 0}, {"amount": -1}, {"unit_price": -1}]
)
def test_an_order_line_stays_possible(change):
    line = make_order((make_product(), 2)).lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(pk=line.pk).update(**change)


def test_a_deleted_product_leaves_its_order_lines():
    product = make_product("Kettle")
    order = make_order((product, 2))
    product.delete()
    line = order.lines.get()
    assert (line.product_id, line.product_name) == (None, "Kettle")


@pytest.mark.parametrize("quantity", [0, 1000])
def test_a_basket_line_has_a_sane_quantity(quantity):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_basket((make_product(), quantity))


def test_a_basket_holds_a_product_once():
    product = make_product()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_basket((product, 1), (product, 2))


def test_a_customer_has_one_basket():
    user = make_user()
    Basket.objects.create(user=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Basket.objects.create(user=user)


def test_two_guests_have_two_baskets():
    assert Basket.objects.create().token != Basket.objects.create().token


def test_a_variant_is_shown_on_the_page_of_its_parent():
    parent = make_product("Bag", slug="bag")
    variant = make_variant(parent, "Navy")
    assert variant.get_absolute_url() == f"/product/bag/?variant={variant.pk}"
    assert str(variant) == "Bag (Navy)"


@pytest.mark.parametrize("attributes", [[], "blue", 3])
def test_attributes_are_names_and_values(attributes):
    with pytest.raises(ValidationError, match="names and values"):
        Product(sku="1", name="x", slug="x", price=1, attributes=attributes).full_clean()
