"""The merchant's rules above the models: on one page all at once, and each alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import (
    Exclusion,
    Item,
    Merchandising,
    Pin,
    PlacementPin,
    PlacementStep,
    SlotShare,
)
from recommendations.selectors.groups import trending_shelf
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.together import frequently_bought_together, together_block
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names, request_of, rules_left_out

NAMES = ("Ale", "Bag", "Cap", "Dock", "Elk", "Fan", "Gum", "Hat", "Ink", "Jar", "Kit", "Lid")


def one(field, value, op="eq"):
    return {"version": 1, "field": f"item.{field}", "op": op, "value": value}


@pytest.fixture
def goods():
    """Goods by name, each of the category and brand that its tests give it."""
    return {name: make_product(name) for name in ("View", *NAMES)}


@pytest.fixture
def published(goods):
    return publish({goods["View"][1]: companions(*(goods[name][1] for name in NAMES))})


def describe(goods, **values):
    for name, fields in values.items():
        Item.objects.filter(pk=goods[name][1].pk).update(**fields)


def shown(goods, request=None, **arguments):
    return names(frequently_bought_together(goods["View"][0], request=request, **arguments))


def boost(condition, **values):
    values = {"name": "Boost", "kind": "boost", "strength": 100, **values}
    return Merchandising.objects.create(condition=condition, **values)


class TestBoosts:
    def test_a_lift_and_a_burial_change_the_order(self, goods, published):
        boost(one("title", "Cap"))
        boost(one("title", "Ale"), kind="bury")
        assert shown(goods, count=3) == ["Cap", "Bag", "Dock"]

    def test_several_hits_multiply_and_are_capped_at_five(self, goods, published):
        for number in range(3):
            boost(one("title", "Bag"), name=f"No {number}", strength=400)
        slot = frequently_bought_together(goods["View"][0])[0]
        assert (slot.title, slot.trace["score"]["factor"]) == ("Bag", 5)
        assert [rule["name"] for rule in slot.trace["rules"]] == ["No 0", "No 1", "No 2"]
        assert slot.trace["stage"] == "boosted"
        assert slot.trace["score"]["final"] == pytest.approx(5 * slot.trace["score"]["level"])

    def test_a_rule_of_another_placement_or_out_of_force_does_nothing(self, goods, published):
        other = set_placement("other")
        boost(one("title", "Cap"), placement=other)
        boost(one("title", "Dock"), enabled=False)
        assert shown(goods) == ["Ale", "Bag", "Cap"]
        assert shown(goods, placement="other")[0] == "Cap"

    def test_rules_of_all_placements_hold_where_none_is_made(self, goods, published):
        boost(one("title", "Cap"))
        assert shown(goods, placement="never-made")[0] == "Cap"

    def test_an_unknown_value_is_no_hit(self, goods, published):
        boost(one("brand", "Ayo", op="ne"))  # nothing has a brand
        assert shown(goods) == ["Ale", "Bag", "Cap"]


class TestFilters:
    def test_only_what_the_rule_is_true_for(self, goods, published):
        describe(goods, Bag={"category": "Bags"}, Ink={"category": "Bags"})
        set_placement(condition=one("category", "Bags"))
        block = together_block(goods["View"][0])
        assert names(block.slots) == ["Bag", "Ink"]
        assert rules_left_out(block)[goods["Ale"][1].key] == "filtered"

    def test_a_rule_beside_the_viewed_item(self, goods, published):
        describe(goods, View={"brand": "Ayo"}, Cap={"brand": "Ayo"}, Dock={"brand": "Bo"})
        same = {"version": 1, "field": "item.brand", "op": "eq", "value": {"field": "viewed.brand"}}
        set_placement(condition=same)
        assert shown(goods) == ["Cap"]

    def test_what_a_rule_hides_is_named(self, goods, published):
        boost(one("title", "Ale"), name="No ale", kind="hide")
        block = together_block(goods["View"][0])
        assert names(block.slots) == ["Bag", "Cap", "Dock"]
        (left,) = (left for left in block.left_out if left.rule == "hidden")
        assert (left.key, left.by) == (goods["Ale"][1].key, "No ale")

    def test_a_rule_on_the_basket_acts_at_once(self, goods, published):
        has = {"version": 1, "field": "basket.items", "op": "has", "value": goods["Lid"][1].key}
        boost(
            {"version": 1, "all": [{k: v for k, v in has.items() if k != "version"},
             {"field": "item.title", "op": "eq", "value": "Ale"}]},
            kind="hide",
        )  # fmt: skip
        assert shown(goods, request_of())[0] == "Ale"
        assert shown(goods, request_of(goods["Lid"][1].key))[0] == "Bag"

    def test_the_placement_the_channel_and_the_customer(self, goods, published):
        def hide_where(field, value):
            Merchandising.objects.all().delete()
            where = {"field": field, "op": "eq", "value": value}
            ale = {"field": "item.title", "op": "eq", "value": "Ale"}
            boost({"version": 1, "all": [where, ale]}, kind="hide")
            from django.core.cache import cache

            cache.clear()

        def first(**arguments):
            return together_block(goods["View"][0], **arguments).slots[0].title

        hide_where("page.placement", "other")
        assert (first(), first(placement="other")) == ("Ale", "Bag")
        hide_where("page.channel", "api")
        assert (first(), first(channel="api")) == ("Ale", "Bag")
        hide_where("customer.known", False)
        nobody = request_of()
        nobody.user = AnonymousUser()
        assert (first(), first(request=nobody)) == ("Ale", "Bag")
        unwilling = request_of()
        unwilling.user = AnonymousUser()
        unwilling.COOKIES["crosssell_personal"] = "off"
        assert first(request=unwilling) == "Ale"  # who it is, is then unknown


class TestPriceBand:
    def test_live_prices_in_percent_of_the_viewed_items(self, goods, published):
        for name, price in {"Ale": "4.99", "Bag": "5.00", "Cap": "15.00", "Dock": "15.01"}.items():
            product = goods[name][0]
            product.price = Decimal(price)
            product.save()
        set_placement(price_from_percent=50, price_to_percent=150, count=2)
        block = together_block(goods["View"][0])
        assert names(block.slots) == ["Bag", "Cap"]
        assert rules_left_out(block)[goods["Ale"][1].key] == "beyond the price band"


class TestPins:
    def test_a_pin_stands_at_its_position(self, goods, published):
        PlacementPin.objects.create(placement=set_placement(), item=goods["Ink"][1], position=2)
        assert shown(goods) == ["Ale", "Ink", "Bag"]
        slot = frequently_bought_together(goods["View"][0])[1]
        assert (slot.source, slot.trace["stage"], slot.trace["shown_at"]) == ("pinned", "pinned", 2)

    def test_where_there_are_fewer_it_stands_last(self, goods, published):
        publish({goods["View"][1]: companions(goods["Ale"][1])})
        PlacementPin.objects.create(placement=set_placement(), item=goods["Ink"][1], position=3)
        assert shown(goods) == ["Ale", "Ink"]

    def test_pins_of_the_item_and_of_the_placement(self, goods, published):
        PlacementPin.objects.create(placement=set_placement(), item=goods["Ink"][1], position=1)
        Pin.objects.create(item=goods["View"][1], companion=goods["Jar"][1], position=1)
        assert shown(goods) == ["Jar", "Ink", "Ale"]

    def test_the_same_twice_stands_once(self, goods, published):
        PlacementPin.objects.create(placement=set_placement(), item=goods["Ink"][1], position=3)
        Pin.objects.create(item=goods["View"][1], companion=goods["Ink"][1], position=1)
        assert shown(goods) == ["Ink", "Ale", "Bag"]

    def test_a_pin_beats_exclusion_filter_and_hiding(self, goods, published):
        pinned = goods["Ink"][1]
        PlacementPin.objects.create(
            placement=set_placement(condition=one("title", "Ale")), item=pinned, position=1
        )
        boost(one("title", "Ink"), kind="hide")
        Exclusion.objects.create(item=None, companion=pinned)
        assert shown(goods) == ["Ink", "Ale"]

    @pytest.mark.parametrize("away", ["sold out", "hidden", "in basket"])
    def test_nothing_beats_the_shop_and_the_basket(self, goods, published, away):
        product, item = goods["Ink"]
        PlacementPin.objects.create(placement=set_placement(), item=item, position=1)
        held = [item.key] if away == "in basket" else []
        if away == "sold out":
            product.stock = 0
        product.visible = away != "hidden"
        product.save()
        assert shown(goods, request_of(*held)) == ["Ale", "Bag", "Cap"]


class TestArranging:
    def test_a_category_has_at_most_so_many_places(self, goods, published):
        describe(goods, **{name: {"category": "Same"} for name in NAMES[:10]})
        set_placement(per_category=1, count=3)
        block = together_block(goods["View"][0])
        assert names(block.slots) == ["Ale", "Kit", "Lid"]

    def test_a_group_has_its_share(self, goods, published):
        describe(goods, Lid={"brand": "Own"}, Kit={"brand": "Own"})
        SlotShare.objects.create(
            placement=set_placement(count=4), name="Own", condition=one("brand", "Own"), percent=50
        )
        slots = frequently_bought_together(goods["View"][0])
        assert names(slots) == ["Ale", "Bag", "Kit", "Lid"]
        assert slots[3].trace["arrangement"]["share"]["name"] == "Own"

    def test_variety_puts_unlike_things_forward(self, goods, published):
        describe(goods, **{name: {"category": "Same", "brand": "Ayo"} for name in NAMES[:6]})
        describe(goods, Gum={"category": "Other", "brand": "Bo"})
        set_placement(diversity=60, count=2)
        assert shown(goods) == ["Ale", "Gum"]

    def test_it_turns_by_the_day_and_not_by_the_request(self, goods, published, monkeypatch):
        import datetime

        from django.utils import timezone

        set_placement(rotation="daily", count=4)
        seen = set()
        for day in range(1, 15):
            now = datetime.datetime(2026, 11, day, 12, tzinfo=datetime.UTC)
            monkeypatch.setattr(timezone, "now", lambda now=now: now)
            first = shown(goods)
            assert first == shown(goods)
            seen.add(tuple(first))
        assert len(seen) > 5


class TestSteps:
    def test_a_chain_replaces_the_usual_one(self, goods, published):
        trending = publish(
            {},
            {"": companions(goods["Ink"][1], goods["Ale"][1], goods["Jar"][1])},
            kind="trending",
        )
        placement = set_placement(count=5, fallback="none")
        PlacementStep.objects.create(placement=placement, position=1, strategy="trending")
        PlacementStep.objects.create(placement=placement, position=2, strategy="together")
        slots = frequently_bought_together(goods["View"][0])
        assert names(slots) == ["Ink", "Ale", "Jar", "Bag", "Cap"]
        told = [(slot.source, slot.trace["step"], slot.trace["build"]) for slot in slots]
        assert (
            told
            == [("model", "trending", trending.pk)] * 3
            + [("fallback", "together", published.pk)] * 2
        )
        assert "why" not in slots[0].trace
        assert slots[3].trace["why"] == "the list is short"
        block = together_block(goods["View"][0])
        assert not block.bought_together, "what trends was not bought together"

    def test_of_a_shelf_too(self, goods, published):
        publish({}, {"": companions(goods["Ink"][1])}, kind="together")
        placement = set_placement("trending")
        PlacementStep.objects.create(placement=placement, position=1, strategy="best_sellers")
        shelf = trending_shelf("", ShelfOptions(placement="trending"))
        assert names(shelf.slots) == ["Ink"]
        assert shelf.slots[0].trace["step"] == "best_sellers"

    def test_an_upgrade_in_a_chain_is_dearer_by_the_live_price(self, goods, published):
        publish({goods["View"][1]: companions(goods["Ale"][1], goods["Bag"][1])}, kind="upgrades")
        goods["Bag"][0].price = Decimal("12.00")
        goods["Bag"][0].save()
        placement = set_placement()
        PlacementStep.objects.create(placement=placement, position=1, strategy="upgrades")
        assert shown(goods) == ["Bag"]


def test_pages_without_rules_read_no_facts(goods, published):
    with CaptureQueriesContext(connection) as captured:
        shown(goods)
    ours = [query["sql"] for query in captured if "crosssell_recommendations" in query["sql"]]
    assert len(ours) == 6
    assert not any('"attributes"' in sql for sql in ours)


def test_rules_cost_a_fixed_number_of_queries_and_none_when_warm(goods, published):
    boost(one("title", "Cap"))
    set_placement(condition=one("active", value=True), count=3)

    def ours():
        with CaptureQueriesContext(connection) as captured:
            shown(goods)
        return sum("crosssell_recommendations" in query["sql"] for query in captured)

    assert ours() == 6 + 4 + 1, "what is made of rules, facts of the candidates"
    assert ours() == 0
