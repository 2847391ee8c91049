"""The shelves as HTML: the basket's and the customer's, and that a fault leaves only a gap."""

from __future__ import annotations

import logging
from copy import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations import faults
from recommendations.models import ModelChoice
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    publish_pairs,
    set_placement,
)
from tests.recommendations.selectors.test_customers import visit
from tests.recommendations.templatetags.test_crosssell import Elements, render, text_of

BASKET = "{% load crosssell %}<p>Page</p>{% basket_recommendations %}<p>Foot</p>"
CUSTOMER = "{% load crosssell %}<p>Page</p>{% recommended_for_you %}<p>Foot</p>"
TAGS = pytest.mark.parametrize("template", [BASKET, CUSTOMER])
EMPTY = "<p>Page</p><p>Foot</p>"


@pytest.fixture
def goods():
    laptop = make_product("Laptop", price="900.00")
    return laptop, make_product("Mouse <b>", price="34.90"), make_product("Bag", price="42.50")


@pytest.fixture
def request_(goods):
    laptop, mouse, bag = (item for _, item in goods)
    publish({laptop: companions(mouse)})
    publish({}, kind="user_based", customers={"1": companions(bag), "2": companions(mouse)})
    set_placement("basket")
    set_placement("customer")
    return visit(1, laptop.key)


def test_what_goes_with_the_basket(goods, request_):
    html = render(BASKET, request_)
    assert text_of(html) == (
        "Page Goes with your basket M Mouse &lt;b&gt; €34.90"
        " Bought with something in your basket by 41 customers Foot"
    )


def test_what_follows_from_two_things_of_the_basket(goods, request_):
    laptop, mouse, bag = (item for _, item in goods)
    ModelChoice.objects.create(question="basket", kind="rules")
    publish_pairs(publish({}, kind="rules"), laptop, mouse, companions(bag), customers=50)
    html = render(BASKET, visit(1, laptop.key, mouse.key))
    assert text_of(html) == (
        "Page Goes with your basket B Bag €42.50"
        " 8 in 10 customers who bought Laptop and Mouse &lt;b&gt; bought this too Foot"
    )


def test_what_a_customer_may_want_and_nobody_elses(request_):
    html = render(CUSTOMER, request_)
    assert text_of(html) == (
        "Page Recommended for you B Bag €42.50 Fits what you bought"
        " More like this : Bag Not interested : Bag Foot"
    )


def test_what_only_stands_in_claims_nothing_about_the_shopper(goods, request_):
    set_placement("customer", fallback="cold")
    html = render(CUSTOMER, visit(3))
    assert "Recommended for you" not in html
    assert text_of(html).startswith("Page More from this shop B Bag €42.50 More like this")


def test_the_section_is_named_by_its_heading_and_each_product_is_one_link(goods, request_):
    elements = Elements(render(BASKET, request_))
    (section,) = elements.all("section")
    (heading,) = elements.all("h2")
    assert section["aria-labelledby"] == heading["id"]
    links = elements.all("a")
    assert [link["href"] for link in links] == [f"/p/{goods[1][0].slug}/"] * 2
    # The picture's link is for the mouse alone.
    assert [link.get("tabindex") for link in links] == ["-1", None]
    assert not elements.all("form")
    assert not elements.all("script")
    assert not any("style" in given for _, given in elements.found)


def test_the_merchants_heading_stands_before_ours(request_):
    set_placement("customer", title="Just for you")
    assert "Just for you" in render(CUSTOMER, request_)


@TAGS
def test_nothing_to_show_leaves_no_trace(goods, template):
    set_placement("basket")
    set_placement("customer")
    assert render(template, visit(None)) == EMPTY


@TAGS
def test_a_fault_leaves_a_gap_and_one_line_in_the_log(request_, template, monkeypatch, caplog):
    def broken(self, keys, *, request=None):
        raise RuntimeError("the shop's database is away")

    monkeypatch.setattr(SmallShop, "live_products", broken)
    faults.forget_faults()
    caplog.set_level(logging.ERROR, "crosssell")
    for _ in range(3):
        assert render(template, request_) == EMPTY
    assert len([record for record in caplog.records if record.name == "crosssell"]) == 1


@TAGS
def test_a_page_without_its_request_goes_on(goods, template, caplog):
    faults.forget_faults()
    assert render(template) == EMPTY


@pytest.mark.parametrize(("template", "queries"), [(BASKET, 1), (CUSTOMER, 2)])
def test_a_warm_shelf_costs_two_queries_at_most(request_, template, queries):
    render(template, copy(request_))
    with CaptureQueriesContext(connection) as captured:
        render(template, copy(request_))
    # PostgreSQL guards the shop's transaction by a savepoint; nothing is read by it.
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == queries


def test_the_block_of_a_cold_item_does_not_say_bought_together(goods, request_):
    set_placement(fallback="popular")
    publish({}, {"": companions(goods[1][1])})
    html = render("{% load crosssell %}{% frequently_bought_together product %}", request_,
                  product=goods[2][0])  # fmt: skip
    assert "You may also like" in html
    assert "Frequently bought together" not in html


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
@TAGS
def test_on_postgresql(on_postgres, settings, template):
    goods = [make_product(name) for name in ("Laptop", "Mouse")]
    laptop, mouse = (item for _, item in goods)
    publish({laptop: companions(mouse)})
    publish({}, kind="user_based", customers={"1": companions(mouse)})
    assert "Mouse" in render(template, visit(1, laptop.key))
