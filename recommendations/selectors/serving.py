"""Which builds answer a question on pages: the chosen kind's first, then those that stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from recommendations.conf import recommendation_settings
from recommendations.models import Build, Kind, Question
from recommendations.selectors.builds import published_build_ids
from recommendations.selectors.cached import cache_key, glanced, remembered, rules_seconds
from recommendations.selectors.choices import model_choices

STANDING_IN: Mapping[str, tuple[str, ...]] = {
    Question.ITEM.value: (Kind.TOGETHER.value,),
    Question.BASKET.value: (Kind.TOGETHER.value,),
    Question.CUSTOMER.value: (Kind.USER_BASED.value,),
    Question.NEXT_BASKET.value: (Kind.NEXT_BASKET.value, Kind.BUY_AGAIN.value),
    Question.RATING.value: (Kind.RATINGS.value,),
}
"""Kinds that answer where nothing was chosen, or where the chosen one is not published."""

DESCRIBED = (Kind.HYBRID.value, Kind.CONTENT.value)
"""Kinds that know a product before anybody has bought it, and fill in for one that is new.

Minimum support does not hold for them: what a description tells, leaks nothing.
"""

NOT_POPULAR = frozenset({Kind.TRENDING.value, Kind.NEW_ARRIVALS.value})
"""Kinds whose lists per category are no best sellers."""


class Serving(NamedTuple):
    """A kind with its published build."""

    kind: str
    build_id: int
    parameters: Mapping[str, Any]
    """What was chosen for it; empty where nothing was."""


def serving(question: str) -> list[Serving]:
    """Return the published builds that answer a question, the chosen kind's first.

    No query while this process remembers; else one for the builds and one for the choices.
    """
    published = published_build_ids()
    kinds: dict[str, Mapping[str, Any]] = {}
    choice = glanced("choices", rules_seconds(), _choices).get(question)
    if choice is not None:
        kinds[choice[0]] = choice[1]
    for kind in STANDING_IN[question]:
        kinds.setdefault(kind, {})
    return [
        Serving(kind, published[kind], parameters)
        for kind, parameters in kinds.items()
        if kind in published
    ]


def described() -> list[Serving]:
    """Return the published builds that know products by what they are."""
    published = published_build_ids()
    return [Serving(kind, published[kind], {}) for kind in DESCRIBED if kind in published]


def best_seller_builds() -> list[int]:
    """Return the published builds that have best sellers, those of *together* first."""
    published = published_build_ids()
    kinds = sorted(published.keys() - NOT_POPULAR, key=lambda kind: (kind != Kind.TOGETHER, kind))
    return [published[kind] for kind in kinds]


def family_of(build_id: int) -> str:
    """Return the family of models that a build's lists of items come from, where it says so."""
    name = cache_key("family", build_id)
    return remembered(name, recommendation_settings().list_cache_seconds, lambda: _family(build_id))


def _choices() -> dict[str, tuple[str, Mapping[str, Any]]]:
    return {
        question: (choices.effective.kind, choices.effective.parameters)
        for question, choices in model_choices().items()
        if choices.effective is not None
    }


def _family(build_id: int) -> str:
    parameters = Build.objects.filter(pk=build_id).values_list("parameters", flat=True).first()
    models = (parameters or {}).get("models") or [{}]
    return str(models[0].get("family", ""))
