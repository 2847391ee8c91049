"""What a kind is for: which questions it can answer, in words."""

from __future__ import annotations

import functools

from recommendations.model_wording import PLACES, SHELVES
from recommendations.models import Kind, Question
from recommendations.services.choosing import kinds_for


@functools.cache
def questions_of(kind: str) -> tuple[str, ...]:
    """Return the questions that a kind can be chosen for; the models decide, not the shop."""
    return tuple(question for question in Question.values if kind in kinds_for(question))


def purposes(kind: str) -> list[str]:
    """Return what a kind can be used for, in words."""
    places = [str(PLACES[Question(question)]) for question in questions_of(kind)]
    return places or [str(SHELVES[Kind(kind)])]
