from __future__ import annotations

from django.db.models import Q, Value

from recommendations.adapters import Lines, Products, Ratings, ShopAdapter, Views


class Shop(ShopAdapter):
    products = Products(
        "favourites.Product", title="name", price="price", currency=Value("EUR"), active="visible"
    )
    lines = Lines(
        "favourites.Line",
        product="product_id",
        order="order_id",
        customer="order__user_id",
        guest="order__email",
        quantity="quantity",
        placed_at="order__created",
        counted=Q(order__status="paid"),
    )
    ratings = Ratings(
        "favourites.Stars", product="product_id", customer="user_id", value="n",
        lowest=0.5, highest=5, rated_at="given_at",
    )  # fmt: skip
    views = Views(
        "favourites.PageView", product="product_id", customer="user_id", viewed_at="looked_at"
    )
