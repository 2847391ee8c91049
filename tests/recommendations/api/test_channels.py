"""Rules that ask for the channel: JSON is "api", fragments and pages are "web", letters "email"."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.template import Context, Template
from django.test import RequestFactory

from recommendations.models import Merchandising
from tests.recommendations.basket_shop import BASKET_SHOP
from tests.recommendations.factories import companions, make_product, publish

ITEMS = "/crosssell/api/v1/items/{}/"
ADDRESSES = {
    "together": f"{ITEMS}frequently-bought-together/",
    "similar": f"{ITEMS}similar/",
    "upgrades": f"{ITEMS}upgrades/",
    "offers": "/crosssell/api/v1/baskets/upgrades/",
}


@pytest.fixture
def lamp():
    """A lamp with a companion that is also its upgrade, beside one that no channel hides."""
    _, lamp = make_product("Lamp", price="100")
    others = [make_product(name, price="112")[1] for name in ("Hidden", "Plain")]
    for kind in ("together", "content", "upgrades"):
        publish({lamp: companions(*others, customers=7)}, kind=kind)
    return lamp


def hide_in(channel):
    condition = {"version": 1, "all": [
        {"field": "page.channel", "op": "eq", "value": channel},
        {"field": "item.title", "op": "eq", "value": "Hidden"},
    ]}  # fmt: skip
    Merchandising.objects.create(name="Not here", kind="hide", condition=condition)


def shown(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.content
    text = response.content.decode()
    return {name for name in ("Hidden", "Plain") if name in text}


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    ("channel", "end"), [("api", ""), ("web", "fragment/")], ids=["json", "fragment"]
)
def test_an_address_is_of_its_channel_and_no_other(client, settings, lamp, name, channel, end):
    if name == "offers":
        settings.CROSSSELL_SHOP = BASKET_SHOP
        session = client.session
        session["held"] = {lamp.key: 1}
        session.save()
    hide_in(channel)
    address = ADDRESSES[name].format(lamp.key)
    other_end = "" if end else "fragment/"
    assert "Hidden" not in shown(client, address + end)
    assert "Hidden" in shown(client, address + other_end)


def test_a_letter_is_of_its_own_channel(lamp):
    letter = Template("{% load crosssell %}{% email_recommendations products=products %}")
    context = {"products": [lamp.key], "request": RequestFactory().get("/")}
    hide_in("api")
    assert "Hidden" in letter.render(Context(context))
    Merchandising.objects.all().delete()
    cache.clear()
    hide_in("email")
    assert "Plain" in (rendered := letter.render(Context(context)))
    assert "Hidden" not in rendered
