"""What a block costs in queries: cold, warm, and with rules that have just changed."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.conf import recommendation_settings
from recommendations.models import Exclusion, Item, NeighbourList, Pin, Placement
from recommendations.selectors import placements
from recommendations.selectors.builds import forget_published_builds
from recommendations.selectors.together import frequently_bought_together
from tests.recommendations.factories import (
    companions,
    make_product,
    make_products,
    publish,
    set_placement,
)
from tests.recommendations.selectors.test_together import names, request_of

OURS = "crosssell_recommendations"


@pytest.fixture
def viewed():
    return make_product("Laptop")


@pytest.fixture
def several(viewed):
    products = make_products(12)
    publish({viewed[1]: companions(*(item for _, item in products))})
    return products


@pytest.fixture
def queries():
    def count(**arguments):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            frequently_bought_together(**arguments)
        told = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
        return sum(OURS in sql for sql in told), sum(OURS not in sql for sql in told)

    return count


def test_a_warm_block_asks_the_shop_once_and_us_never(viewed, several, queries):
    frequently_bought_together(viewed[0])
    assert queries(key_or_product=viewed[0]) == (0, 1)


def test_a_key_costs_what_a_product_costs(viewed, several, queries):
    frequently_bought_together(viewed[1].key)
    assert queries(key_or_product=viewed[1].key) == (0, 1)


def test_a_warm_block_in_a_process_that_looks_for_a_newer_build(
    viewed, several, queries, monkeypatch
):
    frequently_bought_together(viewed[0])
    later = time.monotonic() + 2 * recommendation_settings().published_cache_seconds
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert queries(key_or_product=viewed[0]) == (1, 1)


def test_a_cold_block_has_a_fixed_price(viewed, several, queries):
    # Published builds, choices of models, list with its item, companions' keys, placements, items
    # with pins or exclusions.
    assert queries(key_or_product=viewed[0]) == (6, 1)


def test_an_item_without_rules_of_its_own_is_not_asked_for_them(viewed, several, queries):
    frequently_bought_together(viewed[0])
    Pin.objects.create(item=viewed[1], companion=several[9][1])
    # Its list with the item, and the companions' keys where it has any.
    assert queries(key_or_product=several[0][0])[0] <= 2


@pytest.mark.parametrize("most", [0, 1, 2])
def test_rules_hold_however_many_items_have_some(viewed, several, queries, monkeypatch, most):
    monkeypatch.setattr(placements, "MOST_NAMED", most)
    Pin.objects.create(item=viewed[1], companion=several[9][1])
    Exclusion.objects.create(item=None, companion=several[0][1])
    for _ in range(2):
        assert names(frequently_bought_together(viewed[0])) == names_of(several, 9, 1, 2)
    assert queries(key_or_product=viewed[0]) == (0, 1)


def test_the_count_of_companions_does_not_matter(viewed, several, queries):
    cold_one = queries(key_or_product=viewed[0], count=1)
    warm_one = queries(key_or_product=viewed[0], count=1)
    Item.objects.update(title="")
    from django.core.cache import cache

    cache.clear()
    forget_published_builds()
    assert queries(key_or_product=viewed[0], count=12) == cold_one
    assert queries(key_or_product=viewed[0], count=12) == warm_one == (0, 1)


def test_the_basket_and_the_callers_list_cost_nothing_when_warm(viewed, several, queries):
    def arguments():
        return {
            "key_or_product": viewed[0],
            "request": request_of(several[0][1].key, several[1][1].key),
            "exclude": [several[2][1].key],
        }

    frequently_bought_together(**arguments())
    assert queries(**arguments()) == (0, 1)


def test_what_one_block_of_a_page_fetched_no_other_asks_for_again(viewed, several, queries):
    request = request_of()
    frequently_bought_together(viewed[0], request=request, count=6)  # asks for all twelve
    assert queries(key_or_product=viewed[0], request=request, placement="more") == (0, 0)


def test_an_unknown_item_asks_the_shop_nothing(several, queries):
    assert queries(key_or_product="unknown")[1] == 0


def test_lists_are_read_anew_where_the_cache_is_switched_off(viewed, several, queries, settings):
    settings.RECOMMENDATIONS = {"LIST_CACHE_SECONDS": 0}
    frequently_bought_together(viewed[0])
    NeighbourList.objects.update(packed=NeighbourList.objects.get().packed)
    assert queries(key_or_product=viewed[0]) == (5, 1)


class TestFlushing:
    """Changes in the admin are seen at once, but not before they are committed."""

    @pytest.fixture(autouse=True)
    def warm(self, viewed, several):
        assert names(frequently_bought_together(viewed[0])) == names_of(several, 0, 1, 2)

    def test_a_pin(self, viewed, several, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            pin = Pin.objects.create(item=viewed[1], companion=several[9][1])
            assert names(frequently_bought_together(viewed[0])) == names_of(several, 0, 1, 2)
        assert names(frequently_bought_together(viewed[0])) == names_of(several, 9, 0, 1)
        with django_capture_on_commit_callbacks(execute=True):
            pin.delete()
        assert names(frequently_bought_together(viewed[0])) == names_of(several, 0, 1, 2)

    def test_an_exclusion(self, viewed, several, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            Exclusion.objects.create(item=viewed[1], companion=several[0][1])
        assert names(frequently_bought_together(viewed[0])) == names_of(several, 1, 2, 3)

    def test_an_exclusion_everywhere(self, viewed, several, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            Exclusion.objects.create(item=None, companion=several[0][1])
        assert names(frequently_bought_together(viewed[0])) == names_of(several, 1, 2, 3)

    def test_a_placement(self, viewed, several, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            set_placement(count=1)
        assert names(frequently_bought_together(viewed[0])) == names_of(several, 0)
        with django_capture_on_commit_callbacks(execute=True):
            Placement.objects.all().delete()
        assert len(frequently_bought_together(viewed[0])) == 3


def names_of(products, *positions):
    return [products[position][0].name for position in positions]
