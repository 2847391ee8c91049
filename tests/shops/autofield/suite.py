from __future__ import annotations

from django.db import models
from django.test import TestCase

from recommendations.models import Item
from tests.shops.autofield.models import Favourite, Product
from tests.shops.suite import SmallShopContract


class AutoFieldTests(SmallShopContract, TestCase):
    product_label = "autofield.Product"
    order_label = "autofield.Order"
    line_label = "autofield.Line"

    def test_the_project_s_default_is_not_ours(self) -> None:
        self.assertIs(type(Product._meta.pk), models.AutoField)
        self.assertIs(type(Item._meta.pk), models.BigAutoField)
        pointer = Favourite._meta.get_field("item")
        self.assertIs(type(pointer.target_field), models.BigAutoField)
