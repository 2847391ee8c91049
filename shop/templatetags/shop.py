"""Filters and tags of the shop's own templates."""

from typing import Any

from django import template

from shop.models import Category, Product, Review
from shop.money import format_money
from shop.pictures import category_url, picture_url
from shop.selectors import catalogue
from shop.selectors.catalogue import price_range
from shop.selectors.reviews import Stars

register = template.Library()


@register.filter
def money(amount: Any, currency: str) -> str:
    """Show an amount in its currency: ``{{ product.price|money:product.currency }}``."""
    return format_money(amount, currency)


@register.filter
def picture(product: Product) -> str:
    """Return the address of a product's picture."""
    return picture_url(product)


@register.filter
def category_picture(category: Category) -> str:
    """Return the address of a category's picture."""
    return category_url(category)


@register.filter
def times(amount: Any, quantity: int) -> Any:
    """Multiply a price by a number of pieces."""
    return amount * quantity


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """Return what a mapping holds under a key, or an empty text."""
    return mapping.get(key, "")


@register.filter
def attribute_text(value: Any) -> str:
    """Show an attribute's value, also when it is a list."""
    return catalogue.attribute_text(value)


@register.inclusion_tag("shop/_price.html")
def price_of(product: Product) -> dict[str, Any]:
    """Show what a product costs, or the lowest price of its variants."""
    found = price_range(getattr(product, "shown_variants", ()))
    shown, is_lowest = found or (product, False)
    return {"shown": shown, "is_lowest": is_lowest}


@register.inclusion_tag("shop/_stars.html")
def stars_of(product: Product) -> dict[str, Any]:
    """Show the average stars of a product that was prepared with them; nothing without reviews."""
    return {"stars": getattr(product, "shown_stars", None)}


@register.inclusion_tag("shop/_stars.html")
def stars_given(review: Review) -> dict[str, Any]:
    """Show the stars of one review."""
    return {"stars": Stars(float(review.stars), 1), "of_one": True}


@register.inclusion_tag("shop/_stock.html")
def stock_of(product: Product) -> dict[str, Any]:
    """Show whether a product can be had: in stock, few left, or sold out."""
    variants = getattr(product, "shown_variants", ()) or (product,)
    few = [row.stock for row in variants if row.stock]
    return {
        "sold_out": not any(row.in_stock() for row in variants),
        "left": few[0] if len(variants) == 1 and few else None,
    }
