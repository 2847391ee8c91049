"""A small shop whose basket knows quantities and can be changed, for tests of what replaces lines.

``settings.CROSSSELL_SHOP = BASKET_SHOP``. The basket is a dictionary in the session.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.test import RequestFactory

from recommendations.adapters import BasketLine
from tests.recommendations.factories import SmallShop

BASKET_SHOP = "tests.recommendations.basket_shop.BasketShop"
LINK_SHOP = "tests.recommendations.basket_shop.LinkShop"


class LinkShop(SmallShop):
    """Its basket can be read and filled, and nothing can be taken out."""

    def basket(self, request):
        """What the session lists."""
        return [BasketLine(key, n) for key, n in request.session.get("held", {}).items()]

    def add_to_basket(self, request, product, quantity=1):
        """Put pieces in; a product may refuse or break on purpose."""
        if "refuse" in product.attributes:
            raise ValueError(product.attributes["refuse"])
        if "break" in product.attributes:
            raise RuntimeError(product.attributes["break"])
        held = request.session.setdefault("held", {})
        held[str(product.pk)] = held.get(str(product.pk), 0) + quantity
        request.session.modified = True


class BasketShop(LinkShop):
    """Its lines can be replaced."""

    def remove_from_basket(self, request, key, quantity=1):
        """Take pieces out."""
        held = request.session.get("held", {})
        if held.get(key, 0) < quantity:
            raise ValueError("Not in the basket.")
        held[key] -= quantity
        if not held[key]:
            del held[key]
        request.session.modified = True


class Session(dict[str, Any]):
    """A session as far as a basket needs one."""

    modified = False


def holding(held: dict[str, int]) -> Any:
    """Return a request of somebody who holds this, by key."""
    request: Any = RequestFactory().get("/basket/")
    request.session = Session(held=dict(held))
    request.user = SimpleNamespace(is_authenticated=False, pk=None)
    return request
