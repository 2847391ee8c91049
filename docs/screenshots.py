"""Pictures for the README and the docs, taken from a running demo: `make screenshots`.

Walks from the first page to a product that has companions, and takes its block and its page at two
widths, light and dark.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
BLOCK = "section.crosssell"
FULL = 4  # this item and three companions
PHONE, DESK = 360, 1440
# Offline flags: the browser otherwise asks its maker for updates at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


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
                    page.locator(BLOCK).first.screenshot(path=IMAGES / "widget.png")
        browser.close()
    sys.stdout.write(f"{address} is in {IMAGES}.\n")


if __name__ == "__main__":
    main()
