"""Builds whose lists come out of a family of models."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from recommendations.conf import recommendation_settings
from recommendations.engine.families.base import Fitted, Training
from recommendations.engine.gate import Verdict
from recommendations.models import Build, ModelChoice, Question
from recommendations.selectors.choices import parameters_for
from recommendations.services.kinds.judging import Judged, judge_build
from recommendations.services.kinds.prepared import ReadPrepared
from recommendations.services.kinds.quality import quality
from recommendations.services.kinds.reading import Reading, read
from recommendations.services.kinds.sections import (
    Chosen,
    CustomerSection,
    ItemSection,
    Section,
    digest_of,
)
from recommendations.services.kinds.specs import FOR_CUSTOMERS, FOR_ITEMS, Spec
from recommendations.services.recipes import Chunk, Progress

SHAPING = (
    "minimum_customers",
    "half_life_days",
    "size_exponent",
    "max_basket_items",
    "max_customer_baskets",
    "neighbours",
    "customer_items",
    "group_items",
    "model_seed",
)
"""Settings that shape the lists of every family."""


@dataclasses.dataclass(frozen=True, slots=True)
class FamilyRecipe:
    """Reads orders, fits a family, and leaves lists per item, per customer, or both."""

    spec: Spec

    @property
    def kind(self) -> str:
        """The kind that it makes."""
        return self.spec.kind

    @property
    def questions(self) -> tuple[str, ...]:
        """A basket and a product where it has lists of items, else what it is made for."""
        about_items = self.spec.question not in FOR_CUSTOMERS
        return FOR_ITEMS[::-1] if about_items else (self.spec.question,)

    def needs(self) -> set[str]:
        """Return what its models must be given."""
        models = self.chosen()
        needs = {need for chosen in models for need in chosen.needs}
        return needs | ({"customers"} if any(chosen.by_customer for chosen in models) else set())

    def fit(self, reading: Reading, training: Training, question: str) -> Fitted:
        """Return the model that answers this question."""
        models = self.chosen()
        about_customers = question in FOR_CUSTOMERS
        fitting = [chosen for chosen in models if chosen.by_customer == about_customers]
        chosen = (fitting or models)[0]
        chosen.check_memory(training)
        return chosen.answering(training)

    def chosen(self) -> list[Chosen]:
        """Return what is fitted, in the order of the tables that it fills.

        Customers get lists of their own from kinds that have nothing else, and from whatever was
        chosen to answer a question about customers.
        """
        found = []
        if self.spec.items:
            choice = parameters_for(self.kind, FOR_ITEMS)
            found.append(self._as_chosen(choice, Question.BASKET))
        about_customers = parameters_for(self.kind, FOR_CUSTOMERS)
        if about_customers is not None or not self.spec.items:
            found.append(self._as_chosen(about_customers, Question(self.spec.question)))
        return found

    def _as_chosen(self, choice: ModelChoice | None, question: Question) -> Chosen:
        parameters = dict(choice.parameters) if choice else {}
        family = self.spec.family(parameters.pop("family", None))
        return Chosen(
            family=family,
            parameters={**family.start, **parameters},
            question=choice.question if choice else question.value,
            floored=self.spec.supported,
        )

    def parameters(self) -> dict[str, Any]:
        """Return the settings that shape the lists, and what is fitted."""
        conf = recommendation_settings()
        shaping = {name: getattr(conf, name) for name in SHAPING}
        models = [plain(chosen.as_json()) for chosen in self.chosen()]
        return {**shaping, "models": models}

    def prepare(self, *, as_of: datetime, progress: Progress) -> FamilyPrepared:
        """Read what the models need; fitting begins with the first chunk."""
        models = self.chosen()
        reading = read(as_of=as_of, progress=progress, needs=self.needs())
        for chosen in models:
            chosen.check_memory(chosen.training(reading))
        return FamilyPrepared(reading, self.spec, models, progress)


@dataclasses.dataclass
class FamilyPrepared(ReadPrepared):
    """The orders of one moment, and the sections that are cut from fitted models."""

    spec: Spec
    models: Sequence[Chosen]
    progress: Progress

    @cached_property
    def sections(self) -> list[Section]:
        """The lists to be made, one table after the other."""
        return [
            CustomerSection(reading=self.reading, chosen=chosen)
            if chosen.by_customer
            else ItemSection(reading=self.reading, chosen=chosen)
            for chosen in self.models
        ]

    @property
    def n_chunked(self) -> int:
        """Return how many items and customers there are."""
        return sum(len(section) for section in self.sections)

    def chunk(self, build: Build, start: int, stop: int) -> Chunk:
        """Return the rows at these positions, of one section or of two that meet there."""
        parts, first = [], 0
        for number, section in enumerate(self.sections):
            low, high = max(start - first, 0), min(stop - first, len(section))
            if low < high:
                parts.append(section.chunk(self._learnt(number), build, low, high))
            first += len(section)
        rows = tuple(table for part in parts for table in part.tables)
        return Chunk(rows, digest_of([part.digest for part in parts]))

    def _learnt(self, number: int) -> Any:
        """Return the section's model, fitted when it is first needed; one is held at a time."""
        known: tuple[int, Any] | None = self.__dict__.get("_fitted")
        if known is None or known[0] != number:
            self.__dict__.pop("_fitted", None)
            self.progress("learn", 0, 0)
            known = self.__dict__["_fitted"] = (number, self.sections[number].learn())
        return known[1]

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        """Return the candidate's figures and the gate's verdict."""
        self.__dict__.pop("_fitted", None)
        conf = recommendation_settings()
        asked = self.models[-1] if self.spec.question in FOR_CUSTOMERS else self.models[0]
        report = quality(
            self.reading,
            asked,
            holdout_days=conf.gate_holdout_days,
            max_questions=conf.gate_queries,
        )
        judged = Judged(
            build=build,
            published=published,
            reading=self.reading,
            n_customers=sum(
                len(section) for section in self.sections if isinstance(section, CustomerSection)
            ),
            items=self.spec.items,
            report=report,
            question=asked.question,
        )
        metrics, verdict = judge_build(judged)
        return {**metrics, **self._tuning()}, verdict

    def _tuning(self) -> dict[str, Any]:
        """Return the tables by which these models were chosen."""
        tables = {}
        for chosen in self.models:
            choice = parameters_for(self.spec.kind, (chosen.question,))
            if choice is not None and choice.table:
                tables[chosen.question] = choice.table
        return {"tuning": tables} if tables else {}


def plain(value: Any) -> Any:
    """Return parameters as JSON reads them back, so that two sets can be compared."""
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value.item() if hasattr(value, "item") else value
