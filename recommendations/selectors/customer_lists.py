"""The lists that were made for one customer, as they are read: of nobody else.

They are not kept in the cache: what is deleted for a customer is gone at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.http import HttpRequest

from recommendations.adapters import get_adapter
from recommendations.engine.packing import unpack
from recommendations.models import CustomerList, Kind, Question
from recommendations.selectors.fallbacks import Listed
from recommendations.selectors.items import remembered_faces
from recommendations.selectors.lists import Companion
from recommendations.selectors.privacy import is_personal
from recommendations.selectors.reasons import Reason
from recommendations.selectors.serving import Serving, serving


def customer_key(customer: HttpRequest | str) -> str | None:
    """Return whose list may be read: of a request, its own customer's and no other.

    A customer who wants nothing personal is as good as unknown.
    """
    if isinstance(customer, HttpRequest):
        return get_adapter().customer(customer) if is_personal(customer) else None
    return customer


def customer_builds() -> list[Serving]:
    """Return the builds that answer for customers, each once: what is new to them comes first."""
    asked = (Question.CUSTOMER, Question.NEXT_BASKET, Question.RATING)
    several = [each for question in asked for each in serving(question)]
    return list({each.build_id: each for each in several}.values())


def customer_lists(key: str | None, builds: Sequence[Serving]) -> Iterator[Listed]:
    """Yield a customer's lists in the order of the builds; one query for all of them."""
    if key is None or not builds:
        return
    rows = CustomerList.objects.filter(build_id__in=[each.build_id for each in builds])
    packed = dict(rows.filter(customer=key).values_list("build_id", "packed"))
    for each in builds:
        if each.build_id in packed:
            companions = _companions(packed[each.build_id])
            yield Listed(
                each.kind, each.build_id, companions, _REASONS.get(each.kind, "for customer"),
                claims=False,
            )  # fmt: skip


def _companions(packed: bytes | memoryview) -> list[Companion]:
    """Return a list without its counts: how many others bought a thing is not for this shelf."""
    listed = unpack(packed)
    faces = remembered_faces(listed.items.tolist())
    columns = zip(listed.items.tolist(), listed.scores.tolist(), strict=True)
    return [Companion(faces[pk], score, 0, 0) for pk, score in columns if pk in faces]


_REASONS: Mapping[str, Reason] = {
    Kind.NEXT_BASKET.value: "next basket",
    Kind.BUY_AGAIN.value: "again",
    Kind.RATINGS.value: "rated",
}
