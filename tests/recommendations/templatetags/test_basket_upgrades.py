"""Offers beside the lines of a basket, as HTML: a form without a script, or a link."""

from __future__ import annotations

import logging

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import path

from recommendations import faults
from recommendations.selectors.basket_upgrades import PLACEMENT
from tests.recommendations.basket_shop import BASKET_SHOP, LINK_SHOP, BasketShop, holding
from tests.recommendations.factories import companions, make_product, publish, set_placement
from tests.recommendations.templatetags.test_crosssell import Elements, render, text_of

LINES = (
    "{% load crosssell %}{% for line in lines %}<p>{{ line.name }}</p>"
    "{% basket_upgrades line %}{% endfor %}"
)
LIST = "{% load crosssell %}<p>Page</p>{% basket_upgrades %}"
HOSTILE = '<script>alert("1")</script>'


@pytest.fixture(autouse=True)
def basket_shop(settings, db):
    settings.CROSSSELL_SHOP = BASKET_SHOP
    faults.forget_faults()


@pytest.fixture
def lamps():
    """A lamp, a better one, and a kettle without a ladder."""
    made = [make_product(*one[:1], price=one[1]) for one in
            (("Lamp", "100"), ("Lamp Plus", "112"), ("Kettle", "30"))]  # fmt: skip
    publish({made[0][1]: companions(made[1][1], customers=7)}, kind="upgrades")
    return [product for product, _ in made]


def shown(lamps, template=LINES, quantity=1):
    request = holding({str(lamps[0].pk): quantity, str(lamps[2].pk): 1})
    return render(template, request, lines=[lamps[0], lamps[2]])


def test_a_line_says_what_more_it_would_cost_and_for_what(lamps):
    assert text_of(shown(lamps)) == (
        "Lamp For €12.00 more: Lamp Plus 7 customers moved up to it"
        " Take this instead : Lamp Plus Kettle"
    )
    assert "For €12.00 more each:" in shown(lamps, quantity=2)


def test_the_form_says_which_line_with_what_at_what_difference(lamps):
    fields = {
        given["name"]: given["value"]
        for tag, given in Elements(shown(lamps)).found
        if tag == "input"
    }
    assert fields.pop("csrfmiddlewaretoken")
    assert fields == {
        "item": str(lamps[0].pk), "with": str(lamps[1].pk), "more": "12.00", "next": "/basket/",
    }  # fmt: skip


def test_as_a_list(lamps):
    assert text_of(shown(lamps, LIST)) == (
        "Page A step up for your basket Instead of Lamp For €12.00 more: Lamp Plus"
        " 7 customers moved up to it Take this instead : Lamp Plus"
    )


def test_a_basket_that_cannot_be_changed_has_a_link_only(lamps, settings):
    settings.CROSSSELL_SHOP = LINK_SHOP
    html = shown(lamps)
    assert "<form" not in html
    assert f'href="/p/{lamps[1].slug}/"' in html


def test_what_needs_a_choice_has_a_link_only(lamps):
    lamps[1].attributes = {"variants": True}
    lamps[1].save()
    assert "<form" not in shown(lamps)
    assert "Lamp Plus" in shown(lamps)


def test_without_our_addresses_there_is_no_form(lamps, settings):
    settings.ROOT_URLCONF = (path("other/", lambda request: HttpResponse()),)
    html = shown(lamps)
    assert "<form" not in html
    assert "Lamp Plus" in html


def test_texts_are_escaped(lamps):
    for product in lamps:
        product.name = HOSTILE
        product.save()
    set_placement(PLACEMENT, title=HOSTILE)
    html = shown(lamps, LINES.replace("<p>{{ line.name }}</p>", "") + LIST)
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_a_page_of_many_lines_asks_once(lamps):
    shown(lamps)
    request = holding({str(lamps[0].pk): 1})
    with CaptureQueriesContext(connection) as captured:
        render(LINES, request, lines=[lamps[0], lamps[2]] * 25)
    queries = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(queries) == 1


def test_nothing_to_offer_leaves_nothing(lamps):
    assert render(LINES, holding({}), lines=[lamps[0]]) == "<p>Lamp</p>"
    assert render(LIST, holding({}), lines=[]) == "<p>Page</p>"


def test_a_fault_leaves_a_gap_and_one_line_in_the_log(lamps, monkeypatch, caplog):
    asked = []

    def broken(self, *args, **kwargs):
        asked.append(1)
        raise RuntimeError("the shop is away")

    monkeypatch.setattr(BasketShop, "basket", broken)
    caplog.set_level(logging.ERROR, "crosssell")
    assert text_of(shown(lamps)) == "Lamp Kettle"
    assert asked == [1], "not again for every line"
    assert len([record for record in caplog.records if record.name == "crosssell"]) == 1


def test_without_a_request_there_is_no_basket(lamps):
    assert render(LINES, lines=[lamps[0]]) == "<p>Lamp</p>"
