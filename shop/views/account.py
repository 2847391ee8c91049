"""The customer's account: logging in, own orders, cancelling."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shop.forms.account import LoginForm, SignUpForm
from shop.models import Order
from shop.selectors.orders import customer_orders
from shop.services.errors import Refused
from shop.services.orders import cancel_order

ORDERS_PER_PAGE = 20


class LoginView(auth_views.LoginView):
    """Log a customer in."""

    template_name = "shop/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account, and log the new customer in."""
    if request.user.is_authenticated:
        return redirect("shop:account")
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.save())
        messages.success(request, _("Welcome! Your account is ready."))
        return redirect("shop:account")
    return render(request, "shop/sign_up.html", {"form": form})


@login_required
@require_safe
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show the customer's orders."""
    orders = Paginator(customer_orders(request.user), ORDERS_PER_PAGE)
    page = orders.get_page(request.GET.get("page"))
    context = {"page": page, "pages": orders.get_elided_page_range(page.number)}
    return render(request, "shop/account.html", context)


@login_required
@require_safe
@never_cache
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Show one of the customer's own orders."""
    found = _own_order(request, number)
    lines = found.lines.select_related("product__parent")
    return render(request, "shop/order.html", {"order": found, "lines": lines})


@login_required
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Cancel one of the customer's own orders."""
    found = _own_order(request, number)
    try:
        cancel_order(found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        text = _("Order %(number)s is cancelled. The money is on its way back to you.")
        messages.success(request, text % {"number": found.number})
    return redirect(found)


def _own_order(request: HttpRequest, number: str) -> Order:
    """Return the order if it is the customer's; somebody else's does not exist for them."""
    found = customer_orders(request.user).filter(number=number).first()
    if found is None:
        raise Http404(_("There is no such order."))
    return found
