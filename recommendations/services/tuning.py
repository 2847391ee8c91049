"""Choosing a model for a question by what it finds in a slice held out of the shop's own orders."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommendations.conf import recommendation_settings
from recommendations.engine.families import next_basket, popular
from recommendations.engine.families.base import MEBIBYTE, Family
from recommendations.engine.families.rating_models import RATING_FAMILIES
from recommendations.engine.families.registry import families_for
from recommendations.engine.tuning import Budget, HeldOut, ListServing, TuningReport, tune
from recommendations.engine.tuning.rating_search import RatingReport, tune_ratings
from recommendations.models import Build, ModelChoice, Publication, Question
from recommendations.selectors.choices import chosen
from recommendations.services.kinds import rules
from recommendations.services.kinds.family_recipe import plain
from recommendations.services.kinds.quality import held_out
from recommendations.services.kinds.ratings import newest_ratings
from recommendations.services.kinds.reading import Reading, read
from recommendations.services.kinds.specs import FOR_ITEMS
from recommendations.services.kinds.table import KIND_OF, PARTS, SPECS
from recommendations.services.recipes import Progress
from recommendations.services.settling import Partner, settled

HOLDOUT_DAYS = 28.0
"""Newest days that models are compared on: four weeks hold each day of the week four times."""

LOOKED_AT = 10
"""Recommendations looked at: about what a block and its reserve show."""

Trying = Callable[[str, str, float], None]
"""Called with the question, the family that is tried, and the share of the time used up, 0 to 1."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Tuned:
    """What tuning found for one question."""

    question: str
    kind: str
    """The kind it chose; empty if nothing could be tried."""
    parameters: dict[str, Any]
    table: dict[str, Any]
    serves: str
    """The kind that answers from now on: the merchant's, where the merchant chose."""
    stored: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as commands and tasks print it."""
        return dataclasses.asdict(self)


def tune_models(
    question: str | None = None,
    *,
    budget_seconds: float | None = None,
    holdout_days: float = HOLDOUT_DAYS,
    as_of: datetime | None = None,
    store: bool = True,
    progress: Progress | None = None,
    trying: Trying | None = None,
    guard: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[Tuned]:
    """Try every kind that answers a question, or all, and keep the best with its parameters.

    A merchant's choice is never touched: what tuning found stands beside it. About items, models
    are compared as pages read them: by their stored lists. What is stored is stored under the
    ``guard``.
    """
    check_question(question)
    questions = list(Question.values) if question is None else [question]
    report = progress or _silent
    tried = [family for one in questions for family in candidates(one)]
    needs = {need for family in tried for need in family.needs}
    reading = read(as_of=as_of or timezone.now(), progress=report, needs=needs)
    comparing = _Comparing(
        reading=reading,
        holdout_days=holdout_days,
        budget=Budget(
            seconds=budget_seconds or recommendation_settings().tuning_budget_seconds,
            limit_bytes=recommendation_settings().memory_limit_mib * MEBIBYTE,
        ),
        progress=report,
    )
    found: list[Tuned] = []
    for done, one in enumerate(questions):
        comparing.trying = _share_of_all(trying or _unheard, one, done, len(questions))
        tuned = comparing.tuned(one, found)
        if store:
            with guard():
                tuned = _stored(tuned)
        found.append(tuned)
    return found


def candidates(question: str) -> list[Family]:
    """Return the families that could answer a question and that a kind can be made of."""
    if question == Question.RATING:
        return list(RATING_FAMILIES)
    known = {family.name: family for family in families_for(question)}
    for spec in SPECS.values():
        if spec.answers(question):
            known.update({family.name: family for family in spec.families})
    if question in FOR_ITEMS:
        known[rules.FAMILY.name] = rules.FAMILY
    # Blends are tried of whatever turns out best, after all others.
    return [family for name, family in known.items() if name in PARTS]


@dataclasses.dataclass(kw_only=True)
class _Comparing:
    """One run: the orders, and what may be used for a question."""

    reading: Reading
    holdout_days: float
    budget: Budget
    progress: Progress
    trying: Callable[[str, float], None] = dataclasses.field(default=lambda family, share: None)

    def tuned(self, question: str, found: Iterable[Tuned]) -> Tuned:
        """Return what is chosen for a question, and all that was tried."""
        if question == Question.RATING:
            return self.tuned_ratings()
        conf = recommendation_settings()
        slice_ = held_out(
            self.reading,
            question,
            holdout_days=self.holdout_days,
            max_questions=conf.tuning_questions,
        )
        report = self.compared(question, slice_)
        partner = _partner(question, found)
        if partner is not None:
            report = settled(report, question, partner, slice_, serving=_serving(question))
        return _as_tuned(question, report)

    def tuned_ratings(self) -> Tuned:
        """Return the family that comes nearest to the newest ratings; no kind without ratings."""
        report = RatingReport(n_questions=0, models=(), skipped=(), chosen="")
        if self.reading.rated is not None:
            report = tune_ratings(
                newest_ratings(self.reading),
                RATING_FAMILIES,
                seconds=self.budget.seconds,
                limit_bytes=self.budget.limit_bytes,
                on_progress=self._heard(Question.RATING.value),
            )
        return _as_tuned(Question.RATING.value, report)

    def _heard(self, question: str) -> Callable[[str, float], None]:
        """Return who is told what is tried."""

        def heard(text: str, share: float) -> None:
            self.progress(f"tune {question}", min(round(100 * share), 100), 100)
            self.trying(text.split(":")[0], min(share, 1.0))

        return heard

    def compared(self, question: str, slice_: HeldOut) -> TuningReport:
        """Return how well each family does."""
        return tune(
            slice_.training,
            slice_.questions,
            [popular.FAMILY, *candidates(question)],
            k=LOOKED_AT,
            budget=self.budget,
            with_best_sellers=True,
            # Best sellers are compared with and never chosen: every page has them already.
            yardsticks={popular.FAMILY.name},
            floor=next_basket.FREQUENCY.name if question == Question.NEXT_BASKET else "",
            serving=_serving(question),
            on_progress=self._heard(question),
        )


def _serving(question: str) -> ListServing | None:
    """Return what is stored of a model for pages to read; None where customers get answers."""
    if question not in FOR_ITEMS:
        return None
    return ListServing(
        length=recommendation_settings().neighbours,
        summed=question == Question.BASKET,
        unfloored=frozenset(
            family.name for spec in SPECS.values() if not spec.supported for family in spec.families
        ),
    )


def _partner(question: str, found: Iterable[Tuned]) -> Partner | None:
    """Return what answers the other question that reads the same table, now or in this run."""
    other = Partner.question_beside(question)
    for tuned in found:
        if tuned.question == other and tuned.kind == tuned.serves != "":
            return Partner(question=other, kind=tuned.kind, parameters=tuned.parameters)
    choice = chosen(other)
    if choice is None:
        return None
    return Partner(question=other, kind=choice.kind, parameters=choice.parameters)


def _as_tuned(question: str, report: TuningReport | RatingReport) -> Tuned:
    """Return the chosen model as a kind with the parameters of its build."""
    kind = KIND_OF[report.chosen] if report.chosen and report.n_questions else ""
    parameters: dict[str, Any] = {}
    if kind:
        parameters = {"family": report.chosen, **report.model(report.chosen).parameters}
    effective = chosen(question)
    by_merchant = effective is not None and effective.chosen_by == ModelChoice.ChosenBy.MERCHANT
    return Tuned(
        question=question,
        kind=kind,
        parameters=plain(parameters),
        table=plain(report.as_json()),
        serves=effective.kind if effective is not None and by_merchant else kind,
    )


def _stored(tuned: Tuned) -> Tuned:
    """Keep the choice and its table, here and on the build that answers now."""
    if not tuned.kind:
        return tuned
    with transaction.atomic():
        ModelChoice.objects.update_or_create(
            question=tuned.question,
            chosen_by=ModelChoice.ChosenBy.AUTO,
            defaults={
                "kind": tuned.kind,
                "parameters": tuned.parameters,
                "table": tuned.table,
                "tuned_at": timezone.now(),
            },
        )
        publication = Publication.objects.filter(kind=tuned.kind).first()
        if publication is not None:
            build = Build.objects.select_for_update().get(pk=publication.build_id)
            tables = {**build.metrics.get("tuning", {}), tuned.question: tuned.table}
            build.metrics = {**build.metrics, "tuning": tables}
            build.save(update_fields=["metrics"])
    return dataclasses.replace(tuned, stored=True)


def _share_of_all(trying: Trying, question: str, done: int, total: int) -> Any:
    def heard(family: str, share: float) -> None:
        trying(question, family, (done + share) / total)

    return heard


def check_question(question: str | None) -> None:
    """Refuse a question that there is not; none stands for all."""
    if question is not None and question not in Question.values:
        msg = f"There is no question {question!r}; there are: {', '.join(Question.values)}."
        raise ValueError(msg)


def _silent(phase: str, done: int, total: int) -> None:
    """Report to nobody."""


def _unheard(question: str, family: str, share: float) -> None:
    """Report to nobody."""
