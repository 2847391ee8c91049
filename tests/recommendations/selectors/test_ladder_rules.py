"""The merchant's ladder and the placement's band on the page of an item."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from recommendations.models import Exclusion, Item, LadderStep
from recommendations.selectors.ladder_rules import ladder_rules
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.upgrades import upgrades_block
from shop.models import Product
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names, request_of, rules_left_out

KIND = "upgrades"


@pytest.fixture
def goods():
    prices = {"Lamp": "100", "Plus": "130", "Pro": "180", "Sun": "150", "Cord": "5"}
    made = {name: make_product(name, price=price)[1] for name, price in prices.items()}
    publish({made["Lamp"]: companions(made["Plus"], made["Pro"], customers=7)}, kind=KIND)
    return made


def block(goods, name="Lamp", **options):
    return upgrades_block(goods[name].key, ShelfOptions(**{"placement": KIND, **options}))


def step(goods, upgrade, rule="offer", *, item="Lamp", **values):
    return LadderStep.objects.create(item=goods[item], upgrade=goods[upgrade], rule=rule, **values)


def test_the_merchants_step_stands_first_with_its_reason_and_trace(goods):
    step(goods, "Sun")
    first, *others = block(goods).slots
    assert (first.title, first.source, first.reason) == ("Sun", "pinned", "Chosen by the shop")
    assert first.evidence is None
    assert {
        "strategy": "step", "stage": "pinned", "shown_at": 1, "more": "50.00",
    }.items() <= first.trace.items()  # fmt: skip
    assert names(others) == ["Plus", "Pro"]


def test_steps_stand_at_their_positions(goods):
    step(goods, "Sun", position=2)
    assert names(block(goods).slots) == ["Plus", "Sun", "Pro"]


def test_a_step_of_the_model_can_be_moved_up_and_comes_once(goods):
    step(goods, "Pro")
    shown = block(goods).slots
    assert names(shown) == ["Pro", "Plus"]
    assert (shown[0].source, shown[0].evidence.customers) == ("pinned", 7)


def test_a_forbidden_step_is_not_shown(goods):
    step(goods, "Plus", "forbid")
    found = block(goods)
    assert names(found.slots) == ["Pro"]
    assert rules_left_out(found) == {goods["Plus"].key: "forbidden step"}


def test_a_step_is_shown_though_the_pair_is_excluded_and_no_build_is_published():
    goods = {name: make_product(name, price=price)[1] for name, price in
             {"Lamp": "100", "Sun": "150"}.items()}  # fmt: skip
    Exclusion.objects.create(item=goods["Lamp"], companion=goods["Sun"])
    step(goods, "Sun")
    assert names(block(goods).slots) == ["Sun"]


@pytest.mark.parametrize(
    ("price", "rule"),
    [("100", "not dearer"), ("20", "not dearer"), ("200.01", "beyond the price band")],
)
def test_also_the_merchants_step_has_to_be_dearer_and_within_the_band(goods, price, rule):
    step(goods, "Sun")
    Product.objects.filter(name="Sun").update(price=price)
    found = block(goods)
    assert "Sun" not in names(found.slots)
    assert rules_left_out(found) == {goods["Sun"].key: rule}


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"stock": 0}, "not available"),
        ({"visible": False}, "not shown by the shop"),
        ({"currency": "USD"}, "other currency"),
    ],
)
def test_nothing_beats_the_shop(goods, values, rule):
    step(goods, "Sun")
    Product.objects.filter(name="Sun").update(**values)
    assert rules_left_out(block(goods)) == {goods["Sun"].key: rule}


def test_nothing_beats_the_context(goods):
    step(goods, "Sun")
    found = upgrades_block(
        goods["Lamp"].key, ShelfOptions(placement=KIND), request=request_of(goods["Sun"].key)
    )
    assert rules_left_out(found) == {goods["Sun"].key: "in basket"}
    assert rules_left_out(block(goods, exclude=[goods["Sun"].key])) == {
        goods["Sun"].key: "left out by the caller"
    }


def test_steps_hold_for_variants_of_the_item_too(goods):
    _, red = make_product("Lamp red", price="101", parent=Product.objects.get(name="Lamp"))
    goods["red"] = red
    step(goods, "Sun")
    assert names(block(goods, "red").slots)[0] == "Sun"


def test_where_variant_and_product_disagree_the_step_wins(goods):
    _, red = make_product("Lamp red", price="101", parent=Product.objects.get(name="Lamp"))
    goods["red"] = red
    step(goods, "Sun", "forbid")
    step(goods, "Sun", item="red")
    assert ladder_rules((red.pk, red.parent_id)).forbidden == frozenset()
    assert names(block(goods, "red").slots)[0] == "Sun"
    assert rules_left_out(block(goods)) == {}, "nothing offers it where it is forbidden"
    assert "Sun" not in names(block(goods).slots)


def test_it_acts_at_once(goods, django_capture_on_commit_callbacks):
    assert names(block(goods).slots) == ["Plus", "Pro"]
    with django_capture_on_commit_callbacks(execute=True):
        made = step(goods, "Sun")
    assert names(block(goods).slots) == ["Sun", "Plus", "Pro"]
    with django_capture_on_commit_callbacks(execute=True):
        made.rule = "forbid"
        made.save()
    assert names(block(goods).slots) == ["Plus", "Pro"]
    with django_capture_on_commit_callbacks(execute=True):
        Item.objects.filter(pk=goods["Sun"].pk).delete()
    assert ladder_rules((goods["Lamp"].pk,)) == ((), frozenset())


def test_warm_it_costs_one_query_of_the_shops(goods, django_assert_num_queries):
    step(goods, "Sun")
    block(goods)
    with django_assert_num_queries(1):
        assert len(block(goods).slots) == 3


# -- the band --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("band", "shown"),
    [
        ({}, ["Plus", "Pro"]),
        ({"price_to_percent": 179}, ["Plus"]),
        ({"price_to_percent": 180}, ["Plus", "Pro"]),
        ({"price_from_percent": 131}, ["Pro"]),
        ({"price_from_percent": 130, "price_to_percent": 130}, ["Plus"]),
        ({"price_from_percent": 1, "price_to_percent": 100}, []),
    ],
)
def test_the_band_is_the_placements(goods, band, shown):
    set_placement(KIND, **band)
    assert names(block(goods).slots) == shown


def test_beyond_the_usual_band_where_the_placement_says_so(goods):
    Product.objects.filter(name="Pro").update(price="290")
    set_placement("wide", price_to_percent=300)
    assert names(block(goods).slots) == ["Plus"]
    assert names(block(goods, placement="wide").slots) == ["Plus", "Pro"]


@pytest.mark.parametrize("low", [None, 1, 50])
def test_never_anything_cheaper_whatever_is_entered(goods, low):
    publish({goods["Lamp"]: companions(goods["Cord"], goods["Plus"])}, kind=KIND)
    step(goods, "Cord")
    set_placement(KIND, price_from_percent=low, price_to_percent=10_000)
    found = block(goods)
    assert names(found.slots) == ["Plus"]
    assert rules_left_out(found)[goods["Cord"].key] == "not dearer"


# -- the table -------------------------------------------------------------------------------


def test_one_word_about_a_pair(goods):
    step(goods, "Sun")
    with pytest.raises(IntegrityError), transaction.atomic():
        step(goods, "Sun", "forbid")
    with pytest.raises(IntegrityError), transaction.atomic():
        step(goods, "Lamp")


def test_an_item_is_no_step_up_from_itself(goods):
    with pytest.raises(ValidationError, match="its own upgrade"):
        LadderStep(item=goods["Lamp"], upgrade=goods["Lamp"]).full_clean()


def test_what_a_step_is_called(goods):
    assert str(step(goods, "Sun")) == "Lamp → Sun"
