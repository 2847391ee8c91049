"""The shopper's switch: personal recommendations on or off, and forgetting what is remembered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from recommendations.faults import contained
from recommendations.selectors.privacy import PERSONAL_COOKIE, SWITCHED_OFF
from recommendations.services.feedback import adopt_feedback, withdraw_feedback
from recommendations.services.visits import forget_visit
from recommendations.views.answers import came_from, tell

COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep any cookie."""


@require_POST
@csrf_protect
@never_cache
def personal(request: HttpRequest) -> HttpResponse:
    """Switch personal recommendations, or forget what they are made of, and go back."""
    wish = request.POST.get("personal", "")
    answer: HttpResponse = HttpResponseRedirect(came_from(request))
    if wish == "off":
        contained("Forgetting a visit", lambda: forget_visit(request), otherwise=None)
        answer.set_cookie(
            PERSONAL_COOKIE,
            SWITCHED_OFF,
            max_age=COOKIE_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        tell(request, messages.SUCCESS, _("Personal recommendations are off."))
    elif wish == "on":
        answer.delete_cookie(PERSONAL_COOKIE, samesite="Lax")
        # From here on it is the request of a visitor who wants them.
        request.COOKIES.pop(PERSONAL_COOKIE, None)
        contained("Feedback at the switch", lambda: adopt_feedback(request), otherwise=None)
        tell(request, messages.SUCCESS, _("Personal recommendations are on."))
    elif wish == "forget":
        forgotten = contained("Forgetting", lambda: _forget(request), otherwise=False)
        if forgotten:
            tell(request, messages.SUCCESS, _("What was remembered of you has been deleted."))
        else:
            tell(request, messages.ERROR, _("It could not be deleted. Please try again."))
    else:
        return HttpResponseBadRequest(_("This is not a choice."))
    return answer


def _forget(request: HttpRequest) -> bool:
    forget_visit(request)
    withdraw_feedback(request)
    return True
