"""No model of next baskets is chosen that gives up what own frequency, then popularity, finds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recommendations.engine.families import next_basket
from recommendations.engine.metrics import ranking_report, relevant_items
from recommendations.engine.tuning import Budget, Remark, TunedModel, TuningReport
from recommendations.engine.tuning.floors import GIVES_UP
from recommendations.models import Question
from recommendations.services import tuning
from recommendations.services.settling import Partner, settled

LOSES = Remark(code=GIVES_UP, figures={"hit_rate": 0.1})


def model(name: str, note: Remark | None = None) -> TunedModel:
    report = ranking_report(np.array([[0]]), relevant_items([[0]], n_items=1))
    return TunedModel(name=name, parameters={}, report=report, note=note)


@pytest.mark.parametrize("question", [one for one in Question.values if one != Question.RATING])
def test_next_baskets_alone_have_the_baseline(
    question: str, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(tuning, "tune", lambda *_, **options: given.update(options))
    nothing: Any = SimpleNamespace(training=None, questions=None)
    run = tuning._Comparing(
        reading=nothing, holdout_days=28.0, budget=Budget(), progress=lambda *_: None
    )
    run.compared(question, nothing)
    wanted = next_basket.FREQUENCY.name if question == Question.NEXT_BASKET else ""
    assert given["floor"] == wanted


def test_what_stands_aside_for_another_question_leaves_no_such_model_either() -> None:
    """The best is made for the other question already; the next best gives something up."""
    models = (model("rp3beta"), model("ease", LOSES), model("cosine"))
    anything: Any = None
    report = TuningReport(
        metric="recall", k=10, n_questions=9, models=models, skipped=(), chosen="rp3beta", why=""
    )
    partner = Partner(question="customer", kind="walks", parameters={})
    found = settled(report, "next_basket", partner, anything, serving=None)
    assert found.chosen == "cosine"
