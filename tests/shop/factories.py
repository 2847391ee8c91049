"""Rows of the reference shop, with defaults that a test may leave alone."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone

from shop.models import Basket, BasketLine, Brand, Category, Order, OrderLine, Product, Review
from shop.services.orders import Destination, check_out

_numbers = itertools.count(1)

DESTINATION = Destination(
    email="ann@example.com",
    name="Ann Example",
    street="Long Road 1",
    postcode="0150",
    city="Oslo",
    country="Norway",
)


def make_category(name: str = "Computers", parent: Category | None = None) -> Category:
    return Category.objects.create(name=name, slug=name.lower().replace(" ", "-"), parent=parent)


def make_brand(name: str = "Quillmar") -> Brand:
    return Brand.objects.create(name=name, slug=name.lower())


def make_product(name: str = "Kettle", **values: Any) -> Product:
    """Return a product that has neither category nor brand nor tracked stock."""
    number = next(_numbers)
    given = {"sku": f"SKU-{number}", "slug": f"product-{number}", "price": Decimal("19.90")}
    product = Product.objects.create(name=name, **(given | values))
    product.refresh_from_db()
    return product


def make_variant(parent: Product, variant_name: str, **values: Any) -> Product:
    return make_product(parent.name, parent=parent, variant_name=variant_name, **values)


def make_basket(*held: tuple[Product, int], user: Any = None) -> Basket:
    basket = Basket.objects.create(user=user)
    for product, quantity in held:
        BasketLine.objects.create(basket=basket, product=product, quantity=quantity)
    return basket


def make_order(*bought: tuple[Product, int], **values: Any) -> Order:
    """Return a paid order of an hour ago, as an import would write it: without claiming stock."""
    number = next(_numbers)
    # A build counts whole seconds: it would leave out an order of this very moment.
    given = {
        "number": f"N{number}",
        "status": Order.Status.PAID,
        "placed_at": timezone.now() - timedelta(hours=1),
    }
    order = Order.objects.create(**(given | values))
    for position, (product, quantity) in enumerate(bought):
        OrderLine.objects.create(
            order=order,
            product=product,
            product_name=product.full_name,
            sku=product.sku,
            quantity=quantity,
            unit_price=product.price,
            amount=product.price * quantity,
            position=position,
        )
    return order


def buy(basket: Basket, *, token: uuid.UUID | None = None, user: Any = None) -> Order:
    """Check out at the prices of the moment."""
    total = sum(
        (line.product.price * line.quantity for line in basket.lines.select_related("product")),
        Decimal(0),
    )
    return check_out(
        basket,
        token=token or uuid.uuid4(),
        destination=DESTINATION,
        user=user,
        agreed_total=total,
    )


def make_review(product: Product, stars: int, *, user: Any = None, **values: Any) -> Review:
    """Return a review of somebody, whether they bought the product or not."""
    author = user or make_user(f"reviewer-{next(_numbers)}")
    return Review.objects.create(product=product, user=author, stars=stars, **values)


def make_user(name: str = "ann", *permissions: str, is_staff: bool = False) -> Any:
    user = get_user_model()._default_manager.create_user(
        username=name, email=f"{name}@example.com", password=name, is_staff=is_staff
    )
    for permission in permissions:
        user.user_permissions.add(Permission.objects.get(codename=permission))
    return user
