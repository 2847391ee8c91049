from __future__ import annotations

from collections import Counter
from typing import Any

from django.test import TestCase

from tests.shops.several.models import Book, Record
from tests.shops.suite import SmallShopContract


class SeveralModelsTests(SmallShopContract, TestCase):
    order_label = "several.Order"
    line_label = "several.Line"

    def make_product(self, number: int, **values: Any) -> Any:
        name = f"Product {number}"
        # Each model counts from 1, so that both have the same keys.
        if number % 2:
            return Book.objects.create(name=name, price=7)
        return Record.objects.create(name=name, price=9, artist="The Tests")

    def test_the_same_key_in_both_models_is_two_items(self) -> None:
        book = Book.objects.create(pk=77, name="Book", price=7)
        record = Record.objects.create(pk=77, name="Record", price=9)
        self.make_order([book], customer=self.make_customer(1))
        self.make_order([book, record], customer=self.make_customer(2))
        self.assertEqual(self.sold(), Counter({"several.book:77": 2, "several.record:77": 1}))
