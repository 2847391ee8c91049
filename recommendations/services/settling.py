"""Two questions, one table of lists: what to do where both would have one kind made in two ways.

A kind has one list per item, and one per customer. A page of one item and a basket read the same
list, so a kind that is best for both is made as the other question has it, and measured so. What
is new to a customer and what comes next are different lists, so one kind cannot answer both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from recommendations.engine.families.base import Family, Parameters
from recommendations.engine.tuning import (
    READ,
    HeldOut,
    ListServing,
    Remark,
    TunedModel,
    TuningReport,
    tune,
)
from recommendations.engine.tuning.floors import GIVES_UP
from recommendations.services.kinds.family_recipe import plain
from recommendations.services.kinds.specs import FOR_CUSTOMERS, FOR_ITEMS
from recommendations.services.kinds.table import KIND_OF, PARTS, SPECS

SHARED = "shared"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """What answers the other question that reads the same table."""

    question: str
    kind: str
    parameters: Mapping[str, Any]

    @staticmethod
    def question_beside(question: str) -> str:
        """Return the other question of the same table."""
        pair = FOR_ITEMS if question in FOR_ITEMS else FOR_CUSTOMERS
        return next(other for other in pair if other != question)


def settled(
    report: TuningReport,
    question: str,
    partner: Partner,
    slice_: HeldOut,
    *,
    serving: ListServing | None,
) -> TuningReport:
    """Return the comparison with a choice that can be kept beside what its partner has chosen."""
    if not report.chosen or not report.n_questions or KIND_OF[report.chosen] != partner.kind:
        return report
    if serving is None:
        return _with_choice(report, _best_other(report, partner.kind))
    chosen = report.model(report.chosen)
    if _made_alike({"family": chosen.name, **chosen.parameters}, partner.parameters):
        return report
    same = _measured(report, partner, slice_, serving)
    other = _best_other(report, partner.kind)
    if same is None:
        return _with_choice(report, other)
    models = [model for model in report.models if model.name not in {same.name, chosen.name}]
    models = sorted([*models, same], key=lambda model: -_value(model, report.metric))
    report = dataclasses.replace(report, models=tuple(models))
    if other is None or _value(same, report.metric) >= _value(other, report.metric):
        return _with_choice(report, same)
    return _with_choice(report, other)


def _measured(
    report: TuningReport, partner: Partner, slice_: HeldOut, serving: ListServing
) -> TunedModel | None:
    """Return how the partner's model does on this question, read by the rule that suits it."""
    parameters = {name: value for name, value in partner.parameters.items() if name != READ}
    family = _family(partner.kind, parameters.pop("family", None))
    fixed = dataclasses.replace(family, start={**family.start, **parameters}, grid={})
    found = tune(
        slice_.training,
        slice_.questions,
        [fixed],
        k=report.k,
        metric=report.metric,
        with_best_sellers=True,
        with_blend=False,
        serving=serving,
    )
    if not found.models:
        return None
    best, same = report.models[0], found.models[0]
    return dataclasses.replace(
        same,
        behind=_value(best, report.metric) - _value(same, report.metric),
        behind_error=best.behind_error,
        within_noise=False,
        note=Remark(code=SHARED, figures={"question": partner.question}),
    )


def _family(kind: str, name: str | None) -> Family:
    """Return the family of a kind by its name, the first if it names none."""
    if kind in SPECS:
        return SPECS[kind].family(name)
    return next(family for family in PARTS.values() if KIND_OF[family.name] == kind)


def _best_other(report: TuningReport, kind: str) -> TunedModel | None:
    """Return the best model of another kind that gives up nothing against the baseline."""
    able = (model for model in report.models if not model.note or model.note.code != GIVES_UP)
    others = (model for model in able if KIND_OF.get(model.name) not in {None, kind})
    return next(others, None)


def _with_choice(report: TuningReport, model: TunedModel | None) -> TuningReport:
    """Return the report with another choice; where there is none left, the old one stays."""
    if model is None:
        return report
    return dataclasses.replace(report, chosen=model.name, why=SHARED)


def _made_alike(ours: Parameters, theirs: Parameters) -> bool:
    """Return whether two choices make the same lists, however they are read."""
    return _lists_of(ours) == _lists_of(theirs)


def _lists_of(parameters: Parameters) -> dict[str, Any]:
    return {name: value for name, value in plain(dict(parameters)).items() if name != READ}


def _value(model: TunedModel, metric: str) -> float:
    return float(getattr(model.report, metric))
