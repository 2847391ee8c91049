"""``crosssell_recommend``: what a shopper sees, and why."""

import json

import pytest

from recommendations.models import Exclusion, Item
from tests.recommendations.factories import set_placement


@pytest.fixture
def built(run, bakery):
    """The bakery with published lists."""
    assert run("crosssell_rebuild", "together").status == 0
    return bakery


def key(product):
    return str(product.pk)


def test_companions_in_order(run, built):
    result = run("crosssell_recommend", key(built["bread"]))
    lines = result.out.splitlines()
    assert lines[0] == f"Bread ({key(built['bread'])})"
    assert [line.split()[1] for line in lines[1:]] == ["Butter", "Jam"]
    assert "Bought together by 12 customers" in lines[1]


def test_json(run, built):
    answer = json.loads(run("crosssell_recommend", key(built["bread"]), "--json").out)
    assert answer["key"] == key(built["bread"])
    assert answer["shown"] is True
    first = answer["companions"][0]
    assert first["title"] == "Butter"
    assert (first["price"], first["currency"]) == ("1.00", "EUR")
    assert (first["customers"], first["orders"]) == (12, 24)
    assert "trace" not in first


def test_count(run, built):
    answer = json.loads(
        run("crosssell_recommend", key(built["bread"]), "--json", "--count", "1").out
    )
    assert [slot["title"] for slot in answer["companions"]] == ["Butter"]


def test_a_count_out_of_range_is_refused(run, built):
    result = run("crosssell_recommend", key(built["bread"]), "--count", "-3")
    assert result.status == 1
    assert "count is -3; allowed are 0 to" in result.message


def test_explain(run, built, item_of):
    Exclusion.objects.create(item=item_of(built["bread"]), companion=item_of(built["jam"]))
    result = run("crosssell_recommend", key(built["bread"]), "--explain")
    assert "source model, score 0." in result.out
    assert "12 customers, 24 orders" in result.out
    assert f"{key(built['jam'])} (model): excluded" in result.out
    answer = json.loads(run("crosssell_recommend", key(built["bread"]), "--explain", "--json").out)
    assert answer["left_out"] == [{"key": key(built["jam"]), "source": "model", "rule": "excluded"}]
    assert answer["companions"][0]["trace"]["strategy"] == "together"


def test_nothing_to_recommend_is_no_error(run, built):
    set_placement(fallback="none")
    result = run("crosssell_recommend", key(built["soap"]))
    assert result.status == 0
    assert "Nothing to recommend." in result.out


def test_a_hidden_product_is_no_error(run, built):
    built["bread"].visible = False
    built["bread"].save()
    result = run("crosssell_recommend", key(built["bread"]))
    assert result.status == 0
    assert "does not show Bread" in result.out
    answer = json.loads(run("crosssell_recommend", key(built["bread"]), "--json").out)
    assert answer["shown"] is False
    assert answer["companions"] == []


def test_an_unknown_key_names_near_titles(run, built):
    result = run("crosssell_recommend", "butt")
    assert result.status == 1
    assert (
        f"There is no item 'butt'; did you mean: '{key(built['butter'])}' (Butter)."
        in result.message
    )


def test_an_unknown_key_names_examples(run, built):
    assert "there are, for example: " in run("crosssell_recommend", "zzz").message


def test_before_a_synchronisation(run, db):
    assert not Item.objects.exists()
    assert "Run crosssell_sync first." in run("crosssell_recommend", "1").message
