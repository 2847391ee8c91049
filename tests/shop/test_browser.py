"""A whole purchase in a real browser, at two widths, light and dark."""

from __future__ import annotations

import pytest

from tests.shop.factories import make_brand, make_category, make_product, make_user, make_variant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = {
    "email": "guest@example.com",
    "name": "Gus Guest",
    "street": "Long Road 1",
    "postcode": "0150",
    "city": "Oslo",
    "country": "Norway",
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmütze " * 3


@pytest.fixture
def shelf():
    """A kettle, a bag to choose a colour of, and a product with a name without mercy."""
    category, brand = make_category("Kitchen"), make_brand()
    make_product("Copper Kettle", slug="kettle", category=category, brand=brand, stock=5)
    bag = make_product("Shopping Bag", slug="bag", category=category, price="10.00")
    make_variant(bag, "Black", stock=0, price="11.00")
    make_variant(bag, "Navy", price="12.00")
    make_variant(bag, "Sand", price="15.00")
    make_product(LONG, slug="long", category=category, price="1234567.50")
    make_user("ann")


@pytest.fixture
def visit(browser, shelf, live_server):
    """Open a page of the shop; what its console says and what overflows is an error."""
    contexts = []

    def go(path: str, *, page=None, width: int = 1440, scheme: str = "light", script=True):
        if page is None:
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme=scheme,
                java_script_enabled=script,
            )
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.problems = []
            page.on("console", lambda message: page.problems.append(message.text))
            page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        return page

    yield go
    for context in contexts:
        context.close()


def assert_sound(page) -> None:
    assert page.evaluate(OVERFLOW) <= 0, page.url
    assert page.problems == [], page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_a_guest_buys(visit, width, scheme):
    page = visit("/", width=width, scheme=scheme)
    assert_sound(page)
    for path in ("/products/", "/category/kitchen/", "/product/long/", "/account/login/"):
        assert_sound(visit(path, page=page))
    visit("/product/bag/", page=page)
    page.get_by_label("Sand").check()
    assert page.locator("p[data-price]").inner_text() == "€15.00"
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_text("Shopping Bag (Sand) is in your basket.").wait_for()
    assert page.locator("[data-basket-count] b").inner_text() == "1"
    visit("/search/?q=kettle", page=page)
    page.get_by_role("button", name="Add Copper Kettle to basket").click()
    page.get_by_text("Copper Kettle is in your basket.").wait_for()
    assert_sound(page)
    page.get_by_role("link", name="View basket").click()
    page.get_by_label("Quantity of Copper Kettle").fill("2")
    page.get_by_label("Quantity of Copper Kettle").press("Enter")
    page.get_by_text("Your basket was updated.").wait_for()
    assert "€54.80" in page.locator(".sums__total").inner_text()
    assert_sound(page)
    page.get_by_role("link", name="Go to checkout").click()
    for name, value in ADDRESS.items():
        page.locator(f"#id_{name}").fill(value)
    assert_sound(page)
    page.get_by_role("button", name="Order and pay").click()
    page.get_by_role("heading", name="Thank you for your order.").wait_for()
    assert_sound(page)


def test_everything_works_without_a_script(visit):
    page = visit("/product/bag/", script=False)
    page.get_by_label("Navy").check()
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_text("Shopping Bag (Navy) is in your basket.").wait_for()
    page.get_by_role("link", name="Basket").first.click()
    page.get_by_role("button", name="Update").click()
    page.get_by_text("Your basket was updated.").wait_for()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("There is nothing in your basket yet.").wait_for()


def test_the_keyboard_is_enough(visit):
    page = visit("/products/")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _press in range(30):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.textContent.trim()")
        if text == "Add Copper Kettle to basket":
            break
    page.keyboard.press("Enter")
    page.get_by_text("Copper Kettle is in your basket.").wait_for()


def test_a_refusal_is_told_and_nothing_is_added(visit):
    page = visit("/product/kettle/")
    page.locator("#quantity").fill("6")
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_text("Only 5 pieces of Copper Kettle are left.").wait_for()
    assert page.locator("[data-basket-count]").is_hidden()
