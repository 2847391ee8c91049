"""Pictures for the README and the docs, taken from a running demo: `make screenshots`.

Walks from the first page to a product that has companions and takes its blocks, then through a
merchant's first hour in the admin as docs/merchants.md tells it. Forms are filled in and never
sent, so the demo stays as it was.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
BLOCK = "section.crosssell"
FULL = 4  # this item and three companions
PHONE, DESK, TABLET = 360, 1440, 1100
MARGIN = 12
COLOURS = 96  # of a picture in the docs: flat pages need no more, and it is a third of the size
# Offline flags: the browser otherwise asks its maker for updates at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
ADMIN = "/admin/crosssell_recommendations"
LOGIN = "merchant"  # the demo's; its password is its name


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="address of the demo")
    root = parser.parse_args().url.rstrip("/")
    chromium = os.environ.get("CROSSSELL_TEST_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise SystemExit("No chromium on the path; name one with CROSSSELL_TEST_CHROMIUM.")
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        address = product_with_companions(browser.new_page(), root)
        shop_pictures(browser, address)
        merchant_pictures(browser, root)
        browser.close()
    sys.stdout.write(f"{address} is in {IMAGES}.\n")


def product_with_companions(page: Page, root: str) -> str:
    """Return the address of a product whose block is as full as they get."""
    page.goto(f"{root}/products/")
    links = page.eval_on_selector_all("a[href*='/product/']", "all => all.map(a => a.href)")
    ticks: dict[str, int] = {}
    for address in dict.fromkeys(links):
        page.goto(address)
        ticks[address] = page.locator(f"{BLOCK} input[type=checkbox]").count()
        if ticks[address] >= FULL:
            break
    best = max(ticks, key=lambda address: ticks[address], default="")
    if not ticks.get(best):
        raise SystemExit(f"None of {len(ticks)} products on {root}/products/ shows the block.")
    return best


def shop_pictures(browser: Browser, address: str) -> None:
    """Take the product's page at two widths, light and dark, and its blocks for the README."""
    for width in (PHONE, DESK):
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                device_scale_factor=1,
            )
            page.goto(address)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / f"product-{width}-{scheme}.png", full_page=True)
            if width == DESK and scheme == "light":
                take(page, "widget", *page.locator(BLOCK).all()[:2])


def merchant_pictures(browser: Browser, root: str) -> None:
    """Take the steps of a merchant's first hour."""
    page = browser.new_page(viewport={"width": TABLET, "height": 900}, color_scheme="light")
    page.goto(f"{root}/admin/login/?next={ADMIN}/placement/")
    page.fill("#id_username", LOGIN)
    page.fill("#id_password", LOGIN)
    page.click("[type=submit]")
    page.locator("#toggle-nav-sidebar").click()
    take(page, "merchant-placements", page.locator("#changelist"))

    page.click("#result_list a[href*='/placement/']:has-text('Frequently bought together')")
    filter_out(page)
    take(page, "merchant-filter", page.locator(".form-row.field-condition").first)
    pin(page)
    rule(page)
    take(
        page,
        "merchant-pin-and-rule",
        page.locator("#pins-group"),
        page.locator("#merchandising-group"),
    )
    page.wait_for_load_state("networkidle")
    take(page, "merchant-preview", page.locator("#cs-preview"))

    page.goto(f"{root}{ADMIN}/placement/explain/?placement=product")
    page.wait_for_load_state("networkidle")
    take(page, "merchant-explain", *page.locator("#content .cs-panel").all()[:2])


def filter_out(page: Page) -> None:
    """Keep a category out of the block: that of the last companion in the preview."""
    row = page.locator(".field-condition [data-cs-row]").first
    row.locator("[name$=-field]").select_option("item.category")
    row.locator("[name$=-op]").select_option("not_in")
    names = page.locator("datalist[id='cs-known-item.category'] option")
    row.locator("[name$=-value]").fill(names.first.get_attribute("value") or "")


def pin(page: Page) -> None:
    """Pin whatever the search finds first."""
    page.click("#pins-group .add-row a")
    page.fill("[name=pins-0-position]", "2")
    page.click("#pins-group .dynamic-pins .select2-selection")
    page.click(".select2-results__option--highlighted")


def rule(page: Page) -> None:
    """Lift a brand."""
    page.click("#merchandising-group .add-row a")
    page.fill("[name=merchandising-0-name]", "Our own brand")
    row = page.locator("#merchandising-0 [data-cs-row]").first
    row.locator("[name$=-field]").select_option("item.brand")
    names = page.locator("datalist[id='cs-known-item.brand'] option")
    row.locator("[name$=-value]").fill(names.first.get_attribute("value") or "")


def take(page: Page, name: str, *parts: Locator) -> None:
    """Save a picture of parts that stand below each other, in few colours."""
    page.evaluate("window.scrollTo(0, 0)")  # boxes are told from the window's corner
    boxes = [box for part in parts if (box := part.bounding_box())]
    left, top = (min(box[side] for box in boxes) - MARGIN for side in ("x", "y"))
    clip = {
        "x": left,
        "y": top,
        "width": max(box["x"] + box["width"] for box in boxes) + MARGIN - left,
        "height": max(box["y"] + box["height"] for box in boxes) + MARGIN - top,
    }
    taken = page.screenshot(full_page=True, clip=clip)
    with Image.open(io.BytesIO(taken)) as picture:
        picture.convert("RGB").quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
