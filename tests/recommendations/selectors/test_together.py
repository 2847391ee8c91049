"""Which companions a block shows, in which order, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import translation

from recommendations.adapters import Money
from recommendations.models import Build, Exclusion, Item, Pin, Placement, Publication
from recommendations.selectors.builds import forget_published_builds
from recommendations.selectors.together import frequently_bought_together, together_block
from tests.recommendations.factories import (
    companions,
    make_product,
    make_products,
    publish,
    set_placement,
)


def names(slots):
    return [slot.title for slot in slots]


def keys(slots):
    return [slot.key for slot in slots]


def request_of(*held: str) -> Any:
    request: Any = RequestFactory().get("/")
    request.session = {"held": list(held)}
    return request


@pytest.fixture
def viewed():
    return make_product("Laptop", price="900.00")


@pytest.fixture
def four():
    """Four companions of the viewed item."""
    return [make_product(name) for name in ("Mouse", "Bag", "Dock", "Cable")]


@pytest.fixture
def published(viewed, four):
    return publish({viewed[1]: companions(*(item for _, item in four))})


def rules_left_out(block):
    return {left.key: left.rule for left in block.left_out}


def test_the_list_in_its_order_cut_to_the_placements_count(viewed, published):
    Placement.objects.create(slug="wide", count=2)
    assert names(frequently_bought_together(viewed[0])) == ["Mouse", "Bag", "Dock"]
    assert names(frequently_bought_together(viewed[0], placement="wide")) == ["Mouse", "Bag"]
    assert len(frequently_bought_together(viewed[0], count=4)) == 4


def test_a_key_gives_what_the_product_gives(viewed, published):
    assert keys(frequently_bought_together(viewed[1].key)) == keys(
        frequently_bought_together(viewed[0])
    )


def test_a_slot_says_where_it_comes_from(viewed, four, published):
    slot = frequently_bought_together(viewed[0])[1]
    product, item = four[1]
    assert (slot.item_id, slot.key, slot.product) == (item.pk, item.key, product)
    assert slot.price == Money(Decimal("10.00"), "EUR")
    assert slot.url == f"/p/{product.slug}/"
    assert slot.reason == "Bought together by 41 customers"
    assert (slot.evidence.customers, slot.evidence.baskets) == (41, 43)
    assert slot.score == pytest.approx(0.99)
    assert slot.source == "model"
    assert slot.trace == {
        "strategy": "together",
        "build": published.pk,
        "position": 2,
        "stage": "model",
        "score": {"model": pytest.approx(0.99)},
        "rules": [],
        "arrangement": {"cause": "score"},
        "shown_at": 2,
    }


def test_one_customer_is_singular_and_thousands_are_grouped(viewed, four, settings):
    settings.RECOMMENDATIONS = {"MINIMUM_CUSTOMERS": 1}
    set_placement(minimum_support=1)
    publish(
        {viewed[1]: [*companions(four[0][1], customers=1), *companions(four[1][1], customers=1234)]}
    )
    reasons = [slot.reason for slot in frequently_bought_together(viewed[0])]
    assert reasons == ["Bought together by 1 customer", "Bought together by 1,234 customers"]


def test_the_reason_is_in_the_active_languages_numbers(viewed, four):
    publish({viewed[1]: companions(four[0][1], customers=1234)})
    with translation.override("de"):
        assert "1.234" in frequently_bought_together(viewed[0])[0].reason


def test_no_build_is_an_empty_list(viewed):
    forget_published_builds()
    assert frequently_bought_together(viewed[0]) == []


def test_an_item_without_a_list_is_an_empty_list(viewed, four, published):
    assert frequently_bought_together(four[0][0]) == []


def test_a_product_that_was_never_synchronised_is_an_empty_list(published):
    product, item = make_product()
    item.delete()
    assert frequently_bought_together(product) == []
    assert frequently_bought_together("no such key") == []


def test_an_item_that_the_shop_hides_has_no_block(viewed, published):
    viewed[0].visible = False
    viewed[0].save()
    assert together_block(viewed[1].key) is None


def test_hidden_and_sold_out_companions_leave_their_place_to_the_next(viewed, four, published):
    four[0][0].visible = False
    four[0][0].save()
    four[1][0].stock = 0
    four[1][0].save()
    block = together_block(viewed[0])
    assert names(block.slots) == ["Dock", "Cable"]
    assert rules_left_out(block) == {
        four[0][1].key: "not shown by the shop",
        four[1][1].key: "not available",
    }


def test_a_long_list_of_gone_products_is_asked_for_in_two_rounds(
    viewed, django_assert_max_num_queries
):
    several = make_products(8)
    publish({viewed[1]: companions(*(item for _, item in several))})
    for product, _ in several[:5]:
        product.visible = False
        product.save()
    frequently_bought_together(viewed[0])  # warm
    with django_assert_max_num_queries(2):
        # The first round asks for four, all of them gone; the second for the next four.
        assert keys(frequently_bought_together(viewed[0], count=1)) == [several[5][1].key]


def test_pairs_of_too_few_customers_are_not_shown(viewed, four):
    weak, strong = companions(four[0][1], customers=9), companions(four[1][1], customers=10)
    publish({viewed[1]: [*weak, *strong]})
    set_placement(minimum_support=10)
    block = together_block(viewed[0])
    assert names(block.slots) == ["Bag"]
    assert rules_left_out(block) == {four[0][1].key: "minimum support"}


def test_a_placement_cannot_ask_for_fewer_customers_than_the_settings(viewed, four):
    publish({viewed[1]: companions(four[0][1], customers=4)})
    set_placement(minimum_support=1)
    assert frequently_bought_together(viewed[0]) == []


class TestVariants:
    @pytest.fixture
    def shirt(self):
        return make_product("Shirt")

    def test_a_variant_has_its_parents_list(self, shirt, four):
        blue, _ = make_product("Shirt, blue", parent=shirt[0])
        publish({shirt[1]: companions(four[0][1])})
        assert names(frequently_bought_together(blue)) == ["Mouse"]

    def test_neither_parent_nor_siblings_are_companions(self, shirt, four):
        blue, blue_item = make_product("Shirt, blue", parent=shirt[0])
        _, red_item = make_product("Shirt, red", parent=shirt[0])
        publish({shirt[1]: companions(shirt[1], blue_item, red_item, four[0][1])})
        block = together_block(blue)
        assert names(block.slots) == ["Mouse"]
        assert set(rules_left_out(block).values()) == {"itself"}

    def test_a_family_comes_once(self, viewed, shirt):
        _, blue_item = make_product("Shirt, blue", parent=shirt[0])
        publish({viewed[1]: companions(shirt[1], blue_item, shirt[1])})
        assert names(frequently_bought_together(viewed[0])) == ["Shirt"]

    def test_a_variant_in_the_basket_takes_its_parent_out(self, viewed, shirt, four):
        blue, _ = make_product("Shirt, blue", parent=shirt[0])
        publish({viewed[1]: companions(shirt[1], four[0][1])})
        block = together_block(viewed[0], request=request_of(str(blue.pk)))
        assert names(block.slots) == ["Mouse"]
        assert rules_left_out(block) == {shirt[1].key: "in basket"}

    def test_an_exclusion_of_the_parent_covers_its_variants(self, viewed, shirt):
        _, blue_item = make_product("Shirt, blue", parent=shirt[0])
        publish({viewed[1]: companions(blue_item)})
        Exclusion.objects.create(item=viewed[1], companion=shirt[1])
        assert frequently_bought_together(viewed[0]) == []

    def test_pins_of_the_parent_hold_for_its_variants(self, shirt, four):
        blue, _ = make_product("Shirt, blue", parent=shirt[0])
        Pin.objects.create(item=shirt[1], companion=four[2][1])
        assert names(frequently_bought_together(blue)) == ["Dock"]


class TestMerchant:
    def test_pins_come_first_in_their_order(self, viewed, four, published):
        extra = make_product("Sleeve")
        Pin.objects.create(item=viewed[1], companion=four[3][1], position=2)
        Pin.objects.create(item=viewed[1], companion=extra[1], position=1)
        slots = frequently_bought_together(viewed[0])
        assert names(slots) == ["Sleeve", "Cable", "Mouse"]
        assert [slot.source for slot in slots] == ["pinned", "pinned", "model"]
        assert [slot.reason for slot in slots][:2] == ["Chosen by the shop"] * 2
        assert slots[0].evidence is None
        assert slots[1].evidence.customers == 41

    def test_a_pin_hides_counts_below_the_minimum(self, viewed, four):
        publish({viewed[1]: companions(four[0][1], customers=2)})
        Pin.objects.create(item=viewed[1], companion=four[0][1])
        (slot,) = frequently_bought_together(viewed[0])
        assert (slot.evidence, slot.score) == (None, None)

    def test_pins_need_no_build(self, viewed, four):
        Pin.objects.create(item=viewed[1], companion=four[0][1])
        assert names(frequently_bought_together(viewed[0])) == ["Mouse"]

    def test_a_pinned_product_that_is_gone_is_not_shown(self, viewed, four, published):
        Pin.objects.create(item=viewed[1], companion=four[3][1])
        four[3][0].stock = 0
        four[3][0].save()
        assert names(frequently_bought_together(viewed[0])) == ["Mouse", "Bag", "Dock"]

    def test_a_pin_beats_an_exclusion_of_the_same_pair(self, viewed, four, published):
        Exclusion.objects.create(item=viewed[1], companion=four[2][1])
        Exclusion.objects.create(item=None, companion=four[2][1])
        Pin.objects.create(item=viewed[1], companion=four[2][1])
        assert names(frequently_bought_together(viewed[0])) == ["Dock", "Mouse", "Bag"]

    def test_a_pin_does_not_beat_the_basket_or_the_caller(self, viewed, four, published):
        Pin.objects.create(item=viewed[1], companion=four[2][1])
        in_basket = frequently_bought_together(viewed[0], request=request_of(four[2][1].key))
        excluded = frequently_bought_together(viewed[0], exclude=[four[2][0]])
        assert names(in_basket) == names(excluded) == ["Mouse", "Bag", "Cable"]

    def test_an_exclusion_holds_for_its_item_only(self, viewed, four):
        other = make_product("Tablet")
        both = companions(*(item for _, item in four))
        publish({viewed[1]: both, other[1]: both})
        Exclusion.objects.create(item=viewed[1], companion=four[0][1])
        block = together_block(viewed[0])
        assert names(block.slots) == ["Bag", "Dock", "Cable"]
        assert rules_left_out(block) == {four[0][1].key: "excluded"}
        assert names(frequently_bought_together(other[0])) == ["Mouse", "Bag", "Dock"]

    def test_an_exclusion_without_an_item_holds_everywhere(self, viewed, four, published):
        Exclusion.objects.create(item=None, companion=four[1][1])
        assert names(frequently_bought_together(viewed[0])) == ["Mouse", "Dock", "Cable"]

    def test_a_placement_that_is_switched_off_shows_nothing(self, viewed, published):
        set_placement(enabled=False)
        assert frequently_bought_together(viewed[0]) == []


class TestFallback:
    @pytest.fixture
    def sellers(self, viewed, four):
        Item.objects.update(category="Computers")
        best = [make_product(name) for name in ("Pen", "Lamp")]
        publish(
            {viewed[1]: companions(four[0][1])},
            {
                "": companions(best[0][1], four[0][1], viewed[1], customers=500),
                "Computers": companions(best[1][1], customers=90),
            },
        )
        return best

    @pytest.mark.parametrize(
        ("fallback", "expected"),
        [
            ("none", [("Mouse", "model", "Bought together by 41 customers")]),
            (
                "category",
                [
                    ("Mouse", "model", "Bought together by 41 customers"),
                    ("Lamp", "fallback", "Popular in Computers"),
                ],
            ),
            (
                "popular",
                [
                    ("Mouse", "model", "Bought together by 41 customers"),
                    ("Pen", "fallback", "Popular in this shop"),
                ],
            ),
        ],
    )
    def test_fills_what_the_list_leaves_open(self, viewed, sellers, fallback, expected):
        set_placement(fallback=fallback)
        slots = frequently_bought_together(viewed[0])
        assert [(slot.title, slot.source, slot.reason) for slot in slots] == expected

    def test_is_not_shown_where_the_list_suffices(self, viewed, sellers):
        set_placement(fallback="popular", count=1)
        assert names(frequently_bought_together(viewed[0])) == ["Mouse"]

    def test_obeys_exclusions(self, viewed, sellers):
        set_placement(fallback="popular")
        Exclusion.objects.create(item=viewed[1], companion=sellers[0][1])
        assert names(frequently_bought_together(viewed[0])) == ["Mouse"]

    def test_an_item_without_category_has_no_category_fallback(self, viewed, sellers):
        Item.objects.update(category="")
        set_placement(fallback="category")
        assert names(frequently_bought_together(viewed[0])) == ["Mouse"]


class TestCurrencies:
    def test_companions_of_another_currency_are_not_shown(self, viewed, four, published):
        four[0][0].currency = "USD"
        four[0][0].save()
        block = together_block(viewed[0])
        assert names(block.slots) == ["Bag", "Dock", "Cable"]
        assert rules_left_out(block) == {four[0][1].key: "other currency"}
        assert block.total() == Money(Decimal("930.00"), "EUR")

    def test_a_caller_may_ask_for_one(self, viewed, four, published):
        four[2][0].currency = "USD"
        four[2][0].save()
        block = together_block(viewed[0], currency="USD")
        assert names(block.slots) == ["Dock"]
        assert block.total() is None


def test_the_total_is_hidden_where_a_price_is(viewed, published, monkeypatch):
    from tests.recommendations.factories import SmallShop

    monkeypatch.setattr(SmallShop, "price", lambda self, product, *, request=None: None)
    block = together_block(viewed[0])
    assert len(block.slots) == 3
    assert block.total() is None


def test_the_total_is_the_sum_of_what_can_be_added(viewed, four, published):
    four[1][0].attributes = {"variants": 1}
    four[1][0].save()
    viewed[0].stock = 0
    block = together_block(viewed[0])
    assert [slot.needs_choice for slot in block.slots] == [False, True, False]
    assert not block.viewed.available
    assert block.total() == Money(Decimal("20.00"), "EUR")


@pytest.mark.parametrize("count", [-1, 51])
def test_a_count_out_of_bounds_names_the_bounds(viewed, published, count):
    with pytest.raises(ValueError, match="allowed are 0 to 50"):
        frequently_bought_together(viewed[0], count=count)


def test_a_rollback_is_seen_without_flushing_any_list(viewed, four, published):
    newer = publish({viewed[1]: companions(four[3][1])})
    assert names(frequently_bought_together(viewed[0])) == ["Cable"]
    Publication.objects.update(build=published)
    forget_published_builds()
    assert names(frequently_bought_together(viewed[0])) == ["Mouse", "Bag", "Dock"]
    assert Build.objects.filter(pk=newer.pk).exists()


def test_companions_whose_item_is_gone_are_left_out(viewed, four, published):
    Item.objects.filter(pk=four[0][1].pk).delete()
    assert names(frequently_bought_together(viewed[0])) == ["Bag", "Dock", "Cable"]


def test_damaged_bytes_are_an_error_here(viewed, published):
    """The border that keeps it from the page is the way in's."""
    from recommendations.models import NeighbourList

    NeighbourList.objects.update(packed=b"\x01\x00\xff\xffdamaged!")
    with pytest.raises(ValueError, match="packed list"):
        frequently_bought_together(viewed[0])
