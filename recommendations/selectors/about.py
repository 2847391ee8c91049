"""How recommendations are made, as it is configured now: codes and counts, no words and no secrets.

No name, condition or strength of a merchant's rule is here, no score, and nothing of any customer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from recommendations.adapters import get_adapter
from recommendations.conf import recommendation_settings
from recommendations.models import (
    Build,
    Exclusion,
    Kind,
    LadderStep,
    Merchandising,
    Pin,
    Placement,
    PlacementPin,
    SlotShare,
)
from recommendations.selectors.choices import model_choices
from recommendations.selectors.feedback import said_by
from recommendations.selectors.looked_at import viewed_keys
from recommendations.selectors.model_states import answers, published_builds
from recommendations.selectors.privacy import (
    is_personal,
    is_switched_off,
    sends_privacy_control,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

OF_THE_SHOP = (Kind.UPGRADES.value, Kind.TRENDING.value, Kind.NEW_ARRIVALS.value)
"""Kinds with blocks of their own, whatever was chosen for the questions."""

DESCRIBING = frozenset(
    {Kind.CONTENT.value, Kind.HYBRID.value, Kind.UPGRADES.value, Kind.BLEND.value}
)
"""Kinds that read what products are."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """What makes one sort of block."""

    block: str
    """A question, or a kind that has a block of its own."""
    kind: str
    """Empty where nothing is published: then only what stands in is shown."""
    as_of: datetime | None = None
    orders: int = 0
    customers: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Yours:
    """What the visitor who asks can know and decide."""

    personal: bool
    switched_off: bool
    privacy_control: bool
    known: bool
    """Whether the shop knows this visitor as a customer."""
    viewed: int
    dismissed: int
    liked: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """All of the page."""

    methods: tuple[Method, ...]
    data: tuple[str, ...]
    """What is read, by code."""
    minimum_customers: int
    recently_viewed: int
    fallbacks: tuple[str, ...]
    """What stands in, by code."""
    rules: tuple[str, ...]
    """Sorts of the merchant's own decisions that are in force, by code."""
    yours: Yours


def about(request: HttpRequest) -> About:
    """Return how recommendations are made now, for a visitor."""
    published = published_builds()
    return About(
        methods=_methods(published),
        data=_data(published),
        minimum_customers=recommendation_settings().minimum_customers,
        recently_viewed=recommendation_settings().recently_viewed,
        fallbacks=_fallbacks(),
        rules=_rules(),
        yours=_yours(request),
    )


def _methods(published: dict[str, Build]) -> tuple[Method, ...]:
    answered = answers(published, model_choices())
    several = [(answer.question, answer.kind) for answer in answered]
    several += [(kind, kind) for kind in OF_THE_SHOP if kind in published]
    return tuple(_method(block, published.get(kind)) for block, kind in several)


def _method(block: str, build: Build | None) -> Method:
    if build is None:
        return Method(block=block, kind="")
    read = build.input_counts
    return Method(
        block=block,
        kind=build.kind,
        as_of=build.as_of,
        orders=read.get("orders", 0),
        customers=read.get("customers", 0),
    )


def _data(published: dict[str, Build]) -> tuple[str, ...]:
    adapter = get_adapter()
    used = {
        "orders": True,
        "descriptions": not DESCRIBING.isdisjoint(published),
        "ratings": Kind.RATINGS in published and bool(adapter.rating_sources()),
        "views": Kind.VIEWED_BOUGHT in published and bool(adapter.view_sources()),
        "basket": True,
        "visit": recommendation_settings().recently_viewed > 0,
        "feedback": True,
    }
    return tuple(code for code, is_used in used.items() if is_used)


def _fallbacks() -> tuple[str, ...]:
    """Return what enabled placements let stand in; without any placement it is the usual one."""
    shown = Placement.objects.filter(enabled=True)
    found = set(shown.values_list("fallback", flat=True).distinct())
    usual = Placement._meta.get_field("fallback").default
    return tuple(code for code in Placement.Fallback.values if code in (found or {usual}))


def _rules() -> tuple[str, ...]:
    """Return which sorts of rules are in force."""
    rules = Merchandising.objects.filter(enabled=True)
    shown = Placement.objects.filter(enabled=True)
    spread = Q(diversity__gt=0) | Q(per_category__isnull=False)
    sorts: dict[str, Sequence[QuerySet[Any]]] = {
        "pins": (Pin.objects.all(), PlacementPin.objects.all()),
        "exclusions": (Exclusion.objects.all(), rules.filter(kind=Merchandising.Kind.HIDE)),
        "filters": (shown.filter(condition__isnull=False),),
        "boosts": (rules.filter(kind=Merchandising.Kind.BOOST), SlotShare.objects.all()),
        "buries": (rules.filter(kind=Merchandising.Kind.BURY),),
        "ladder": (LadderStep.objects.all(),),
        "spread": (shown.filter(spread), shown.exclude(rotation=Placement.Rotation.NONE)),
    }
    return tuple(code for code, several in sorts.items() if any(one.exists() for one in several))


def _yours(request: HttpRequest) -> Yours:
    said = said_by(request)
    personal = is_personal(request)
    return Yours(
        personal=personal,
        switched_off=is_switched_off(request),
        privacy_control=sends_privacy_control(request),
        known=personal and get_adapter().customer(request) is not None,
        viewed=len(viewed_keys(request)),
        dismissed=len(said.dismissed),
        liked=len(said.liked),
    )
