"""A comparison of models as bars with their noise, and as a table of all that was measured.

It is stored as JSON by whatever release made it, so nothing here takes a figure for granted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from recommendations import model_wording, wording
from recommendations.engine.families.base import MEBIBYTE
from recommendations.engine.families.rating_models import BIASES
from recommendations.models import Kind, Question
from recommendations.services.kinds.table import KIND_OF

BASELINE = "popular"
"""The family that shows everybody the best sellers: what a model has to beat."""

BASELINES = frozenset({BASELINE, BIASES.name})
"""Of ratings it is the means of customer and item."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TunedRow:
    """One model: its bar, of 100, and its cells in the order of the heads."""

    name: str
    label: str
    words: str
    length: str
    low: str
    high: str
    """Where the noise around the bar's end begins and ends."""
    noise: str
    chosen: bool
    near: bool
    baseline: bool
    cells: tuple[str, ...]
    parameters: str
    note: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TuningTable:
    """What is drawn for one question."""

    slug: str
    title: str
    metric: str
    n_questions: str
    why: str
    rows: tuple[TunedRow, ...]
    baseline_at: str
    """Where the bars of best sellers end; empty if they were not measured."""
    heads: tuple[model_wording.Metric, ...]
    skipped: tuple[tuple[str, str], ...]


def tuning_tables(stored: Any) -> list[TuningTable]:
    """Return the comparisons that a build keeps, by question; what is no comparison is left out."""
    tables = stored if isinstance(stored, Mapping) else {}
    found = [
        tuning_table(question, tables[question])
        for question in Question.values
        if question in tables
    ]
    return [table for table in found if table is not None]


def tuning_table(
    question: str, table: Mapping[str, Any], *, chosen: str | None = None
) -> TuningTable | None:
    """Return a comparison as it is drawn, or None if no model was tried.

    ``chosen`` is the family that serves, where that is another one than the best.
    """
    models = [model for model in table.get("models") or () if "metrics" in model]
    if not models:
        return None
    name = chosen or table.get("chosen", "")
    decides = str(table.get("metric", "recall"))
    values = [float(model["metrics"].get(decides) or 0.0) for model in models]
    noise = [float(model.get("behind_error") or 0.0) for model in models]
    top = max((v + n for v, n in zip(values, noise, strict=True)), default=0.0) or 1.0
    metric = model_wording.BY_NAME.get(decides)
    heads = tuple(
        metric
        for metric in model_wording.METRICS
        if any(model["metrics"].get(metric.name) is not None for model in models)
    )
    rows = tuple(
        _row(model, value, error, top=top, heads=heads, chosen=name, metric=metric)
        for model, value, error in zip(models, values, noise, strict=True)
    )
    baseline = [row.length for row in rows if row.baseline]
    return TuningTable(
        slug=question,
        title=str(Question(question).label),
        metric=str(metric.label) if metric else decides,
        n_questions=wording.number(table.get("n_questions")),
        why=model_wording.why_chosen(table, name),
        rows=rows,
        baseline_at=baseline[0] if baseline else "",
        heads=heads,
        skipped=tuple(
            (model_label(one.get("name", "")), model_wording.why_skipped(one))
            for one in table.get("skipped") or ()
        ),
    )


def _row(
    model: Mapping[str, Any],
    value: float,
    error: float,
    *,
    top: float,
    heads: Sequence[model_wording.Metric],
    chosen: str,
    metric: model_wording.Metric | None,
) -> TunedRow:
    name = str(model["name"])
    is_share = metric is None or metric.share
    memory = model.get("bytes_needed")
    parameters = model.get("parameters") or {}
    return TunedRow(
        name=name,
        label=model_label(name),
        words=wording.share(value) if metric is None else metric.words(value),
        length=_at(value, top),
        low=_at(value - error, top),
        high=_at(value + error, top),
        noise=_noise(error, is_share=is_share),
        chosen=name == chosen,
        near=bool(model.get("within_noise")),
        baseline=name in BASELINES,
        cells=(
            *(metric.words(model["metrics"].get(metric.name)) for metric in heads),
            _seconds(model.get("seconds")),
            "–" if memory is None else wording.decimal(memory / MEBIBYTE),
            wording.number(model.get("fits")),
        ),
        parameters=", ".join(_parameters(parameters)),
        note=model_wording.noted(model.get("note")),
    )


def model_label(name: str) -> str:
    """Return the kind of a family in words, and the family's own name where kinds have several."""
    if name == BASELINE:
        return _("Best sellers")
    kind = KIND_OF.get(name)
    if kind is None:
        return name
    label = str(Kind(kind).label)
    alone = sum(other == kind for other in KIND_OF.values()) == 1
    return label if alone else _("%(kind)s: %(name)s") % {"kind": label, "name": name}


def _parameters(named: Mapping[str, Any]) -> Iterator[str]:
    """Return each parameter on its own; those of a blend's parts with the part's name."""
    for key, given in named.items():
        if isinstance(given, Mapping):
            yield from (f"{key}: {inner}" for inner in _parameters(given))
        else:
            yield f"{key} {given}"


def _noise(error: float, *, is_share: bool) -> str:
    if not error:
        return ""
    return f"± {wording.decimal(100 * error) if is_share else wording.decimal(error, 3)}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else wording.decimal(value, 2)


def _at(value: float, top: float) -> str:
    """Return a place from 0 to 100, as text that no locale bends."""
    return f"{100 * min(max(value / top, 0.0), 1.0):.1f}"
