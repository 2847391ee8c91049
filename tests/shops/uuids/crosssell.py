from __future__ import annotations

from django.db.models import Q, Value

from recommendations.adapters import Lines, Products, ShopAdapter


class Shop(ShopAdapter):
    fixed_live_query = True
    products = Products(
        "uuids.Product", title="name", price="price", currency=Value("EUR"), active="visible"
    )
    lines = Lines(
        "uuids.Line",
        product="product_id",
        order="order_id",
        customer="order__user_id",
        guest="order__email",
        quantity="quantity",
        placed_at="order__created",
        counted=Q(order__status="paid"),
    )
