"""A merchant's word on which model answers a question: it stands over what tuning found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from recommendations.models import Kind, ModelChoice, Question
from recommendations.selectors.choices import model_choices
from recommendations.services.kinds.table import KIND_OF
from recommendations.services.tuning import candidates

MERCHANT = ModelChoice.ChosenBy.MERCHANT


def kinds_for(question: str) -> tuple[str, ...]:
    """Return the kinds that can answer a question, in their usual order."""
    able = {KIND_OF[family.name] for family in candidates(question)}
    if question != Question.RATING:
        able.add(Kind.BLEND.value)
    if question == Question.ITEM:
        # Nothing that was bought can show whether what is rated alike should stand on a page.
        able.add(Kind.RATINGS.value)
    return tuple(kind for kind in Kind.values if kind in able)


@transaction.atomic
def choose_model(question: str, kind: str) -> ModelChoice:
    """Let a kind answer a question from now on, as well as the last comparison could make it."""
    if kind not in kinds_for(question):
        msg = f"{kind!r} cannot answer {question!r}; these can: {', '.join(kinds_for(question))}."
        raise ValueError(msg)
    choices = model_choices().get(question)
    table = choices.auto.table if choices and choices.auto else {}
    best = best_of_kind(table, kind)
    parameters = {"family": best["name"], **best["parameters"]} if best else {}
    choice, _ = ModelChoice.objects.update_or_create(
        question=question,
        chosen_by=MERCHANT,
        defaults={"kind": kind, "parameters": parameters},
    )
    return choice


@transaction.atomic
def choose_automatically(question: str) -> ModelChoice | None:
    """Take the merchant's word back and return what it was; None if there was none."""
    choice = ModelChoice.objects.filter(question=question, chosen_by=MERCHANT).first()
    if choice is not None:
        # The number is kept on what is returned, so that the admin's history can name it.
        number = choice.pk
        choice.delete()
        choice.pk = number
    return choice


def best_of_kind(table: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """Return the best model of a kind in a comparison's table, which lists the best first."""
    tried = table.get("models", ())
    return next((model for model in tried if KIND_OF.get(model["name"]) == kind), None)
