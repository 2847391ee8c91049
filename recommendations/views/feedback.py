"""Where the buttons *not interested* and *more like this* go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from recommendations.api.parameters import valid_key
from recommendations.faults import contained
from recommendations.models import Feedback
from recommendations.services.feedback import give_feedback
from recommendations.views.answers import came_from, tell

NOTED = {
    Feedback.Kind.NOT_INTERESTED.value: lambda: _("You will not see this again."),
    Feedback.Kind.MORE_LIKE_THIS.value: lambda: _("You will see more like this."),
}


@require_POST
@csrf_protect
@never_cache
def feedback(request: HttpRequest) -> HttpResponse:
    """Note what the shopper says of a product, then go back; a script is answered in JSON.

    The button that was pressed is named after what it says, and its value is the product's key.
    """
    kind = next((kind for kind in NOTED if kind in request.POST), "")
    refusal = contained(
        "Feedback",
        lambda: _noted(request, request.POST.get(kind, ""), kind),
        otherwise=_("This could not be noted."),
    )
    text = refusal or NOTED[kind]()
    if request.accepts("text/html"):
        tell(request, messages.WARNING if refusal else messages.SUCCESS, text)
        return HttpResponseRedirect(came_from(request))
    return JsonResponse({"detail": text}, status=400 if refusal else 200)


def _noted(request: HttpRequest, key: str, kind: str) -> str:
    """Note it and return nothing, or return why it was not noted."""
    try:
        give_feedback(request, valid_key(key), kind)
    except ValueError as refusal:
        return str(refusal)
    return ""
