"""The contract with the host shop: one class, declared paths and a few live methods."""

from recommendations.adapters.base import ShopAdapter
from recommendations.adapters.declarations import Lines, Path, Products, Ratings, Views
from recommendations.adapters.registry import get_adapter
from recommendations.adapters.values import BasketLine, Money

__all__ = [
    "BasketLine",
    "Lines",
    "Money",
    "Path",
    "Products",
    "Ratings",
    "ShopAdapter",
    "Views",
    "get_adapter",
]
