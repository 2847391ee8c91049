"""The page of explanations in a real browser: it fits a phone, and offers products by title."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from recommendations.models import Item, Merchandising, PlacementPin
from tests.recommendations.factories import companions, make_product, publish, set_placement

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server, url):
    """A question with a pin, a lift, a rule that hides and a long title in its answer."""
    placement = set_placement(per_category=2, fallback="popular", count=5)
    names = ("Laptop", "Mouse", "Dock", "Sleeve", "Stand", "Cable", "An" + "other" * 12)
    made = {name: make_product(name)[1] for name in names}
    publish({made["Laptop"]: companions(*list(made.values())[1:])}, {"": companions(made["Stand"])})
    Item.objects.filter(title__in=["Mouse", "Dock", "Cable"]).update(category="Accessories")
    for name, kind, title in (("Autumn", "boost", "Dock"), ("No sleeves", "hide", "Sleeve")):
        condition = {"version": 1, "field": "item.title", "op": "eq", "value": title}
        Merchandising.objects.create(name=name, kind=kind, condition=condition)
    PlacementPin.objects.create(placement=placement, item=made["Stand"], position=1)
    return f"{live_server.url}{url('placement_explain')}?product=Laptop&why=Sleeve"


@pytest.fixture
def open_page(browser, live_server, address):
    """Open the page as an administrator, and fail if the browser complains of it."""
    get_user_model().objects.create_superuser("root", password="root")
    complaints, contexts = [], []

    def opened(*, width=1440, dark=False):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/admin/login/")
        page.fill("#id_username", "root")
        page.fill("#id_password", "root")
        page.click("[type=submit]")
        complaints.clear()
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_answer_fits_the_window(open_page, width, dark):
    page = open_page(width=width, dark=dark)
    assert "“No sleeves” hides it" in page.inner_text("#cs-answer")
    assert page.locator(".cs-explained > li").count() == 4
    wide = "it => it.scrollWidth - it.clientWidth"
    assert page.locator("#content-main").evaluate(wide) <= 0


def test_products_are_offered_while_a_person_types(open_page):
    page = open_page()
    page.fill("#cs-ask-why", "")
    page.type("#cs-ask-why", "Dock")
    page.wait_for_selector("#cs-ask-products option[value^='Dock (']", state="attached")
