"""Salesman's product types, orders and baskets as our contract sees them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext
from salesman.basket.models import BASKET_ID_SESSION_KEY
from salesman.conf import app_settings
from salesman.core.utils import get_salesman_model

from recommendations.adapters import BasketLine, Lines, Money, Products, ShopAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest

PAID = ("PROCESSING", "SHIPPED", "COMPLETED")
"""Salesman's own statuses from payment on. A project with another SALESMAN_ORDER_STATUS declares
``lines`` with its own."""


class SalesmanShop(ShopAdapter):
    """Sells every model of SALESMAN_PRODUCT_TYPES, each with a column ``name``.

    Declare ``products`` anew where the title is kept elsewhere, or to add categories and prices.
    """

    currency: ClassVar[str] = ""
    """Three-letter code: Salesman's prices carry none. Without one no price is shown."""

    products = tuple(
        Products(label, title="name") for label in getattr(settings, "SALESMAN_PRODUCT_TYPES", {})
    )
    lines = Lines(
        app_settings.SALESMAN_ORDER_ITEM_MODEL,
        product="product_id",
        product_model="product_content_type_id",
        order="order_id",
        customer="order__user_id",
        guest="order__email",
        quantity="quantity",
        placed_at="order__date_created",
        counted=Q(order__status__in=PAID),
    )

    def price(self, product: Any, *, request: HttpRequest | None = None) -> Money | None:
        """Return what the product itself asks of this shopper."""
        if request is None or not self.currency:
            return super().price(product, request=request)
        return Money(Decimal(product.get_price(request)), self.currency)

    def basket(self, request: HttpRequest) -> Sequence[BasketLine]:
        """Return what the shopper's basket holds; looking makes no basket."""
        basket = self._basket(request)
        if basket is None:
            return ()
        held = []
        for type_id, pk, quantity in basket.items.values_list(
            "product_content_type_id", "product_id", "quantity"
        ):
            kind = ContentType.objects.get_for_id(type_id)
            label = f"{kind.app_label}.{kind.model}"
            if label in self.sources():
                held.append(BasketLine(self.key_for(label, pk), quantity))
        return held

    def add_to_basket(self, request: HttpRequest, product: Any, quantity: int = 1) -> None:
        """Add to the shopper's basket, which Salesman makes where there is none."""
        baskets = get_salesman_model("Basket").objects
        basket, _created = baskets.get_or_create_from_request(request)
        basket.add(product, quantity)

    def remove_from_basket(self, request: HttpRequest, key: str, quantity: int = 1) -> None:
        """Take pieces of a product out; a line with extra data stays as it is.

        What a shopper has chosen on it would not fit another product.
        """
        label, pk = self.split_key(key) or ("", "")
        basket = self._basket(request)
        lines = () if basket is None else basket.items.select_for_update().filter(extra={})
        line = next((line for line in lines if self._is_of(line, label, pk)), None)
        if line is None or line.quantity < quantity:
            raise ValueError(gettext("This product is no longer in your basket."))
        if line.quantity == quantity:
            line.delete()
        else:
            line.quantity -= quantity
            line.save(update_fields=["quantity", "date_updated"])
        basket._cached_items = None  # as Salesman's own writes do

    def _is_of(self, line: Any, label: str, pk: str) -> bool:
        kind = ContentType.objects.get_for_id(line.product_content_type_id)
        return (f"{kind.app_label}.{kind.model}", str(line.product_id)) == (label, pk)

    def _basket(self, request: HttpRequest) -> Any:
        baskets = get_salesman_model("Basket").objects
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            return baskets.filter(user=user).first()
        pk = request.session.get(BASKET_ID_SESSION_KEY)
        return baskets.filter(pk=pk, user=None).first() if pk else None
