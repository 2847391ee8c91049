"""What the blocks of a whole page cost together in queries, once they are warm."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.template import engines
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from recommendations.adapters import get_adapter
from shop.selectors.catalogue import product_page
from tests.recommendations.factories import (
    SMALL_SHOP,
    SmallShop,
    companions,
    make_product,
    make_products,
    publish,
    set_placement,
)
from tests.shop.factories import make_basket, make_user

MOST_QUERIES = 5
BLOCK = re.compile(r'<section class="crosssell|<div class="crosssell crosssell--offer')

# The number on the basket is in the head of every page, whether it shows blocks or not.
BARE = "{% load crosssell %}{{ basket_count }}"
PRODUCT = f"""{BARE}{{% frequently_bought_together product %}}{{% upgrades product %}}
{{% similar_items product %}}{{% recommended_for_you %}}"""
BASKET = f"""{BARE}{{% for product in held %}}{{% basket_upgrades product %}}{{% endfor %}}
{{% basket_recommendations %}}"""


@pytest.fixture
def goods(settings):
    """Eighty products with lists of every kind, and a customer who holds the first fifty."""
    settings.CROSSSELL_SHOP = "shop.crosssell.ReferenceShop"
    made = make_products(80)
    dearer = [make_product(price="12.00")[1] for _ in range(10)]
    items = [item for _, item in made]
    publish({item: companions(*items[50:65]) for item in items})
    publish({item: companions(*items[65:80]) for item in items}, kind="content")
    publish({item: companions(*dearer) for item in items}, kind="upgrades")
    for slug in ("basket", "basket-upgrades", "customer", "similar", "upgrades"):
        set_placement(slug)
    return made


@pytest.fixture
def customer(goods):
    user = make_user()
    publish(
        {}, kind="user_based", customers={str(user.pk): companions(*(one for _, one in goods[40:]))}
    )
    make_basket(*((product, 1) for product, _ in goods[:50]), user=user)
    return user


@pytest.fixture
def page(goods, customer):
    """Draw a page that the customer asks for."""

    def draw(template):
        viewed = product_page(goods[0][0].slug)
        context = {"product": viewed, "held": [product for product, _ in goods[:50]]}
        return engines["django"].from_string(template).render(context, request_of(customer))

    return draw


def request_of(user):
    request = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    return request


@pytest.fixture
def queries(page):
    def count(template):
        page(template)  # warm
        with CaptureQueriesContext(connection) as captured:
            page(template)
        # PostgreSQL guards the shop's transaction by savepoints; nothing is read by them.
        return sum("SAVEPOINT" not in query["sql"] for query in captured)

    return count


def test_a_product_page_with_four_blocks(page, queries):
    assert len(BLOCK.findall(page(PRODUCT))) == 4
    assert queries(PRODUCT) - queries(BARE) <= MOST_QUERIES


def test_a_basket_of_fifty_lines_with_its_blocks(page, queries):
    # Three lines have an offer beside them, and the shelf.
    assert len(BLOCK.findall(page(BASKET))) == 4
    assert queries(BASKET) - queries(BARE) <= MOST_QUERIES


def test_the_shop_is_asked_for_the_basket_once_a_page(page, settings, monkeypatch):
    settings.CROSSSELL_SHOP = SMALL_SHOP
    asked = []
    monkeypatch.setattr(SmallShop, "basket", lambda _, request: asked.append(request) or ())
    page(PRODUCT)
    assert len(asked) == 1
    page(PRODUCT)
    assert len(asked) == 2


def test_a_page_that_has_changed_the_basket_reads_it_again(goods, customer, settings):
    adapter = get_adapter()
    request = request_of(customer)
    first, last = goods[0][0], goods[79][0]
    assert len(adapter.basket(request)) == 50
    adapter.add_to_basket(request, last)
    assert [line.key for line in adapter.basket(request)][50:] == [str(last.pk)]
    adapter.replace_in_basket(request, str(first.pk), goods[78][0])
    assert str(first.pk) not in {line.key for line in adapter.basket(request)}
