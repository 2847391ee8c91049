from __future__ import annotations

from decimal import Decimal

import pytest

from shop.bulk import LineRow, insert_lines
from shop.models import Order, OrderLine, Product


def _lines_both_ways() -> tuple[list[object], list[object]]:
    product = Product.objects.create(sku="A", name="A", slug="a", price=1)
    order = Order.objects.create(number="1")
    rows = [
        LineRow(
            order.pk,
            product.pk,
            "Tab\there\n\\N ünd €",
            "A",
            3,
            1,
            Decimal("0.10"),
            Decimal("0.30"),
            0,
        ),
        LineRow(order.pk, product.pk, "", "A", 1, 0, Decimal("9999999999.99"), Decimal("1.00"), 1),
    ]
    names = LineRow._fields
    insert_lines(rows)
    fast = list(OrderLine.objects.order_by("position").values_list(*names))
    OrderLine.objects.all().delete()
    OrderLine.objects.bulk_create(OrderLine(**row._asdict()) for row in rows)
    return fast, list(OrderLine.objects.order_by("position").values_list(*names))


def test_a_row_has_every_column_of_the_model():
    columns = {field.attname for field in OrderLine._meta.concrete_fields}
    assert columns == {"id", *LineRow._fields}


@pytest.mark.django_db
def test_lines_are_those_that_bulk_create_would_write():
    fast, slow = _lines_both_ways()
    assert fast == slow
    assert len(fast) == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_lines_are_the_same_by_copy(on_postgres):
    fast, slow = _lines_both_ways()
    assert fast == slow
    assert len(fast) == 2


@pytest.mark.django_db
def test_no_lines_are_no_work():
    insert_lines([])
    assert not OrderLine.objects.exists()
