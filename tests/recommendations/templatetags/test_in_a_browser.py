"""The block in a real browser: the total follows the ticks, and the policy is not in its way."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from shop.models import Product
from tests.recommendations.factories import (
    SMALL_SHOP,
    companions,
    make_product,
    publish,
    set_placement,
)

PAGE = """{% load crosssell %}<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Page</title>{% crosssell_assets %}</head><body><h1>{{ product.name }}</h1>
{% for message in messages %}<p role="status">{{ message }}</p>{% endfor %}
{% frequently_bought_together product lazy=lazy %}</body></html>"""


def page(request, pk):
    context = {"product": Product.objects.get(pk=pk), "lazy": "lazy" in request.GET}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


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
def address(live_server, settings):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    settings.DEBUG = True  # serves static files
    set_placement()
    viewed = make_product("Laptop", price="1200.00")
    two = [make_product("Mouse", price="34.90"), make_product("Bag", price="42.50")]
    publish({viewed[1]: companions(*(item for _, item in two))})
    return f"{live_server.url}/page/{viewed[0].pk}/"


@pytest.fixture
def opened(browser):
    """Open a page and collect what the browser complains about."""
    contexts = []

    def open_page(address: str, **options: Any) -> tuple[Any, list[str]]:
        context = browser.new_context(**options)
        contexts.append(context)
        shown, complaints = context.new_page(), []
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.goto(address)
        return shown, complaints

    yield open_page
    for context in contexts:
        context.close()


def total(shown):
    return shown.locator("output").text_content()


def test_the_total_and_the_button_follow_the_ticks(opened, address):
    shown, complaints = opened(address)
    assert total(shown) == "€1,277.40"
    shown.get_by_role("checkbox", name="Mouse").uncheck()
    assert total(shown) == "€1,242.50"
    assert shown.get_by_role("button").text_content() == "Add chosen to basket"
    shown.get_by_role("checkbox", name="This item: Laptop").uncheck()
    shown.get_by_role("checkbox", name="Bag").uncheck()
    assert total(shown) == "€0.00"
    assert shown.get_by_role("button").is_disabled()
    for name in ("Mouse", "Bag", "This item: Laptop"):
        shown.get_by_role("checkbox", name=name).check()
    assert total(shown) == "€1,277.40"
    assert shown.get_by_role("button").text_content() == "Add all to basket"
    assert complaints == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
def test_what_is_ticked_goes_into_the_basket(opened, address, scripts):
    shown, complaints = opened(address, java_script_enabled=scripts)
    shown.get_by_role("checkbox", name="Bag").uncheck()
    shown.get_by_role("button").click()
    told = shown.locator("p[role=status]")
    assert told.text_content() == "Added to your basket: Laptop and Mouse."
    assert shown.url == address
    assert complaints == []


def test_a_lazy_block_is_filled_and_works(opened, address):
    shown, complaints = opened(f"{address}?lazy=1")
    shown.get_by_role("checkbox", name="Bag").uncheck()
    assert total(shown) == "€1,234.90"
    shown.get_by_role("button").click()
    assert "Laptop and Mouse" in shown.locator("p[role=status]").text_content()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_overflows_and_the_button_is_readable(opened, address, width, scheme):
    shown, _ = opened(address, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert not shown.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    colours = shown.get_by_role("button").evaluate(
        "b => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]"
    )
    assert contrast(*colours) >= 4.5
    tick = shown.locator(".crosssell__tick").first.bounding_box()
    assert min(tick["width"], tick["height"]) >= 24  # WCAG 2.2, 2.5.8


@pytest.mark.parametrize(
    ("minor", "format_", "text"),
    [
        (0, ("€", 2, ".", ",", "3"), "€0.00"),
        (5, ("€", 2, ".", ",", "3"), "€0.05"),
        (123456789, ("€", 2, ",", ".", "3"), "€1.234.567,89"),
        (1234567, ("¥", 0, ".", ",", "3"), "¥1,234,567"),
        (1234567890, ("₹", 2, ".", ",", "3,2,0"), "₹1,23,45,678.90"),
        (-150, ("€", 2, ".", "", "0"), "−€1.50"),
        (1234, ("KWD ", 3, ".", ",", "3"), "KWD 1.234"),
    ],
)
def test_amounts_are_written_as_the_server_does(opened, address, live_server, minor, format_, text):
    shown, _ = opened(address)
    names = ("prefix", "digits", "decimal", "thousand", "groups")
    data = {name: str(value) for name, value in zip(names, format_, strict=True)}
    written = shown.evaluate(
        "async ([minor, format]) => (await import('/static/crosssell/crosssell.js'))"
        ".amountText(minor, format)",
        [minor, data],
    )
    assert written == text


def contrast(*colours: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    import re

    luminances = []
    for colour in colours:
        channels = [float(value) / 255 for value in re.findall(r"[\d.]+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminances.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    low, high = sorted(luminances)
    return (high + 0.05) / (low + 0.05)
