"""Pages of the shop that are ours: they change the basket, and only redirect."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from recommendations.api.parameters import valid_amount, valid_key
from recommendations.conf import recommendation_settings
from recommendations.faults import contained
from recommendations.services.baskets import Added, add_to_basket
from recommendations.services.replacing import Replaced, replace_in_basket
from recommendations.views.answers import came_from, tell


@require_POST
@csrf_protect
@never_cache
def add_all(request: HttpRequest) -> HttpResponseRedirect:
    """Add the ticked products and go back, telling what was added and what was not."""
    keys = _keys(request.POST.getlist("item"))
    if not keys:
        tell(request, messages.WARNING, _("Nothing was chosen."))
    else:
        added = contained("Add all to basket", lambda: add_to_basket(request, keys), otherwise=None)
        _tell_added(request, added)
    return HttpResponseRedirect(came_from(request))


@require_POST
@csrf_protect
@never_cache
def replace_line(request: HttpRequest) -> HttpResponseRedirect:
    """Put an upgrade in the place of a line and go back, telling what was done or why not."""
    _tell_replaced(request, contained("Replace a line", lambda: _replaced(request), otherwise=None))
    return HttpResponseRedirect(came_from(request))


def _replaced(request: HttpRequest) -> Replaced | None:
    """Do what the form asks for; None for a form that is none of ours."""
    given = request.POST
    try:
        key, with_key = valid_key(given.get("item")), valid_key(given.get("with"))
        more = valid_amount(given["more"]) if "more" in given else None
    except ValueError:
        return None
    return replace_in_basket(request, key, with_key, more=more)


def _tell_replaced(request: HttpRequest, replaced: Replaced | None) -> None:
    if replaced is None:
        tell(request, messages.ERROR, _("Your basket was left as it is."))
    else:
        level = messages.SUCCESS if replaced.done else messages.WARNING
        tell(request, level, replaced.message)


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
        tell(request, messages.ERROR, _("The products could not be added."))
        return
    if added.titles:
        text = ngettext(
            "Added to your basket: %(titles)s.",
            "Added to your basket: %(titles)s.",
            len(added.titles),
        )
        titles = get_text_list(list(added.titles), _("and"))
        tell(request, messages.SUCCESS, text % {"titles": titles})
    for reason in dict.fromkeys(refusal.reason for refusal in added.refused):
        tell(request, messages.WARNING, reason)
