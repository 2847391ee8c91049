"""Putting an upgrade in the place of a line: all of it or nothing, once, at the price told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recommendations.services.replacing import replace_in_basket
from shop.models import Product
from tests.recommendations.basket_shop import BASKET_SHOP, BasketShop, holding
from tests.recommendations.factories import make_product

CHANGED = "The price has changed: it is"


@pytest.fixture(autouse=True)
def basket_shop(settings, db):
    settings.CROSSSELL_SHOP = BASKET_SHOP


@pytest.fixture
def lamp():
    return make_product("Lamp", price="100")[1].key


@pytest.fixture
def plus():
    return make_product("Lamp Plus", price="112")[1].key


def held(request):
    return request.session["held"]


def change(key, **values):
    Product.objects.filter(pk=key).update(**values)


def test_the_quantity_is_kept_and_no_other_line_is_touched(lamp, plus):
    request = holding({lamp: 3, "999": 2})
    replaced = replace_in_basket(request, lamp, plus, more=Decimal("12.00"))
    assert held(request) == {"999": 2, plus: 3}
    assert (replaced.done, replaced.quantity) == (True, 3)
    assert replaced.message == "Lamp Plus is in your basket instead."


def test_pieces_are_put_on_top_of_those_that_are_held(lamp, plus):
    request = holding({lamp: 2, plus: 1})
    assert replace_in_basket(request, lamp, plus).done
    assert held(request) == {plus: 3}


def test_pressed_twice_it_is_done_once(lamp, plus):
    request = holding({lamp: 2})
    for _ in range(3):
        replaced = replace_in_basket(request, lamp, plus, more=Decimal(12))
    assert held(request) == {plus: 2}
    assert (replaced.done, replaced.quantity) == (True, 0)
    assert replaced.message == "Lamp Plus is in your basket."


@pytest.mark.parametrize(("stock", "wanted"), [(2, 3), (1, 999), (7, 8), (998, 999)])
def test_of_too_few_all_are_taken_and_the_rest_stays_what_it_was(lamp, plus, stock, wanted):
    change(plus, stock=stock)
    request = holding({lamp: wanted})
    replaced = replace_in_basket(request, lamp, plus)
    assert held(request) == {lamp: wanted - stock, plus: stock}
    assert replaced.message == (f"{stock} of {wanted} are Lamp Plus now; there are no more of it.")


def test_how_many_there_are_is_asked_a_few_times(lamp, plus, monkeypatch):
    asked = []

    def available(self, product, *, quantity=1, request=None):
        asked.append(quantity)
        return quantity <= 700

    monkeypatch.setattr(BasketShop, "available", available)
    request = holding({lamp: 999})
    replace_in_basket(request, lamp, plus)
    assert held(request)[plus] == 700
    assert len(asked) <= 12


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"stock": 0}, "Lamp Plus is not available now."),
        ({"visible": False}, "This product is no longer sold."),
        ({"attributes": {"variants": True}}, "Choose a variant of Lamp Plus."),
        ({"attributes": {"refuse": "One per customer."}}, "One per customer."),
        ({"attributes": {"refuse": ""}}, "Lamp Plus could not be added."),
        ({"price": "130"}, f"{CHANGED} €30.00 more now. Your basket was left as it is."),
        ({"price": "90"}, f"{CHANGED} −€10.00 more now. Your basket was left as it is."),
        ({"currency": "USD"}, "The price has changed, so your basket was left as it is."),
    ],
)  # fmt: skip
def test_what_cannot_be_had_leaves_the_line(lamp, plus, values, message):
    change(plus, **values)
    request = holding({lamp: 2})
    replaced = replace_in_basket(request, lamp, plus, more=Decimal(12))
    assert held(request) == {lamp: 2}
    assert (replaced.done, replaced.message) == (False, message)


def test_a_line_that_is_no_longer_sold_may_still_be_replaced_where_nothing_was_told(lamp, plus):
    change(lamp, visible=False)
    request = holding({lamp: 1})
    assert not replace_in_basket(request, lamp, plus, more=Decimal(12)).done
    assert replace_in_basket(request, lamp, plus).done
    assert held(request) == {plus: 1}


def test_what_is_not_held_is_not_replaced(lamp, plus):
    request = holding({"999": 1})
    replaced = replace_in_basket(request, lamp, plus)
    assert (replaced.done, replaced.message) == (
        False, "This product is no longer in your basket.",
    )  # fmt: skip
    assert held(request) == {"999": 1}


def test_a_line_is_not_replaced_by_itself(lamp):
    request = holding({lamp: 2})
    assert not replace_in_basket(request, lamp, lamp).done
    assert held(request) == {lamp: 2}


def test_unknown_keys_change_nothing(lamp):
    for key in ("", "unknown", "-1", "\0", "9" * 40, "\ud800"):
        request = holding({lamp: 2})
        assert not replace_in_basket(request, lamp, key).done
        assert replace_in_basket(request, key, lamp).quantity == 0
        assert held(request) == {lamp: 2}
