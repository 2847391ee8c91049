"""What goes with a whole basket: sums over stored lists, the newest item first of all."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import Exclusion, Item, ModelChoice, Pin
from recommendations.selectors.baskets import basket_shelf, goes_with_basket
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.sums import rule_of
from tests.recommendations.factories import (
    companions,
    make_product,
    make_products,
    publish,
    set_placement,
)
from tests.recommendations.selectors.test_together import names, request_of


@pytest.fixture
def goods():
    made = ("Laptop", "Phone", "Mouse", "Case", "Cable")
    return {name: make_product(name) for name in made}


@pytest.fixture
def published(goods):
    """A laptop goes with a mouse, a phone with a case, and both with a cable."""
    item = {name: pair[1] for name, pair in goods.items()}
    set_placement("basket")
    return publish(
        {
            item["Laptop"]: [(item["Mouse"], 0.9, 41, 43), (item["Cable"], 0.7, 12, 15)],
            item["Phone"]: [(item["Case"], 0.9, 31, 33), (item["Cable"], 0.7, 22, 25)],
        }
    )


def keys(goods, *several):
    return [goods[name][1].key for name in several]


def test_what_both_share_comes_first_once_both_are_held(goods, published):
    assert names(goes_with_basket(keys(goods, "Laptop"))) == ["Mouse", "Cable"]
    assert names(goes_with_basket(keys(goods, "Laptop", "Laptop"))) == ["Mouse", "Cable"]


def test_the_last_item_weighs_most(goods, published):
    assert names(goes_with_basket(keys(goods, "Laptop", "Phone")))[0] == "Case"
    assert names(goes_with_basket(keys(goods, "Phone", "Laptop")))[0] == "Mouse"


def test_a_reason_names_the_customers_of_the_strongest_pair(goods, published):
    slots = {slot.title: slot for slot in goes_with_basket(keys(goods, "Laptop", "Phone"))}
    assert slots["Cable"].reason == "Bought with something in your basket by 22 customers"
    assert (slots["Cable"].evidence.customers, slots["Cable"].evidence.baskets) == (22, 25)
    assert slots["Cable"].source == "model"
    assert slots["Cable"].trace["strategy"] == "together"


def test_scores_are_those_of_the_whole_basket(goods, published):
    from recommendations.engine.families.whole_basket import complete_basket, recency_weights

    item = {name: pair[1].pk for name, pair in goods.items()}
    lists = [
        ([item["Mouse"], item["Cable"]], [0.9, 0.7]),
        ([item["Case"], item["Cable"]], [0.9, 0.7]),
    ]
    held = [item["Laptop"], item["Phone"]]
    ids, scores = complete_basket(lists, held, recency_weights(2))
    slots = goes_with_basket(keys(goods, "Laptop", "Phone"))
    assert [slot.item_id for slot in slots] == ids.tolist()
    assert [slot.score for slot in slots] == pytest.approx(scores.tolist(), rel=1e-6)


def test_products_and_one_alone_will_do(goods, published):
    assert names(goes_with_basket(goods["Phone"][0])) == ["Case", "Cable"]
    assert names(goes_with_basket([goods["Phone"][0], goods["Case"][0]])) == ["Cable"]


def test_the_requests_basket_is_what_its_shopper_holds(goods, published):
    request = request_of(*keys(goods, "Phone", "Cable"))
    assert names(goes_with_basket(request)) == ["Case"]


def test_a_variant_asks_with_its_parents_list(goods, published):
    blue, _ = make_product("Phone, blue", parent=goods["Phone"][0])
    assert names(goes_with_basket([str(blue.pk)])) == ["Case", "Cable"]


def test_pairs_of_too_few_customers_do_not_come_out(goods, published):
    set_placement("strict", minimum_support=22)
    shelf = basket_shelf(keys(goods, "Laptop", "Phone"), ShelfOptions(placement="strict"))
    assert names(shelf.slots) == ["Case", "Cable", "Mouse"]
    set_placement("stricter", minimum_support=23)
    cache.clear()
    shelf = basket_shelf(keys(goods, "Laptop", "Phone"), ShelfOptions(placement="stricter"))
    assert names(shelf.slots) == ["Case", "Mouse"]
    assert [left.rule for left in shelf.left_out] == ["minimum support"]


def test_pins_and_exclusions_of_what_is_held_hold(goods, published):
    pen = make_product("Pen")
    Pin.objects.create(item=goods["Laptop"][1], companion=pen[1])
    Exclusion.objects.create(item=goods["Laptop"][1], companion=goods["Case"][1])
    slots = goes_with_basket(keys(goods, "Laptop", "Phone"))
    assert [(slot.title, slot.source) for slot in slots] == [
        ("Pen", "pinned"),
        ("Cable", "model"),
        ("Mouse", "model"),
    ]


def test_the_model_chosen_for_baskets_answers(goods, published):
    ModelChoice.objects.create(question="basket", kind="ease", parameters={"read": {"depth": 1}})
    item = {name: pair[1] for name, pair in goods.items()}
    publish({item["Laptop"]: companions(item["Case"], item["Mouse"])}, kind="ease")
    assert names(goes_with_basket(keys(goods, "Laptop"))) == ["Case"]  # as deep as was chosen


def test_lists_are_summed_as_they_were_measured():
    together = rule_of("together", {})
    assert (together.exponent, together.norm, together.depth) == (2.0, 0.75, 40)
    ease = rule_of("ease", {"read": {"depth": 20}})
    assert (ease.exponent, ease.norm, ease.overlap, ease.depth) == (1.0, 0.0, 0.0, 20)


class TestNothingToGoBy:
    @pytest.fixture(autouse=True)
    def best_sellers(self, goods):
        Item.objects.filter(key=goods["Phone"][1].key).update(category="Phones")
        publish(
            {goods["Laptop"][1]: []},
            {"": companions(goods["Mouse"][1]), "Phones": companions(goods["Case"][1])},
        )

    def told(self, *held, **options):
        return [
            (slot.title, slot.source, slot.trace["why"])
            for slot in goes_with_basket(list(held), **options)
        ]

    def test_an_empty_basket_gets_best_sellers(self):
        assert self.told() == [("Mouse", "fallback", "the basket is empty")]

    def test_cold_items_get_those_of_their_categories_first(self, goods):
        why = "no order holds the basket's items yet"
        assert self.told(*keys(goods, "Phone")) == [
            ("Case", "fallback", why),
            ("Mouse", "fallback", why),
        ]

    def test_items_that_share_too_few_customers_say_so(self, goods):
        assert self.told(*keys(goods, "Laptop"))[0][2] == "too few customers share it"

    def test_nothing_where_nothing_is_to_stand_in(self):
        set_placement("basket", fallback="none")
        assert goes_with_basket([]) == []

    def test_keys_that_nobody_knows_are_no_basket(self):
        assert self.told("unknown", "999999")[0][2] == "the basket is empty"


class TestQueries:
    def ours(self, held):
        with CaptureQueriesContext(connection) as captured:
            goes_with_basket(held)
        told = [query["sql"] for query in captured]
        ours = [sql for sql in told if "crosssell_recommendations" in sql]
        return len(ours), len(told) - len(ours)

    def test_none_of_ours_when_warm_and_a_number_that_no_basket_raises_when_cold(self):
        several = make_products(12)
        others = make_products(3)
        set_placement("basket")
        publish({item: companions(*(other for _, other in others)) for _, item in several})
        held = [item.key for _, item in several]
        # Items, builds, choices, lists and their companions, placements, who has pins.
        assert self.ours(held[:1]) == (7, 1)
        assert self.ours(held) == (3, 1)  # the other items and their lists
        assert self.ours(held) == (0, 1)
