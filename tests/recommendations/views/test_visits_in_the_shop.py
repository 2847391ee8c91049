"""What a shopper does is in the very next response: through the pages of the reference shop."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from recommendations.selectors.looked_at import VIEWED
from tests.recommendations.factories import companions, make_product, publish, set_placement

pytestmark = pytest.mark.django_db

NAMES = ("Laptop", "Phone", "Mouse", "Case")


@pytest.fixture
def goods():
    return {name: make_product(name) for name in NAMES}


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna", password="pw")


@pytest.fixture(autouse=True)
def _published(goods, anna):
    """A laptop goes with a mouse, a phone with a case; Anna has a list with both."""
    item = {name: pair[1] for name, pair in goods.items()}
    for slug in ("basket", "visit", "recently-viewed", "home", "customer"):
        set_placement(slug, fallback="none")
    publish(
        {
            item["Laptop"]: companions(item["Mouse"]),
            item["Phone"]: companions(item["Case"]),
        }
    )
    own = companions(item["Mouse"], item["Case"])
    publish({}, kind="user_based", customers={str(anna.pk): own})


def look_at(client: Client, product: Any) -> None:
    assert client.get(product.get_absolute_url()).status_code == 200


def shelf(client: Client, heading: str, path: str = "/") -> list[str]:
    """Return the products on the shelf of a page that has this heading, in their order."""
    html = client.get(path).content.decode()
    for section in re.findall(r'<section class="crosssell.*?</section>', html, re.DOTALL):
        if f">{heading}</h2>" in section:
            return re.findall(r'__name"[^>]*><a [^>]*>([^<]*)</a>', section)
    return []


LOOKED = "You looked at lately"
INSPIRED = "Inspired by what you looked at"


def test_what_was_looked_at_and_what_goes_with_it_is_on_the_next_page(client, goods):
    assert shelf(client, LOOKED) == shelf(client, INSPIRED) == []
    look_at(client, goods["Laptop"][0])
    assert (shelf(client, LOOKED), shelf(client, INSPIRED)) == (["Laptop"], ["Mouse"])
    look_at(client, goods["Phone"][0])
    assert (shelf(client, LOOKED), shelf(client, INSPIRED)) == (
        ["Phone", "Laptop"],
        ["Case", "Mouse"],
    )
    look_at(client, goods["Laptop"][0])
    assert shelf(client, INSPIRED) == ["Mouse", "Case"]


def test_what_was_put_into_the_basket_is_on_the_next_page(client, goods):
    basket = reverse("shop:basket")

    def add(name):
        client.post(reverse("shop:basket_add"), {"product": goods[name][0].pk, "quantity": 1})

    assert shelf(client, "Goes with your basket", basket) == []
    add("Laptop")
    assert shelf(client, "Goes with your basket", basket) == ["Mouse"]
    add("Phone")
    assert shelf(client, "Goes with your basket", basket) == ["Case", "Mouse"]


def test_another_visitor_sees_nothing_of_it(client, goods):
    look_at(client, goods["Laptop"][0])
    other = Client()
    assert shelf(other, LOOKED) == shelf(other, INSPIRED) == []


def test_it_stays_through_a_login_and_is_gone_after_a_logout(client, goods, anna):
    look_at(client, goods["Laptop"][0])
    client.post(reverse("shop:login"), {"username": "anna", "password": "pw"})
    assert shelf(client, LOOKED) == ["Laptop"]
    client.post(reverse("shop:logout"))
    assert shelf(client, LOOKED) == []


def test_a_word_of_the_shopper_holds_on_the_next_page(client, goods, anna):
    client.force_login(anna)
    assert shelf(client, "Recommended for you") == ["Mouse", "Case"]
    client.post(reverse("crosssell:feedback"), {"not_interested": goods["Mouse"][1].key})
    assert shelf(client, "Recommended for you") == ["Case"]
    html = client.get(goods["Laptop"][0].get_absolute_url()).content.decode()
    assert "Frequently bought together" not in html
    client.post(reverse("crosssell:feedback"), {"more_like_this": goods["Phone"][1].key})
    assert shelf(client, "Recommended for you")[0] == "Case"


def test_what_is_like_what_was_asked_for_comes_first_by_turns(client, goods, anna):
    """Half of the shelf at most: the rest is as usual."""
    more = {name: make_product(name)[1] for name in ("Bag", "Dock", "Pen")}
    own = companions(more["Pen"], goods["Mouse"][1], more["Bag"])
    publish({}, kind="user_based", customers={str(anna.pk): own})
    publish({goods["Phone"][1]: companions(goods["Case"][1], more["Dock"])})
    set_placement("home", count=5, fallback="none")
    client.force_login(anna)
    assert shelf(client, "Recommended for you") == ["Pen", "Mouse", "Bag"]
    client.post(reverse("crosssell:feedback"), {"more_like_this": goods["Phone"][1].key})
    expected = ["Case", "Pen", "Dock", "Mouse", "Bag"]
    assert shelf(client, "Recommended for you") == expected
    assert client.get("/").content.decode().count("You asked for more like this") == 2


def test_the_switch_empties_and_stops_everything_at_once(client, goods, anna):
    client.force_login(anna)
    look_at(client, goods["Laptop"][0])
    assert VIEWED in client.session
    client.post(reverse("crosssell:personal"), {"personal": "off"})
    assert VIEWED not in client.session
    look_at(client, goods["Phone"][0])
    assert VIEWED not in client.session
    assert shelf(client, LOOKED) == shelf(client, INSPIRED) == []
    assert shelf(client, "Recommended for you") == []
    client.post(reverse("crosssell:personal"), {"personal": "on"})
    look_at(client, goods["Phone"][0])
    assert shelf(client, LOOKED) == ["Phone"]
    assert shelf(client, "Recommended for you") != []


def test_so_does_a_browser_that_asks_for_privacy(goods, anna):
    client = Client(headers={"Sec-GPC": "1"})
    client.force_login(anna)
    look_at(client, goods["Laptop"][0])
    assert VIEWED not in client.session
    assert shelf(client, "Recommended for you") == []


def test_who_has_switched_it_off_sees_what_everybody_sees(client, goods, anna):
    set_placement("home", fallback="popular")
    item = {name: pair[1] for name, pair in goods.items()}
    publish({}, {"": companions(item["Case"], item["Phone"])}, kind="together")
    client.force_login(anna)
    client.post(reverse("crosssell:personal"), {"personal": "off"})
    html = client.get("/").content.decode()
    assert "Fits what you bought" not in html
    assert "Not interested" not in html
    assert "Popular in this shop" in html
