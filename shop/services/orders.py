"""From basket to order, and back again by cancelling and refunding."""

import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.models import Basket, BasketLine, Order, OrderAddress, OrderLine
from shop.services.baskets import check_can_be_sold
from shop.services.errors import Refused
from shop.services.stock import claim_stock, return_stock

# No 0, O, 1, I: a number is read out on the telephone.
NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Who gets the order, and where."""

    email: str
    name: str
    street: str
    postcode: str
    city: str
    country: str


class PriceChanged(Refused):
    """The total is no longer the one the shopper agreed to."""


@transaction.atomic
def check_out(
    basket: Basket,
    *,
    token: uuid.UUID,
    destination: Destination,
    user: AbstractBaseUser | None,
    agreed_total: Decimal,
    on_paid: Callable[[Order], None] | None = None,
) -> Order:
    """Turn a basket into a paid order, or raise ``Refused`` and leave everything as it was.

    The token belongs to the form the shopper saw: the same token again gives the same order, and
    ``on_paid`` is called once, after all is stored.
    """
    order = place_order(
        basket, token=token, destination=destination, user=user, agreed_total=agreed_total
    )
    if order.status == Order.Status.PENDING:
        pay_order(order)
        if on_paid is not None:
            # The order stands, whatever becomes of the mail that thanks for it.
            transaction.on_commit(lambda: on_paid(order), robust=True)
    return order


@transaction.atomic
def place_order(
    basket: Basket,
    *,
    token: uuid.UUID,
    destination: Destination,
    user: AbstractBaseUser | None,
    agreed_total: Decimal,
) -> Order:
    """Make an order that waits for payment, at the prices of this moment, and empty the basket."""
    # The second of two submits waits here, and then finds the order of the first.
    Basket.objects.select_for_update().get(pk=basket.pk)
    external_key = f"checkout:{basket.pk}:{token.hex}"
    placed = Order.objects.filter(external_key=external_key).first()
    if placed is not None:
        return placed
    # By product, so that two orders of the same products lock their rows in the same order.
    lines = sorted(basket.lines.select_related("product__parent"), key=lambda line: line.product_id)
    _check_lines(lines, agreed_total)
    for line in lines:
        if not claim_stock(line.product, line.quantity):
            raise Refused(
                _("%(product)s was just bought by somebody else.")
                % {"product": line.product.full_name}
            )
    customer: Any = user  # the user model is the project's choice
    order = Order.objects.create(
        number=new_order_number(),
        user=customer,
        email=destination.email,
        currency=lines[0].product.currency,
        source=Order.Source.WEB,
        external_key=external_key,
    )
    OrderAddress.objects.create(
        order=order,
        name=destination.name,
        street=destination.street,
        postcode=destination.postcode,
        city=destination.city,
        country=destination.country,
    )
    _copy_lines(order, lines)
    basket.lines.all().delete()
    return order


def pay_order(order: Order) -> None:
    """Note that the order's money came in; an order is paid once."""
    now = timezone.now()
    waiting = Order.objects.filter(pk=order.pk, status=Order.Status.PENDING)
    if waiting.update(status=Order.Status.PAID, paid_at=now) != 1:
        raise Refused(_("Order %(number)s is not waiting for payment.") % {"number": order.number})
    order.status, order.paid_at = Order.Status.PAID, now


@transaction.atomic
def ship_order(order: Order) -> None:
    """Note that a paid order left the shop."""
    paid = Order.objects.filter(pk=order.pk, status=Order.Status.PAID, shipped_at__isnull=True)
    if paid.update(shipped_at=timezone.now()) != 1:
        raise Refused(
            _("Order %(number)s is not paid, or it was shipped before.") % {"number": order.number}
        )
    order.refresh_from_db()


@transaction.atomic
def cancel_order(order: Order) -> None:
    """Call off an order that has not been shipped, and put its pieces back on the shelf."""
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if not locked.can_be_cancelled:
        raise Refused(_("Order %(number)s can no longer be cancelled.") % {"number": order.number})
    locked.status, locked.cancelled_at = Order.Status.CANCELLED, timezone.now()
    locked.save(update_fields=["status", "cancelled_at"])
    for line in locked.lines.filter(product__isnull=False).order_by("product_id"):
        if line.product_id is not None and line.kept_quantity:
            return_stock(line.product_id, line.kept_quantity)
    order.refresh_from_db()


@transaction.atomic
def refund_lines(order: Order, quantities: Mapping[int, int]) -> None:
    """Give back the money of some pieces: numbers of pieces by primary key of the order's lines."""
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.status != Order.Status.PAID:
        text = _("Order %(number)s is %(status)s; only paid orders are refunded.")
        raise Refused(text % {"number": order.number, "status": locked.get_status_display()})
    lines = {line.pk: line for line in locked.lines.all()}
    for pk in sorted(quantities, key=lambda pk: (_product_id(lines, pk), pk)):
        _refund_line(order, lines.get(pk), quantities[pk])
    if not locked.lines.filter(refunded_quantity__lt=F("quantity")).exists():
        locked.status = Order.Status.REFUNDED
        locked.save(update_fields=["status"])
    order.refresh_from_db()


def refund_order(order: Order) -> None:
    """Give back all the money that was not given back yet."""
    with transaction.atomic():
        # Read under the lock: a refund of one line that runs meanwhile is then counted.
        locked = Order.objects.select_for_update().get(pk=order.pk)
        kept = {line.pk: line.kept_quantity for line in locked.lines.all() if line.kept_quantity}
        refund_lines(order, kept)


def new_order_number() -> str:
    """Return a number that nobody can guess from the one before."""
    code = "".join(secrets.choice(NUMBER_ALPHABET) for _character in range(8))
    return f"{timezone.now():%y}-{code[:4]}-{code[4:]}"


def _check_lines(lines: list[BasketLine], agreed_total: Decimal) -> None:
    if not lines:
        raise Refused(_("Your basket is empty."))
    for line in lines:
        check_can_be_sold(line.product, line.quantity)
    if len({line.product.currency for line in lines}) > 1:
        raise Refused(_("Your basket holds prices of different currencies."))
    if sum(line.product.price * line.quantity for line in lines) != agreed_total:
        raise PriceChanged(
            _("A price changed in the meantime. Please look at the new total and order again.")
        )


def _copy_lines(order: Order, lines: Iterable[BasketLine]) -> None:
    in_order_of_adding = sorted(lines, key=lambda line: line.pk)
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=line.product,
            product_name=line.product.full_name,
            sku=line.product.sku,
            quantity=line.quantity,
            unit_price=line.product.price,
            amount=line.product.price * line.quantity,
            position=position,
        )
        for position, line in enumerate(in_order_of_adding)
    )


def _product_id(lines: Mapping[int, OrderLine], pk: int) -> int:
    line = lines.get(pk)
    return (line.product_id or 0) if line else 0


def _refund_line(order: Order, line: OrderLine | None, quantity: int) -> None:
    if line is None:
        raise Refused(
            _("That line does not belong to order %(number)s.") % {"number": order.number}
        )
    if not 1 <= quantity <= line.kept_quantity:
        text = _("Between 1 and %(kept)d pieces of %(product)s can be refunded, not %(given)d.")
        raise Refused(
            text % {"kept": line.kept_quantity, "product": line.product_name, "given": quantity}
        )
    line.refunded_quantity += quantity
    line.save(update_fields=["refunded_quantity"])
    if line.product_id is not None:
        return_stock(line.product_id, quantity)
