"""A model is chosen by the shop's own newest orders, and a merchant's choice stands."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from recommendations import tasks
from recommendations.engine.families import neural
from recommendations.engine.families.base import NotEnoughMemoryError
from recommendations.engine.packing import unpack
from recommendations.engine.tuning import ListServing, chosen_model, tune
from recommendations.models import Build, Kind, ModelChoice
from recommendations.selectors.choices import chosen, model_choices
from recommendations.services import tuning
from recommendations.services.builds import KINDS, rebuild
from recommendations.services.choosing import kinds_for
from recommendations.services.kinds.reading import read
from recommendations.services.kinds.table import KIND_OF, PARTS
from recommendations.services.tuning import candidates, tune_models

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(tmp_path: Path, settings: Settings) -> None:
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 2, "THREADS": 1, "TUNING_QUESTIONS": 40}
    call_command(
        "seed_shop", products=48, customers=60, orders=420, seed=5,
        plan_file=tmp_path / "plan.json", verbosity=0,
    )  # fmt: skip
    rebuild("together")


@pytest.fixture
def few_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try walks and rules alone, which takes a moment."""

    def two(question: str) -> list[Any]:
        return [
            family
            for family in candidates(question)
            if family.name in {"rp3beta", "association_rules"}
        ]

    monkeypatch.setattr(tuning, "candidates", two)


def walks_by_merchant() -> ModelChoice:
    return ModelChoice.objects.create(
        question="basket",
        chosen_by="merchant",
        kind="walks",
        parameters={"family": "p3alpha", "alpha": 0.5},
    )


def test_the_best_of_what_was_tried_is_kept_with_its_table(
    shop: None, few_candidates: None
) -> None:
    (tuned,) = tune_models("basket")
    names = {model["name"] for model in tuned.table["models"]}
    assert names == {"popular", "rp3beta", "association_rules"}
    best = max(tuned.table["models"], key=lambda model: model["metrics"]["recall"])
    assert tuned.stored
    choice = ModelChoice.objects.get()
    assert (choice.question, choice.chosen_by) == ("basket", "auto")
    assert choice.kind == KIND_OF[choice.parameters["family"]]
    assert choice.table["models"][0]["name"] == best["name"]
    assert choice.table == json.loads(json.dumps(tuned.table))


def test_a_merchants_choice_stays_and_serves(shop: None, few_candidates: None) -> None:
    mine = walks_by_merchant()
    (tuned,) = tune_models("basket")
    assert tuned.serves == "walks"
    mine.refresh_from_db()
    assert mine.parameters == {"family": "p3alpha", "alpha": 0.5}
    both = model_choices()["basket"]
    assert both.auto is not None
    assert both.effective == mine == chosen("basket")


def test_a_build_uses_the_choice_and_shows_its_table(shop: None, few_candidates: None) -> None:
    walks_by_merchant()
    build = rebuild("walks", sync=False).build
    assert build is not None
    (fitted,) = build.parameters["models"]
    assert fitted["family"] == "p3alpha"
    assert fitted["parameters"]["alpha"] == 0.5
    ModelChoice.objects.update(table={"models": [], "chosen": "p3alpha"})
    again = rebuild("walks", sync=False).build
    assert again is not None
    assert again.metrics["tuning"] == {"basket": {"models": [], "chosen": "p3alpha"}}


def test_the_published_build_of_the_chosen_kind_gets_the_table(
    shop: None, few_candidates: None
) -> None:
    for kind in ("walks", "rules"):
        rebuild(kind, sync=False)
    (tuned,) = tune_models("basket")
    build = Build.objects.get(kind=tuned.kind, status="published")
    assert build.metrics["tuning"]["basket"]["chosen"] == tuned.table["chosen"]
    assert build.metrics["coverage"] > 0, "its other figures stay"


def test_a_model_chosen_for_customers_gives_each_a_list(shop: None) -> None:
    ModelChoice.objects.create(question="customer", kind="walks", parameters={"family": "rp3beta"})
    build = rebuild("walks", sync=False).build
    assert build is not None
    assert [fitted["question"] for fitted in build.parameters["models"]] == ["basket", "customer"]
    assert build.lists.count() > 20
    assert build.customer_lists.count() > 20
    assert build.metrics["customer_lists"] >= build.customer_lists.count()


def test_every_candidate_belongs_to_a_kind_that_can_be_built() -> None:
    for question in ("item", "basket", "customer", "next_basket"):
        names = [family.name for family in candidates(question)]
        assert names
        assert len(names) == len(set(names))
        assert {KIND_OF[name] for name in names} <= set(KINDS)
    assert Kind.NEXT_BASKET.value in {KIND_OF[f.name] for f in candidates("next_basket")}


def test_nothing_held_out_chooses_nothing(db: None) -> None:
    (tuned,) = tune_models("basket", budget_seconds=1)
    assert (tuned.kind, tuned.stored) == ("", False)
    assert not ModelChoice.objects.exists()


def test_an_unknown_question_names_the_known_ones(db: None) -> None:
    with pytest.raises(ValueError, match="there are: item, basket, customer, next_basket"):
        tune_models("astrology")


def test_the_task_tells_who_serves(shop: None, few_candidates: None) -> None:
    walks_by_merchant()
    assert tasks.tune.delay("basket").get() == {"basket": "walks"}


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_command_prints_the_table(
    shop: None, few_candidates: None, capsys: pytest.CaptureFixture[str], *, dry_run: bool
) -> None:
    call_command("crosssell_tune", "basket", *(["--dry-run"] if dry_run else []), verbosity=0)
    out = capsys.readouterr().out
    assert "What completes this basket?" in out
    assert "walks: rp3beta" in out
    assert "rules: association_rules" in out
    assert ModelChoice.objects.exists() != dry_run


def test_the_command_prints_json(
    shop: None, few_candidates: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("crosssell_tune", "item", "--json", "--dry-run", verbosity=0)
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["item"]["kind"] in {"walks", "rules"}


PLAIN = {"depth": 20, "exponent": 1.0, "norm": 1.0, "overlap": 0.0}

BLENDED = {
    "family": "blend",
    "by": "lists",
    "length": 20,
    "weights": {"rp3beta": 0.35, "ease": 0.65},
    "models": {
        "rp3beta": {"beta": 0.3, "read": PLAIN},
        "ease": {"l2": 5.0, "read": {**PLAIN, "exponent": 2.0}},
    },
    "read": {**PLAIN, "norm": 0.0},
}


def lists_of(build: Build) -> dict[int, tuple[list[int], list[float], list[int]]]:
    rows = {row.item_id: unpack(row.packed) for row in build.lists.all()}
    return {
        item: (packed.items.tolist(), packed.scores.tolist(), packed.customers.tolist())
        for item, packed in rows.items()
    }


def test_a_blend_is_built_from_what_its_build_says_of_it(shop: None) -> None:
    ModelChoice.objects.create(question="basket", kind="blend", parameters=BLENDED)
    build = rebuild("blend", sync=False).build
    assert build is not None
    assert build.status == Build.Status.PUBLISHED
    build.refresh_from_db()
    (stored,) = build.parameters["models"]
    reading = read(as_of=build.as_of, progress=lambda phase, done, total: None)
    training = reading.training(by_customer=False)
    model = chosen_model(stored["family"], stored["parameters"], training, PARTS)
    again = ListServing(length=40).lists("blend", model, training)
    ids = reading.history.item_ids
    found = lists_of(build)
    assert sum(len(items) for items, *_ in found.values()) > 100
    for item, (items, scores, customers) in found.items():
        row = int(np.flatnonzero(ids == item)[0])
        entries = slice(again.indptr[row], again.indptr[row + 1])
        assert ids[again.items[entries]].tolist() == items
        np.testing.assert_allclose(again.scores[entries], scores, rtol=1e-6)
        assert min(customers, default=2) >= 2, "no pair of too few customers is stored"


def test_a_blend_for_customers_gives_each_a_list(shop: None) -> None:
    parameters = {**BLENDED, "by": "ranks"}
    ModelChoice.objects.create(question="customer", kind="blend", parameters=parameters)
    build = rebuild("blend", sync=False).build
    assert build is not None
    assert [model["question"] for model in build.parameters["models"]] == ["basket", "customer"]
    assert build.customer_lists.count() > 20


def test_what_would_not_fit_is_said_before_it_starts(
    shop: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "MEMORY_LIMIT_MIB": 1}
    monkeypatch.setattr(neural.model, "fit_completion", pytest.fail)
    with pytest.raises(NotEnoughMemoryError, match="blend needs about"):
        rebuild("blend", sync=False)
    assert Build.objects.get(kind="blend").status == Build.Status.FAILED


def test_the_best_of_a_comparison_is_what_its_pages_show(
    shop: None, few_candidates: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def watched(*given: Any, **options: Any) -> Any:
        seen.append(options["serving"])
        return tune(*given, **options)

    monkeypatch.setattr(tuning, "tune", watched)
    tune_models("item", store=False)
    tune_models("customer", store=False)
    (item, customer) = seen
    assert (item.length, item.summed) == (40, False)
    assert {"content", "hybrid"} <= item.unfloored
    assert customer is None


def test_a_blend_can_be_chosen_for_every_question() -> None:
    for question in ("item", "basket", "customer", "next_basket"):
        assert "blend" in kinds_for(question)
    assert "neural_completion" in kinds_for("item")
    assert "neural_completion" not in kinds_for("customer")


def test_what_is_found_is_stored_under_the_guard_alone(shop: None, few_candidates: None) -> None:
    class Overtaken(Exception):  # noqa: N818 - an event
        pass

    def guard() -> AbstractContextManager[None]:
        raise Overtaken

    with pytest.raises(Overtaken):
        tune_models("basket", guard=guard)
    assert not ModelChoice.objects.exists()
    assert tune_models("basket", guard=guard, store=False)[0].kind
