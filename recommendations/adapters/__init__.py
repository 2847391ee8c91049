"""The contract with the host shop: one class, declared paths and a few live methods."""

from recommendations.adapters.base import ShopAdapter
from recommendations.adapters.declarations import Lines, Path, Products
from recommendations.adapters.registry import get_adapter
from recommendations.adapters.values import BasketLine, Money

__all__ = ["BasketLine", "Lines", "Money", "Path", "Products", "ShopAdapter", "get_adapter"]
