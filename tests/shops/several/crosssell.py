from __future__ import annotations

from django.db.models import Q, Value

from recommendations.adapters import Lines, Products, ShopAdapter


class Shop(ShopAdapter):
    fixed_live_query = True
    products = (
        Products("several.Book", title="name", price="price", currency=Value("EUR"),
                 active="visible"),
        Products("several.Record", title="name", price="price", currency=Value("EUR"),
                 brand="artist", active="visible"),
    )  # fmt: skip
    lines = Lines(
        "several.Line",
        product="object_id",
        product_model="content_type_id",
        order="order_id",
        customer="order__user_id",
        guest="order__email",
        quantity="quantity",
        placed_at="order__created",
        counted=Q(order__status="paid"),
    )
