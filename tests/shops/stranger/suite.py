from __future__ import annotations

from django.test import TestCase

from tests.shops.suite import SmallShopContract


class StrangerTests(SmallShopContract, TestCase):
    product_label = "catalog.Product"
    order_label = "orders.Order"
    line_label = "orders.OrderLine"
