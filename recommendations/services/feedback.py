"""What a shopper says of a product: kept in the session at once, and with the customer for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from recommendations.adapters import get_adapter
from recommendations.models import Feedback, Item
from recommendations.selectors.feedback import FEEDBACK, Said, said_by_customer, said_in_visit
from recommendations.selectors.items import item_faces
from recommendations.selectors.privacy import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST_IN_SESSION = 50
"""Items of each kind that a session holds, the newest: one kept in a cookie has 4,096 bytes."""

MOST_OF_CUSTOMER = 500
"""Items of which a customer's word is kept, the newest: far more than anybody says by hand."""


def give_feedback(request: HttpRequest, key: str, kind: str) -> None:
    """Note what the shopper of a request says of a product; it holds from the next block on.

    Raises ``ValueError`` with words for the shopper where it cannot be noted.
    """
    if kind not in Feedback.Kind.values:
        raise ValueError(gettext("This cannot be said of a product."))
    if not is_personal(request):
        raise ValueError(gettext("Personal recommendations are switched off."))
    adapter = get_adapter()
    customer = adapter.customer(request)
    session = getattr(request, "session", None)
    if session is None and customer is None:
        raise ValueError(gettext("Nothing can be remembered of this visit."))
    # What the shop does not show is as unknown as what it never had.
    face = item_faces([key]).get(key)
    if face is None or key not in adapter.live_products([key], request=request):
        raise ValueError(gettext("The shop does not have this product."))
    if customer is not None:
        _keep(customer, {face.family: kind})
    if session is not None:
        said = said_in_visit(request)
        _remember(request, customer, _with(said, face.family, kind))


def adopt_feedback(request: HttpRequest) -> None:
    """Give what was said before the login to the customer, and bring back what was said earlier."""
    customer = get_adapter().customer(request)
    if customer is None or getattr(request, "session", None) is None or not is_personal(request):
        return
    said = said_in_visit(request)
    # The oldest first, as they were said: where there are too many, the newest stay.
    kinds = dict.fromkeys(reversed(said.dismissed), Feedback.Kind.NOT_INTERESTED.value)
    kinds |= dict.fromkeys(reversed(said.liked), Feedback.Kind.MORE_LIKE_THIS.value)
    _keep(customer, kinds)
    known = said_by_customer(customer)
    if known != Said() or said != Said():
        _remember(request, customer, known)


def withdraw_feedback(request: HttpRequest) -> None:
    """Delete all that the customer of a request has ever said."""
    customer = get_adapter().customer(request)
    if customer is not None:
        Feedback.objects.filter(customer=customer).delete()


def _with(said: Said, family: int, kind: str) -> Said:
    """Return what was said with one word more, which stands in place of an earlier one."""
    dismissed, liked = (tuple(pk for pk in several if pk != family) for several in said)
    if kind == Feedback.Kind.NOT_INTERESTED:
        return Said((family, *dismissed), liked)
    return Said(dismissed, (family, *liked))


def _remember(request: HttpRequest, customer: str | None, said: Said) -> None:
    request.session[FEEDBACK] = {
        "customer": customer,
        "dismissed": list(said.dismissed[:MOST_IN_SESSION]),
        "liked": list(said.liked[:MOST_IN_SESSION]),
    }


def _keep(customer: str, kinds: dict[int, str]) -> None:
    """Store a customer's words by item, the newest last; those beyond the most are deleted."""
    now = timezone.now()
    with transaction.atomic():
        there = set(Item.objects.filter(pk__in=kinds).values_list("pk", flat=True))
        Feedback.objects.bulk_create(
            [
                Feedback(customer=customer, item_id=pk, kind=kind, created_at=now)
                for pk, kind in kinds.items()
                if pk in there
            ],
            update_conflicts=True,
            unique_fields=["customer", "item"],
            update_fields=["kind", "created_at"],
        )
        rows = Feedback.objects.filter(customer=customer).order_by("-created_at", "-pk")
        beyond: Sequence[int] = list(rows.values_list("pk", flat=True)[MOST_OF_CUSTOMER:])
        if beyond:
            Feedback.objects.filter(pk__in=beyond).delete()
