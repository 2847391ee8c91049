"""``crosssell_evaluate``: a known answer from planted orders."""

import json

import pytest
from django.utils import timezone

from recommendations.engine.families.whole_basket import DEFAULT_RULE
from recommendations.engine.tuning import rule_from
from recommendations.models import Build, Item, ModelChoice
from recommendations.services.evaluation import evaluate
from recommendations.services.kinds.quality import held_out
from recommendations.services.kinds.reading import read
from recommendations.services.sync import sync_items
from recommendations.services.together import TogetherRecipe


@pytest.fixture
def synced(bakery):
    sync_items()
    return bakery


def test_a_known_answer(run, synced):
    """Of the 21 newest orders with two items, 3 hold salt, which is bought by too few customers.

    Bread answers butter and jam; butter and jam answer bread; salt has no list and is in none.
    """
    report = json.loads(run("crosssell_evaluate", "together", "--json").out.splitlines()[-1])
    assert report["n_queries"] == 21
    assert report["hit_rate"] == report["recall"]
    assert report["hits"] == 18
    assert report["hit_rate"] == pytest.approx(18 / 21)
    assert 0 < report["ndcg"] <= report["hit_rate"]
    assert report["test"]["orders"] == 41
    assert report["train"]["orders"] == 41


def test_lists_are_read_as_pages_read_them(synced):
    recipe = TogetherRecipe()
    reading = read(as_of=timezone.now(), progress=lambda *of: None)
    older = held_out(reading, "basket", holdout_days=28, max_questions=None).training
    assert recipe.fit(reading, older, "basket").rule == DEFAULT_RULE
    chosen = {"read": {"depth": 7, "exponent": 1.5, "norm": 1.0, "overlap": 0.0}}
    ModelChoice.objects.create(
        question="basket", kind="together", chosen_by="auto", parameters=chosen
    )
    assert recipe.fit(reading, older, "basket").rule == rule_from(chosen)


def test_at_1_the_lists_beat_the_best_sellers(run, synced):
    report = json.loads(run("crosssell_evaluate", "together", "--k", "1", "--json").out)
    # Soap is what most customers bought, and goes with nothing.
    assert report["popularity"]["hits"] == 0
    assert report["hits"] > 0


def test_nothing_is_stored(run, synced):
    run("crosssell_evaluate", "together")
    assert not Build.objects.exists()


def test_a_table_for_people(run, synced):
    out = run("crosssell_evaluate", "together").out
    assert "asked 21 questions about the 41 orders of the last 28 days" in out
    assert "best sellers" in out
    assert "hit rate" in out


def test_the_newest_orders_are_not_learned_from(synced):
    everything = evaluate("together", holdout_days=10)
    nothing_before = evaluate("together", holdout_days=100)
    assert everything["hits"] > 0
    assert nothing_before["train"]["lines"] == 0
    assert nothing_before["hits"] == 0
    assert nothing_before["popularity"]["hits"] == 0


def test_without_orders(run, db):
    assert "nothing to test on" in run("crosssell_evaluate", "together").out


def test_hidden_items_are_neither_asked_nor_answered(synced):
    Item.objects.filter(title="Butter").update(active=False)
    assert evaluate("together")["n_queries"] == 9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["astrology"], "there are: together"),
        (["together", "--k", "0"], "allowed are 1 to 40"),
        (["together", "--k", "41"], "allowed are 1 to 40"),
        (["together", "--holdout-days", "0"], "holdout_days must be above 0"),
        (["together", "--holdout-days", "nan"], "holdout_days must be above 0"),
    ],
)
def test_wrong_arguments(run, synced, arguments, words):
    result = run("crosssell_evaluate", *arguments)
    assert result.status == 1
    assert words in result.message
