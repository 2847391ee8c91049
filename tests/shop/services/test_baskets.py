"""What goes into a basket, and what does not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore

from shop.models import Basket
from shop.services.baskets import (
    add_to_basket,
    ensure_basket,
    merge_guest_basket,
    replace_in_basket,
    set_quantity,
    take_from_basket,
)
from shop.services.errors import Refused
from tests.shop.factories import make_basket, make_product, make_user, make_variant

pytestmark = pytest.mark.django_db


def held(basket: Basket) -> dict[str, int]:
    return dict(basket.lines.values_list("product__name", "quantity"))


def test_adding_twice_adds_up():
    basket, kettle = make_basket(), make_product("Kettle")
    add_to_basket(basket, kettle, 2)
    add_to_basket(basket, kettle)
    assert held(basket) == {"Kettle": 3}


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_an_odd_quantity_is_refused(quantity):
    basket = make_basket()
    with pytest.raises(Refused, match="between 1 and 999"):
        add_to_basket(basket, make_product(), quantity)
    assert held(basket) == {}


def test_what_the_basket_holds_counts_against_the_stock():
    kettle = make_product("Kettle", stock=3)
    basket = make_basket((kettle, 2))
    with pytest.raises(Refused, match="Only 3 pieces of Kettle are left"):
        add_to_basket(basket, kettle, 2)
    assert held(basket) == {"Kettle": 2}


def test_what_is_sold_out_hidden_or_to_be_chosen_is_refused():
    basket = make_basket()
    parent = make_product("Bag")
    make_variant(parent, "Navy")
    hidden_parent = make_product("Tent", visible=False)
    for product, words in (
        (make_product("Lamp", stock=0), "Lamp is sold out"),
        (make_product("Mat", visible=False), "Mat is no longer for sale"),
        (make_variant(hidden_parent, "Red"), "no longer for sale"),
        (parent, "Choose a variant of Bag"),
    ):
        with pytest.raises(Refused, match=words):
            add_to_basket(basket, product)
    assert held(basket) == {}


def test_a_basket_has_one_currency():
    basket = make_basket((make_product(currency="EUR"), 1))
    with pytest.raises(Refused, match="in EUR; Teapot is sold in GBP"):
        add_to_basket(basket, make_product("Teapot", currency="GBP"))


def test_a_quantity_is_set_and_zero_removes():
    kettle = make_product("Kettle")
    basket = make_basket((kettle, 2))
    set_quantity(basket, kettle.pk, 7)
    assert held(basket) == {"Kettle": 7}
    set_quantity(basket, kettle.pk, 0)
    assert held(basket) == {}
    with pytest.raises(Refused, match="no longer in your basket"):
        set_quantity(basket, kettle.pk, 1)


def test_what_is_no_longer_sold_can_still_be_removed():
    kettle = make_product("Kettle", visible=False)
    basket = make_basket((kettle, 2))
    set_quantity(basket, kettle.pk, 0)
    assert held(basket) == {}


def test_a_guest_keeps_the_basket_of_the_session():
    session = SessionStore()
    first = ensure_basket(session, AnonymousUser())
    assert ensure_basket(session, AnonymousUser()) == first
    assert ensure_basket(SessionStore(), AnonymousUser()) != first


@pytest.mark.parametrize("token", ["", "nonsense", 7, None, "0" * 32])
def test_a_damaged_session_means_a_new_basket(token):
    session = SessionStore()
    session["shop_basket"] = token
    assert ensure_basket(session, AnonymousUser()).lines.count() == 0


def test_a_guest_never_gets_the_basket_of_a_customer():
    basket = make_basket((make_product(), 1), user=make_user())
    session = SessionStore()
    session["shop_basket"] = str(basket.token)
    assert ensure_basket(session, AnonymousUser()) != basket


def test_baskets_merge_at_login():
    kettle, lamp, mat = make_product("Kettle"), make_product("Lamp"), make_product("Mat")
    user = make_user()
    own = make_basket((kettle, 2), (lamp, 998), user=user)
    guest = make_basket((lamp, 5), (mat, 1))
    merge_guest_basket(str(guest.token), user)
    assert held(own) == {"Kettle": 2, "Lamp": 999, "Mat": 1}
    assert list(Basket.objects.all()) == [own]


def test_a_customer_without_basket_takes_over_the_guests():
    user = make_user()
    guest = make_basket((make_product("Mat"), 1))
    merge_guest_basket(str(guest.token), user)
    assert held(Basket.objects.get(user=user)) == {"Mat": 1}


def test_a_customers_basket_is_never_merged_into_another():
    ann, bob = make_user("ann"), make_user("bob")
    theirs = make_basket((make_product("Mat"), 1), user=bob)
    merge_guest_basket(str(theirs.token), ann)
    assert held(theirs) == {"Mat": 1}
    assert not Basket.objects.filter(user=ann).exists()


def test_pieces_take_the_place_of_others():
    lamp, plus = make_product("Lamp"), make_product("Lamp Plus")
    basket = make_basket((lamp, 3), (make_product("Kettle"), 1))
    replace_in_basket(basket, lamp.pk, plus, 2)
    assert held(basket) == {"Lamp": 1, "Lamp Plus": 2, "Kettle": 1}
    replace_in_basket(basket, lamp.pk, plus, 1)
    assert held(basket) == {"Lamp Plus": 3, "Kettle": 1}


def test_what_cannot_be_put_in_leaves_the_basket_as_it_was():
    lamp, plus = make_product("Lamp"), make_product("Lamp Plus", stock=1)
    basket = make_basket((lamp, 2))
    with pytest.raises(Refused, match="Only 1 piece of Lamp Plus is left"):
        replace_in_basket(basket, lamp.pk, plus, 2)
    assert held(basket) == {"Lamp": 2}


@pytest.mark.parametrize("quantity", [3, 999])
def test_more_than_is_held_is_not_taken(quantity):
    lamp = make_product("Lamp")
    basket = make_basket((lamp, 2))
    with pytest.raises(Refused, match="no longer in your basket"):
        take_from_basket(basket, lamp.pk, quantity)
    with pytest.raises(Refused, match="no longer in your basket"):
        take_from_basket(make_basket(), lamp.pk, 1)
    assert held(basket) == {"Lamp": 2}
