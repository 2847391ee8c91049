"""Whole pages: no product twice, and every rule at once."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.adapters import Lines
from recommendations.models import Exclusion, Item, Merchandising, PlacementPin, SlotShare, Strategy
from recommendations.selectors.baskets import basket_shelf
from recommendations.selectors.customers import customer_shelf
from recommendations.selectors.groups import new_arrivals_shelf, trending_shelf
from recommendations.selectors.items import ItemFace
from recommendations.selectors.placements import (
    PlacedPin,
    PlacedRule,
    PlacedShare,
    PlacementChoice,
    condition_text,
)
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.together import together_block
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)
from tests.recommendations.selectors.test_together import names, request_of, rules_left_out
from tests.shop.factories import make_order, make_user

CATEGORIES = ("Tea", "Cups", "")
BRANDS = ("Ayo", "Bo", "")


def where(field, value, op="eq"):
    return {"version": 1, "field": f"item.{field}", "op": op, "value": value}


@pytest.fixture
def catalogue():
    """Thirty goods of which five cannot be shown, two of one family, in lists of every kind."""
    goods = [make_product(f"No {number}") for number in range(30)]
    for number, (product, item) in enumerate(goods):
        item.category, item.brand = CATEGORIES[number % 3], BRANDS[number // 3 % 3]
        item.save()
        if number % 6 == 5:
            product.stock = 0
            product.save()
    items = [item for _, item in goods]
    Item.objects.filter(pk=items[3].pk).update(parent=items[2])
    together = {item: companions(*(items[number:] + items[:number])) for number, item in
                enumerate(items)}  # fmt: skip
    publish(together, {"": companions(*items[::-1]), "Tea": companions(*items[::3])})
    publish({}, {"": companions(*items[7:])}, kind="trending")
    publish({}, {"": companions(*items[11:])}, kind="new_arrivals")
    publish({}, kind="user_based", customers={"1": companions(*items[4:])})
    return goods


def page_of_blocks(catalogue, viewed, held, choices):
    """Ask for the blocks of one page as its tags do, one after another on one request."""
    request = request_of(*(catalogue[number][1].key for number in held))
    request.user = SimpleNamespace(pk=1, is_authenticated=True)
    blocks = []
    for kind, choice in choices:
        options = ShelfOptions(placement=choice)
        if kind == "together":
            product = catalogue[viewed][0]
            blocks.append(together_block(product, request=request, placement=choice))
        elif kind == "basket":
            blocks.append(basket_shelf(request, options))
        elif kind == "customer":
            blocks.append(customer_shelf(request, options))
        elif kind == "trending":
            blocks.append(trending_shelf("", options, request=request))
        else:
            blocks.append(new_arrivals_shelf("Tea", options, request=request))
    return blocks


conditions = st.one_of(
    st.sampled_from(CATEGORIES[:2]).map(lambda name: where("category", name)),
    st.sampled_from(BRANDS[:2]).map(lambda name: where("brand", name, "ne")),
    st.just({"version": 1, "field": "item.brand", "op": "exists"}),
    st.just(
        {"version": 1, "field": "item.category", "op": "eq", "value": {"field": "viewed.category"}}
    ),
).map(condition_text)

placed_rules = st.builds(
    PlacedRule,
    st.integers(1, 9),
    st.just("Rule"),
    st.sampled_from(Merchandising.Kind.values),
    st.integers(1, 400),
    conditions,
)
kinds = st.sampled_from(["together", "basket", "customer", "trending", "new"])


@st.composite
def placements(draw, number):
    return PlacementChoice(
        slug=f"block-{number}",
        title="",
        enabled=draw(st.integers(0, 9)) > 0,
        count=draw(st.integers(1, 6)),
        minimum_support=5,
        fallback=draw(st.sampled_from(["cold", "none", "category", "popular"])),
        condition=draw(st.one_of(st.just(""), conditions)),
        price_to_percent=draw(st.sampled_from([None, 100])),
        per_category=draw(st.sampled_from([None, None, 1, 2])),
        diversity=draw(st.sampled_from([0, 0, 30, 100])),
        rotation=draw(st.sampled_from(["none", "daily", "hourly"])),
        steps=tuple(draw(st.lists(st.sampled_from(Strategy.values), max_size=3, unique=True))),
        rules=tuple(draw(st.lists(placed_rules, max_size=2))),
        shares=tuple(
            PlacedShare(1, "Share", percent, condition)
            for percent, condition in draw(
                st.lists(st.tuples(st.integers(1, 60), conditions), max_size=2)
            )
        ),
        pins=tuple(draw(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 29)), max_size=2))),
    )


def with_faces(choice, catalogue):
    """Return the choice with the items of this run's catalogue pinned."""
    pins = []
    for position, number in choice.pins:
        item = catalogue[number][1]
        parent = catalogue[2][1].pk if number == 3 else None
        pins.append(PlacedPin(position, ItemFace(item.pk, item.key, parent, item.category)))
    return dataclasses.replace(choice, pins=tuple(pins))


pages = st.tuples(
    st.integers(0, 29),
    st.lists(st.integers(0, 29), max_size=3, unique=True),
    st.integers(1, 4).flatmap(
        lambda count: st.tuples(*(st.tuples(kinds, placements(number)) for number in range(count)))
    ),
)


def check_a_page(catalogue, page):
    viewed, held, asked = page
    choices = [(kind, with_faces(choice, catalogue)) for kind, choice in asked]
    blocks = page_of_blocks(catalogue, viewed, held, choices)
    family_of = {item.pk: item.pk for _, item in catalogue} | {
        catalogue[3][1].pk: catalogue[2][1].pk
    }
    shown = [family_of[slot.item_id] for block in blocks for slot in block.slots]
    assert len(set(shown)) == len(shown), "a product stands twice on the page"
    if any(kind == "together" for kind, _ in choices[:1]):
        assert family_of[catalogue[viewed][1].pk] not in shown
    assert not {family_of[catalogue[number][1].pk] for number in held} & set(shown)
    sold_out = {item.pk for number, (_, item) in enumerate(catalogue) if number % 6 == 5}
    for (_, choice), block in zip(choices, blocks, strict=True):
        slots = block.slots
        assert len(slots) <= (choice.count if choice.enabled else 0)
        assert not {slot.item_id for slot in slots} & sold_out
        json.dumps([slot.trace for slot in slots])
        of_category = Counter(
            _category(catalogue, slot) for slot in slots if slot.source != "pinned"
        )
        if choice.per_category:
            del of_category[""]
            assert max(of_category.values(), default=0) <= choice.per_category
        for position, slot in enumerate(slots, start=1):
            assert slot.trace["shown_at"] == position
    again = page_of_blocks(catalogue, viewed, held, choices)
    for one, other in zip(again, blocks, strict=True):
        assert [told(slot) for slot in one.slots] == [told(slot) for slot in other.slots]


def told(slot):
    return slot.title, slot.source, slot.reason, slot.trace


def _category(catalogue, slot):
    return next(item.category for _, item in catalogue if item.pk == slot.item_id)


SHARED_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=60, suppress_health_check=SHARED_FIXTURES)
@given(page=pages)
def test_no_product_twice_on_a_random_page(catalogue, page):
    check_a_page(catalogue, page)


@pytest.mark.slow
@settings(max_examples=10_000, suppress_health_check=SHARED_FIXTURES)
@given(page=pages)
def test_no_product_twice_on_ten_thousand_random_pages(catalogue, page):
    check_a_page(catalogue, page)


class TestAllAtOnce:
    """One page on which every rule has something to do."""

    @pytest.fixture
    def goods(self):
        goods = {name: make_product(name) for name in (
            "View", "Pin", "Excluded", "Filtered", "Hidden", "Held", "Owned", "Gone", "Tea one",
            "Tea two", "Lifted", "Own brand", "Plain",
        )}  # fmt: skip
        for name, (_, item) in goods.items():
            item.category = "Tea" if name.startswith("Tea") else name
            item.brand = "Own" if name == "Own brand" else "Other"
            item.save()
        goods["Gone"][0].stock = 0
        goods["Gone"][0].save()
        return goods

    def test_what_is_shown_and_why_the_rest_is_not(self, goods, monkeypatch):
        listed = [item for name, (_, item) in goods.items() if name != "View"]
        publish({goods["View"][1]: companions(*listed)}, {"": companions(*listed)})
        Exclusion.objects.create(item=goods["View"][1], companion=goods["Excluded"][1])
        Exclusion.objects.create(item=None, companion=goods["Pin"][1])
        placement = set_placement(
            count=5, per_category=1, hide_owned=True, condition=where("title", "Filtered", "ne")
        )
        PlacementPin.objects.create(placement=placement, item=goods["Pin"][1], position=3)
        for name, kind in (("Hidden", "hide"), ("Lifted", "boost")):
            Merchandising.objects.create(
                name=f"{kind} it", kind=kind, strength=400, condition=where("title", name)
            )
        SlotShare.objects.create(
            placement=placement, name="Own", percent=20, condition=where("brand", "Own")
        )
        lines = Lines(
            "shop.OrderLine", product="product_id", order="order_id", customer="order__user_id",
            placed_at="order__placed_at",
        )  # fmt: skip
        monkeypatch.setattr(SmallShop, "lines", lines)
        user = make_user()
        make_order((goods["Owned"][0], 1), user=user)
        request = request_of(goods["Held"][1].key)
        request.user = user
        block = together_block(goods["View"][0], request=request)
        assert names(block.slots) == ["Lifted", "Tea one", "Pin", "Own brand", "Plain"]
        assert [slot.trace["stage"] for slot in block.slots] == [
            "boosted", "model", "pinned", "model", "model",
        ]  # fmt: skip
        told = {
            next(name for name, (_, item) in goods.items() if item.key == key): rule
            for key, rule in rules_left_out(block).items()
        }
        assert told == {
            "Excluded": "excluded", "Filtered": "filtered", "Hidden": "hidden",
            "Held": "in basket", "Owned": "owned", "Gone": "not available",
            "Tea two": "category cap",
        }  # fmt: skip
        below = trending_shelf("", ShelfOptions(placement="below", count=20), request=request)
        assert not set(names(below.slots)) & {"View", *names(block.slots)}
        assert rules_left_out(below)[goods["Plain"][1].key] == "already on this page"
        cache.clear()
        again = request_of(goods["Held"][1].key)
        again.user = user
        assert together_block(goods["View"][0], request=again).slots == block.slots
