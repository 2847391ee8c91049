"""The comparison in a real browser: narrow and wide, dark, by keyboard, under a strict policy."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from shop.models import Product
from tests.recommendations.factories import companions, make_product, publish
from tests.recommendations.templatetags.test_in_a_browser import opened
from tests.recommendations.templatetags.test_upgrades import TalkingShop

__all__ = ["opened"]

PAGE = """{% load crosssell %}<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Page</title>{% crosssell_assets %}</head><body><h1>{{ product.name }}</h1>
{% upgrades product lazy=lazy %}</body></html>"""
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'"
SCRIPT = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


def page(request, pk):
    context = {"product": Product.objects.get(pk=pk), "lazy": "lazy" in request.GET}
    html = engines["django"].from_string(PAGE).render(context, request)
    return HttpResponse(html, headers={"Content-Security-Policy": POLICY})


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


class LoudShop(TalkingShop):
    """A shop whose facts are hostile."""

    def attributes(self, product):
        """As its rows hold, and a script."""
        return {**product.attributes, SCRIPT: product.name + SCRIPT}


@pytest.fixture
def address(live_server, settings):
    settings.CROSSSELL_SHOP = f"{__name__}.LoudShop"
    settings.DEBUG = True  # serves static files
    lamp, item = make_product("Alder Lamp", price="100", attributes={"Power": "9 W"})
    others = [
        make_product(f"Alder Lamp {name}{SCRIPT}", price=price, attributes={"Power": power})[1]
        for name, price, power in (("Plus", "130", "12 W"), ("Pro", "180", "20 W"))
    ]
    publish({item: companions(*others, customers=7)}, kind="upgrades")
    return f"{live_server.url}/page/{lamp.pk}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("lazy", ["", "?lazy"])
def test_it_fits_and_nothing_is_executed(
    opened: Any, address: str, width: int, scheme: Any, lazy: str
) -> None:
    viewport = {"width": width, "height": 900}
    shown, complaints = opened(address + lazy, viewport=viewport, color_scheme=scheme)
    table = shown.get_by_role("table")
    table.wait_for()
    assert shown.title() == "Page"
    assert complaints == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert table.get_by_role("columnheader").count() == 3
    power = shown.get_by_role("row", name="Power")
    assert power.get_by_role("cell").all_text_contents() == ["9 W", "12 W", "20 W"]
    best = table.get_by_role("columnheader").nth(1).bounding_box()
    assert best["x"] + best["width"] <= width, "the item and its best upgrade are in sight"


def test_a_keyboard_scrolls_it_and_the_names_of_rows_stay(opened: Any, address: str) -> None:
    shown, _ = opened(address, viewport={"width": 360, "height": 900})
    shown.get_by_role("group", name="A step up: what more you get").focus()
    for _press in range(30):
        shown.keyboard.press("ArrowRight")
    shown.wait_for_function("document.querySelector('.crosssell__scroll').scrollLeft > 0")
    name = shown.get_by_role("rowheader", name="Power").bounding_box()
    place = shown.locator(".crosssell__scroll").bounding_box()
    assert abs(name["x"] - place["x"]) < 2
