"""Recommendations in an e-mail: absolute, plain, and never a reason not to send it."""

from __future__ import annotations

import logging
import re

import pytest

from recommendations import faults
from recommendations.emails import absolute
from tests.recommendations.factories import (
    SMALL_SHOP,
    SmallShop,
    companions,
    make_product,
    publish,
    set_placement,
)
from tests.recommendations.templatetags.test_crosssell import Elements, render, text_of

SITE = "https://shop.example"
ORDER = "{% load crosssell %}{% email_recommendations bought base_url=site %}"
TEXT = "{% load crosssell %}{% email_recommendations bought base_url=site as_text=True %}"
CUSTOMER = "{% load crosssell %}{% email_recommendations customer=key base_url=site %}"
EVERY = pytest.mark.parametrize("template", [ORDER, TEXT, CUSTOMER])


class PicturedShop(SmallShop):
    """Pictures and addresses are what an attribute of the product says."""

    def image_url(self, product, *, request=None):
        return product.attributes.get("image", f"/pictures/{product.pk}.png")

    def url(self, product, *, request=None):
        return product.attributes.get("url", f"/p/{product.pk}/")


@pytest.fixture
def goods(settings):
    settings.CROSSSELL_SHOP = f"{__name__}.PicturedShop"
    set_placement("email")
    laptop, mouse, bag = make_product("Laptop"), make_product("Mouse <b>"), make_product("Bag\r\nX")
    publish({laptop[1]: companions(mouse[1], bag[1])})
    publish({}, kind="user_based", customers={"1": companions(bag[1]), "2": companions(mouse[1])})
    return laptop[0], mouse[0], bag[0]


@pytest.fixture
def given(goods):
    return {"bought": [goods[0]], "key": "1", "site": SITE}


def test_what_goes_with_an_order(goods, given):
    html = render(ORDER, **given)
    assert text_of(html).startswith("Goes with your order Mouse &lt;b&gt; €10.00 Bought with")
    assert "Laptop" not in html
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert len(addresses) == 6
    assert all(address.startswith(f"{SITE}/") for address in addresses)


def test_it_is_made_of_what_mail_programs_draw(given):
    elements = Elements(render(ORDER, **given))
    tags = {tag for tag, _ in elements.found}
    assert tags <= {"table", "tr", "td", "a", "img", "br", "strong", "span"}
    assert not any("class" in attributes for _, attributes in elements.found)
    assert elements.all("table")[0]["role"] == "presentation"
    assert all("alt" in image for image in elements.all("img"))


@pytest.mark.parametrize("image", ["/a.svg", "/a.webp", "", "data:image/png;base64,x", "http://["])
def test_a_picture_that_few_would_draw_is_left_out(goods, given, image):
    for product in goods[1:]:
        product.attributes = {"image": image}
        product.save()
    html = render(ORDER, **given)
    assert "Mouse" in html
    assert "<img" not in html
    assert "colspan" not in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x",
                                 "vbscript:x", "http://[", ""])  # fmt: skip
def test_an_address_that_is_none_of_the_web_is_no_link(goods, given, url):
    for product in goods[1:]:
        product.attributes = {"url": url, "image": ""}
        product.save()
    assert "Mouse" in render(ORDER, **given)
    assert "href" not in render(ORDER, **given)
    assert "://" not in render(TEXT, **given)


def test_the_plain_text_has_no_markup_and_a_title_is_one_line(goods, given):
    text = render(TEXT, **given)
    assert text.startswith("Goes with your order\n")
    assert "* Mouse <b>, €10.00\n" in text
    assert "* Bag X, €10.00\n" in text
    assert f"  {SITE}/p/{goods[1].pk}/" in text
    assert "&lt;" not in text


def test_a_customers_list_is_that_customers(given):
    assert "Bag" in render(CUSTOMER, **given)
    assert "Mouse" not in render(CUSTOMER, **given)
    assert "Mouse" in render(CUSTOMER, **{**given, "key": "2"})
    assert "Recommended for you" in render(CUSTOMER, **given)


def test_the_request_of_the_page_names_the_shop_where_nothing_else_does(given, rf):
    html = render("{% load crosssell %}{% email_recommendations bought %}", rf.get("/x/"), **given)
    assert 'href="http://testserver/p/' in html


@EVERY
@pytest.mark.parametrize("site", ["", "shop.example", "/", "javascript:x", "ftp://shop.example"])
def test_a_shop_without_an_address_of_the_web_sends_none(given, template, site, caplog):
    faults.forget_faults()
    assert render(template, **{**given, "site": site}) == ""
    assert caplog.records[-1].name == "crosssell"


@EVERY
def test_a_fault_leaves_a_gap_in_the_mail(given, template, monkeypatch, caplog):
    def broken(self, keys, *, request=None):
        raise RuntimeError("the shop's database is away")

    monkeypatch.setattr(SmallShop, "live_products", broken)
    faults.forget_faults()
    caplog.set_level(logging.ERROR, "crosssell")
    assert render(f"Thank you.{template} Bye.", **given) == "Thank you. Bye."
    assert len([record for record in caplog.records if record.name == "crosssell"]) == 1


@EVERY
def test_nothing_to_recommend_is_nothing(given, template, settings):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    publish({})
    publish({}, kind="user_based")
    assert render(template, **given).strip() == ""


def test_it_needs_to_be_told_whose_mail_it_is(given, caplog):
    faults.forget_faults()
    assert render("{% load crosssell %}{% email_recommendations base_url=site %}", **given) == ""
    assert "needs the products" in str(caplog.records[-1].exc_info[1])


def test_addresses_are_below_the_host():
    assert absolute("https://shop.example/en/", "/p/1/") == "https://shop.example/p/1/"
    assert absolute("https://shop.example", "https://cdn.example/1.png").startswith("https://cdn")
    assert absolute("https://shop.example", "mailto:someone@example.com") == ""
