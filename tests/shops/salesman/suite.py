from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from django.test import TestCase
from salesman.core.utils import get_salesman_model

from recommendations.adapters import Money
from recommendations.contrib.salesman import SalesmanShop
from recommendations.testing import ShopAdapterContract
from tests.shops.salesman.models import Cover, Phone

Order = get_salesman_model("Order")
OrderItem = get_salesman_model("OrderItem")
Basket = get_salesman_model("Basket")

numbers = count(1)


class SalesmanTests(ShopAdapterContract, TestCase):
    def make_product(self, number: int) -> Any:
        model = Phone if number % 2 else Cover
        return model.objects.create(
            name=f"Product {number}", code=f"p-{number}", price=Decimal("5.25")
        )

    def hide_product(self, product: Any) -> None:
        product.visible = False
        product.save()

    def make_order(
        self, products: list[Any], *, customer: Any = None, guest: str = "", counted: bool = True
    ) -> Any:
        order = Order.objects.create(
            ref=f"R{next(numbers)}",
            user=customer,
            email=guest,
            status="COMPLETED" if counted else "CANCELLED",
        )
        for product in products:
            OrderItem.objects.create(
                order=order,
                product=product,
                product_type=product._meta.label,
                unit_price=product.price,
                subtotal=product.price,
                total=product.price,
                quantity=1,
            )
        return order

    def test_an_order_of_the_shop_s_own_checkout_is_read(self) -> None:
        one, two = self.make_products(2)
        request = self.make_request(self.make_customer(1))
        self.adapter.add_to_basket(request, one)
        self.adapter.add_to_basket(request, two)
        basket = Basket.objects.get()
        order = Order.objects.create_from_basket(basket, request, status="PROCESSING")
        self.assertEqual(order.items.count(), 2)
        self.assertEqual(set(self.sold()), {self.adapter.key(one), self.adapter.key(two)})

    def test_looking_into_the_basket_makes_none(self) -> None:
        self.assertEqual(list(self.adapter.basket(self.make_request())), [])
        self.assertEqual(list(self.adapter.basket(self.make_request(self.make_customer(1)))), [])
        self.assertEqual(Basket.objects.count(), 0)

    def test_the_product_itself_names_its_price(self) -> None:
        product = self.make_product(1)
        product.price = Decimal("3.00")
        self.assertEqual(
            self.adapter.price(product, request=self.make_request()), Money(Decimal(3), "EUR")
        )

    def test_every_product_type_is_sold_unless_declared_otherwise(self) -> None:
        plain = SalesmanShop()
        self.assertEqual(list(plain.sources()), ["gear.phone", "gear.cover"])
        product = self.make_product(1)
        self.assertIsNone(plain.price(product, request=self.make_request()))
        self.assertEqual(plain.live_products([plain.key(product)]), {plain.key(product): product})
