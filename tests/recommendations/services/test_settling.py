"""A kind has one list per item: two questions do not make it in two ways."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from recommendations.engine.families import walks
from recommendations.engine.families.base import Family
from recommendations.engine.metrics import ranking_report
from recommendations.engine.tuning import HeldOut, ListServing, TuningReport, rule_from, tune
from recommendations.models import ModelChoice
from recommendations.services import tuning
from recommendations.services.kinds.quality import held_out, quality
from recommendations.services.kinds.reading import read
from recommendations.services.kinds.rules import FAMILY as RULES
from recommendations.services.kinds.sections import Chosen
from recommendations.services.settling import Partner, settled
from recommendations.services.sync import sync_items

pytestmark = pytest.mark.django_db

SERVING = ListServing(length=20)


@pytest.fixture
def slice_(tmp_path: Path, settings: Settings) -> HeldOut:
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 2, "THREADS": 1}
    call_command(
        "seed_shop", products=48, customers=60, orders=420, seed=5,
        plan_file=tmp_path / "plan.json", verbosity=0,
    )  # fmt: skip
    sync_items()
    reading = read(as_of=timezone.now(), progress=lambda phase, done, total: None)
    return held_out(reading, "basket", holdout_days=28, max_questions=None)


def compared(slice_: HeldOut, **given: Any) -> TuningReport:
    fixed = [dataclasses.replace(family, grid={}) for family in (walks.RP3BETA, RULES)]
    report = tune(
        slice_.training, slice_.questions, fixed, with_best_sellers=True, with_blend=False, **given
    )
    return dataclasses.replace(report, chosen="rp3beta", why="best")


def partner(kind: str = "walks", **parameters: Any) -> Partner:
    return Partner(question="item", kind=kind, parameters=parameters)


def test_another_kind_beside_it_changes_nothing(slice_: HeldOut) -> None:
    report = compared(slice_, serving=SERVING)
    other = partner("ease", family="ease")
    assert settled(report, "basket", other, slice_, serving=SERVING) is report


def test_the_same_lists_may_be_read_by_each_in_its_way(slice_: HeldOut) -> None:
    report = compared(slice_, serving=SERVING)
    same = {**report.model("rp3beta").parameters, "read": {"depth": 3}}
    found = settled(report, "basket", partner(family="rp3beta", **same), slice_, serving=SERVING)
    assert found is report


@pytest.mark.parametrize("beta", [0.1, 1.9])
def test_it_is_measured_as_the_other_question_makes_it(slice_: HeldOut, beta: float) -> None:
    report = compared(slice_, serving=SERVING)
    made = {**walks.RP3BETA.start, "beta": beta}
    beside = partner(family="rp3beta", **made)
    found = settled(report, "basket", beside, slice_, serving=SERVING)
    assert found.why == "shared"
    walked = found.model("rp3beta")
    assert walked.note is not None
    assert walked.note.figures == {"question": "item"}
    assert {name: walked.parameters[name] for name in made} == made
    # The figure in the table is that of the lists which pages will have.
    model = walks.RP3BETA.fit(slice_.training, made)
    rule = rule_from(walked.parameters)
    shown = SERVING.model("rp3beta", model, slice_.training, rule)
    recall = ranking_report(
        shown.recommend(slice_.questions.query, 10), slice_.questions.wanted
    ).recall
    assert recall <= walked.report.recall, "best sellers fill what is left empty"
    best = max(found.models, key=lambda model: model.report.recall)
    assert found.model(found.chosen).report.recall == best.report.recall
    assert [model.name for model in found.models].count("rp3beta") == 1


def test_two_lists_of_customers_cannot_be_one(slice_: HeldOut) -> None:
    report = compared(slice_)
    beside = Partner(question="next_basket", kind="walks", parameters={"family": "rp3beta"})
    found = settled(report, "customer", beside, slice_, serving=None)
    assert (found.chosen, found.why) == ("association_rules", "shared")


def test_the_question_beside() -> None:
    assert Partner.question_beside("item") == "basket"
    assert Partner.question_beside("next_basket") == "customer"


def test_a_comparison_settles_with_what_the_other_question_has(
    slice_: HeldOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "candidates", lambda question: [walks.RP3BETA])
    beside = {"family": "rp3beta", **walks.RP3BETA.start, "beta": 1.5}
    ModelChoice.objects.create(
        question="item", kind="walks", parameters=beside, chosen_by="merchant"
    )
    (tuned,) = tuning.tune_models("basket")
    assert tuned.table["why"] == "shared"
    made = {name: tuned.parameters[name] for name in beside}
    assert made == {**beside, "family": "rp3beta"}, "the lists that pages have anyway"
    assert "read" in tuned.parameters, "read in the way that suits baskets"


def test_two_questions_of_one_run_settle_as_well(
    slice_: HeldOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "candidates", lambda question: [walks.RP3BETA])
    found = {tuned.question: tuned for tuned in tuning.tune_models(store=False)}
    lists = [
        {name: value for name, value in found[question].parameters.items() if name != "read"}
        for question in ("item", "basket")
    ]
    assert lists[0] == lists[1]


def test_the_gate_asks_the_lists_and_not_the_model(slice_: HeldOut, monkeypatch: Any) -> None:
    """A model that knows the customer by name finds more than what it leaves for pages."""
    reading = read(as_of=timezone.now(), progress=lambda phase, done, total: None)
    wanted = slice_.questions.wanted

    class Knowing:
        def recommend(self, query: Any, k: int) -> Any:
            found = np.full((len(query), k), -1, dtype=np.int32)
            if query.customers is not None:
                found[:, 0] = wanted.indices
            return found

    family = Family(name="knowing", fit=lambda t, p: Knowing(), bytes_needed=lambda s, p: 0)
    chosen = Chosen(family=family, parameters={}, question="basket")
    asked = quality(reading, chosen, holdout_days=28, max_questions=None)
    assert asked.n_users == len(slice_.questions)
    assert asked.recall == 0
