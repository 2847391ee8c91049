"""The whole shop as values without primary keys, to compare two of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from shop.models import Order, OrderLine, Product, Review


def shop_snapshot() -> dict[str, list[Any]]:
    lines = OrderLine.objects.order_by("order__external_key", "position")
    return {
        "products": list(
            Product.objects.order_by("sku").values_list(
                "sku", "name", "slug", "price", "currency", "created_at"
            )
        ),
        "orders": list(
            Order.objects.order_by("external_key").values_list(
                "external_key",
                "number",
                "user__username",
                "email",
                "status",
                "currency",
                "placed_at",
                "paid_at",
                "source",
            )
        ),
        "lines": list(
            lines.values_list(
                "order__external_key",
                "position",
                "product__sku",
                "sku",
                "product_name",
                "quantity",
                "refunded_quantity",
                "unit_price",
                "amount",
            )
        ),
        "reviews": list(
            Review.objects.order_by("product__sku", "user__username").values_list(
                "product__sku", "user__username", "stars", "text", "written_at"
            )
        ),
        "users": list(
            get_user_model().objects.order_by("username").values_list("username", "email")
        ),
    }
