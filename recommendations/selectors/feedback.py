"""What a shopper has said of products: read from the session, so that it costs a page nothing.

It is the shopper's own and holds at once. Customers' words are in the database as well, from where
they come back with the next login, and for the models.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from recommendations.adapters import get_adapter
from recommendations.models import Feedback
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

FEEDBACK = "crosssell_feedback"
"""Name in the session. It holds ids of items by what was said of them, and whose words they are."""

_REMEMBERED = "_crosssell_feedback"


class Said(NamedTuple):
    """Families of items by what a shopper said of them, the newest first."""

    dismissed: tuple[int, ...] = ()
    liked: tuple[int, ...] = ()


def said_by(request: HttpRequest | None) -> Said:
    """Return what the shopper of a request has said, and nobody else.

    Without the session framework a customer's words are read from the database, once a request.
    """
    if request is None or not is_personal(request):
        return Said()
    if getattr(request, "session", None) is not None:
        return said_in_visit(request)
    known: Said | None = getattr(request, _REMEMBERED, None)
    if known is None:
        customer = get_adapter().customer(request)
        known = Said() if customer is None else said_by_customer(customer)
        setattr(request, _REMEMBERED, known)
    return known


def said_in_visit(request: HttpRequest) -> Said:
    """Return what the session holds, unless it is another customer's."""
    stored = request.session.get(FEEDBACK)
    if not isinstance(stored, dict):
        return Said()
    owner = stored.get("customer")
    if owner is not None and owner != get_adapter().customer(request):
        return Said()
    return Said(_ids(stored.get("dismissed")), _ids(stored.get("liked")))


def said_by_customer(customer: str) -> Said:
    """Return what a customer has said; one query."""
    rows = Feedback.objects.filter(customer=customer)
    several = list(rows.order_by("-created_at", "-pk").values_list("item_id", "kind"))
    return Said(
        tuple(pk for pk, kind in several if kind == Feedback.Kind.NOT_INTERESTED),
        tuple(pk for pk, kind in several if kind == Feedback.Kind.MORE_LIKE_THIS),
    )


def dismissed_families(request: HttpRequest | None) -> Iterable[int]:
    """Return the families that no block shows this shopper."""
    return said_by(request).dismissed


def _ids(stored: Any) -> tuple[int, ...]:
    """Return ids out of a session, which another release may have written."""
    several = stored if isinstance(stored, list) else ()
    return tuple(one for one in several if isinstance(one, int))
