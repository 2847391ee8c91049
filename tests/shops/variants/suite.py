from __future__ import annotations

from typing import Any

from django.test import TestCase

from recommendations.models import Item
from recommendations.services.sync import sync_items
from tests.shops.suite import SmallShopContract


class VariantTests(SmallShopContract, TestCase):
    product_label = "variants.Product"
    order_label = "variants.Order"
    line_label = "variants.Line"

    def make_product(self, number: int, **values: Any) -> Any:
        return super().make_product(number, **{"sku": f"S{number}", **values})

    def make_parent(self, number: int) -> Any:
        return self.make_product(number, sku=None)

    def make_variant(self, parent: Any, number: int) -> Any:
        return self.make_product(number, parent=parent)

    def test_a_product_without_sku_and_variants_is_no_item(self) -> None:
        self.make_product(1)
        self.make_parent(2)
        sync_items()
        self.assertEqual(Item.objects.count(), 1)
