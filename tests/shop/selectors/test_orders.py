"""Whose orders are whose."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from shop.selectors.orders import customer_orders
from tests.shop.factories import make_order, make_product, make_user

pytestmark = pytest.mark.django_db


def test_totals_do_not_multiply_each_other():
    kettle, lamp = make_product(price=Decimal("10.00")), make_product(price=Decimal("3.50"))
    ann = make_user()
    order = make_order((kettle, 2), (lamp, 4), user=ann)
    order.lines.filter(product=lamp).update(refunded_quantity=3)
    found = customer_orders(ann).get()
    assert (found.total, found.n_pieces, found.refunded_total) == (
        Decimal("34.00"),
        6,
        Decimal("10.50"),
    )


def test_an_order_without_lines_costs_nothing():
    ann = make_user()
    make_order(user=ann)
    assert customer_orders(ann).get().total == 0


def test_the_newest_order_comes_first():
    ann, now = make_user(), timezone.now()
    for number, days in (("A", 5), ("B", 1), ("C", 3)):
        make_order(user=ann, number=number, placed_at=now - timedelta(days=days))
    assert [order.number for order in customer_orders(ann)] == ["B", "C", "A"]


def test_a_guest_owns_no_orders():
    make_order((make_product(), 1), user=None)
    assert list(customer_orders(AnonymousUser())) == []
