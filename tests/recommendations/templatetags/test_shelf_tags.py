"""Every tag of a shelf: what it shows, lazily as well, and that a fault leaves only a gap."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from recommendations import faults, shelf_blocks
from recommendations.models import Item
from recommendations.selectors.looked_at import VIEWED
from shop.models import Product
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)
from tests.recommendations.selectors.test_customers import visit
from tests.recommendations.templatetags.test_crosssell import Elements, render, text_of

TAGS = {
    "also_viewed": ("product", "also-viewed", "Customers who looked at this bought"),
    "similar_items": ("product", "similar", "Similar products"),
    "basket_recommendations": ("", "basket", "Goes with your basket"),
    "recommended_for_you": ("", "customer", "Recommended for you"),
    "buy_again": ("", "buy-again", "Buy it again"),
    "recently_viewed": ("", "recently-viewed", "You looked at lately"),
    "visit_recommendations": ("", "visit", "Inspired by what you looked at"),
    "trending": ('"Desk"', "trending", "Trending in Desk"),
    "new_arrivals": ('"Desk"', "new-arrivals", "New in Desk"),
}
PERSONAL = [name for name, (about, *_) in TAGS.items() if not about]
EVERY = pytest.mark.parametrize("name", TAGS)
EMPTY = "<p>Page</p><p>Foot</p>"


def template(name: str, arguments: str = "") -> str:
    about = TAGS[name][0]
    return f"{{% load crosssell %}}<p>Page</p>{{% {name} {about} {arguments} %}}<p>Foot</p>"


@pytest.fixture
def goods():
    found = {name: make_product(name) for name in ("Laptop", "Mouse", "Bag <b>", "Pen", "Cap")}
    Item.objects.update(category="Desk")
    for _, placement, _ in TAGS.values():
        set_placement(placement)
    laptop, mouse, bag, pen, cap = (item for _, item in found.values())
    publish({laptop: companions(mouse, bag), cap: companions(mouse)})
    publish({laptop: companions(bag)}, kind="viewed_bought")
    publish(
        {laptop: companions(bag)}, kind="content", parameters={"models": [{"family": "content"}]}
    )
    publish({}, kind="user_based", customers={"1": companions(bag), "2": companions(pen)})
    publish({}, kind="buy_again", customers={"1": companions(bag), "2": companions(pen)})
    publish({}, {"Desk": companions(bag)}, kind="trending")
    publish({}, {"Desk": companions(bag)}, kind="new_arrivals")
    cache.clear()
    return found


@pytest.fixture
def page(goods):
    """What a page of customer 1 gives to its template."""
    request = visit(1, goods["Laptop"][1].key)
    request.session[VIEWED] = [goods["Bag <b>"][1].key]
    return {"request": request, "product": goods["Laptop"][0]}


def shown(name: str, page: dict[str, Any], arguments: str = "") -> str:
    given = {key: value for key, value in page.items() if key != "request"}
    return render(template(name, arguments), page.get("request"), **given)


def looked_at_cap(name: str, goods: Any, page: Any) -> str:
    """Return whose bag stands on the shelf: the visit's shelf leaves out what was looked at."""
    if name == "visit_recommendations":
        page["request"].session[VIEWED] = [goods["Cap"][1].key]
        return "Mouse"
    return "Bag &lt;b&gt;"


@EVERY
def test_what_it_shows_under_its_usual_words(goods, page, name):
    title = looked_at_cap(name, goods, page)
    html = shown(name, page)
    text = text_of(html)
    assert text.startswith(f"Page {TAGS[name][2]}")
    assert title in text
    assert text.endswith("Foot")
    assert "<script" not in html
    assert not any("style" in given for _, given in Elements(html).found)


@EVERY
def test_the_merchants_heading_count_and_the_callers_exclusions(goods, page, name):
    looked_at_cap(name, goods, page)
    set_placement("mine", title="Mine <b>", count=2)
    assert "Mine &lt;b&gt;" in shown(name, page, 'placement="mine" count=1')
    page["out"] = [product for product, _ in goods.values()]
    assert shown(name, page, "exclude=out") == EMPTY


@EVERY
def test_a_fault_leaves_a_gap_and_one_line_in_the_log(goods, page, name, monkeypatch, caplog):
    def broken(self, keys, *, request=None):
        raise RuntimeError("the shop's database is away")

    looked_at_cap(name, goods, page)
    monkeypatch.setattr(SmallShop, "live_products", broken)
    faults.forget_faults()
    caplog.set_level(logging.ERROR, "crosssell")
    for _ in range(3):
        assert shown(name, page) == EMPTY
    assert len([record for record in caplog.records if record.name == "crosssell"]) == 1


@pytest.mark.parametrize("name", PERSONAL)
def test_a_shoppers_own_shelf_needs_the_request_and_says_so(goods, name, caplog):
    faults.forget_faults()
    assert shown(name, {}) == EMPTY
    assert "needs `request`" in str(caplog.records[-1].exc_info[1])


@EVERY
def test_a_card_names_its_key_once_for_the_script(goods, page, name):
    looked_at_cap(name, goods, page)
    cards = Elements(shown(name, page)).all("li")
    assert all(card["data-crosssell-key"] for card in cards)
    assert len({card["data-crosssell-key"] for card in cards}) == len(cards)


def test_a_category_may_be_the_shops_own_object(goods, page):
    class Category:
        def __str__(self) -> str:
            return "Desk"

    html = render("{% load crosssell %}{% trending shelf %}", page["request"], shelf=Category())
    assert "Trending in Desk" in html


class TestLazy:
    @EVERY
    def test_it_costs_no_query_and_its_fragment_is_the_shelf(self, goods, page, client, name):
        title = looked_at_cap(name, goods, page)
        with CaptureQueriesContext(connection) as captured:
            html = shown(name, page, 'lazy=True placement="mine" count=2')
        assert [query for query in captured if "SAVEPOINT" not in query["sql"]] == []
        assert "Bag" not in html
        (place,) = Elements(html).all("div")
        assert place["data-crosssell-most"] == "200"
        set_placement("mine")
        user = get_user_model().objects.create(pk=1, username="one")
        client.force_login(user)
        session = client.session
        session["held"] = [goods["Laptop"][1].key]
        session[VIEWED] = page["request"].session[VIEWED]
        session.save()
        fragment = client.get(place["data-crosssell-src"])
        assert fragment.status_code == 200
        assert title in fragment.content.decode()
        assert TAGS[name][2] in fragment.content.decode()
        assert "no-store" in fragment["Cache-Control"]

    @EVERY
    def test_its_place_says_nothing_of_the_shopper(self, goods, page, name):
        one = shown(name, page, "lazy=True")
        other = {**page, "request": visit(2)}
        assert shown(name, other, "lazy=True") == one

    @pytest.mark.parametrize("name", ["frequently_bought_together", "upgrades"])
    def test_blocks_tell_their_keys_as_well(self, goods, page, name):
        publish({goods["Laptop"][1]: companions(goods["Pen"][1])}, kind="upgrades")
        Product.objects.filter(name="Pen").update(price=11)
        html = render(f"{{% load crosssell %}}{{% {name} product %}}", page["request"],
                      product=goods["Laptop"][0])  # fmt: skip
        keys = [given["data-crosssell-key"] for _, given in Elements(html).found
                if "data-crosssell-key" in given]  # fmt: skip
        assert goods["Laptop"][1].key in keys
        assert len(keys) > 1


class TestHeadings:
    """What only stands in is not what the usual words promise."""

    def cards(self, name, page):
        return text_of(shown(name, page))

    def test_one_reason_for_all_is_the_heading_and_is_said_once(self, goods, page):
        publish({}, {"Desk": companions(goods["Cap"][1])})
        publish({}, kind="trending")
        set_placement("trending", fallback="category")
        text = self.cards("trending", page)
        assert text.startswith("Page Popular in Desk C Cap")
        assert text.count("Popular in Desk") == 1

    def test_several_reasons_claim_nothing(self, goods, page):
        publish({}, {"Desk": companions(goods["Cap"][1]), "": companions(goods["Pen"][1])})
        publish({}, kind="trending")
        set_placement("trending", fallback="cold")
        text = self.cards("trending", page)
        assert text.startswith("Page You may also like")
        assert "Popular in Desk" in text
        assert "Popular in this shop" in text

    @pytest.mark.parametrize("name", ["similar_items", "also_viewed"])
    def test_best_sellers_are_not_called_similar(self, goods, page, name):
        publish({}, {"Desk": companions(goods["Cap"][1])})
        publish({}, kind="content")
        publish({}, kind="viewed_bought")
        set_placement(TAGS[name][1], fallback="category")
        assert self.cards(name, page).startswith("Page Popular in Desk")


def test_two_shelves_of_one_placement_have_names_of_their_own(goods, page):
    publish({}, {"Desk": companions(goods["Cap"][1]), "": companions(goods["Pen"][1])},
            kind="trending")  # fmt: skip
    html = render('{% load crosssell %}{% trending %}{% trending "Desk" %}', page["request"])
    names = [given["id"] for given in Elements(html).all("h2")]
    assert len(set(names)) == len(names) == 2


class TestOrder:
    TAG = "{% load crosssell %}{% order_recommendations bought %}"

    def test_what_goes_with_what_was_bought(self, goods, page):
        set_placement("confirmation")
        bought = [goods["Laptop"][0], goods["Mouse"][0]]
        text = text_of(render(self.TAG, page["request"], bought=bought))
        assert text.startswith("Goes with your order B Bag")
        assert "Bought with something in your order by 41 customers" in text
        assert "Mouse" not in text

    def test_an_order_of_nothing_is_no_fault(self, goods, page, caplog):
        set_placement("confirmation")
        assert render(self.TAG, page["request"], bought=[]) == ""
        assert caplog.records == []


@EVERY
def test_the_address_of_its_json_is_that_of_its_fragment_without_the_end(name):
    block = getattr(shelf_blocks, name.upper())
    key = ["1"] if TAGS[name][0] == "product" else []
    fragment = reverse(f"crosssell:{block.address}-fragment", args=key)
    assert resolve(fragment.removesuffix("fragment/")).url_name == block.address
