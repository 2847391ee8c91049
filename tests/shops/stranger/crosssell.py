# fmt: off
from django.db.models import Q, Value

from recommendations.adapters import Lines, Products, ShopAdapter


class MyShop(ShopAdapter):
    products = Products("catalog.Product", title="name", price="price", currency=Value("EUR"),
                        category="category__name", active="visible")
    lines = Lines("orders.OrderLine", product="product_id", order="order_id",
                  customer="order__user_id", guest="order__email", quantity="quantity",
                  amount="paid_net", currency="order__currency", placed_at="order__created",
                  counted=Q(order__status="paid"))
