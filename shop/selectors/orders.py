"""Reads of orders."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from shop.models import Order, OrderLine, Product


def customer_orders(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Order]:
    """Return a customer's own orders, newest first, with their totals."""
    # Guests' orders have no user either: without this a guest would own them all.
    if not user.is_authenticated:
        return Order.objects.none()
    return with_totals(Order.objects.filter(user_id=user.pk))


def with_totals(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add what the lines of each order cost, how many pieces they are, and what was given back."""
    return orders.annotate(
        total=_sum_of_lines(F("amount"), Decimal(0)),
        n_pieces=_sum_of_lines(F("quantity"), 0),
        refunded_total=_sum_of_lines(F("unit_price") * F("refunded_quantity"), Decimal(0)),
    )


def bought_products(lines: Iterable[OrderLine]) -> list[Product]:
    """Return what an order holds, of a variant the product it belongs to; deleted ones are gone."""
    products = (line.product for line in lines if line.product is not None)
    return list(dict.fromkeys(product.parent or product for product in products))


def _sum_of_lines(amount: Combinable, nothing: Any) -> Coalesce:
    """Sum over an order's lines by a subquery, which is asked for the rows of one page only.

    A join with GROUP BY adds up every line of the shop before it takes fifty orders.
    """
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    return Coalesce(Subquery(lines.annotate(sum=Sum(amount)).values("sum")), Value(nothing))
