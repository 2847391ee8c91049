"""Oscar's catalogue, orders, strategies and baskets as our contract sees them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext
from oscar.core.loading import get_class, get_model

from recommendations.adapters import BasketLine, Lines, Money, Products, ShopAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest

Product = get_model("catalogue", "Product")

NO_SALE = ("Cancelled", "Refunded", "Returned")
"""Statuses of orders and lines that do not count. Projects name their own in
OSCAR_ORDER_STATUS_PIPELINE: a subclass declares ``lines`` with those."""

# A parent has no stock record of its own: it shows the first one of its children.
_stock = (
    get_model("partner", "StockRecord")
    .objects.filter(Q(product=OuterRef("pk")) | Q(product__parent=OuterRef("pk")))
    .order_by("pk")
)
_categories = (
    get_model("catalogue", "ProductCategory")
    .objects.filter(Q(product=OuterRef("pk")) | Q(product__children=OuterRef("pk")))
    .order_by("pk")
)


class OscarShop(ShopAdapter):
    """Parents are shown, children and stand-alone products are sold; prices come by strategy."""

    products = Products(
        "catalogue.Product",
        title=Coalesce(NullIf("title", Value("")), "parent__title"),
        price=Subquery(_stock.values("price")[:1]),
        currency=Subquery(_stock.values("price_currency")[:1]),
        category=Subquery(_categories.values("category__name")[:1]),
        active="is_public",
        parent="parent_id",
        attributes={"upc": "upc", "product_class": "product_class__name"},
    )
    lines = Lines(
        "order.Line",
        product="product_id",
        order="order_id",
        customer="order__user_id",
        guest="order__guest_email",
        quantity="quantity",
        amount="line_price_incl_tax",
        currency="order__currency",
        placed_at="order__date_placed",
        counted=~Q(order__status__in=NO_SALE) & ~Q(status__in=NO_SALE),
    )

    def live_queryset(self, source: Products) -> QuerySet[Any]:
        """Fetch what a strategy looks at, so that prices take no query per product."""
        children = Product.objects.public().prefetch_related("stockrecords")
        live: QuerySet[Any] = (
            super()
            .live_queryset(source)
            .select_related("product_class", "parent__product_class")
            .prefetch_related(
                "stockrecords",
                "images",
                "parent__images",
                Prefetch("children", queryset=children, to_attr="_prefetched_public_children"),
            )
        )
        return live

    def price(self, product: Any, *, request: HttpRequest | None = None) -> Money | None:
        """Return the price of the shopper's strategy, with tax where tax is known."""
        price = self._purchase_info(product, request).price
        if not price.exists:
            return None
        amount = price.incl_tax if price.is_tax_known else price.excl_tax
        return Money(Decimal(amount), price.currency)

    def available(
        self, product: Any, *, quantity: int = 1, request: HttpRequest | None = None
    ) -> bool:
        """Ask the shopper's strategy."""
        availability = self._purchase_info(product, request).availability
        return bool(availability.is_purchase_permitted(quantity)[0])

    def needs_choice(self, product: Any, *, request: HttpRequest | None = None) -> bool:
        """Tell whether a child has to be chosen."""
        return bool(product.is_parent)

    def image_url(self, product: Any, *, request: HttpRequest | None = None) -> str:
        """Return the first picture of the product, else of its parent."""
        images = list(product.images.all())
        if not images and product.is_child:
            images = list(product.parent.images.all())
        return str(images[0].original.url) if images else ""

    def basket(self, request: HttpRequest) -> Sequence[BasketLine]:
        """Return the lines of ``request.basket``."""
        basket = getattr(request, "basket", None)  # absent where Oscar's middleware did not run
        lines = basket.all_lines() if basket is not None else ()
        return [BasketLine(self.key(line.product), line.quantity) for line in lines]

    def add_to_basket(self, request: HttpRequest, product: Any, quantity: int = 1) -> None:
        """Add to ``request.basket`` under Oscar's own rules."""
        basket: Any = request.basket  # type: ignore[attr-defined]
        allowed, reason = self._purchase_info(product, request).availability.is_purchase_permitted(
            quantity
        )
        if not allowed:
            raise ValueError(str(reason))
        basket.add_product(product, quantity)

    def remove_from_basket(self, request: HttpRequest, key: str, quantity: int = 1) -> None:
        """Take pieces of a product out of ``request.basket``; a line with options stays as it is.

        What a shopper has chosen on it would not fit another product.
        """
        basket: Any = request.basket  # type: ignore[attr-defined]
        lines = basket.lines.select_for_update()
        own = (line for line in lines if self.key(line.product) == key)
        line = next((line for line in own if not line.attributes.exists()), None)
        if line is None or line.quantity < quantity:
            raise ValueError(gettext("This product is no longer in your basket."))
        if line.quantity == quantity:
            line.delete()
        else:
            line.quantity -= quantity
            line.save()
        basket.reset_offer_applications()
        basket._lines = None  # Oscar remembers the lines that it has read, as add_product() knows

    def _purchase_info(self, product: Any, request: HttpRequest | None) -> Any:
        strategy = getattr(request, "strategy", None)
        if strategy is None:
            strategy = get_class("partner.strategy", "Selector")().strategy(
                request=request, user=getattr(request, "user", None)
            )
        if product.is_parent:
            return strategy.fetch_for_parent(product)
        return strategy.fetch_for_product(product)
