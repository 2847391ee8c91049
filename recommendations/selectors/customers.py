"""Lists that are made for one customer, and shown to nobody else.

Whose list is read is decided by ``adapter.customer(request)`` alone: no parameter of a page or of
the API names a customer. The key itself is taken from commands and services, never from a visitor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.http import HttpRequest

from recommendations.adapters import get_adapter
from recommendations.engine.packing import unpack
from recommendations.models import CustomerList, Kind, Question
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.fallbacks import Listed, Why, best_sellers, newest, shown_in_order
from recommendations.selectors.filling import Given
from recommendations.selectors.groups import trends
from recommendations.selectors.items import ItemFace, item_faces, remembered_faces
from recommendations.selectors.likes import lifted
from recommendations.selectors.lists import Companion
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.privacy import is_personal
from recommendations.selectors.reasons import Reason
from recommendations.selectors.serving import Serving, serving
from recommendations.selectors.shelves import ShelfOptions, filled_shelf, held_keys
from recommendations.selectors.slots import Shelf, Slot


def recommended_for_customer(
    customer: HttpRequest | str,
    *,
    placement: str = "customer",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what a customer may want, best first: new things, then what the next order may hold.

    With a request it is its customer, whose basket is left out and whose prices are shown.
    """
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(customer_shelf(customer, options).slots)


def buy_again(
    customer: HttpRequest | str,
    *,
    placement: str = "buy-again",
    count: int | None = None,
    exclude: Given = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return what a customer bought before and may need again, by each product's own rhythm.

    Nothing stands in for it: what a customer never bought cannot be bought again.
    """
    options = ShelfOptions(placement=placement, count=count, exclude=exclude, currency=currency)
    return list(buy_again_shelf(customer, options).slots)


def buy_again_shelf(customer: HttpRequest | str, options: ShelfOptions) -> Shelf:
    """Return the shelf of what a customer bought before; it stays short or empty."""
    builds = [each for each in serving(Question.NEXT_BASKET) if each.kind == Kind.BUY_AGAIN]

    def candidates(choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        for listed in _listed(_key_of(customer), builds):
            yield from listed.candidates("model", support, {})

    request, held = _shopper(customer)
    return filled_shelf(options, candidates, request=request, held=held)


def customer_shelf(
    customer: HttpRequest | str, options: ShelfOptions, *, builds: Sequence[Serving] | None = None
) -> Shelf:
    """Return the shelf of a customer; one without a list sees what trends and sells best.

    ``builds`` are asked instead of those that answer now: to look into one kind alone.
    """
    builds = customer_builds() if builds is None else builds
    key = _key_of(customer)

    def why() -> Why:
        if key is None:
            return "the customer is not known"
        return "the customer has no list yet" if builds else "no build is published yet"

    def candidates(choice: PlacementChoice, support: int) -> Iterator[Candidate]:
        usual = shown_in_order(
            choice,
            support,
            own=_listed(key, builds),
            why=why,
            stages=(trends, best_sellers, newest),
        )
        return lifted(usual, request, support)

    request, held = _shopper(customer)
    return filled_shelf(options, candidates, request=request, held=held)


def _shopper(customer: HttpRequest | str) -> tuple[HttpRequest | None, Sequence[ItemFace]]:
    """Return the request, if that is what was given, and the items that its shopper holds."""
    request = customer if isinstance(customer, HttpRequest) else None
    return request, list(item_faces(held_keys(get_adapter(), request)).values())


def _key_of(customer: HttpRequest | str) -> str | None:
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


def _listed(key: str | None, builds: Sequence[Serving]) -> Iterator[Listed]:
    """Yield a customer's lists in the order of the builds; one query for all of them.

    They are not kept in the cache: what is deleted for a customer is gone at once.
    """
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
