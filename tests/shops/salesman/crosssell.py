from __future__ import annotations

from django.db.models import Value

from recommendations.adapters import Products
from recommendations.contrib.salesman import SalesmanShop


class Shop(SalesmanShop):
    currency = "EUR"
    products = tuple(
        Products(label, title="name", price="price", currency=Value("EUR"), active="visible")
        for label in ("gear.Phone", "gear.Cover")
    )
