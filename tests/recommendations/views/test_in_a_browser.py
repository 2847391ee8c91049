"""Feedback and the switch in a real browser: with the script and without, by mouse and by keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.test import Client

from recommendations.models import Feedback
from shop.urls import urlpatterns as shop_urls
from tests.recommendations.factories import companions, make_product, publish, set_placement

urlpatterns = [*shop_urls, *staticfiles_urlpatterns()]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls(__name__),
    pytest.mark.django_db(transaction=True),
]

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])


@pytest.fixture
def anna():
    return get_user_model()._default_manager.create_user("anna")


@pytest.fixture(autouse=True)
def _published(anna, settings):
    settings.DEBUG = True  # serves static files
    set_placement("home", count=4, fallback="none")
    goods = [make_product(name)[1] for name in ("Mouse", "Case", "Cable <b>")]
    publish({}, kind="user_based", customers={str(anna.pk): companions(*goods)})


@pytest.fixture
def opened(browser, live_server, anna):
    """Open a page of the shop as Anna, and collect what the browser complains about."""
    contexts = []

    def open_page(path: str = "/", **options: Any) -> tuple[Any, list[str]]:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        client = Client()
        client.force_login(anna)
        value = client.cookies[project.SESSION_COOKIE_NAME].value
        session = {"name": project.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
        context.add_cookies([session])
        shown, complaints = context.new_page(), []
        shown.set_default_timeout(10_000)
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.goto(path)
        return shown, complaints

    yield open_page
    for context in contexts:
        context.close()


def names(shown):
    """Return the products of Anna's own shelf."""
    own = shown.get_by_role("region", name="Recommended for you")
    return own.locator(".crosssell__name").all_text_contents()


def button(shown, word, product):
    """Return a button; browsers put a space before the hidden half of its name."""
    return shown.get_by_role("button", name=re.compile(f"{word} ?: {product}"))


@SCRIPTS
def test_what_does_not_interest_goes_and_stays_away(opened, scripts):
    shown, complaints = opened(java_script_enabled=scripts)
    assert names(shown) == ["Mouse", "Case", "Cable <b>"]
    button(shown, "Not interested", "Mouse").click()
    shown.get_by_role("status").filter(has_text="You will not see this again.").wait_for(
        state="attached"
    )
    assert names(shown) == ["Case", "Cable <b>"]
    shown.goto("/")
    assert names(shown) == ["Case", "Cable <b>"]
    assert complaints == []
    assert Feedback.objects.get().kind == "not_interested"


@SCRIPTS
def test_more_like_this_is_noted(opened, scripts):
    shown, complaints = opened(java_script_enabled=scripts)
    button(shown, "More like this", "Cable <b>").click()
    shown.get_by_role("status").filter(has_text="You will see more like this.").wait_for(
        state="attached"
    )
    assert Feedback.objects.get().kind == "more_like_this"
    assert complaints == []


def test_the_keyboard_goes_on_at_the_card_beside_it(opened):
    shown, _ = opened()
    for name in ("Case", "Cable <b>", "Mouse"):
        word = button(shown, "Not interested", name)
        word.focus()
        shown.keyboard.press("Enter")
        word.wait_for(state="detached")
        focused = shown.evaluate("document.activeElement.closest('section.crosssell') !== null")
        assert focused, name
    assert shown.evaluate("document.activeElement.tagName") == "H2"


def test_a_word_that_cannot_be_noted_leaves_the_card_and_says_so(opened):
    shown, _ = opened()
    shown.route("**/crosssell/feedback/", lambda route: route.abort())
    button(shown, "Not interested", "Mouse").click()
    told = shown.get_by_role("status").filter(has_text="This could not be noted.")
    told.wait_for(state="attached")
    assert "Mouse" in names(shown)


@SCRIPTS
def test_the_switch_takes_the_personal_shelf_away_and_brings_it_back(opened, scripts):
    shown, complaints = opened("/crosssell/about/", java_script_enabled=scripts)
    shown.get_by_role("button", name="Switch personal recommendations off").click()
    assert "You have switched personal recommendations off." in shown.content()
    shown.goto("/")
    assert names(shown) == []
    shown.goto("/crosssell/about/")
    shown.get_by_role("button", name="Switch personal recommendations on").click()
    shown.goto("/")
    assert names(shown) == ["Mouse", "Case", "Cable <b>"]
    assert complaints == []


@pytest.mark.parametrize("path", ["/", "/crosssell/about/"])
def test_nothing_overflows_a_narrow_screen(opened, path):
    shown, complaints = opened(path, viewport={"width": 360, "height": 800})
    width = shown.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    assert complaints == []
