"""What trends and what is new: a kind's own entries, and what stands in for them."""

from __future__ import annotations

import pytest

from recommendations.models import Item
from recommendations.selectors.groups import new_arrivals, trending
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names, request_of


@pytest.fixture
def goods():
    made = {name: make_product(name) for name in ("Tea", "Milk", "Rice")}
    Item.objects.filter(key=made["Tea"][1].key).update(category="Drinks")
    return {name: item for name, (_, item) in made.items()}


def rest(*items):
    """What follows a kind's own entries: without a score."""
    return [(item, 0.0, 0, 0) for item in items]


def told(slots):
    return [(slot.title, slot.source, slot.reason) for slot in slots]


def test_only_what_the_kind_ranks_itself_trends(goods):
    publish({}, {"": [*companions(goods["Milk"]), *rest(goods["Tea"])]}, kind="trending")
    assert told(trending()) == [("Milk", "model", "Trending now")]


def test_a_category_has_a_list_of_its_own(goods):
    lists = {"": companions(goods["Milk"]), "Drinks": companions(goods["Tea"])}
    publish({}, lists, kind="trending")
    assert told(trending("Drinks")) == [("Tea", "model", "Trending in Drinks")]


def test_best_sellers_stand_in_and_say_why(goods):
    publish({}, {"": rest(goods["Tea"])}, kind="trending")
    publish({}, {"": companions(goods["Rice"])})
    (slot,) = trending()
    assert told([slot]) == [("Rice", "fallback", "Popular in this shop")]
    assert slot.trace["why"] == "nothing trends now"


def test_new_things_tell_no_counts(goods):
    publish({}, {"": [(goods["Rice"], 0.2, 3, 3), *rest(goods["Tea"])]}, kind="new_arrivals")
    (slot,) = new_arrivals()
    assert told([slot]) == [("Rice", "model", "New in this shop")]
    assert slot.evidence is None


def test_before_any_build_the_newest_stand_in(goods):
    slots = new_arrivals(count=2)
    assert told(slots) == [
        ("Rice", "fallback", "More from this shop"),
        ("Milk", "fallback", "More from this shop"),
    ]
    assert {slot.trace["why"] for slot in slots} == {"no build is published yet"}


def test_nothing_where_nothing_is_to_stand_in(goods):
    set_placement("trending", fallback="none")
    set_placement("new-arrivals", fallback="none")
    assert trending() == new_arrivals() == []


def test_with_a_request_what_is_held_is_left_out(goods):
    publish({}, {"": companions(goods["Milk"], goods["Tea"])}, kind="trending")
    assert names(trending(request=request_of(goods["Milk"].key))) == ["Tea"]


def test_a_warm_shelf_costs_one_query_of_the_shops(goods, django_assert_num_queries):
    publish({}, {"": companions(goods["Milk"])}, kind="trending")
    trending()
    with django_assert_num_queries(1):
        trending()
