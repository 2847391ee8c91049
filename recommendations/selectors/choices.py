"""Which model answers which question: the merchant's choice, else what tuning found."""

from __future__ import annotations

from typing import NamedTuple

from recommendations.models import ModelChoice

MERCHANT, AUTO = ModelChoice.ChosenBy.MERCHANT, ModelChoice.ChosenBy.AUTO


class Choices(NamedTuple):
    """Both choices for one question, so that they can be shown beside each other."""

    merchant: ModelChoice | None
    auto: ModelChoice | None

    @property
    def effective(self) -> ModelChoice | None:
        """The one that counts."""
        return self.merchant or self.auto


def model_choices() -> dict[str, Choices]:
    """Return the choices by question, in one query; a question that nobody answered is left out."""
    found: dict[str, dict[str, ModelChoice]] = {}
    for choice in ModelChoice.objects.all():
        found.setdefault(choice.question, {})[choice.chosen_by] = choice
    return {
        question: Choices(merchant=by.get(MERCHANT), auto=by.get(AUTO))
        for question, by in sorted(found.items())
    }


def chosen(question: str) -> ModelChoice | None:
    """Return the choice that counts for a question, or None before the first tuning."""
    choices = model_choices().get(question)
    return choices.effective if choices else None


def parameters_for(kind: str, questions: tuple[str, ...]) -> ModelChoice | None:
    """Return the choice that says how a kind is made: of the first question that it was chosen for.

    A kind that serves no question keeps the parameters that tuning found for it on the way.
    """
    choices = model_choices()
    for question in questions:
        effective = choices[question].effective if question in choices else None
        if effective is not None and effective.kind == kind:
            return effective
    return None
