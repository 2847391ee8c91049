"""What is remembered of a visit: the keys of the last products looked at, in the shop's session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Model

from recommendations.adapters import get_adapter
from recommendations.conf import recommendation_settings
from recommendations.faults import contained
from recommendations.models import Item
from recommendations.selectors.feedback import FEEDBACK
from recommendations.selectors.looked_at import VIEWED, viewed_keys
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

KEY_LENGTH = int(Item._meta.get_field("key").max_length or 0)


def record_view(request: HttpRequest, product: Model | str) -> None:
    """Remember that this visitor looks at a product: for the view of the product's page.

    Nothing is remembered without the session framework, nor of a visitor who does not want it.
    A fault never reaches the page.
    """
    contained("Recording a view", lambda: _record(request, product), otherwise=None)


def _record(request: HttpRequest, product: Model | str) -> None:
    session = getattr(request, "session", None)
    if session is None:
        return
    most = recommendation_settings().recently_viewed
    if not is_personal(request) or not most:
        forget_visit(request)
        return
    key = product if isinstance(product, str) else get_adapter().key(product)
    if not 1 <= len(key) <= KEY_LENGTH:
        return
    known = viewed_keys(request)
    if known[:1] != [key]:  # looking again at the same page stores nothing
        session[VIEWED] = [key, *(other for other in known if other != key)][:most]


def forget_visit(request: HttpRequest) -> None:
    """Empty at once what the session holds for us: what was looked at, and what was said of it."""
    session = getattr(request, "session", None)
    if session is not None:
        for name in (VIEWED, FEEDBACK):
            if name in session:
                del session[name]
