# ruff: noqa: PT027 - runs under Django's own test runner
from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import TestCase
from django.utils import timezone
from oscar.apps.basket.middleware import BasketMiddleware
from oscar.core.loading import get_model

from recommendations.adapters import Money
from recommendations.models import Item
from recommendations.services.sync import sync_items
from recommendations.testing import ShopAdapterContract

Category = get_model("catalogue", "Category")
Line = get_model("order", "Line")
Order = get_model("order", "Order")
Partner = get_model("partner", "Partner")
Product = get_model("catalogue", "Product")
ProductClass = get_model("catalogue", "ProductClass")
StockRecord = get_model("partner", "StockRecord")

numbers = count(1)


class OscarTests(ShopAdapterContract, TestCase):
    # Products, then stock records, images, children and their stock records.
    live_queries = 5

    def make_product(self, number: int, **values: Any) -> Any:
        kind, _ = ProductClass.objects.get_or_create(name="Goods")
        given = {"title": f"Product {number}", "product_class": kind, **values}
        product = Product.objects.create(**given)
        if product.structure != Product.PARENT:
            self.stock(product)
        return product

    def stock(self, product: Any) -> None:
        partner, _ = Partner.objects.get_or_create(name="Wholesale")
        StockRecord.objects.create(
            product=product,
            partner=partner,
            partner_sku=f"sku-{next(numbers)}",
            price=Decimal("12.50"),
            price_currency="GBP",
            num_in_stock=100,
        )

    def hide_product(self, product: Any) -> None:
        product.is_public = False
        product.save()

    def make_parent(self, number: int) -> Any:
        return self.make_product(number, structure=Product.PARENT)

    def make_variant(self, parent: Any, number: int) -> Any:
        return self.make_product(
            number, structure=Product.CHILD, parent=parent, title="", product_class=None
        )

    def make_order(
        self, products: list[Any], *, customer: Any = None, guest: str = "", counted: bool = True
    ) -> Any:
        total = Decimal("12.50") * len(products)
        order = Order.objects.create(
            number=f"N{next(numbers)}",
            user=customer,
            guest_email=guest,
            currency="GBP",
            total_incl_tax=total,
            total_excl_tax=total,
            date_placed=timezone.now(),
            status="Complete" if counted else "Cancelled",
        )
        for product in products:
            Line.objects.create(
                order=order,
                product=product,
                title=product.get_title(),
                partner_sku="sku",
                quantity=1,
                num_allocated=0,
                line_price_incl_tax=Decimal("12.50"),
                line_price_excl_tax=Decimal("12.50"),
                line_price_before_discounts_incl_tax=Decimal("12.50"),
                line_price_before_discounts_excl_tax=Decimal("12.50"),
            )
        return order

    def make_request(self, user: Any = None) -> Any:
        request = super().make_request(user)
        BasketMiddleware(lambda request: HttpResponse())(request)
        return request

    def test_prices_come_from_the_strategy(self) -> None:
        product, parent = self.make_product(1), self.make_parent(2)
        self.assertEqual(self.adapter.price(product), Money(Decimal("12.50"), "GBP"))
        self.assertIsNone(self.adapter.price(parent))
        self.make_variant(parent, 3)
        request = self.make_request()
        self.assertEqual(
            self.adapter.price(parent, request=request), Money(Decimal("12.50"), "GBP")
        )

    def test_stock_decides_what_is_available(self) -> None:
        product = self.make_product(1)
        self.assertTrue(self.adapter.available(product, quantity=100))
        self.assertFalse(self.adapter.available(product, quantity=101))
        with self.assertRaisesRegex(ValueError, "maximum of 100"):
            self.adapter.add_to_basket(self.make_request(), product, 101)

    def test_a_child_shows_the_face_of_its_parent(self) -> None:
        parent = self.make_parent(1)
        lamps = Category.add_root(name="Lamps", slug="lamps")
        parent.categories.add(lamps)
        child = self.make_variant(parent, 2)
        sync_items()
        for product in (parent, child):
            item = Item.objects.get(key=self.adapter.key(product))
            self.assertEqual((item.title, item.category), ("Product 1", "Lamps"))
            self.assertEqual((item.price, item.currency), (Decimal("12.50"), "GBP"))
        self.assertTrue(self.adapter.needs_choice(parent))
        self.assertFalse(self.adapter.needs_choice(child))

    def test_a_cancelled_line_of_a_good_order_does_not_count(self) -> None:
        one, two = self.make_products(2)
        order = self.make_order([one, two], customer=self.make_customer(1))
        Line.objects.filter(order=order, product=two).update(status="Cancelled")
        self.assertEqual(dict(self.sold()), {self.adapter.key(one): 1})
