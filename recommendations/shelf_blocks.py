"""The shelves that a page can show, by name: whom each asks, and what stands above it.

Tags, fragments and the API's JSON all go through this one table, so that they cannot differ.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Model
from django.template import Engine
from django.utils.translation import gettext

from recommendations.selectors.baskets import basket_shelf, order_shelf
from recommendations.selectors.customers import buy_again_shelf, customer_shelf
from recommendations.selectors.filling import Given
from recommendations.selectors.groups import new_arrivals_shelf, trending_shelf
from recommendations.selectors.item_shelves import also_viewed_shelf, similar_shelf
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import Shelf
from recommendations.selectors.visits import recently_viewed_shelf, visit_shelf
from recommendations.widgets import shelf_html

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a shelf is asked for, and by whom."""

    options: ShelfOptions
    request: HttpRequest | None = None
    """None: the answer is the same for everybody."""
    product: str | Model = ""
    """The product, or its key, of shelves beside an item."""
    items: Given | None = None
    """What was bought, or a basket that is named; None is the shopper's own."""
    category: str = ""
    """Of trends and new arrivals; empty is the whole shop."""

    @property
    def shopper(self) -> HttpRequest:
        """The request that says whose shelf it is."""
        if self.request is None:
            msg = "This shelf is a shopper's own: it needs `request` in the template's context."
            raise LookupError(msg)
        return self.request


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ShelfBlock:
    """One kind of shelf."""

    name: str
    """Of its tag, and of its operations in the API."""
    address: str
    """Name of its address in the API; that of its fragment ends in ``-fragment``."""
    placement: str
    """The placement whose rules hold where none is named."""
    ask: Callable[[Asked], Shelf | None]
    """Returns the shelf; None where there is no such item."""
    heading: Callable[[Asked], str]
    personal: bool = False
    """Whether it is always one shopper's own."""
    asks_back: bool = False
    """Whether its products have buttons by which the shopper says whether they interest."""

    def html(self, asked: Asked, *, engine: Engine) -> str | None:
        """Return the shelf as HTML, empty where there is nothing to show; None for no such item."""
        shelf = self.ask(asked)
        if shelf is None:
            return None
        shopper = asked.request if self.asks_back else None
        return shelf_html(shelf, engine=engine, heading=self.heading(asked), shopper=shopper)


ALSO_VIEWED = ShelfBlock(
    name="also_viewed",
    address="also-viewed",
    placement="also-viewed",
    ask=lambda asked: also_viewed_shelf(asked.product, asked.options, request=asked.request),
    heading=lambda _: gettext("Customers who looked at this bought"),
)
SIMILAR_ITEMS = ShelfBlock(
    name="similar_items",
    address="similar",
    placement="similar",
    ask=lambda asked: similar_shelf(asked.product, asked.options, request=asked.request),
    heading=lambda _: gettext("Similar products"),
)
BASKET_RECOMMENDATIONS = ShelfBlock(
    name="basket_recommendations",
    address="basket-recommendations",
    placement="basket",
    ask=lambda asked: basket_shelf(
        asked.shopper if asked.items is None else asked.items, asked.options
    ),
    heading=lambda _: gettext("Goes with your basket"),
    personal=True,
)
ORDER_RECOMMENDATIONS = ShelfBlock(
    name="order_recommendations",
    address="",
    placement="confirmation",
    ask=lambda asked: order_shelf(asked.items or (), asked.options, request=asked.request),
    heading=lambda _: gettext("Goes with your order"),
    personal=True,
)
RECOMMENDED_FOR_YOU = ShelfBlock(
    name="recommended_for_you",
    address="my-recommendations",
    placement="customer",
    ask=lambda asked: customer_shelf(asked.shopper, asked.options),
    heading=lambda _: gettext("Recommended for you"),
    personal=True,
    asks_back=True,
)
BUY_AGAIN = ShelfBlock(
    name="buy_again",
    address="my-buy-again",
    placement="buy-again",
    ask=lambda asked: buy_again_shelf(asked.shopper, asked.options),
    heading=lambda _: gettext("Buy it again"),
    personal=True,
    asks_back=True,
)
RECENTLY_VIEWED = ShelfBlock(
    name="recently_viewed",
    address="my-recently-viewed",
    placement="recently-viewed",
    ask=lambda asked: recently_viewed_shelf(asked.shopper, asked.options),
    heading=lambda _: gettext("You looked at lately"),
    personal=True,
)
VISIT_RECOMMENDATIONS = ShelfBlock(
    name="visit_recommendations",
    address="my-visit",
    placement="visit",
    ask=lambda asked: visit_shelf(asked.shopper, asked.options),
    heading=lambda _: gettext("Inspired by what you looked at"),
    personal=True,
    asks_back=True,
)
TRENDING = ShelfBlock(
    name="trending",
    address="trending",
    placement="trending",
    ask=lambda asked: trending_shelf(asked.category, asked.options, request=asked.request),
    heading=lambda asked: (
        gettext("Trending in %(category)s") % {"category": asked.category}
        if asked.category
        else gettext("Trending now")
    ),
)
NEW_ARRIVALS = ShelfBlock(
    name="new_arrivals",
    address="new-arrivals",
    placement="new-arrivals",
    ask=lambda asked: new_arrivals_shelf(asked.category, asked.options, request=asked.request),
    heading=lambda asked: (
        gettext("New in %(category)s") % {"category": asked.category}
        if asked.category
        else gettext("New in this shop")
    ),
)
