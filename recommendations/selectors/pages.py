"""What one page has shown and fetched so far: kept on its request, and gone with it.

So no product comes twice on a page, and no block asks the shop for what another one has fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recommendations.adapters import BasketLine, ShopAdapter
from recommendations.selectors.items import ItemFace, known_faces
from recommendations.selectors.watching import supposed_basket

if TYPE_CHECKING:
    from django.http import HttpRequest

    from recommendations.selectors.customer_orders import Buyer, CustomerOrders

ATTRIBUTE = "_crosssell_page"


class Page:
    """The blocks of one page, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._live: dict[str, Any] = {}
        self._viewed: set[int] = set()
        self._shown: dict[str, frozenset[int]] = {}
        self._owned: dict[Buyer, frozenset[int]] = {}
        self._orders: dict[Buyer, CustomerOrders] = {}
        self._held: Sequence[BasketLine] | None = None
        self._held_faces: Sequence[ItemFace] | None = None

    def is_about(self, family: int) -> None:
        """Note an item whose page it is."""
        self._viewed.add(family)

    def shows(self, block: str, families: Iterable[int]) -> None:
        """Note what a block shows. A block that is asked for again is the same block."""
        self._shown[block] = frozenset(families)

    def elsewhere(self, block: str) -> set[int]:
        """Return the families that the page shows outside of a block."""
        others = (shown for name, shown in self._shown.items() if name != block)
        return self._viewed.union(*others)

    def live(
        self, keys: Iterable[str], fetch: Callable[[list[str]], Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return the live products of keys; ``fetch`` is asked for those not yet asked for."""
        wanted = list(dict.fromkeys(keys))
        missing = [key for key in wanted if key not in self._live]
        if missing:
            fetched = fetch(missing)
            # What the shop does not show is remembered as well.
            self._live.update({key: fetched.get(key) for key in missing})
        known = ((key, self._live[key]) for key in wanted)
        return {key: product for key, product in known if product is not None}

    def owned(self, buyer: Buyer, load: Callable[[], frozenset[int]]) -> frozenset[int]:
        """Return what a customer has bought; loaded once a page."""
        if buyer not in self._owned:
            self._owned[buyer] = load()
        return self._owned[buyer]

    def orders(self, buyer: Buyer, load: Callable[[], CustomerOrders]) -> CustomerOrders:
        """Return the orders of a customer; loaded once a page."""
        if buyer not in self._orders:
            self._orders[buyer] = load()
        return self._orders[buyer]

    def held(self, load: Callable[[], Sequence[BasketLine]]) -> Sequence[BasketLine]:
        """Return the lines of the shopper's basket; loaded once a page."""
        if self._held is None:
            self._held = load()
        return self._held

    def held_faces(self, load: Callable[[], Sequence[ItemFace]]) -> Sequence[ItemFace]:
        """Return the items of these lines; loaded once a page."""
        if self._held_faces is None:
            self._held_faces = load()
        return self._held_faces


def held_lines(adapter: ShopAdapter, request: HttpRequest | None) -> Sequence[BasketLine]:
    """Return what the shopper of a page holds; nobody holds nothing."""
    return () if request is None else page_of(request).held(lambda: adapter.basket(request))


def held_faces(adapter: ShopAdapter, request: HttpRequest | None) -> Sequence[ItemFace]:
    """Return the items that the shopper holds and that we know, the newest last."""

    def load() -> Sequence[ItemFace]:
        return known_faces([line.key for line in held_lines(adapter, request)])

    return supposed_basket() if request is None else page_of(request).held_faces(load)


def page_of(request: HttpRequest | None) -> Page:
    """Return the page that a request asks for; without one, a page of a single block."""
    if request is None:
        return Page()
    # REST framework hands views a wrapper of its own around the request.
    inner = getattr(request, "_request", request)
    page: Page | None = getattr(inner, ATTRIBUTE, None)
    if page is None:
        page = Page()
        setattr(inner, ATTRIBUTE, page)
    return page
