"""Reads of orders."""

from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet, Sum

from shop.models import Order

_REFUND = ExpressionWrapper(
    F("lines__unit_price") * F("lines__refunded_quantity"),
    output_field=DecimalField(max_digits=14, decimal_places=2),
)


def customer_orders(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Order]:
    """Return a customer's own orders, newest first, with their totals."""
    # Guests' orders have no user either: without this a guest would own them all.
    if not user.is_authenticated:
        return Order.objects.none()
    # Said again, because a query with sums forgets the order that the model declares.
    return with_totals(Order.objects.filter(user_id=user.pk)).order_by("-placed_at", "-pk")


def with_totals(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add what the lines of each order cost, how many pieces they are, and what was given back."""
    return orders.annotate(
        total=Sum("lines__amount", default=Decimal(0)),
        n_pieces=Sum("lines__quantity", default=0),
        refunded_total=Sum(_REFUND, default=Decimal(0)),
    )
