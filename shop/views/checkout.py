"""Checkout and confirmation."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from shop.forms.checkout import CheckoutForm
from shop.models import Basket, Order
from shop.selectors.baskets import BasketContents, basket_contents, current_basket
from shop.selectors.orders import bought_products, customer_orders, with_totals
from shop.services.errors import Refused
from shop.services.mails import send_confirmation
from shop.services.orders import check_out

PLACED_KEY = "shop_orders"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def checkout(request: HttpRequest) -> HttpResponse:
    """Ask for the address, then turn the basket into a paid order."""
    basket = current_basket(request.session, request.user)
    if basket is None:
        return redirect("shop:basket")
    form = CheckoutForm(request.POST) if request.method == "POST" else None
    status = 200
    if form is not None:
        order = _order(request, basket, form)
        if order is not None:
            request.session[PLACED_KEY] = [*request.session.get(PLACED_KEY, []), order.pk][-50:]
            return redirect("shop:confirmation", order.number)
        status = 409 if form.is_valid() else 200
    contents = basket_contents(basket)
    if not contents.can_be_ordered:
        return redirect("shop:basket")
    context = {"contents": contents, "form": _form_to_show(request, form, contents)}
    return render(request, "shop/checkout.html", context, status=status)


@require_safe
@never_cache
def confirmation(request: HttpRequest, number: str) -> HttpResponse:
    """Thank for an order that this session placed, or that is the customer's own."""
    placed = with_totals(Order.objects.filter(pk__in=request.session.get(PLACED_KEY, [])))
    order = placed.filter(number=number).first()
    if order is None:
        order = customer_orders(request.user).filter(number=number).first()
    if order is None:
        raise Http404(_("There is no such order."))
    lines = order.lines.select_related("product__parent")
    context = {"order": order, "lines": lines, "bought": bought_products(lines)}
    return render(request, "shop/confirmation.html", context)


def _order(request: HttpRequest, basket: Basket, form: CheckoutForm) -> Order | None:
    if not form.is_valid():
        return None
    try:
        return check_out(
            basket,
            token=form.cleaned_data["token"],
            destination=form.destination(),
            user=request.user if request.user.is_authenticated else None,
            agreed_total=form.cleaned_data["agreed_total"],
            on_paid=partial(send_confirmation, base_url=request.build_absolute_uri("/")),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return None


def _form_to_show(
    request: HttpRequest, sent: CheckoutForm | None, contents: BasketContents
) -> CheckoutForm:
    """Return the form with a token and with the total that this page shows."""
    if sent is None:
        return CheckoutForm(
            initial={
                **_known_address(request),
                "token": uuid.uuid4(),
                "agreed_total": contents.total,
            }
        )
    data = {name: sent.data[name] for name in sent.data}
    data["agreed_total"] = str(contents.total)
    if "token" in sent.errors:
        data["token"] = str(uuid.uuid4())
    form = CheckoutForm(data)
    form.is_valid()
    return form


def _known_address(request: HttpRequest) -> dict[str, Any]:
    """Return what the customer's newest order says, so that it need not be typed again."""
    if not request.user.is_authenticated:
        return {}
    orders = Order.objects.filter(user_id=request.user.pk, address__isnull=False)
    order = orders.select_related("address").first()
    if order is None:
        return {"email": request.user.email}
    address = order.address
    return {
        "email": order.email,
        "name": address.name,
        "street": address.street,
        "postcode": address.postcode,
        "city": address.city,
        "country": address.country,
    }
