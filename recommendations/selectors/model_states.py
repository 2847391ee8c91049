"""Every kind of model on a line: what is live, what it lacks, and which questions it answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from recommendations.models import Build, BuildLease, Kind, Publication, Question
from recommendations.selectors.choices import Choices, model_choices
from recommendations.selectors.readiness import counted, missing
from recommendations.selectors.serving import STANDING_IN

NEVER_READ = ("error", "parameters", "verdict")
"""Columns of a build that a table of models does not show."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Which kind pages read for a question, and why it is that one."""

    question: str
    kind: str
    """Empty: nothing is published, so pages show nothing of ours."""
    by: str
    """``auto`` and ``merchant`` as in ``ModelChoice``; ``stand_in`` where neither is live."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ModelState:
    """One kind."""

    kind: str
    published: Build | None
    running: Build | None
    newest: Build | None
    silent: bool
    """Whether its running build has lost its builder."""
    needs: tuple[str, ...]
    answers: tuple[Answer, ...]


def model_states(*, now: datetime | None = None) -> list[ModelState]:
    """Return all kinds in their usual order, in nine queries however many builds there are."""
    published = published_builds()
    newest = _by_kind(Build.objects.filter(pk__in=_newest_ids()))
    running = _by_kind(Build.objects.filter(status=Build.Status.RUNNING))
    now = now or timezone.now()
    alive = set(BuildLease.objects.filter(expires_at__gt=now).values_list("kind", flat=True))
    answered = answers(published, model_choices())
    counts = counted()
    return [
        ModelState(
            kind=kind,
            published=published.get(kind),
            running=running.get(kind),
            newest=newest.get(kind),
            silent=kind in running and kind not in alive,
            needs=missing(kind, counts),
            answers=tuple(answer for answer in answered if answer.kind == kind),
        )
        for kind in Kind.values
    ]


def answered_now() -> list[Answer]:
    """Return which kind pages read for each question, in two queries."""
    return answers(Publication.objects.values_list("kind", flat=True), model_choices())


def published_builds(*, with_parameters: bool = False) -> dict[str, Build]:
    """Return the build that pages read of each kind, in one query."""
    unread = [column for column in NEVER_READ if not (with_parameters and column == "parameters")]
    rows = Publication.objects.select_related("build")
    rows = rows.defer(*(f"build__{column}" for column in unread))
    return {row.kind: row.build for row in rows}


def answers(published: Iterable[str], choices: Mapping[str, Choices]) -> list[Answer]:
    """Return which kind pages read for each question, as ``serving`` decides it."""
    live = frozenset(published)
    return [_answer(question, live, choices.get(question)) for question in Question.values]


def _answer(question: str, live: frozenset[str], choices: Choices | None) -> Answer:
    chosen = choices.effective if choices else None
    if chosen is not None and chosen.kind in live:
        return Answer(question=question, kind=chosen.kind, by=chosen.chosen_by)
    kind = next((kind for kind in STANDING_IN[question] if kind in live), "")
    return Answer(question=question, kind=kind, by="stand_in")


def _newest_ids() -> QuerySet[Any, Any]:
    by_kind = Build.objects.order_by().values("kind").annotate(newest=Max("pk"))
    return by_kind.values("newest")


def _by_kind(builds: QuerySet[Build]) -> dict[str, Build]:
    return {build.kind: build for build in builds.order_by("pk").defer(*NEVER_READ)}
