"""What tells one kind of model from another; the recipes are the same for all."""

from __future__ import annotations

import dataclasses

from recommendations.engine.families.base import Family
from recommendations.models import Question

FOR_ITEMS = (Question.ITEM.value, Question.BASKET.value)
FOR_CUSTOMERS = (Question.CUSTOMER.value, Question.NEXT_BASKET.value)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """A kind whose lists come out of a family of models."""

    kind: str
    families: tuple[Family, ...]
    """Members of the family; the first is fitted where nothing was tuned."""
    items: bool = True
    """Whether a list per item can be made of it."""
    for_customers: bool = True
    """Whether it can be made to advise customers as well."""
    question: str = Question.BASKET.value
    """What it is asked when it is judged."""
    supported: bool = True
    """Whether only pairs of enough customers may be listed: what a description tells, leaks
    nothing."""

    @property
    def questions(self) -> tuple[str, ...]:
        """What it can be chosen for."""
        about_items = FOR_ITEMS if self.items else ()
        return (*about_items, *FOR_CUSTOMERS) if self.for_customers else about_items

    def answers(self, question: str) -> bool:
        """Return whether it is tried for a question: without lists of items, for its own alone."""
        if question in FOR_ITEMS:
            return self.items
        return self.for_customers and (self.items or self.question == question)

    def family(self, name: str | None) -> Family:
        """Return the family of that name, the first if there is none of it."""
        named = (family for family in self.families if family.name == name)
        return next(named, self.families[0])
