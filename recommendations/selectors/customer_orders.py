"""What a customer has ordered: asked of the shop's own order lines, and never stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Max, QuerySet
from django.utils import timezone

from recommendations.adapters import Lines, Path, ShopAdapter
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest


class Buyer(NamedTuple):
    """What the shop's order lines call whoever asks."""

    customer: str | None
    guest: str = ""
    """Address of a guest; empty for everybody else."""


class CustomerOrders(NamedTuple):
    """The orders of a customer that count."""

    orders: int = 0
    last_at: datetime | None = None


def buyer_of(
    adapter: ShopAdapter, request: HttpRequest | None, customer: str | None = None
) -> Buyer | None:
    """Return whose orders may be looked at: the request's customer's, and without one the given's.

    None of a visitor who is not known, or does not want to be.
    """
    if request is None:
        return None if customer is None else Buyer(customer)
    if not is_personal(request):
        return None
    known, address = adapter.customer(request), adapter.guest_address(request)
    # Orders of a user are the user's, whatever address a form beside them was given.
    if address and known in {None, adapter.guest_key(address)}:
        return Buyer(known, address)
    return None if known is None else Buyer(known)


def customer_orders(adapter: ShopAdapter, buyer: Buyer) -> CustomerOrders:
    """Return how many orders a buyer has and when the last was; a query per declaration."""
    orders, moments = 0, []
    for lines in adapter.line_sources():
        for rows in lines_of(lines, buyer):
            found = rows.aggregate(
                n=Count(expression(lines.order), distinct=True),
                last=Max(expression(lines.placed_at)),
            )
            orders += found["n"]
            moments.append(_moment(found["last"]))
    return CustomerOrders(orders, max((at for at in moments if at is not None), default=None))


def lines_of(lines: Lines, buyer: Buyer) -> Iterator[QuerySet[Any]]:
    """Yield the counted lines of a buyer by one declaration: none where it cannot tell whose."""
    rows: QuerySet[Any] = apps.get_model(lines.model)._default_manager.filter(lines.counted)
    if buyer.guest:
        if lines.guest is None:
            return
        rows = rows.alias(crosssell_guest=expression(lines.guest))
        if lines.customer is not None:  # with a user beside it the order is the user's
            rows = rows.alias(crosssell_customer=expression(lines.customer))
            rows = rows.filter(crosssell_customer__isnull=True)
        yield rows.filter(crosssell_guest=buyer.guest)
    elif lines.customer is not None:
        try:
            rows = rows.alias(crosssell_customer=expression(lines.customer))
            rows = rows.filter(crosssell_customer=buyer.customer)
        except (ValueError, ValidationError):  # a guest's hash is no primary key of a user
            return
        yield rows


def _moment(value: Any) -> datetime | None:
    """Return a moment of what a shop keeps of it: a moment or a day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if not isinstance(value, datetime):
        return None
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def expression(path: Path) -> Any:
    """Return a declared path as an expression."""
    return F(path) if isinstance(path, str) else path
