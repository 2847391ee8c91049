"""The contract suite over shops that are made of the abstract models."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.apps import apps

from recommendations.testing import ShopAdapterContract


class SmallShopContract(ShopAdapterContract):
    """Hooks for a shop whose models are named by three labels."""

    product_label: str
    order_label: str
    line_label: str

    def make_product(self, number: int, **values: Any) -> Any:
        given = {"name": f"Product {number}", "price": Decimal("4.50"), **values}
        return apps.get_model(self.product_label)._default_manager.create(**given)

    def hide_product(self, product: Any) -> None:
        product.visible = False
        product.save()

    def make_order(
        self, products: list[Any], *, customer: Any = None, guest: str = "", counted: bool = True
    ) -> Any:
        order = apps.get_model(self.order_label)._default_manager.create(
            user=customer, email=guest, status="paid" if counted else "cancelled"
        )
        for product in products:
            self.make_line(order, product)
        return order

    def make_line(self, order: Any, product: Any) -> Any:
        line = apps.get_model(self.line_label)
        return line._default_manager.create(
            order=order, product=product, quantity=2, paid_net=Decimal("9.00")
        )
