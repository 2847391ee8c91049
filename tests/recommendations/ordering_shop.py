"""A small shop that knows whose orders are whose, guests' too.

``settings.CROSSSELL_SHOP = ORDERING_SHOP``.
"""

from __future__ import annotations

from recommendations.adapters import Lines
from shop.crosssell import ReferenceShop
from tests.recommendations.basket_shop import BasketShop

ORDERING_SHOP = "tests.recommendations.ordering_shop.OrderingShop"


class OrderingShop(BasketShop):
    """Orders of the reference shop; a guest's verified address stands in the session."""

    lines: Lines = ReferenceShop.lines

    def guest_address(self, request):
        """What the session says."""
        return request.session.get("address", "")
