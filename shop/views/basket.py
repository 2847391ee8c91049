"""The basket page and what changes it."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shop.forms.basket import AddToBasketForm, QuantityForm
from shop.selectors.baskets import basket_contents, basket_count, current_basket
from shop.selectors.catalogue import sellable_product
from shop.services.baskets import add_to_basket, ensure_basket, set_quantity
from shop.services.errors import Refused


@require_safe
@never_cache
def basket(request: HttpRequest) -> HttpResponse:
    """Show what the shopper holds."""
    contents = basket_contents(current_basket(request.session, request.user))
    return render(request, "shop/basket.html", {"contents": contents})


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a product into the basket; a script gets JSON, a plain form goes back to its page."""
    try:
        text, done = _add(request, AddToBasketForm(request.POST)), True
    except Refused as refusal:
        text, done = str(refusal), False
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        count = basket_count(request.session, request.user)
        return JsonResponse(
            {"done": done, "message": text, "count": count}, status=200 if done else 409
        )
    (messages.success if done else messages.error)(request, text)
    return redirect(_back(request))


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Set how many pieces of a product the basket holds; zero removes it."""
    form = QuantityForm(request.POST)
    held = current_basket(request.session, request.user)
    if held is None:
        return redirect("shop:basket")
    try:
        if not form.is_valid():
            raise Refused(_first_error(form))
        set_quantity(held, form.cleaned_data["product"], form.cleaned_data["quantity"])
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your basket was updated."))
    return redirect("shop:basket")


def _add(request: HttpRequest, form: AddToBasketForm) -> str:
    if not form.is_valid():
        raise Refused(_first_error(form))
    product = sellable_product(form.cleaned_data["product"])
    if product is None:
        raise Refused(_("This product is no longer for sale."))
    held = ensure_basket(request.session, request.user)
    add_to_basket(held, product, form.cleaned_data["quantity"] or 1)
    return _("%(product)s is in your basket.") % {"product": product.full_name}


def _first_error(form: Form) -> str:
    return str(next(iter(form.errors.values()))[0])


def _back(request: HttpRequest) -> str:
    """Return the page the form names, if it is one of ours; else the basket."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else reverse("shop:basket")
