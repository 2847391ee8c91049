"""How the reference shop is plugged in: the adapter that CROSSSELL_SHOP names."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommendations.adapters import BasketLine, Lines, Products, Ratings, ShopAdapter
from shop.models import Product
from shop.pictures import picture_url
from shop.selectors.baskets import current_basket, forget_held, held_on_page
from shop.selectors.catalogue import (
    attribute_text,
    has_variants,
    is_available,
    listed_attributes,
    search_products,
    with_availability,
)
from shop.services.baskets import add_to_basket, ensure_basket, replace_in_basket
from shop.services.errors import Refused

SHOWN = (
    "name", "variant_name", "slug", "brand", "category", "parent", "price", "currency", "stock",
    "attributes",
)  # fmt: skip
"""Columns that a block needs of a product; descriptions would be read for nothing."""


class ReferenceShop(ShopAdapter):
    """Products and their variants are one model; a paid line counts until all of it is refunded."""

    products = Products(
        "shop.Product",
        title="name",
        price="price",
        currency="currency",
        cost="cost",
        category="category__name",
        brand="brand__name",
        active="visible",
        parent="parent_id",
    )
    lines = Lines(
        "shop.OrderLine",
        product="product_id",
        order="order_id",
        customer="order__user_id",
        guest="order__email",
        quantity=F("quantity") - F("refunded_quantity"),
        amount=F("unit_price") * (F("quantity") - F("refunded_quantity")),
        currency="order__currency",
        placed_at="order__placed_at",
        counted=Q(order__status="paid", refunded_quantity__lt=F("quantity")),
    )

    ratings = Ratings(
        "shop.Review",
        product="product_id",
        customer="user_id",
        value="stars",
        rated_at="written_at",
        counted=Q(visible=True),
    )

    fixed_live_query = True

    def live_queryset(self, source: Products) -> QuerySet[Product]:
        """Add to each product whether it can be had, so that a block needs no further query."""
        live: QuerySet[Product] = super().live_queryset(source)
        return with_availability(live).only(*SHOWN)

    def attributes(self, product: Product) -> dict[str, str]:
        """Return what the product page lists under *Details*."""
        return {name: attribute_text(value) for name, value in listed_attributes(product)}

    def available(
        self, product: Product, *, quantity: int = 1, request: HttpRequest | None = None
    ) -> bool:
        """Tell whether the product, or any of its variants, is in stock."""
        return is_available(product, quantity)

    def needs_choice(self, product: Product, *, request: HttpRequest | None = None) -> bool:
        """Tell whether a variant is what is sold."""
        return has_variants(product)

    def image_url(self, product: Product, *, request: HttpRequest | None = None) -> str:
        """Return the address of the generated picture."""
        return picture_url(product)

    def basket(self, request: HttpRequest) -> Sequence[BasketLine]:
        """Return what the shopper holds, a variant as itself."""
        return [BasketLine(str(pk), quantity) for pk, quantity in held_on_page(request)]

    def add_to_basket(self, request: HttpRequest, product: Product, quantity: int = 1) -> None:
        """Put a product into the shopper's basket."""
        add_to_basket(ensure_basket(request.session, request.user), product, quantity)
        forget_held(request)

    def replace_in_basket(
        self, request: HttpRequest, key: str, product: Product, quantity: int = 1
    ) -> None:
        """Put a product in the place of one that the shopper's basket holds."""
        held = current_basket(request.session, request.user)
        if held is None:
            raise Refused(_("There is nothing in your basket yet."))
        replace_in_basket(held, int(key), product, quantity)
        forget_held(request)

    def search(self, text: str, *, limit: int = 20) -> list[Any]:
        """Find products as the shop's own search does."""
        return list(search_products(text).order_by("name", "pk")[:limit])
