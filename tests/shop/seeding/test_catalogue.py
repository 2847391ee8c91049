from __future__ import annotations

import pytest

from shop.seeding import prices
from shop.seeding.catalogue import make_catalogue
from shop.seeding.vocabulary import vocabulary


def test_the_vocabulary_is_whole():
    words = vocabulary()
    families = [family for category in words.categories for family in category.families]
    keys = {family.key for family in families}
    assert len(words.categories) >= 12
    assert len(keys) == len(families)
    for family in families:
        assert keys.issuperset(family.companions), family.key
        assert len(family.companions) <= 4
        assert len(family.gains) in {0, 2}
        assert family.low < family.high
        if axis := family.variants:
            assert len(axis.values) == len(axis.steps) > 1
    assert all(len(category.season) == 12 for category in words.categories)


@pytest.mark.parametrize("n_products", [1, 5, 40, 300, 7_000])
def test_as_many_pages_as_asked_and_nothing_twice(n_products):
    catalogue = make_catalogue(n_products, seed=7)
    assert len(catalogue.pages) == n_products
    skus = [v.sku if v else p.sku for p, v in catalogue.sellables()]
    skus += [page.sku for page in catalogue.pages if page.variants]
    assert len(set(skus)) == len(skus)
    names = [page.name for page in catalogue.pages]
    assert len(set(names)) == len(names)
    assert max(map(len, skus)) <= 64
    assert max(map(len, names)) <= 200


def test_the_arrays_are_those_of_the_pages():
    catalogue = make_catalogue(300, seed=7)
    sellables = list(catalogue.sellables())
    assert [(v or p).price for p, v in sellables] == catalogue.sellable_price.tolist()
    for position, page in enumerate(catalogue.pages):
        first = catalogue.page_first_sellable[position]
        assert sellables[first][0] is page
        assert catalogue.page_n_sellables[position] == (len(page.variants) or 1)


def test_a_small_catalogue_has_whole_groups():
    nouns = [page.family.key for page in make_catalogue(6, seed=7).pages]
    assert nouns == ["laptop", "laptop", "laptop", "wireless-mouse", "laptop-bag", "usb-dock"]


def test_ladders_go_up_and_cost_less_than_they_are_sold_for():
    catalogue = make_catalogue(1_000, seed=3)
    for before, after in zip(catalogue.pages, catalogue.pages[1:], strict=False):
        if after.tier:
            assert (after.family, after.edition, after.brand) == (
                before.family,
                before.edition,
                before.brand,
            )
            assert after.price > before.price
            assert after.attributes["Warranty"] > before.attributes["Warranty"]
            assert len(after.description) > len(before.description)
    assert all(0 < page.cost < page.price for page in catalogue.pages)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        (0.2, 49),
        (4.7, 449),
        (4.99, 449),
        (9.99, 949),
        (24.2, 2490),
        (99.9, 9990),
        (151, 14900),
        (1299, 129900),
    ],
)
def test_price_endings(amount, cents):
    assert prices.ending(amount) == cents


def test_the_same_seed_makes_the_same_catalogue():
    assert make_catalogue(200, seed=5).pages == make_catalogue(200, seed=5).pages
    assert make_catalogue(200, seed=5).pages != make_catalogue(200, seed=6).pages
