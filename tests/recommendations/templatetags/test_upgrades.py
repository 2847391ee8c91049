"""The comparison as HTML: a table that says what is more, and a fault that leaves only a gap."""

from __future__ import annotations

import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations import faults
from shop.models import Product
from tests.recommendations.factories import (
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)
from tests.recommendations.selectors.test_together import request_of
from tests.recommendations.templatetags.test_crosssell import Elements, render, text_of

TAG = "{% load crosssell %}<p>Page</p>{% upgrades product %}<p>Foot</p>"
EMPTY = "<p>Page</p><p>Foot</p>"
HOSTILE = "<script>alert(1)</script>"


class TalkingShop(SmallShop):
    """A shop that tells a comparison what its rows hold."""

    def attributes(self, product):
        """All of it."""
        return product.attributes


@pytest.fixture(autouse=True)
def talking(settings):
    settings.CROSSSELL_SHOP = f"{__name__}.TalkingShop"


@pytest.fixture
def lamp():
    product, item = make_product(
        "Alder Lamp", price="100", attributes={"Power": "9 W", "Colour": "red"}
    )
    _, plus = make_product(
        "Alder <b>", price="130", attributes={"Power": "12 W", "Colour": "red", "App": "yes"}
    )
    publish({item: companions(plus, customers=7)}, kind="upgrades")
    return product


def shown(lamp, template=TAG, request=None):
    return render(template, request or request_of(), product=lamp)


def test_what_more_one_gets_for_what_more_it_costs(lamp):
    assert text_of(shown(lamp)) == (
        "Page A step up: what more you get A This item: Alder Lamp A Alder &lt;b&gt; Price €100.00"
        " +€30.00 €130.00 7 customers moved up to it Power 9 W 12 W App – not given yes Foot"
    )


def test_it_is_a_table_with_heads_and_a_name_that_a_keyboard_can_scroll(lamp):
    html = shown(lamp)
    parts = Elements(html)
    (group,) = [given for tag, given in parts.found if given.get("role") == "group"]
    assert group["tabindex"] == "0"
    assert f'id="{group["aria-labelledby"]}"' in html
    scopes = [given.get("scope") for tag, given in parts.found if tag == "th"]
    assert scopes == ["col", "col", "row", "row", "row"]
    assert not any("style" in given for _, given in parts.found)
    assert not any(name.startswith("on") for _, given in parts.found for name in given)


def test_titles_and_attributes_are_escaped(lamp):
    product, item = make_product(HOSTILE, price="10", attributes={HOSTILE: HOSTILE})
    _, better = make_product(HOSTILE, price="12", attributes={HOSTILE: f"{HOSTILE}2"})
    publish({item: companions(better)}, kind="upgrades")
    set_placement("upgrades", title=HOSTILE)
    html = shown(product)
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_nothing_better_no_table(lamp):
    other, _ = make_product("Tea")
    assert shown(other) == EMPTY
    assert shown("unheard of") == EMPTY


def test_the_arguments_of_the_tag(lamp):
    set_placement("mine", title="Mine", count=2)
    with_all = '{% load crosssell %}{% upgrades product placement="mine" count=1 exclude=out %}'
    assert "Mine" in render(with_all, request_of(), product=lamp, out=())
    others = [str(pk) for pk in Product.objects.exclude(pk=lamp.pk).values_list("pk", flat=True)]
    assert render(with_all, request_of(), product=lamp, out=others) == ""


def test_lazily_it_costs_no_query_and_leaves_a_place(lamp, client):
    template = "{% load crosssell %}{% upgrades product count=2 lazy=True %}"
    with CaptureQueriesContext(connection) as captured:
        html = shown(lamp, template)
    assert [query for query in captured if "SAVEPOINT" not in query["sql"]] == []
    (source,) = [given["data-crosssell-src"] for _, given in Elements(html).found
                 if "data-crosssell-src" in given]  # fmt: skip
    fragment = client.get(source)
    assert fragment.status_code == 200
    assert "+€30.00" in fragment.content.decode()


def test_warm_it_costs_one_query_of_the_shops(lamp):
    shown(lamp)
    with CaptureQueriesContext(connection) as captured:
        assert "+€30.00" in shown(lamp)
    queries = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(queries) == 1
    assert "shop_product" in queries[0]


@pytest.mark.parametrize("method", ["live_products", "price", "attributes", "basket", "title"])
def test_a_fault_leaves_a_gap_and_one_line_in_the_log(lamp, method, monkeypatch, caplog):
    def broken(self, *args, **kwargs):
        raise RuntimeError("the shop is away")

    monkeypatch.setattr(TalkingShop, method, broken)
    faults.forget_faults()
    caplog.set_level(logging.ERROR, "crosssell")
    for _ in range(3):
        assert shown(lamp) == EMPTY
    assert len([record for record in caplog.records if record.name == "crosssell"]) == 1


def test_a_shop_that_tells_nothing_compares_prices(lamp, settings):
    settings.CROSSSELL_SHOP = "tests.recommendations.factories.SmallShop"
    html = shown(lamp)
    assert "+€30.00" in html
    assert "Power" not in html


def test_without_a_request_it_is_the_same_for_everybody(lamp):
    assert "+€30.00" in render(TAG, product=lamp)
