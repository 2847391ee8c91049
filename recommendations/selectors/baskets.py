"""What goes with a whole basket: the stored lists of its items, summed for this request.

Where rules answer, what surely follows from two things that are held comes before that sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

from recommendations.adapters import get_adapter
from recommendations.selectors.filling import keys_of
from recommendations.selectors.items import known_faces
from recommendations.selectors.pages import held_faces
from recommendations.selectors.shelves import ShelfOptions, filled_shelf
from recommendations.selectors.slots import Shelf, Slot
from recommendations.selectors.sums import SummedLists, Told

if TYPE_CHECKING:
    from recommendations.selectors.filling import Given

_HELD = Told(
    reason="in basket",
    none="the basket is empty",
    unknown="no order holds the basket's items yet",
    pairs=True,
)
_BOUGHT = Told(
    reason="in order",
    none="the basket is empty",
    unknown="no order holds the basket's items yet",
)


def goes_with_basket(
    basket: HttpRequest | Given,
    *,
    placement: str = "basket",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what completes a basket, best first: that of a request's shopper, or products given.

    Products are in the order in which they were put in, the newest last.
    """
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(basket_shelf(basket, options).slots)


def basket_shelf(basket: HttpRequest | Given, options: ShelfOptions) -> Shelf:
    """Return the shelf of a basket; with a request, prices are its shopper's."""
    adapter = get_adapter()
    request = basket if isinstance(basket, HttpRequest) else None
    if isinstance(basket, HttpRequest):
        held = held_faces(adapter, basket)
    else:
        held = known_faces(keys_of(adapter, basket))
    asked = SummedLists(held, _HELD)
    return filled_shelf(options, asked.candidates, request=request, held=held, with_pins=True)


def order_shelf(
    bought: Given, options: ShelfOptions, *, request: HttpRequest | None = None
) -> Shelf:
    """Return the shelf of an order: what goes with what was bought, and none of that itself.

    Without a request it is for an e-mail: prices are those of everybody.
    """
    held = known_faces(keys_of(get_adapter(), bought))
    asked = SummedLists(held, _BOUGHT)
    return filled_shelf(options, asked.candidates, request=request, held=held, with_pins=True)
