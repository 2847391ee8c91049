"""Writes to baskets."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.models import Basket, BasketLine, Product
from shop.models.baskets import MAX_QUANTITY
from shop.selectors.baskets import SESSION_KEY, current_basket
from shop.services.errors import Refused


def ensure_basket(session: SessionBase, user: AbstractBaseUser | AnonymousUser) -> Basket:
    """Return the shopper's basket, made and bound to the session or the customer if need be."""
    basket = current_basket(session, user)
    if basket is not None:
        return basket
    if user.is_authenticated:
        owner: Any = user  # the user model is the project's choice
        return Basket.objects.get_or_create(user=owner)[0]
    basket = Basket.objects.create()
    session[SESSION_KEY] = str(basket.token)
    return basket


@transaction.atomic
def add_to_basket(basket: Basket, product: Product, quantity: int = 1) -> BasketLine:
    """Put pieces of a product into the basket, on top of those it already holds."""
    _lock(basket)
    line = BasketLine.objects.filter(basket=basket, product=product).first()
    held = line.quantity if line else 0
    check_can_be_sold(product, held + quantity)
    _check_same_currency(basket, product)
    if line is None:
        line = BasketLine(basket=basket, product=product)
    line.quantity = held + quantity
    line.save()
    return line


@transaction.atomic
def set_quantity(basket: Basket, product_id: int, quantity: int) -> None:
    """Make the basket hold exactly so many pieces of a product it holds; none removes the line."""
    _lock(basket)
    lines = BasketLine.objects.select_related("product__parent")
    line = lines.filter(basket=basket, product_id=product_id).first()
    if line is None:
        raise Refused(_("This product is no longer in your basket."))
    if quantity == 0:
        line.delete()
        return
    check_can_be_sold(line.product, quantity)
    line.quantity = quantity
    line.save(update_fields=["quantity"])


@transaction.atomic
def take_from_basket(basket: Basket, product_id: int, quantity: int) -> None:
    """Take pieces of a product out of the basket; with the last one goes the line."""
    _lock(basket)
    line = BasketLine.objects.filter(basket=basket, product_id=product_id).first()
    if line is None or line.quantity < quantity:
        raise Refused(_("This product is no longer in your basket."))
    if line.quantity == quantity:
        line.delete()
        return
    line.quantity -= quantity
    line.save(update_fields=["quantity"])


@transaction.atomic
def replace_in_basket(basket: Basket, product_id: int, product: Product, quantity: int) -> None:
    """Put pieces of a product in the place of as many of another, or change nothing at all."""
    take_from_basket(basket, product_id, quantity)
    add_to_basket(basket, product, quantity)


@transaction.atomic
def merge_guest_basket(token: str, user: AbstractBaseUser) -> None:
    """Move what a guest holds into the basket of the customer who just logged in."""
    guest = Basket.objects.select_for_update().filter(token=token, user__isnull=True).first()
    if guest is None:
        return
    owner: Any = user
    basket = Basket.objects.select_for_update().filter(user=owner).first()
    if basket is None:
        guest.user = owner
        guest.save()
        return
    held = {line.product_id: line for line in basket.lines.all()}
    for line in guest.lines.all():
        own = held.get(line.product_id)
        if own is None:
            line.basket = basket
            line.save(update_fields=["basket"])
        else:
            own.quantity = min(own.quantity + line.quantity, MAX_QUANTITY)
            own.save(update_fields=["quantity"])
    guest.delete()


def check_can_be_sold(product: Product, quantity: int) -> None:
    """Raise ``Refused`` unless so many pieces of the product can be sold now."""
    name = product.full_name
    if not 1 <= quantity <= MAX_QUANTITY:
        text = _("Choose between 1 and %(maximum)d pieces of %(product)s.")
        raise Refused(text % {"maximum": MAX_QUANTITY, "product": name})
    if not product.visible or (product.parent is not None and not product.parent.visible):
        raise Refused(_("%(product)s is no longer for sale.") % {"product": name})
    if product.parent_id is None and product.variants.exists():
        raise Refused(_("Choose a variant of %(product)s.") % {"product": name})
    if not product.in_stock(quantity):
        raise Refused(_sold_out_text(product, name))


def _sold_out_text(product: Product, name: str) -> str:
    left = product.stock or 0
    if left == 0:
        return _("%(product)s is sold out.") % {"product": name}
    text = ngettext(
        "Only %(left)d piece of %(product)s is left.",
        "Only %(left)d pieces of %(product)s are left.",
        left,
    )
    return text % {"left": left, "product": name}


def _check_same_currency(basket: Basket, product: Product) -> None:
    other = basket.lines.exclude(product__currency=product.currency)
    currency = other.values_list("product__currency", flat=True).first()
    if currency is not None:
        text = _("Your basket is in %(basket)s; %(product)s is sold in %(currency)s.")
        raise Refused(
            text % {"basket": currency, "product": product.full_name, "currency": product.currency}
        )


def _lock(basket: Basket) -> None:
    """Make two requests of one shopper wait for each other, and note that the basket changed."""
    Basket.objects.select_for_update().get(pk=basket.pk).save(update_fields=["updated_at"])
