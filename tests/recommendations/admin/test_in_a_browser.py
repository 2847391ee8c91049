"""The pages in a real browser: what scripts do, under the project's Content-Security-Policy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from recommendations.models import Build, BuildLease, Item, Pin, Placement
from tests.recommendations.admin.makers import add_lists, make_build
from tests.recommendations.factories import companions, make_product, set_placement

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shelf():
    """A laptop with four companions in a published build, and a build that runs."""
    set_placement(count=3)
    _, laptop = make_product("Laptop")
    others = [make_product(name)[1] for name in ("Mouse", "Bag", "Dock", "Sleeve")]
    make_build("retired")
    add_lists(make_build("published"), {laptop: companions(*others)})
    make_build("rejected")
    Build.objects.filter(status="rejected").update(
        verdict={"accepted": False, "reasons": [{"code": "no_lists", "parameters": {}}]}
    )
    make_build("running", done_items=1_000, total_items=4_000, phase="product")
    BuildLease.objects.create(
        kind="together", fence=1, expires_at=timezone.now() + timedelta(minutes=5)
    )
    return laptop


@pytest.fixture
def browse(browser, live_server, shelf):
    """Open a page as an administrator; the list of complaints fills while it is used."""
    get_user_model().objects.create_superuser("root", password="root")
    complaints, contexts = [], []

    def open_page(path, *, width=1440, dark=False, script=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else 0,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/admin/login/?next={path}")
        page.fill("#id_username", "root")
        page.fill("#id_password", "root")
        complaints.clear()
        page.click("[type=submit]")
        page.wait_for_load_state("load")
        return page

    open_page.complaints = complaints
    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def placement_page(url, shelf):
    return url("placement_change", Placement.objects.get().pk)


def block_text(page):
    return page.locator("[data-cs-block]").evaluate("it => it.shadowRoot.textContent")


def wait_for_text(page, text):
    page.wait_for_function(
        "text => document.querySelector('[data-cs-block]').shadowRoot.textContent.includes(text)",
        arg=text,
    )


def test_the_preview_follows_the_form(browse, placement_page):
    page = browse(placement_page)
    assert "Mouse" in block_text(page)
    assert "Sleeve" not in block_text(page)
    page.fill("#id_count", "4")
    page.fill("#id_title", "Goes well with")
    wait_for_text(page, "Sleeve")
    wait_for_text(page, "Goes well with")
    page.fill("#id_minimum_support", "3")
    page.wait_for_function(
        "() => document.querySelector('[data-cs-note]').textContent.includes('fewer than 5')"
    )
    page.fill("#id_minimum_support", "5")
    page.fill("#cs-preview-product", "nothing of that name")
    page.wait_for_function(
        "() => document.querySelector('[data-cs-note]').textContent.includes('No product')"
    )
    assert browse.complaints == []


def test_products_are_suggested_while_typing(browse, placement_page):
    page = browse(placement_page)
    page.fill("#cs-preview-product", "ouse")
    option = page.locator("#cs-preview-products option").first
    option.wait_for(state="attached")
    assert option.get_attribute("value").startswith("Mouse (")


def test_the_previews_buttons_lead_nowhere(browse, placement_page):
    page = browse(placement_page)
    before = page.url
    page.locator("[data-cs-block] a").first.click()
    page.wait_for_timeout(200)
    assert page.url == before


def test_without_script_there_is_a_preview_button(browse, placement_page):
    page = browse(placement_page, script=False)
    page.fill("#id_count", "4")
    page.click("[data-cs-refresh]")
    assert "Nothing has been saved." in page.inner_text("#content")
    # The shadow root comes from the page itself, so the block is there without script.
    assert page.locator("[data-cs-block] >> text=Sleeve").count() == 1


def test_progress_moves_and_the_end_arrives_without_a_reload(browse, url):
    page = browse(url("build_changelist"))
    page.evaluate("window.wasHere = true")
    assert "1,000 of 4,000 items" in page.inner_text("#cs-live")
    Build.objects.filter(status="running").update(done_items=3_000)
    page.wait_for_function(
        "() => document.querySelector('#cs-live').textContent.includes('3,000 of 4,000')"
    )
    assert page.locator("#cs-live progress").first.evaluate("it => it.value") == 75
    Build.objects.filter(status="running").update(status="candidate", finished_at=timezone.now())
    page.wait_for_function(
        "() => document.querySelector('#cs-live').textContent.includes('is good and waits')"
    )
    assert page.evaluate("window.wasHere")
    assert browse.complaints == []


def test_a_companion_is_pinned_by_searching_its_title(browse, url, shelf):
    page = browse(url("item_change", shelf.pk))
    page.click("#pins-group .add-row a")
    page.click("#pins-group .dynamic-pins .select2-selection")
    page.keyboard.type("Slee")
    page.click(".select2-results__option--highlighted:has-text('Sleeve')")
    page.click("[name=_continue]")
    page.wait_for_load_state("load")
    pinned = list(Pin.objects.values_list("companion__title", flat=True))
    assert pinned == ["Sleeve"]


def test_a_rule_is_made_in_a_row_that_was_added(browse, placement_page):
    Item.objects.filter(title="Mouse").update(category="Pointing devices")
    page = browse(placement_page)
    page.click("#merchandising-group .add-row a")
    rule = page.locator("#merchandising-0")
    rule.locator("[name=merchandising-0-name]").fill("No mice")
    rule.locator("[name=merchandising-0-kind]").select_option("hide")
    # One row to begin with, whose comparisons follow its field: the script runs in copies too.
    rows = rule.locator("[data-cs-row]")
    assert rows.count() == 1
    rows.first.locator("[name$=-field]").select_option("item.category")
    assert rows.first.locator("[name$=-op] option[value=between]").is_disabled()
    value = rows.first.locator("[name$=-value]")
    known = page.locator(f"datalist[id='{value.get_attribute('list')}'] option")
    assert [each.get_attribute("value") for each in known.all()] == ["Pointing devices"]
    value.fill("Pointing devices")
    page.wait_for_function(
        "() => !document.querySelector('[data-cs-block]').shadowRoot.textContent.includes('Mouse')"
    )
    rule.locator("[data-cs-add]").click()
    assert rows.count() == 2
    page.click("[name=_continue]")
    page.wait_for_load_state("load")
    reading = page.locator("#merchandising-0 .cs-condition-reading").inner_text()
    assert "Pointing devices" in reading
    assert "Mouse" not in block_text(page)
    rows.first.locator("[name$=-field]").select_option("")
    assert rows.first.locator("[name$=-value]").input_value() == ""  # the row is taken out
    assert browse.complaints == []


def test_the_preview_follows_a_product_chosen_by_search(browse, placement_page):
    page = browse(placement_page)
    page.click("#pins-group .add-row a")
    page.click("#pins-group .dynamic-pins .select2-selection")
    page.keyboard.type("Slee")
    page.click(".select2-results__option--highlighted:has-text('Sleeve')")
    wait_for_text(page, "Sleeve")
    page.click("#pins-group .dynamic-pins .inline-deletelink")
    page.wait_for_function(
        "() => !document.querySelector('[data-cs-block]').shadowRoot.textContent.includes('Sleeve')"
    )
    assert browse.complaints == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1440])
def test_pages_fit_and_nothing_is_refused(browse, url, shelf, placement_page, width, dark):
    builds = list(Build.objects.values_list("pk", flat=True))
    addresses = [
        url("build_changelist"),
        url("modelchoice_changelist"),
        *(url("build_change", pk) for pk in builds),
        url("build_force", builds[1]),
        url("item_changelist"),
        url("item_change", shelf.pk),
        placement_page,
        url("placement_changelist"),
        url("merchandising_changelist"),
        url("merchandising_add"),
        "/admin/crosssell_recommendations/",
    ]
    page = browse(addresses[0], width=width, dark=dark)
    for address in addresses:
        page.goto(page.url.split("/admin/")[0] + address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} px wide"
    assert browse.complaints == []
