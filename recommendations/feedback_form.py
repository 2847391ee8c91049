"""The form behind the buttons *not interested* and *more like this* of a shopper's own shelf.

The buttons stand on the cards, whose markup is the same for everybody and is kept; they name this
form, which holds the shopper's own token, and so work without the script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.middleware.csrf import get_token
from django.template import Context, Engine

from recommendations.adapters import get_adapter
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

FEEDBACK_TEMPLATE = "crosssell/feedback.html"


def can_say(request: HttpRequest | None) -> bool:
    """Tell whether a shopper's word on a product could be noted."""
    if request is None or not is_personal(request):
        return False
    has_session = getattr(request, "session", None) is not None
    return has_session or get_adapter().customer(request) is not None


def feedback_form_html(request: HttpRequest, form_id: str, url: str, *, engine: Engine) -> str:
    """Return the form of a shelf's buttons."""
    context = {
        "form_id": form_id,
        "url": url,
        "next": _page(request),
        "csrf_token": get_token(request),
    }
    return str(engine.get_template(FEEDBACK_TEMPLATE).render(Context(context)))


def _page(request: HttpRequest) -> str:
    """Return where to come back to; a fragment is no page, so there the browser has to say it."""
    match = getattr(request, "resolver_match", None)
    ours = match is not None and "crosssell" in match.app_names
    return "" if ours else request.get_full_path()
