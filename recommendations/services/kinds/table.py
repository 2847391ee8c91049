"""Every kind that can be built, by name."""

from __future__ import annotations

from recommendations.adapters import get_adapter
from recommendations.engine.families import (
    across_events,
    als,
    buy_again,
    content,
    ease,
    graph_filter,
    hybrid,
    item_based,
    kernel,
    neural,
    next_basket,
    user_based,
    walks,
)
from recommendations.engine.families.base import Family
from recommendations.engine.families.registry import EXACT_EASE
from recommendations.engine.tuning import BlendFamily
from recommendations.models import Kind, Question
from recommendations.selectors.readiness import readiness
from recommendations.services.kinds import ratings, rules
from recommendations.services.kinds.family_recipe import FamilyRecipe
from recommendations.services.kinds.groups import NEW_ARRIVALS, TRENDING
from recommendations.services.kinds.specs import Spec
from recommendations.services.kinds.upgrades import UpgradesRecipe
from recommendations.services.recipes import Recipe
from recommendations.services.together import TogetherRecipe

_SINGLE = (
    Spec(
        kind=Kind.ITEM_BASED.value,
        families=(
            item_based.COSINE,
            item_based.BM25,
            item_based.TFIDF,
            item_based.JACCARD,
            item_based.LOG_LIKELIHOOD,
        ),
    ),
    Spec(kind=Kind.WALKS.value, families=(walks.RP3BETA, walks.P3ALPHA)),
    Spec(kind=Kind.GRAPH_FILTER.value, families=(graph_filter.FAMILY,)),
    Spec(kind=Kind.EASE.value, families=(ease.FAMILY, EXACT_EASE)),
    Spec(kind=Kind.ALS.value, families=(als.FAMILY,)),
    Spec(
        kind=Kind.CONTENT.value,
        families=(content.SIMILAR, content.COMPLEMENTS),
        supported=False,
    ),
    Spec(kind=Kind.HYBRID.value, families=(hybrid.FAMILY,), supported=False),
    Spec(
        kind=Kind.USER_BASED.value,
        families=(user_based.FAMILY, user_based.PEARSON),
        items=False,
        question=Question.CUSTOMER.value,
    ),
    Spec(
        kind=Kind.NEXT_BASKET.value,
        families=(next_basket.FAMILY, next_basket.FREQUENCY, next_basket.RANKED),
        items=False,
        question=Question.NEXT_BASKET.value,
    ),
    Spec(
        kind=Kind.BUY_AGAIN.value,
        families=(buy_again.FAMILY,),
        items=False,
        question=Question.NEXT_BASKET.value,
    ),
    Spec(
        kind=Kind.NEURAL.value,
        families=(neural.FAMILY,),
        items=False,
        question=Question.CUSTOMER.value,
    ),
    Spec(
        kind=Kind.NEURAL_COMPLETION.value,
        families=(neural.COMPLETION,),
        # It learns from lines hidden of baskets; of customers `neural` learns.
        for_customers=False,
    ),
    Spec(kind=Kind.VIEWED_BOUGHT.value, families=(across_events.FAMILY,), for_customers=False),
)

PARTS: dict[str, Family] = {
    family.name: family
    for family in (
        kernel.FAMILY,
        rules.FAMILY,
        *(family for spec in _SINGLE for family in spec.families),
    )
}
"""What a blend may be made of, by name."""

USUAL_BLEND = {
    "by": "lists",
    "length": 40,
    "weights": {ease.FAMILY.name: 0.8, neural.COMPLETION.name: 0.2},
    "models": {
        ease.FAMILY.name: {
            **ease.FAMILY.start,
            "read": {"depth": 40, "exponent": 1.5, "norm": 0.0, "overlap": 0.0},
        },
        neural.COMPLETION.name: {
            **neural.COMPLETION.start,
            "read": {"depth": 40, "exponent": 1.0, "norm": 1.0, "overlap": 0.0},
        },
    },
}
"""A blend where nothing was tuned: of pairs and weights tried on Online Retail II, slice held out
of train, it completed most baskets (recall@10 .298; EASE alone .297)."""

SPECS: dict[str, Spec] = {
    spec.kind: spec
    for spec in (
        *_SINGLE,
        Spec(kind=Kind.BLEND.value, families=(BlendFamily.of(PARTS, USUAL_BLEND),)),
    )
}
"""The kinds whose lists come out of a family of models."""

KIND_OF: dict[str, str] = {
    kernel.FAMILY.name: Kind.TOGETHER.value,
    rules.FAMILY.name: Kind.RULES.value,
    **{family.name: spec.kind for spec in SPECS.values() for family in spec.families},
    **{family.name: ratings.SPEC.kind for family in ratings.SPEC.families},
}
"""The kind that serves a family of models."""

_RECIPES: tuple[Recipe, ...] = (
    TogetherRecipe(),
    *(FamilyRecipe(spec) for spec in SPECS.values()),
    rules.RulesRecipe(),
    UpgradesRecipe(),
    ratings.RatingsRecipe(),
    TRENDING,
    NEW_ARRIVALS,
)

KINDS: dict[str, Recipe] = {recipe.kind: recipe for recipe in _RECIPES}
"""Every kind that can be built, by name; some only where the shop declares what they read."""


def buildable_kinds() -> dict[str, Recipe]:
    """Return the kinds that this shop can build: not those of ratings or views it has none of."""
    adapter = get_adapter()
    undeclared = set()
    if not adapter.rating_sources():
        undeclared.add(Kind.RATINGS.value)
    if not adapter.view_sources():
        undeclared.add(Kind.VIEWED_BOUGHT.value)
    return {kind: recipe for kind, recipe in KINDS.items() if kind not in undeclared}


class NotBuildableError(ValueError):
    """A kind whose input does not exist, in words."""


def recipe_of(kind: str) -> Recipe:
    """Return how a kind is built; an unknown one is answered with those there are."""
    known = buildable_kinds()
    if kind in Kind.values and kind not in known:
        raise NotBuildableError(f"{kind} cannot be built. {readiness(kind).sentence}")
    if kind not in known:
        msg = f"There is no build kind {kind!r}; there are: {', '.join(known)}."
        raise ValueError(msg)
    return known[kind]
