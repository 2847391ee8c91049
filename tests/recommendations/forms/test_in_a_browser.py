"""The rows of a rule in a real browser, under a strict content-security policy."""

from __future__ import annotations

from pathlib import Path

import pytest

import recommendations
from tests.recommendations.forms.test_conditions import SIMPLE, RuleForm, rows

pytestmark = pytest.mark.browser

STATIC = Path(recommendations.__file__).parent / "static"
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'"


@pytest.fixture
def open_form(browser):
    """Show a form; what the browser complains of is kept."""
    complaints, contexts = [], []

    def show(form, *, width=1200):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        html = (
            "<!doctype html><meta charset=utf-8><meta name=viewport"
            f" content='width=device-width'><title>Rule</title>{form.media}"
            f"<form>{form.as_div()}</form>"
        )
        page.route("**/*", lambda route: serve(route, html))
        page.goto("http://shop.test/")
        return page

    show.complaints = complaints
    yield show
    for context in contexts:
        context.close()


def serve(route, html):
    path = route.request.url.removeprefix("http://shop.test/")
    if path.startswith("static/"):
        route.fulfill(path=STATIC / path.removeprefix("static/"))
    else:
        headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
        route.fulfill(body=html, headers=headers)


def sent(page):
    """What the form would send."""
    return page.evaluate("Object.fromEntries(new FormData(document.querySelector('form')))")


def test_rows_are_added_and_offer_what_fits_the_field(open_form):
    page = open_form(RuleForm(initial={"rule": SIMPLE}))
    before = page.locator("[data-cs-row]").count()
    page.click("[data-cs-add]")
    assert page.locator("[data-cs-row]").count() == before + 1
    row = page.locator("[data-cs-row]").last
    assert row.get_attribute("aria-label") == f"Condition {before + 1}"
    row.locator("select").first.select_option("item.active")
    offered = row.locator("select").nth(1).locator("option:not([disabled])")
    values = [option.get_attribute("value") for option in offered.all()]
    assert values == ["eq", "ne", "same", "exists", "not_exists"]
    assert not row.locator("[data-cs-attribute]").is_visible()
    row.locator("[data-cs-value]").fill("true")
    form = RuleForm(sent(page))
    assert form.is_valid(), form.errors
    active = {"field": "item.active", "op": "eq", "value": True}
    assert form.cleaned_data["rule"] == {**SIMPLE, "all": [*SIMPLE["all"], active]}
    assert open_form.complaints == []


def test_an_untouched_form_sends_the_same_rule(open_form):
    form = RuleForm(sent(open_form(RuleForm(initial={"rule": SIMPLE}))))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["rule"] == SIMPLE


def test_whoever_edits_the_json_means_the_json(open_form):
    page = open_form(RuleForm(initial={"rule": SIMPLE}))
    page.locator(".cs-condition-json summary").click()
    page.fill("textarea", "{}")
    assert sent(page)["rule-mode"] == "json"
    page.fill("[name=rule-2-value]", "5 EUR")
    assert sent(page)["rule-mode"] == "rows"


def test_hostile_values_run_nothing(open_form):
    attack = "\"><img src=x onerror=alert(1)><script>alert(1)</script>'"
    refused = RuleForm(rows(("item.price", "lt", attack)))
    refused.is_valid()
    page = open_form(refused)
    assert page.input_value("[name=rule-0-value]") == attack
    assert page.locator("img, form script").count() == 0
    assert open_form.complaints == []


@pytest.mark.parametrize("width", [360, 1400])
def test_no_page_is_wider_than_the_screen(open_form, width):
    page = open_form(RuleForm(initial={"rule": SIMPLE}), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
