"""Tables of the reference shop."""

from shop.models.baskets import Basket, BasketLine
from shop.models.catalogue import Brand, Category, Product
from shop.models.orders import Order, OrderAddress, OrderLine
from shop.models.reviews import Review

__all__ = [
    "Basket",
    "BasketLine",
    "Brand",
    "Category",
    "Order",
    "OrderAddress",
    "OrderLine",
    "Product",
    "Review",
]
