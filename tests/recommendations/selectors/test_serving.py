"""Which kind's build a page reads: the merchant's choice, tuning's, or what stands in."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache

from recommendations.conf import recommendation_settings
from recommendations.engine.families import content
from recommendations.models import ModelChoice
from recommendations.selectors import reasons
from recommendations.selectors.cached import rules_seconds
from recommendations.selectors.serving import serving
from recommendations.selectors.together import frequently_bought_together, together_block
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names


@pytest.fixture
def viewed():
    return make_product("Laptop", price="900.00")


@pytest.fixture
def two():
    return [make_product(name) for name in ("Mouse", "Bag")]


@pytest.fixture
def both(viewed, two):
    """Two kinds of which each has a list of its own."""
    mouse, bag = (item for _, item in two)
    return (
        publish({viewed[1]: companions(mouse)}),
        publish({viewed[1]: companions(bag, mouse)}, kind="walks"),
    )


def choose(kind, chosen_by="auto", question="item", **parameters):
    return ModelChoice.objects.update_or_create(
        question=question,
        chosen_by=chosen_by,
        defaults={"kind": kind, "parameters": parameters},
    )[0]


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    def run(change):
        with django_capture_on_commit_callbacks(execute=True):
            change()

    return run


def test_without_a_choice_together_is_read(viewed, both):
    assert names(frequently_bought_together(viewed[0])) == ["Mouse"]


def test_tunings_choice_is_read_and_named(viewed, both):
    choose("walks")
    block = together_block(viewed[0])
    assert names(block.slots) == ["Bag", "Mouse"]
    assert block.build_id == both[1].pk
    told = {"strategy": "walks", "build": both[1].pk, "position": 1}
    assert block.slots[0].trace.items() >= told.items()
    assert block.slots[0].reason == "Bought together by 41 customers"


def test_the_merchants_choice_stands_over_tunings(viewed, both):
    choose("walks")
    choose("together", chosen_by="merchant")
    assert names(frequently_bought_together(viewed[0])) == ["Mouse"]


def test_a_choice_for_another_question_changes_nothing(viewed, both):
    choose("walks", question="basket")
    assert names(frequently_bought_together(viewed[0])) == ["Mouse"]
    assert [each.kind for each in serving("basket")] == ["walks", "together"]


def test_together_stands_in_for_a_chosen_kind_that_is_not_published(viewed, both):
    choose("ease", chosen_by="merchant")
    (slot,) = frequently_bought_together(viewed[0])
    assert (slot.title, slot.source, slot.trace["strategy"]) == ("Mouse", "model", "together")


def test_together_stands_in_where_the_chosen_kind_has_no_list_for_the_item(viewed, two):
    publish({viewed[1]: companions(two[0][1])})
    publish({}, kind="walks")
    choose("walks")
    (slot,) = frequently_bought_together(viewed[0])
    assert (slot.title, slot.source, slot.trace["strategy"]) == ("Mouse", "model", "together")


def test_a_short_list_is_filled_from_another_only_where_a_fallback_is_wanted(viewed, both):
    choose("walks", chosen_by="merchant")
    publish({viewed[1]: companions(make_product("Dock")[1])}, kind="walks")
    publish({viewed[1]: companions(make_product("Cable")[1])})
    assert names(frequently_bought_together(viewed[0])) == ["Dock"]
    set_placement(fallback="category")
    cache.clear()
    slots = frequently_bought_together(viewed[0])
    assert [(slot.title, slot.source) for slot in slots] == [
        ("Dock", "model"),
        ("Cable", "fallback"),
    ]
    assert slots[1].trace["why"] == "the list is short"


def test_a_change_in_the_admin_is_seen_at_once_here_when_it_is_committed(viewed, both, committed):
    assert names(frequently_bought_together(viewed[0])) == ["Mouse"]
    committed(lambda: choose("walks", chosen_by="merchant"))
    assert names(frequently_bought_together(viewed[0])) == ["Bag", "Mouse"]
    committed(ModelChoice.objects.get().delete)
    assert names(frequently_bought_together(viewed[0])) == ["Mouse"]


def test_another_process_sees_the_change_after_the_time_that_rules_are_kept(
    viewed, both, monkeypatch
):
    assert names(frequently_bought_together(viewed[0])) == ["Mouse"]
    choose("walks")  # nobody tells this process
    assert names(frequently_bought_together(viewed[0])) == ["Mouse"]
    later = time.monotonic() + rules_seconds() + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert names(frequently_bought_together(viewed[0])) == ["Bag", "Mouse"]


def test_a_warm_block_of_a_chosen_kind_asks_us_nothing(viewed, both, django_assert_num_queries):
    choose("walks")
    frequently_bought_together(viewed[0])
    with django_assert_num_queries(1) as captured:
        frequently_bought_together(viewed[0])
    assert "crosssell" not in captured[0]["sql"]


class TestDescriptions:
    """A kind that compares descriptions: it has few counts to tell, and tells none too small."""

    @pytest.fixture
    def described(self, viewed, two):
        def make(kind="content", family="content", category=""):
            viewed[1].category = category
            viewed[1].save()
            mouse, bag = (item for _, item in two)
            choose(kind)
            return publish(
                {viewed[1]: [*companions(mouse, customers=2), *companions(bag, customers=0)]},
                kind=kind,
                parameters={"models": [{"family": family}]},
            )

        return make

    def test_pass_without_support_and_claim_none(self, viewed, described):
        described()
        slots = frequently_bought_together(viewed[0])
        assert [slot.reason for slot in slots] == ["Similar in kind"] * 2
        assert [slot.evidence for slot in slots] == [None, None]

    def test_say_what_they_go_with(self, viewed, described):
        described(family="content_complements", category="Laptops")
        assert frequently_bought_together(viewed[0])[0].reason == "Goes with Laptops"

    def test_say_less_of_an_item_without_category(self, viewed, described):
        described(family="content_complements")
        assert frequently_bought_together(viewed[0])[0].reason == "Goes well with it"

    def test_a_hybrid_names_counts_only_where_there_are_enough(self, viewed, two):
        mouse, bag = (item for _, item in two)
        choose("hybrid")
        entries = [*companions(mouse, customers=5), *companions(bag, customers=4)]
        publish({viewed[1]: entries}, kind="hybrid")
        slots = frequently_bought_together(viewed[0])
        assert [slot.reason for slot in slots] == [
            "Bought together by 5 customers",
            "Fits by its description",
        ]
        assert [slot.evidence and slot.evidence.customers for slot in slots] == [5, None]

    def test_the_placements_minimum_holds_for_counts_that_are_told(self, viewed, two):
        choose("hybrid")
        publish({viewed[1]: companions(two[0][1], customers=9)}, kind="hybrid")
        set_placement(minimum_support=10)
        (slot,) = frequently_bought_together(viewed[0])
        assert (slot.reason, slot.evidence) == ("Fits by its description", None)

    def test_other_kinds_are_not_exempt(self, viewed, two):
        choose("walks")
        publish({viewed[1]: companions(two[0][1], customers=4)}, kind="walks")
        assert frequently_bought_together(viewed[0]) == []

    def test_families_have_the_names_by_which_reasons_know_them(self):
        assert content.SIMILAR.name == reasons.SIMILAR
        assert content.COMPLEMENTS.name == reasons.COMPLEMENTS


def test_published_builds_are_looked_up_again_after_their_own_time(viewed, both, monkeypatch):
    assert serving("item")[0].build_id == both[0].pk
    later = time.monotonic() + recommendation_settings().published_cache_seconds + 1
    from recommendations.models import Publication

    Publication.objects.filter(kind="together").update(build=both[1])
    assert serving("item")[0].build_id == both[0].pk
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert serving("item")[0].build_id == both[1].pk
