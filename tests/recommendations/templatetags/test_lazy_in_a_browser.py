"""Lazy shelves in a real browser: filled one after the other, and nothing stands twice."""

from __future__ import annotations

import pytest
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from recommendations.models import Item
from shop.models import Product
from tests.recommendations.factories import (
    SMALL_SHOP,
    companions,
    make_product,
    publish,
    set_placement,
)
from tests.recommendations.templatetags.test_in_a_browser import opened

__all__ = ["opened"]

POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
PAGE = """{% load crosssell %}<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Page</title>{% crosssell_assets %}</head><body>
<p data-crosssell-key="{{ shown }}">The shop's own card</p>
{% frequently_bought_together product count=2 %}
{% similar_items product count=2 lazy=True %}{% trending lazy=True %}{% new_arrivals lazy=True %}
<p id="end">End</p></body></html>"""


def page(request, pk):
    context = {"product": Product.objects.get(pk=pk), "shown": request.GET.get("shown", "")}
    response = HttpResponse(engines["django"].from_string(PAGE).render(context, request))
    response["Content-Security-Policy"] = POLICY
    return response


urlpatterns = [
    path("page/<int:pk>/", page),
    path("favicon.ico", lambda _request: HttpResponse()),
    path("crosssell/", include("recommendations.urls")),
    *staticfiles_urlpatterns(),
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls(__name__),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def goods(settings):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    settings.DEBUG = True  # serves static files
    for slug in ("product", "similar", "trending", "new-arrivals"):
        set_placement(slug)
    viewed, *others = [make_product(f"Product {number} <b>") for number in range(12)]
    items = [item for _, item in others]
    publish({viewed[1]: companions(*items)})
    publish({viewed[1]: companions(*items)}, kind="content")
    for kind in ("trending", "new_arrivals"):
        publish({}, {"": companions(*items)}, kind=kind)
    return viewed, *others


def keys(shown):
    # The last place is filled when those before it are.
    shown.locator(".crosssell--shelf").nth(2).wait_for()
    return shown.eval_on_selector_all(
        "[data-crosssell-key]", "all => all.map(element => element.dataset.crosssellKey)"
    )


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_stands_twice_on_a_page(goods, opened, live_server, width):
    own = goods[3][1].key
    shown, complaints = opened(
        f"{live_server.url}/page/{goods[0][0].pk}/?shown={own}",
        viewport={"width": width, "height": 800},
    )
    found = keys(shown)
    assert len(found) == 1 + 3 + 2 + 3 + 3
    assert len(set(found)) == len(found)
    assert complaints == []
    assert not shown.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize(
    ("source", "shown", "most", "expected"),
    [
        ("/f/", ["1", "2"], 200, "?exclude=1%2C2"),
        ("/f/?count=2", ["1", "1"], 200, "?count=2&exclude=1"),
        ("/f/?exclude=9&exclude=8,1", ["1", "2"], 200, "?exclude=9%2C8%2C1%2C2"),
        ("/f/", ["1", "2", "3"], 2, "?exclude=1%2C2"),
        ("/f/", ["a,b", "", "ü&="], 200, "?exclude=%C3%BC%26%3D"),
        ("/f/", [], 200, ""),
    ],
)
def test_what_the_page_shows_is_told_within_bounds(
    goods, opened, live_server, source, shown, most, expected
):
    browser_page, _ = opened(f"{live_server.url}/page/{goods[0][0].pk}/")
    address = browser_page.evaluate(
        "async ([source, shown, most]) => (await import('/static/crosssell/crosssell.js'))"
        ".addressOf(source, shown, most)",
        [source, shown, most],
    )
    assert address == f"{live_server.url}/f/{expected}"


def test_an_address_stays_shorter_than_servers_take(goods, opened, live_server):
    browser_page, _ = opened(f"{live_server.url}/page/{goods[0][0].pk}/")
    address = browser_page.evaluate(
        "async (shown) => (await import('/static/crosssell/crosssell.js'))"
        ".addressOf('/f/', shown, 200)",
        [f"{number}{'é' * 100}" for number in range(200)],
    )
    assert 3000 < len(address) <= 3500


def test_a_place_whose_address_fails_stays_empty_and_the_next_is_filled(goods, opened, live_server):
    set_placement("similar", count=3)
    Item.objects.filter(pk=goods[0][1].pk).delete()
    shown, complaints = opened(f"{live_server.url}/page/{goods[0][0].pk}/")
    shown.locator(".crosssell--shelf").nth(1).wait_for()
    assert shown.locator(".crosssell--shelf").count() == 2
    assert all("404" in complaint for complaint in complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_a_shelf_scrolls_by_itself_and_its_words_are_readable(
    goods, opened, live_server, scheme
):
    set_placement("trending", count=6)
    shown, _ = opened(
        f"{live_server.url}/page/{goods[0][0].pk}/",
        viewport={"width": 360, "height": 800},
        color_scheme=scheme,
    )
    keys(shown)
    shelf = shown.locator(".crosssell__shelf").nth(1)
    assert shelf.evaluate("shelf => shelf.scrollWidth > shelf.clientWidth")
    shelf.locator("a").last.focus()
    assert shelf.evaluate("shelf => shelf.scrollLeft > 0")
    assert not shown.evaluate("document.documentElement.scrollWidth > window.innerWidth")
