"""Reads of baskets."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _

from shop.models import Basket, BasketLine

SESSION_KEY = "shop_basket"
_HELD = "_shop_held"

Shopper = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketContents:
    """What a basket page shows."""

    lines: list[BasketLine]
    total: Decimal
    currency: str
    n_pieces: int
    problems: Mapping[int, str]
    """Why a line cannot be ordered, by its primary key."""

    @property
    def can_be_ordered(self) -> bool:
        """Whether there is something to order and nothing in its way."""
        return bool(self.lines) and not self.problems


def current_basket(session: Mapping[str, Any] | Any, user: Shopper) -> Basket | None:
    """Return the customer's basket, or the one this guest's session is bound to."""
    rows = _own_baskets(session, user)
    return None if rows is None else rows.first()


def basket_count(session: Mapping[str, Any] | Any, user: Shopper) -> int:
    """Return how many pieces the shopper holds; no query for a guest who never bought anything."""
    rows = _own_baskets(session, user)
    if rows is None:
        return 0
    return rows.aggregate(pieces=Sum("lines__quantity"))["pieces"] or 0


def held_products(session: Mapping[str, Any] | Any, user: Shopper) -> list[tuple[int, int]]:
    """Return the products and variants that the shopper holds, with how many, oldest first."""
    rows = _own_baskets(session, user)
    if rows is None:
        return []
    lines = BasketLine.objects.filter(basket__in=rows).order_by("pk")
    return list(lines.values_list("product_id", "quantity"))


def held_on_page(request: HttpRequest) -> list[tuple[int, int]]:
    """Return the same for a page that is drawn: the head and each block of it ask once together."""
    held: list[tuple[int, int]] | None = getattr(request, _HELD, None)
    if held is None:
        held = held_products(request.session, request.user)
        setattr(request, _HELD, held)
    return held


def forget_held(request: HttpRequest) -> None:
    """Let a page that has changed the basket read it again."""
    setattr(request, _HELD, None)


def basket_contents(basket: Basket | None) -> BasketContents:
    """Return the lines of a basket at the prices of this moment, with what is wrong with them."""
    lines = list(basket.lines.select_related("product__parent")) if basket is not None else []
    currency = lines[0].product.currency if lines else ""
    same_currency = [line for line in lines if line.product.currency == currency]
    found = {line.pk: _problem(line, currency) for line in lines}
    return BasketContents(
        lines=lines,
        total=sum((line.product.price * line.quantity for line in same_currency), Decimal(0)),
        currency=currency,
        n_pieces=sum(line.quantity for line in lines),
        problems={pk: problem for pk, problem in found.items() if problem},
    )


def _own_baskets(session: Mapping[str, Any] | Any, user: Shopper) -> QuerySet[Basket] | None:
    if user.is_authenticated:
        return Basket.objects.filter(user_id=user.pk)
    try:
        token = uuid.UUID(str(session.get(SESSION_KEY)))
    except ValueError:
        return None
    return Basket.objects.filter(token=token, user__isnull=True)


def _problem(line: BasketLine, currency: str) -> str:
    product = line.product
    if not product.visible or (product.parent is not None and not product.parent.visible):
        return _("No longer for sale.")
    if product.currency != currency:
        return _("Sold in another currency; please order it by itself.")
    if product.stock == 0:
        return _("Sold out.")
    if not product.in_stock(line.quantity):
        return _("Only %(left)d left.") % {"left": product.stock or 0}
    return ""
