from __future__ import annotations

from django.test import TestCase

from tests.shops.suite import SmallShopContract


class ShopTests(SmallShopContract, TestCase):
    product_label = "uuids.Product"
    order_label = "uuids.Order"
    line_label = "uuids.Line"
