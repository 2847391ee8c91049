"""The table of models: every kind on a line, with what may be done about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommendations import model_wording, wording
from recommendations.admin import figures
from recommendations.admin.kinds import purposes
from recommendations.admin.progress import BuildProgress, build_progress
from recommendations.models import Build, Kind, Question
from recommendations.selectors.model_states import Answer, ModelState
from recommendations.services.kinds.table import buildable_kinds


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ModelRow:
    """One line of the table, in words."""

    kind: str
    label: str
    sentence: str
    purposes: list[str]
    published: Build | None
    tone: str
    state: str
    age: str
    newest: Build | None
    """The newest build where it is another one than the published: refused, failed, waiting."""
    progress: BuildProgress | None
    needs: tuple[str, ...]
    figure: str
    figure_label: str
    read_for: list[str]
    rebuild: str
    """Address of its button; empty where it is not offered."""


def model_rows(states: list[ModelState], rebuild: dict[str, str]) -> list[ModelRow]:
    """Return a line for each kind; ``rebuild`` holds the addresses that this person may use."""
    return [_row(state, rebuild.get(state.kind, "")) for state in states]


def _row(state: ModelState, rebuild: str) -> ModelRow:
    headline = figures.first_of(figures.HEADLINES, state.published) if state.published else None
    tone, words = _state(state)
    working = state.running is not None and not state.silent
    return ModelRow(
        kind=state.kind,
        label=str(Kind(state.kind).label),
        sentence=model_wording.sentence(state.kind),
        purposes=purposes(state.kind),
        published=state.published,
        tone=tone,
        state=words,
        age=wording.age(state.published.published_at) if state.published else "",
        newest=_notable(state),
        progress=_progress(state),
        needs=state.needs,
        figure=headline[0].words(headline[1]) if headline else "–",
        figure_label=str(headline[0].label) if headline else "",
        read_for=[model_wording.answered(answer.question, answer.by) for answer in state.answers],
        rebuild="" if working else rebuild,
    )


def _state(state: ModelState) -> tuple[str, str]:
    """Return tone and words of what is live."""
    if state.published is not None:
        return "good", _("published")
    if state.kind not in buildable_kinds():
        return "quiet", _("cannot be built yet")
    return "quiet", _("nothing published") if state.newest else _("never built")


def _notable(state: ModelState) -> Build | None:
    """Return the newest build where a person should know of it: one that is not live."""
    told = {Build.Status.FAILED, Build.Status.REJECTED, Build.Status.CANDIDATE}
    newest = state.newest
    return newest if newest is not None and newest.status in told else None


def _progress(state: ModelState) -> BuildProgress | None:
    if state.running is None:
        return None
    return build_progress(state.running, alive=not state.silent)


def main_kind(answers: Iterable[Answer]) -> str:
    """Return the kind that product pages read: the one that a merchant asks about first."""
    found = (answer.kind for answer in answers if answer.question == Question.ITEM)
    return next(found, "") or Kind.TOGETHER.value


def asked_kind(request: HttpRequest) -> str:
    """Return the kind that the address asks for, as the list's own filter writes it, or none."""
    asked: Any = request.GET.get("kind__exact") or request.GET.get("kind") or ""
    return asked if asked in Kind.values else ""
