"""Why a block shows what it shows, and why not something else."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from recommendations.models import (
    Exclusion,
    Item,
    Kind,
    Merchandising,
    PlacementPin,
    PlacementStep,
    SlotShare,
)
from recommendations.selectors.explaining import Supposed, block_of, explanation
from recommendations.selectors.placements import placement_choice
from recommendations.selectors.together import together_block
from recommendations.shelf_blocks import (
    ALSO_VIEWED,
    BASKET_RECOMMENDATIONS,
    BUY_AGAIN,
    NEW_ARRIVALS,
    ORDER_RECOMMENDATIONS,
    RECENTLY_VIEWED,
    RECOMMENDED_FOR_YOU,
    SIMILAR_ITEMS,
    TRENDING,
    VISIT_RECOMMENDATIONS,
)
from shop.models import Product
from tests.recommendations.factories import companions, make_product, publish, set_placement

NAMES = ("Ale", "Bag", "Cap", "Dock", "Elk", "Fan")


def one(field, value, op="eq"):
    return {"version": 1, "field": f"item.{field}", "op": op, "value": value}


@pytest.fixture
def items():
    """A viewed item whose list holds the others in the order of their names; one in no list."""
    made = {name: make_product(name)[1] for name in ("View", *NAMES, "Zoo")}
    publish({made["View"]: companions(*(made[name] for name in NAMES))})
    return made


def explained(items, *, why=None, slug="product", basket=(), category=""):
    page = Supposed(
        item=items["View"].key,
        basket=[items[name].key for name in basket],
        category=category,
    )
    asked = items[why].key if why in items else why
    return explanation(placement_choice(slug), page, why=asked)


def answer(items, why, **page):
    found = explained(items, why=why, **page).answer
    assert found is not None
    return found


def rules(found):
    return {each.candidate.face.key: (each.rule, each.by) for each in found.left_out}


def rule(condition, **values):
    values = {"name": "Boost", "kind": "boost", "strength": 100, **values}
    return Merchandising.objects.create(condition=condition, **values)


class TestWhyNot:
    def test_a_product_that_is_shown(self, items):
        found = answer(items, "Bag")
        assert (found.verdict, found.place) == ("shown", 2)
        assert found.told["strategy"] == "together"

    def test_beyond_the_count(self, items):
        found = answer(items, "Fan")
        assert (found.verdict, found.place, found.rule) == ("behind", 6, None)
        assert found.told["position"] == 6

    def test_beyond_what_the_block_had_to_look_at(self, items):
        set_placement(count=1)  # four are asked of the shop for it
        found = answer(items, "Fan")
        assert (found.verdict, found.place) == ("behind", 6)

    def test_beyond_the_count_and_sold_out(self, items):
        Product.objects.filter(pk=items["Fan"].key).update(stock=0)
        found = answer(items, "Fan")
        assert (found.verdict, found.rule) == ("left out", "not available")

    def test_in_no_list(self, items):
        found = explained(items, why="Zoo")
        assert found.answer.verdict == "in no list"
        (asked,) = found.lists
        assert (asked.told["strategy"], asked.entries) == ("together", 6)

    def test_in_no_list_and_hidden_in_the_shop(self, items):
        Product.objects.filter(pk=items["Zoo"].key).update(visible=False)
        found = answer(items, "Zoo")
        assert (found.verdict, found.rule) == ("left out", "not shown by the shop")

    def test_not_known(self, items):
        assert answer(items, "nobody's key").verdict == "not known"

    def test_the_viewed_item_and_its_variants(self, items):
        assert answer(items, "View").rule == "itself"
        view = Product.objects.get(pk=items["View"].key)
        items["Large"] = make_product("Large", parent=view)[1]
        assert answer(items, "Large").rule == "itself"

    def test_a_variant_is_its_product(self, items):
        bag = Product.objects.get(pk=items["Bag"].key)
        items["Red bag"] = make_product("Red bag", parent=bag)[1]
        found = answer(items, "Red bag")
        assert (found.verdict, found.place) == ("shown", 2)

    def test_in_the_basket_that_is_supposed(self, items):
        assert answer(items, "Ale").verdict == "shown"
        assert answer(items, "Ale", basket=["Ale"]).rule == "in basket"
        assert answer(items, "Zoo", basket=["Zoo"]).rule == "in basket"

    def test_excluded(self, items):
        Exclusion.objects.create(companion=items["Ale"])
        Exclusion.objects.create(companion=items["Zoo"])
        assert answer(items, "Ale").rule == "excluded"
        assert answer(items, "Zoo").rule == "excluded"

    def test_too_few_customers(self, items):
        set_placement(minimum_support=42)
        assert answer(items, "Ale").rule == "minimum support"

    def test_the_page_itself_is_not_shown(self, items):
        Product.objects.filter(pk=items["View"].key).update(visible=False)
        found = explained(items, why="Ale")
        assert (found.found, found.slots, found.answer.verdict) == (False, (), "no page")

    def test_a_rule_far_behind_the_count_is_named_too(self, items):
        rule(one("title", "Fan"), name="No fans", kind="hide")
        found = answer(items, "Fan")
        assert (found.verdict, found.rule, found.by) == ("left out", "hidden", "No fans")
        assert '"Fan"' in found.condition

    def test_the_placements_own_rule(self, items):
        set_placement(condition=one("title", "Bag"))
        found = answer(items, "Ale")
        assert (found.rule, '"Bag"' in found.condition) == ("filtered", True)

    def test_a_list_with_too_few_before_one_that_shows_it(self, items):
        placement = set_placement()
        publish(
            {items["View"]: companions(items["Zoo"], customers=3)}, kind=Kind.VIEWED_BOUGHT.value
        )
        publish({items["View"]: companions(items["Zoo"])}, kind=Kind.TOGETHER.value)
        for position, step in enumerate(("also_viewed", "together"), start=1):
            PlacementStep.objects.create(placement=placement, strategy=step, position=position)
        cache.clear()
        found = explained(items, why="Zoo")
        assert (found.answer.verdict, found.answer.place) == ("shown", 1)
        assert [(each.told["step"], each.entries) for each in found.lists] == [
            ("also_viewed", 1),
            ("together", 1),
        ]
        publish({items["View"]: companions(*(items[name] for name in (*NAMES, "Zoo")))})
        cache.clear()
        found = answer(items, "Zoo")
        assert (found.verdict, found.place, found.rule) == ("behind", 7, None)


class TestTheCap:
    @pytest.fixture
    def bags(self, items):
        """Nine bags, of which one may be shown, before two products of other categories."""
        more = [make_product(f"More {number}")[1] for number in range(6)]
        items |= {item.title: item for item in more}
        bags = [items[name] for name in ("Ale", "Bag", "Cap")] + more
        publish({items["View"]: companions(*bags, items["Elk"], items["Fan"], items["Dock"])})
        Item.objects.filter(pk__in=[bag.pk for bag in bags]).update(category="Bags")
        set_placement(per_category=1)
        cache.clear()
        return items

    def test_what_was_held_back_before_the_shop_was_asked(self, bags):
        found = explained(bags)
        assert [slot.title for slot in found.slots] == ["Ale", "Elk", "Fan"]
        block = together_block(bags["View"].key)
        assert bags["More 5"].key not in {left.key for left in block.left_out}
        assert rules(found)[bags["More 5"].key] == ("category cap", "")
        assert answer(bags, "More 5").rule == "category cap"

    def test_what_would_not_have_been_shown_without_it_is_only_behind(self, bags):
        assert answer(bags, "Dock").verdict == "behind"
        last = make_product("Last")[1]
        names = ("Ale", "Elk", "Fan", "Dock")
        publish({bags["View"]: companions(*(bags[name] for name in names), last)})
        Item.objects.filter(pk=last.pk).update(category="Bags")
        cache.clear()
        assert answer({**bags, "Last": last}, "Last").verdict == "behind"


def test_a_share_is_named(items):
    placement = set_placement()
    SlotShare.objects.create(
        placement=placement, name="Elks", percent=34, condition=one("title", "Elk")
    )
    found = answer(items, "Cap")
    assert (found.rule, found.by) == ("share", "Elks")
    assert '"Elk"' in found.condition


def test_a_pin_stands_where_it_was_put(items):
    placement = set_placement()
    PlacementPin.objects.create(placement=placement, item=items["Zoo"], position=2)
    found = explained(items, why="Zoo")
    assert (found.answer.verdict, found.answer.place) == ("shown", 2)
    assert found.slots[1].trace["stage"] == "pinned"


def test_what_comes_next_is_told_in_order(items):
    found = explained(items)
    told = [(each.candidate.face.key, each.place) for each in found.behind]
    assert told == [(items["Dock"].key, 4), (items["Elk"].key, 5), (items["Fan"].key, 6)]


def test_the_same_question_has_the_same_answer(items):
    set_placement(diversity=40, per_category=2, rotation="daily")
    rule(one("title", "Cap"))
    rule(one("title", "Ale"), name="No ale", kind="hide")
    first = explained(items, why="Elk", basket=["Bag"])
    cache.clear()
    assert explained(items, why="Elk", basket=["Bag"]) == first


def test_what_is_explained_is_what_is_shown(items):
    rule(one("title", "Fan"))
    block = together_block(items["View"].key)
    found = explained(items)
    assert found.slots == block.slots
    assert "Fan" in {slot.title for slot in found.slots}


def test_a_placement_that_is_switched_off_is_explained(items):
    set_placement(enabled=False)
    assert len(explained(items).slots) == 3


def test_the_steps_of_a_ladder(items):
    dearer = make_product("Dear", price="15.00")[1]
    publish({items["View"]: companions(dearer, items["Ale"])}, kind=Kind.UPGRADES.value)
    found = explained({**items, "Dear": dearer}, slug="upgrades", why="Dear")
    assert found.answer.verdict == "shown"
    assert answer(items, "Ale", slug="upgrades").rule == "not dearer"


class TestWhichBlock:
    def test_of_every_shelf_there_is(self):
        needs = {
            ALSO_VIEWED: "item", SIMILAR_ITEMS: "item", BASKET_RECOMMENDATIONS: "basket",
            ORDER_RECOMMENDATIONS: "basket", TRENDING: "category", NEW_ARRIVALS: "category",
            RECOMMENDED_FOR_YOU: "nobody", BUY_AGAIN: "nobody", RECENTLY_VIEWED: "nobody",
            VISIT_RECOMMENDATIONS: "nobody",
        }  # fmt: skip
        for shelf, needed in needs.items():
            assert block_of(placement_choice(shelf.placement)).needs == needed, shelf.name

    def test_of_a_placement_with_a_name_of_the_merchants(self):
        set_placement("my-own", page="checkout")
        assert block_of(placement_choice("my-own")).needs == "basket"
        for page in type(set_placement()).Page.values:
            set_placement("my-own", page=page)
            assert block_of(placement_choice("my-own")).make is not None

    @pytest.mark.parametrize("slug", ["customer", "buy-again", "recently-viewed", "visit"])
    def test_no_shopper_is_asked_about(self, items, slug):
        for kind in (Kind.USER_BASED, Kind.NEXT_BASKET, Kind.BUY_AGAIN):
            publish({}, kind=kind.value, customers={"7": companions(items["Ale"], customers=1)})
        set_placement(slug)
        assert explained(items, slug=slug, why="Ale").answer.verdict == "in no list"

    def test_a_basket(self, items):
        publish({items["View"]: companions(items["Ale"], items["Bag"])})
        set_placement("basket")
        found = explained(items, slug="basket", basket=["View"], why="Bag")
        assert (found.answer.verdict, found.answer.place) == ("shown", 2)
        assert answer(items, "View", slug="basket", basket=["View"]).rule == "in basket"

    def test_a_category(self, items):
        publish({}, {"Tea": companions(items["Ale"])}, kind=Kind.TRENDING.value)
        set_placement("trending")
        assert answer(items, "Ale", slug="trending", category="Tea").verdict == "shown"
        assert answer(items, "Ale", slug="trending", category="").verdict == "in no list"


def test_nothing_is_watched_outside_of_an_explanation(items, monkeypatch):
    noted = []
    monkeypatch.setattr(
        "recommendations.selectors.watching.Watch.passing",
        lambda self, filling, candidates: noted.append(filling) or candidates,
    )
    assert len(together_block(items["View"].key).slots) == 3
    assert noted == []
