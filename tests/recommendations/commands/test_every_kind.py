"""Commands over every kind: rebuild all, recommend for an item or a customer, evaluate."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.utils import timezone

from recommendations.adapters import get_adapter
from recommendations.models import Build, Exclusion, Item
from recommendations.services.builds import KINDS, rebuild
from shop.models import Review
from tests.recommendations.orders import sell


@pytest.fixture
def regulars(bakery):
    """Eight guests who buy bread and butter every week, three of whom then try jam."""
    for week in range(6):
        for number in range(8):
            placed_at = timezone.now() - timedelta(days=3 + 7 * week, hours=number)
            email = f"regular-{number}@example.com"
            sell(bakery["bread"], bakery["butter"], email=email, placed_at=placed_at)
    for number in range(3):
        sell(bakery["jam"], email=f"regular-{number}@example.com")
    return bakery


def answer(result):
    return json.loads(result.out.splitlines()[-1])


def test_all_kinds_are_rebuilt_one_after_the_other(run, regulars):
    result = run("crosssell_rebuild", "all", "--json")
    outcomes = answer(result)
    # This shop records no page views.
    built = [kind for kind in KINDS if kind != "viewed_bought"]
    assert list(outcomes) == built
    assert {kind: one["status"] for kind, one in outcomes.items()} == dict.fromkeys(
        built, "published"
    )
    assert result.status == 0
    assert Build.objects.filter(status="published").count() == len(built)


def test_one_kind_that_fails_leaves_the_others(run, regulars, settings):
    settings.RECOMMENDATIONS = {"MEMORY_LIMIT_MIB": 1}
    result = run("crosssell_rebuild", "all", "--json")
    outcomes = answer(result)
    assert outcomes["together"]["status"] == "published"
    failed = {kind for kind, one in outcomes.items() if one["status"] == "failed"}
    assert failed
    assert result.status == 1
    kind = sorted(failed)[0]
    assert "1 MiB are allowed" in outcomes[kind]["message"]


def test_a_model_that_would_not_fit_says_so_and_the_published_build_stays(run, regulars, settings):
    before = rebuild("neural").build
    settings.RECOMMENDATIONS = {"MEMORY_LIMIT_MIB": 1}
    result = run("crosssell_rebuild", "neural")
    assert result.status == 1
    failed = Build.objects.latest()
    assert failed.status == Build.Status.FAILED
    assert failed.error.startswith("neural needs about ")
    assert "1 MiB are allowed" in failed.error
    before.refresh_from_db()
    assert before.status == Build.Status.PUBLISHED


def test_a_kind_without_input_is_no_kind_to_build(run, db):
    result = run("crosssell_rebuild", "viewed_bought")
    assert result.status == 2
    assert "Needs page views, and the shop declares none" in result.message


@pytest.mark.parametrize("kind", ["walks", "rules", "content", "trending", "next_basket"])
def test_suggestions_beside_an_item(run, regulars, kind):
    run("crosssell_rebuild", kind)
    given = answer(run("crosssell_recommend", str(regulars["bread"].pk), "--kind", kind, "--json"))
    assert given["kind"] == kind
    keys = [one["key"] for one in given["suggestions"]]
    assert keys
    assert str(regulars["bread"].pk) not in keys
    if kind in {"walks", "rules"}:
        assert keys[0] == str(regulars["butter"].pk)
        assert given["suggestions"][0]["source"] == "model"


def test_suggestions_for_a_customer(run, regulars):
    run("crosssell_rebuild", "next_basket")
    guest = get_adapter().guest_key("Regular-3@example.com ")
    given = answer(run("crosssell_recommend", "--customer", guest, "--json"))
    assert given["kind"] == "next_basket"
    usual = {str(regulars["bread"].pk), str(regulars["butter"].pk)}
    assert {one["key"] for one in given["suggestions"][:2]} == usual
    assert given["suggestions"][0]["reason"] == "For your next order"
    assert {one["customers"] for one in given["suggestions"]} == {None}


def test_a_customer_nobody_knows_gets_best_sellers(run, regulars):
    run("crosssell_rebuild", "next_basket")
    given = answer(run("crosssell_recommend", "--customer", "nobody", "--json"))
    first = given["suggestions"][0]
    assert (first["source"], first["reason"]) == ("fallback", "Popular in this shop")


def test_merchants_exclusions_hold_for_what_a_kind_suggests(run, regulars):
    run("crosssell_rebuild", "walks")
    key = str(regulars["bread"].pk)
    butter = Item.objects.get(key=str(regulars["butter"].pk))
    Exclusion.objects.create(item=Item.objects.get(key=key), companion=butter)
    cache.clear()
    given = answer(run("crosssell_recommend", key, "--kind", "walks", "--json", "--explain"))
    assert butter.key not in {one["key"] for one in given["suggestions"]}
    assert {"key": butter.key, "source": "model", "rule": "excluded"} in given["left_out"]


def test_for_people(run, regulars):
    run("crosssell_rebuild", "walks")
    key = str(regulars["bread"].pk)
    assert "1. Butter" in run("crosssell_recommend", key, "--kind", "walks", "--explain").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name either an item's KEY or a --customer"),
        (["1", "--customer", "2"], "Name either an item's KEY or a --customer"),
        (["1", "--kind", "astrology"], "there are: together"),
        (["--customer", "2"], "No kind with lists for customers answers yet"),
        (["--customer", "2", "--kind", "walks", "--count", "99"], "allowed are 0 to 50"),
        (["nothing", "--kind", "walks"], "There is no item 'nothing'"),
    ],
)
def test_wrong_questions(run, db, arguments, words):
    result = run("crosssell_recommend", *arguments)
    assert result.status == 1
    assert words in result.message


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"viewed_bought", "ratings"}))
def test_every_kind_is_evaluated_on_orders_it_has_not_seen(run, regulars, kind):
    run("crosssell_sync")
    report = answer(run("crosssell_evaluate", kind, "--json"))
    assert report["kind"] == kind
    assert report["n_queries"] > 0
    assert 0 <= report["hit_rate"] <= 1
    assert report["popularity"]["n_queries"] == report["n_queries"]
    if kind in {"together", "walks", "item_based", "rules", "next_basket"}:
        assert report["hits"] > 0
    assert not Build.objects.exists()


def test_evaluation_for_people_names_the_question(run, regulars):
    run("crosssell_sync")
    assert "next basket" in run("crosssell_evaluate", "next_basket").out


def test_ratings_are_evaluated_by_their_error(run, regulars):
    run("crosssell_sync")
    assert "too few ratings" in run("crosssell_evaluate", "ratings").out
    users = get_user_model()._default_manager
    for number in range(20):
        Review.objects.create(
            product=regulars["bread"],
            user=users.create_user(f"taster{number}"),
            stars=1 + number % 5,
            written_at=timezone.now() - timedelta(days=number + 1),
        )
    out = run("crosssell_evaluate", "ratings").out
    assert "Foretold the newest 2 ratings" in out
    assert "RMSE" in out
    assert "mean and biases" in out
