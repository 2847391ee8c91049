"""The merchant's side of the shop."""

from shop.admin import baskets, catalogue, orders, reviews

__all__ = ["baskets", "catalogue", "orders", "reviews"]
