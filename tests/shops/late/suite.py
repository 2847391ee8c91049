from __future__ import annotations

from django.test import TestCase

from tests.shops.suite import SmallShopContract


class ShopTests(SmallShopContract, TestCase):
    product_label = "late.Product"
    order_label = "late.Order"
    line_label = "late.Line"
