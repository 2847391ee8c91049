"""What a block may link to or load."""

from __future__ import annotations

import pytest

from recommendations.selectors.together import frequently_bought_together
from recommendations.selectors.web_addresses import web_address
from tests.recommendations.factories import SMALL_SHOP, SmallShop, companions, make_product, publish

OF_THE_WEB = [
    "",
    "/product/kettle/",
    "kettle/",
    "?page=2",
    "#reviews",
    "//cdn.example/kettle.jpg",
    "https://shop.example/a:b/?next=javascript:1",
    "HTTP://shop.example/",
    "/search/?q=data:text/html,x",
    "./javascript:alert(1)",
]
OTHERS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " \t javascript:alert(1)",
    "java\nscript:alert(1)",
    "\x00\x1fjavascript:alert(1)",
    "java\tscri\rpt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "vbscript:msgbox(1)",
    "blob:https://shop.example/1",
    "file:///etc/passwd",
    "filesystem:https://shop.example/x",
    "view-source:https://shop.example/",
    "x+y-z.1:anything",
]


@pytest.mark.parametrize("address", OF_THE_WEB)
def test_addresses_of_the_web_stay_as_they_are(address):
    assert web_address(address) == address


@pytest.mark.parametrize("address", OTHERS)
def test_others_are_nothing(address):
    assert web_address(address) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["url", "image_url"])
def test_no_slot_carries_a_script_of_the_shops(settings, monkeypatch, method):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    monkeypatch.setattr(SmallShop, method, lambda self, product, *, request=None: OTHERS[0])
    (_, viewed), (_, mouse) = make_product("Laptop"), make_product("Mouse")
    publish({viewed: companions(mouse)})
    (slot,) = frequently_bought_together(viewed.key)
    assert getattr(slot, method) == ""
