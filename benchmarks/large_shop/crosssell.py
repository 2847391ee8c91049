"""The adapter, as the shop's programmer would write it."""

from django.db.models import Q, Value

from recommendations.adapters import Lines, Products, ShopAdapter


class LargeShop(ShopAdapter):
    """Declares everything a rebuild could read, amounts and guests included."""

    products = Products(
        "large_shop.Product",
        title="name",
        price="price",
        currency=Value("EUR"),
        category="category",
        active="visible",
    )
    lines = Lines(
        "large_shop.OrderLine",
        product="product_id",
        order="order_id",
        customer="order__customer_id",
        guest="order__email",
        quantity="quantity",
        amount="amount",
        placed_at="order__placed_at",
        counted=Q(order__status="paid"),
    )
