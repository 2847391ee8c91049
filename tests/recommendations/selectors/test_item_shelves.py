"""Shelves beside an item: what was bought after looking at it, what is like it, what stands in."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import Exclusion, Item, Pin
from recommendations.selectors.item_shelves import also_viewed, similar_items
from shop.models import Product
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.selectors.test_together import names, request_of

KINDS = {also_viewed: ("viewed_bought", "also-viewed"), similar_items: ("content", "similar")}
BOTH = pytest.mark.parametrize("shelf", KINDS)


@pytest.fixture
def goods():
    found = {name: make_product(name) for name in ("Laptop", "Mouse", "Bag", "Pen", "Cap")}
    Item.objects.update(category="Desk")
    set_placement("also-viewed")
    set_placement("similar")
    return found


def publish_list(shelf, goods, *others, family="content", customers=41):
    _, laptop = goods["Laptop"]
    entries = companions(*(goods[name][1] for name in others), customers=customers)
    parameters = {"models": [{"family": family}]} if shelf is similar_items else {}
    return publish({laptop: entries}, kind=KINDS[shelf][0], parameters=parameters)


@BOTH
def test_the_kinds_list_by_product_or_by_key(goods, shelf):
    publish_list(shelf, goods, "Mouse", "Bag")
    product, item = goods["Laptop"]
    assert names(shelf(product)) == names(shelf(item.key)) == ["Mouse", "Bag"]


def test_what_is_said_of_each(goods):
    publish_list(also_viewed, goods, "Mouse", customers=12)
    publish_list(similar_items, goods, "Bag", customers=2)
    (bought,) = also_viewed(goods["Laptop"][0])
    assert bought.reason == "Bought by 12 customers who looked at this"
    (alike,) = similar_items(goods["Laptop"][0])
    assert (alike.reason, alike.evidence) == ("Similar in kind", None)


def test_what_too_few_bought_after_looking_is_not_shown(goods):
    publish_list(also_viewed, goods, "Mouse", customers=4)
    assert also_viewed(goods["Laptop"][0]) == []


def test_a_description_of_what_goes_with_it_says_nothing_of_likeness(goods):
    publish_list(similar_items, goods, "Mouse", family="content_complements")
    assert similar_items(goods["Laptop"][0]) == []


@BOTH
def test_itself_what_is_held_excluded_or_left_out_is_not_shown(goods, shelf):
    publish_list(shelf, goods, "Laptop", "Mouse", "Bag", "Pen", "Cap")
    Exclusion.objects.create(item=goods["Laptop"][1], companion=goods["Mouse"][1])
    cache.clear()
    request = request_of(goods["Bag"][1].key)
    shown = shelf(goods["Laptop"][0], request=request, exclude=[goods["Pen"][0]])
    assert names(shown) == ["Cap"]


@BOTH
def test_pins_say_what_goes_with_it_and_stand_elsewhere(goods, shelf):
    publish_list(shelf, goods, "Mouse")
    Pin.objects.create(item=goods["Laptop"][1], companion=goods["Pen"][1])
    assert names(shelf(goods["Laptop"][0])) == ["Mouse"]


@BOTH
def test_another_currency_than_the_items_is_left_out(goods, shelf):
    publish_list(shelf, goods, "Mouse", "Bag")
    Product.objects.filter(pk=goods["Mouse"][0].pk).update(currency="USD")
    assert names(shelf(goods["Laptop"][0])) == ["Bag"]


@BOTH
def test_best_sellers_of_its_category_stand_in(goods, shelf):
    publish({}, {"Desk": companions(goods["Cap"][1])})
    set_placement(KINDS[shelf][1], fallback="cold")
    (slot,) = shelf(goods["Laptop"][0], count=1)
    assert (slot.title, slot.source, slot.reason) == ("Cap", "fallback", "Popular in Desk")
    assert slot.trace["why"] == "no build is published yet"


def test_descriptions_stand_in_where_nobody_looked_and_bought(goods):
    publish_list(also_viewed, {**goods, "Laptop": goods["Pen"]}, "Mouse")
    publish_list(similar_items, goods, "Bag", customers=2)
    set_placement("also-viewed", fallback="cold")
    (slot,) = also_viewed(goods["Laptop"][0], count=1)
    assert (slot.title, slot.source, slot.reason) == ("Bag", "fallback", "Similar in kind")
    assert slot.trace["why"] == "nobody looked at it and bought yet"


@BOTH
def test_an_item_that_the_shop_does_not_show_has_no_shelf(goods, shelf):
    publish_list(shelf, goods, "Mouse")
    product, item = goods["Laptop"]
    Product.objects.filter(pk=product.pk).update(visible=False)
    assert shelf(item.key) == []
    assert shelf("unheard of") == []


@BOTH
def test_warm_it_costs_one_query_of_the_shops_for_a_product(goods, shelf):
    publish_list(shelf, goods, "Mouse", "Bag")
    shelf(goods["Laptop"][0])
    with CaptureQueriesContext(connection) as captured:
        assert names(shelf(goods["Laptop"][0])) == ["Mouse", "Bag"]
    assert len(captured) == 1
    assert "shop_product" in captured[0]["sql"]
