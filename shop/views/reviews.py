"""What a customer writes about a product."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shop.forms.reviews import ReviewForm
from shop.selectors.catalogue import visible_products
from shop.services.errors import Refused
from shop.services.reviews import write_review


@require_POST
@login_required
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep a review and go back to the product."""
    product = visible_products().filter(slug=slug).first()
    if product is None:
        raise Http404(_("There is no such product."))
    form = ReviewForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(next(iter(form.errors.values()))[0])
        write_review(product, request.user, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Thank you for your review."))
    return redirect(f"{product.get_absolute_url()}#reviews")
