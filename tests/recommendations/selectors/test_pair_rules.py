"""What follows from two things in a basket: shown first, with how many of ten bought it as well."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from recommendations.models import Item, ModelChoice
from recommendations.selectors.baskets import goes_with_basket
from recommendations.selectors.builds import forget_published_builds
from recommendations.selectors.pair_rules import MOST_PAIRED, pair_rules
from recommendations.services.builds import rebuild
from shop.models import Product
from tests.recommendations.factories import (
    companions,
    make_product,
    make_products,
    publish,
    publish_pairs,
    set_placement,
)
from tests.recommendations.orders import sell_to_many
from tests.recommendations.selectors.test_together import names

REASON = "8 in 10 customers who bought Laptop and Phone bought this too"


@pytest.fixture
def goods():
    made = ("Laptop", "Phone", "Mouse", "Case", "Cable")
    return {name: make_product(name) for name in made}


@pytest.fixture
def items(goods):
    return {name: pair[1] for name, pair in goods.items()}


@pytest.fixture
def build(items):
    """A laptop goes with a mouse; together with a phone it goes with a cable, of 41 in 50."""
    set_placement("basket")
    ModelChoice.objects.create(question="basket", kind="rules")
    build = publish({items["Laptop"]: companions(items["Mouse"])}, kind="rules")
    publish_pairs(build, items["Laptop"], items["Phone"], companions(items["Cable"]), customers=50)
    return build


def held(items, *several):
    return [items[name].key for name in several]


def test_what_follows_from_two_comes_first_and_says_from_which(items, build):
    slots = goes_with_basket(held(items, "Laptop", "Phone"))
    assert names(slots) == ["Cable", "Mouse"]
    assert slots[0].reason == REASON
    assert (slots[0].source, slots[0].evidence.customers) == ("model", 41)
    told = {
        "strategy": "rules",
        "build": build.pk,
        "pair": {
            "keys": (items["Laptop"].key, items["Phone"].key),
            "titles": ("Laptop", "Phone"),
            "customers": 50,
        },
        "position": 1,
    }
    assert slots[0].trace.items() >= told.items()
    assert slots[1].reason == "Bought with something in your basket by 41 customers"


def test_both_have_to_be_held_in_whatever_order(items, build):
    assert names(goes_with_basket(held(items, "Phone", "Laptop"))) == ["Cable", "Mouse"]
    assert names(goes_with_basket(held(items, "Laptop", "Case"))) == ["Mouse"]
    assert names(goes_with_basket(held(items, "Laptop"))) == ["Mouse"]


def test_what_is_held_does_not_follow(items, build):
    assert names(goes_with_basket(held(items, "Laptop", "Cable", "Phone"))) == ["Mouse"]


def test_a_pair_is_enough_where_no_single_item_says_anything(items, build):
    publish_pairs(build, items["Phone"], items["Case"], companions(items["Mouse"]), customers=41)
    (slot,) = goes_with_basket(held(items, "Phone", "Case"))
    assert slot.reason == "All customers who bought Phone and Case bought this too"
    assert slot.source == "model"


def test_of_several_pairs_the_surest_speaks(items, build):
    mouse_first = [(items["Cable"], 0.99, 60, 61), (items["Mouse"], 0.98, 7, 8)]
    publish_pairs(build, items["Phone"], items["Case"], mouse_first, customers=66)
    slots = goes_with_basket(held(items, "Laptop", "Phone", "Case"))
    assert [(slot.title, slot.trace["pair"]["titles"]) for slot in slots] == [
        ("Cable", ("Laptop", "Phone")),  # 1.0 against .99
        ("Mouse", ("Phone", "Case")),
    ]


def test_only_where_the_kind_answers_for_baskets(items, build):
    publish({items["Laptop"]: companions(items["Mouse"])})
    ModelChoice.objects.filter(question="basket").update(kind="together")
    forget_published_builds()
    assert names(goes_with_basket(held(items, "Laptop", "Phone"))) == ["Mouse"]


def test_too_few_customers_are_not_told_of(items, build):
    few = companions(items["Case"], customers=4)
    publish_pairs(build, items["Laptop"], items["Mouse"], few, customers=4)
    assert names(goes_with_basket(held(items, "Laptop", "Mouse"))) == []
    set_placement("basket", minimum_support=42)
    cache.clear()
    assert names(goes_with_basket(held(items, "Laptop", "Phone"))) == []


@pytest.mark.parametrize(
    ("customers", "words"), [(41, "All customers"), (42, "9 in 10 customers"), (82, "5 in 10")]
)
def test_never_more_are_named_than_there_were(items, build, customers, words):
    pair = (items["Case"], items["Phone"])
    publish_pairs(build, *pair, companions(items["Cable"]), customers=customers)
    (slot,) = goes_with_basket(held(items, "Case", "Phone"))
    assert slot.reason.startswith(words)


def test_nobody_learns_the_title_of_what_the_shop_does_not_show(items, build):
    Item.objects.filter(pk=items["Phone"].pk).update(active=False, title="Secret phone")
    slot = goes_with_basket(held(items, "Laptop", "Phone"))[0]
    assert slot.reason == "8 in 10 customers who bought two things of your basket bought this too"
    assert "Secret" not in str(slot.trace)


def test_long_titles_are_cut(items, build):
    Item.objects.filter(pk=items["Phone"].pk).update(title="Phone " * 30)
    reason = goes_with_basket(held(items, "Laptop", "Phone"))[0].reason
    assert len(reason) < 120
    assert "Phone Phone" in reason
    assert "…" in reason


def test_a_variant_asks_as_its_parent(goods, items, build):
    blue, _ = make_product("Phone, blue", parent=goods["Phone"][0])
    assert names(goes_with_basket([items["Laptop"].key, str(blue.pk)])) == ["Cable", "Mouse"]


def test_what_follows_but_is_gone_is_left_out(items, build):
    items["Cable"].delete()
    cache.clear()
    assert names(goes_with_basket(held(items, "Laptop", "Phone"))) == ["Mouse"]


def test_the_sentence_can_be_translated(items, build, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "recommendations.selectors.reasons.gettext", lambda text: asked.append(text) or text
    )
    with translation.override("de"):
        goes_with_basket(held(items, "Laptop", "Phone"))
    assert "%(tenths)s in 10 customers who bought %(first)s and %(second)s bought this too" in asked


class TestQueries:
    def ours(self, keys):
        with CaptureQueriesContext(connection) as captured:
            goes_with_basket(keys)
        told = [query["sql"] for query in captured]
        return [sql for sql in told if "crosssell_recommendations" in sql], len(told)

    def test_one_for_all_pairs_of_a_basket(self, items, build):
        several = [item for _, item in make_products(15)]
        for one in several[1:]:
            publish_pairs(build, several[0], one, companions(items["Cable"]), customers=50)
        keys = [item.key for item in several]
        self.ours(keys)
        ours, everything = self.ours(keys)
        assert len(ours) == 1
        assert "pairrules" in ours[0]
        assert everything == 2, "the pairs, and the shop's products"

    def test_none_for_one_item_alone(self, items, build):
        self.ours(held(items, "Laptop"))
        assert self.ours(held(items, "Laptop"))[0] == []

    def test_only_the_newest_items_are_paired(self, items, build):
        old = [item for _, item in make_products(2)]
        newer = [item for _, item in make_products(MOST_PAIRED - 1)]
        publish_pairs(build, *old, companions(items["Cable"]), customers=50)
        keys = [item.key for item in (*old, *newer)]
        assert names(goes_with_basket(keys)) == []
        assert names(goes_with_basket(keys[:MOST_PAIRED])) == ["Cable"]
        assert pair_rules(build.pk, []) == []


def test_from_orders_to_a_basket(settings):
    settings.CROSSSELL_SHOP = "shop.crosssell.ReferenceShop"
    bread, butter, jam, milk = (
        Product.objects.create(sku=name, slug=name, name=name, price=1, stock=99)
        for name in ("bread", "butter", "jam", "milk")
    )
    sell_to_many([bread, butter, jam], 40, days_ago=2)
    sell_to_many([bread, milk], 60, days_ago=3)
    sell_to_many([butter, milk], 60, days_ago=4)
    assert rebuild("rules").status == "published"
    ModelChoice.objects.create(question="basket", kind="rules")
    set_placement("basket")
    first = goes_with_basket([str(bread.pk), str(butter.pk)])[0]
    assert first.title == "jam"
    assert first.reason == "All customers who bought bread and butter bought this too"
