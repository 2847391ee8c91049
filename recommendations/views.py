"""Pages of the shop that are ours: there is one, and it only redirects."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from recommendations.api.parameters import valid_key
from recommendations.conf import recommendation_settings
from recommendations.faults import contained
from recommendations.services.baskets import Added, add_to_basket


@require_POST
@csrf_protect
@never_cache
def add_all(request: HttpRequest) -> HttpResponseRedirect:
    """Add the ticked products and go back, telling what was added and what was not."""
    keys = _keys(request.POST.getlist("item"))
    if not keys:
        _tell(request, messages.WARNING, _("Nothing was chosen."))
    else:
        added = contained("Add all to basket", lambda: add_to_basket(request, keys), otherwise=None)
        _tell_added(request, added)
    return HttpResponseRedirect(_back(request))


def _keys(given: list[str]) -> list[str]:
    """Return what may be keys, as many as a block can hold: the form is anybody's to change."""
    keys = []
    for text in given[: recommendation_settings().api_max_count + 1]:
        try:
            keys.append(valid_key(text))
        except ValueError:
            continue
    return keys


def _tell_added(request: HttpRequest, added: Added | None) -> None:
    if added is None:
        _tell(request, messages.ERROR, _("The products could not be added."))
        return
    if added.titles:
        text = ngettext(
            "Added to your basket: %(titles)s.",
            "Added to your basket: %(titles)s.",
            len(added.titles),
        )
        titles = get_text_list(list(added.titles), _("and"))
        _tell(request, messages.SUCCESS, text % {"titles": titles})
    for reason in dict.fromkeys(refusal.reason for refusal in added.refused):
        _tell(request, messages.WARNING, reason)


def _tell(request: HttpRequest, level: int, text: str) -> None:
    # A shop without the messages framework shows its basket; there is nothing else to tell with.
    messages.add_message(request, level, text, fail_silently=True)


def _back(request: HttpRequest) -> str:
    """Return the page to go to: that of the form, else where the shopper came from."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if address and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "/"
