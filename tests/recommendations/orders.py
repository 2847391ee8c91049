"""A handful of real orders of the reference shop, for tests that go from rows to lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from shop.models import Order, OrderLine, Product

_numbers = count(1)


def sell(
    *products: Product,
    email: str = "",
    placed_at: datetime | None = None,
    status: str = Order.Status.PAID,
) -> Order:
    """Make an order of one of each."""
    order = Order.objects.create(
        number=f"order-{next(_numbers)}",
        email=email,
        status=status,
        placed_at=placed_at or timezone.now() - timedelta(days=1),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=product,
            product_name=product.name,
            sku=product.sku,
            quantity=1,
            unit_price=Decimal("1.00"),
            amount=Decimal("1.00"),
            position=position,
        )
        for position, product in enumerate(products, start=1)
    )
    return order


def sell_to_many(products: Sequence[Product], n_customers: int, *, days_ago: float = 1.0) -> None:
    """Make an order of these products for each of so many guests."""
    placed_at = timezone.now() - timedelta(days=days_ago)
    for number in range(n_customers):
        sell(*products, email=f"guest-{number}@example.com", placed_at=placed_at)
