"""What stands in for an item that nobody has bought, and for a shop without any order."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import Exclusion, Item, Placement
from recommendations.selectors.together import frequently_bought_together, together_block
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names, request_of


@pytest.fixture(autouse=True)
def no_placement(small_shop):
    """The merchant has decided nothing."""
    Placement.objects.all().delete()


@pytest.fixture
def shelf():
    """Three computers and two pens, made in this order."""
    made = [make_product(name) for name in ("Laptop", "Tablet", "Phone", "Red pen", "Blue pen")]
    for _, item in made:
        item.category = "Pens" if "pen" in item.title else "Computers"
        item.save()
    return made


def told(slots):
    return [(slot.title, slot.reason, slot.trace["strategy"], slot.trace["why"]) for slot in slots]


class TestColdShop:
    """Before the first build there is the item table alone."""

    def test_the_newest_of_its_category_then_of_the_shop(self, shelf):
        slots = frequently_bought_together(shelf[0][0], count=4)
        why = "no build is published yet"
        assert told(slots) == [
            ("Phone", "More from Computers", "newest", why),
            ("Tablet", "More from Computers", "newest", why),
            ("Blue pen", "More from this shop", "newest", why),
            ("Red pen", "More from this shop", "newest", why),
        ]
        assert {(slot.source, slot.evidence) for slot in slots} == {("fallback", None)}

    def test_an_explicit_none_is_an_empty_block(self, shelf):
        set_placement(fallback="none")
        assert together_block(shelf[0][0]).slots == ()

    def test_an_explicit_category_stays_in_the_category(self, shelf):
        set_placement(fallback="category", count=4)
        assert names(frequently_bought_together(shelf[0][0])) == ["Phone", "Tablet"]

    def test_the_shop_stands_in_for_a_category_only_where_that_is_wanted(self, shelf):
        set_placement(fallback="popular")
        slots = frequently_bought_together(shelf[0][0], count=2)
        assert names(slots) == ["Blue pen", "Red pen"]

    def test_hidden_variants_and_what_is_held_do_not_stand_in(self, shelf):
        make_product("Phone, blue", parent=shelf[2][0])
        shelf[1][0].visible = False
        shelf[1][0].save()
        Item.objects.filter(key=shelf[4][1].key).update(active=False)
        request = request_of(shelf[2][1].key)
        assert names(frequently_bought_together(shelf[0][0], request=request)) == ["Red pen"]

    def test_exclusions_hold(self, shelf):
        Exclusion.objects.create(item=shelf[0][1], companion=shelf[2][1])
        assert names(frequently_bought_together(shelf[0][0], count=1)) == ["Tablet"]

    def test_it_costs_few_queries_once_and_none_when_warm(self, shelf):
        def ours():
            with CaptureQueriesContext(connection) as captured:
                frequently_bought_together(shelf[0][0])
            return sum("crosssell_recommendations" in query["sql"] for query in captured)

        # Builds, choices, the item, placements and, as there are none, rules of all of them, who
        # has pins or exclusions, newest of category and of shop.
        assert ours() == 8
        assert ours() == 0

    def test_made_up_categories_are_not_remembered(self, shelf, monkeypatch):
        from recommendations.selectors.lists import newest_items

        stored = []
        monkeypatch.setattr(cache, "set_many", lambda values, timeout: stored.extend(values))
        assert len(newest_items("there is no such category")) == 0
        assert stored == []
        assert len(newest_items("Pens")) == 2
        assert len(stored) == 1


class TestColdItem:
    """The shop sells, but nobody has bought this item yet."""

    def test_best_sellers_of_its_category_then_of_the_shop(self, shelf):
        laptop, tablet, phone, red, _ = shelf
        publish(
            {tablet[1]: companions(phone[1])},
            {"Computers": companions(phone[1]), "": companions(red[1], phone[1])},
        )
        why = "no order holds this item yet"
        assert told(frequently_bought_together(laptop[0])) == [
            ("Phone", "Popular in Computers", "popular", why),
            ("Red pen", "Popular in this shop", "popular", why),
        ]

    def test_an_item_that_sold_but_shares_too_few_customers_says_so(self, shelf):
        publish({shelf[0][1]: []}, {"Computers": companions(shelf[2][1])})
        assert told(frequently_bought_together(shelf[0][0]))[0][3] == "too few customers share it"

    def test_a_short_list_stays_short_where_the_merchant_decided_nothing(self, shelf):
        publish({shelf[0][1]: companions(shelf[3][1])}, {"Computers": companions(shelf[2][1])})
        assert names(frequently_bought_together(shelf[0][0])) == ["Red pen"]

    def test_descriptions_come_before_best_sellers(self, shelf):
        laptop, tablet, phone, red, _ = shelf
        publish({phone[1]: companions(red[1])}, {"Computers": companions(phone[1])})
        publish({laptop[1]: companions(tablet[1], customers=0)}, kind="content")
        slots = frequently_bought_together(laptop[0], count=2)
        why = "no order holds this item yet"
        assert told(slots) == [
            ("Tablet", "Fits by its description", "content", why),
            ("Phone", "Popular in Computers", "popular", why),
        ]
        assert [slot.source for slot in slots] == ["fallback", "fallback"]

    def test_descriptions_do_not_stand_in_where_nothing_is_to(self, shelf):
        set_placement(fallback="none")
        publish({shelf[1][1]: companions(shelf[2][1])})
        publish({shelf[0][1]: companions(shelf[1][1], customers=0)}, kind="hybrid")
        assert frequently_bought_together(shelf[0][0]) == []

    def test_best_sellers_come_of_any_build_that_has_them(self, shelf):
        publish({})
        publish({}, {"Computers": companions(shelf[1][1])}, kind="walks")
        assert told(frequently_bought_together(shelf[0][0], count=1)) == [
            ("Tablet", "Popular in Computers", "popular", "no order holds this item yet")
        ]

    def test_what_is_only_trending_or_new_is_not_called_popular(self, shelf):
        publish({})
        publish({}, {"Computers": companions(shelf[1][1], customers=0)}, kind="new_arrivals")
        assert told(frequently_bought_together(shelf[0][0], count=1)) == [
            ("Tablet", "New in Computers", "new_arrivals", "no order holds this item yet")
        ]

    def test_an_entry_of_best_sellers_without_customers_claims_no_sales(self, shelf):
        publish({}, {"Computers": companions(shelf[1][1], customers=0)})
        (slot,) = frequently_bought_together(shelf[0][0], count=1)
        assert (slot.reason, slot.evidence) == ("More from Computers", None)
