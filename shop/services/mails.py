"""E-mails that the shop sends."""

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from shop.models import Order
from shop.selectors.orders import bought_products, with_totals


def send_confirmation(order: Order, base_url: str) -> None:
    """Thank for an order, and show what goes with it.

    ``base_url`` is the address of the shop as its visitors write it.
    """
    if not order.email:
        return
    lines = list(order.lines.select_related("product__parent"))
    context: dict[str, Any] = {
        "order": with_totals(Order.objects.filter(pk=order.pk)).get(),
        "lines": lines,
        "bought": bought_products(lines),
        "base_url": base_url,
    }
    mail = EmailMultiAlternatives(
        subject=_("Your order %(number)s") % {"number": order.number},
        body=render_to_string("shop/email/confirmation.txt", context),
        to=[order.email],
    )
    mail.attach_alternative(render_to_string("shop/email/confirmation.html", context), "text/html")
    mail.send()
