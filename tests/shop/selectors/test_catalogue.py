"""What a shelf, a search and a product page hold."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from shop.selectors import catalogue
from tests.shop.factories import (
    make_brand,
    make_category,
    make_order,
    make_product,
    make_variant,
)

pytestmark = pytest.mark.django_db


def names(products) -> list[str]:
    return [product.name for product in products]


def test_categories_come_as_a_tree_in_one_query(django_assert_num_queries):
    top = make_category("Electronics")
    make_category("Computers", top)
    make_category("Audio", top)
    make_category("Body")
    with django_assert_num_queries(1):
        tree = catalogue.category_tree()
    assert [(s.category.name, [c.category.name for c in s.children]) for s in tree] == [
        ("Body", []),
        ("Electronics", ["Audio", "Computers"]),
    ]
    assert [step.category.name for step in catalogue.find_path(tree, "audio")] == [
        "Electronics",
        "Audio",
    ]
    assert catalogue.find_path(tree, "nothing") == []


def test_a_shelf_holds_what_is_inside_it_but_no_variant_and_nothing_hidden():
    top = make_category("Electronics")
    inner = make_category("Computers", top)
    make_product("Cable", category=top)
    laptop = make_product("Laptop", category=inner)
    make_variant(laptop, "16 GB", category=inner)
    make_product("Prototype", category=inner, visible=False)
    make_product("Tent", category=make_category("Outdoor"))
    make_product("Mystery")
    [electronics, _outdoor] = catalogue.category_tree()
    assert set(names(catalogue.products_on(electronics))) == {"Cable", "Laptop"}
    assert set(names(catalogue.products_on(None))) == {"Cable", "Laptop", "Tent", "Mystery"}


def test_a_search_needs_every_word_somewhere():
    brand, category = make_brand("Quillmar"), make_category("Computers")
    make_product("Alder Laptop", brand=brand, category=category, sku="CMP-1")
    make_product("Alder Mouse", category=category)
    make_product("Laptop Bag")
    assert set(names(catalogue.search_products("laptop"))) == {"Alder Laptop", "Laptop Bag"}
    assert names(catalogue.search_products("LAPTOP quillmar")) == ["Alder Laptop"]
    assert names(catalogue.search_products("computers mouse")) == ["Alder Mouse"]
    assert names(catalogue.search_products("cmp-1")) == ["Alder Laptop"]
    assert names(catalogue.search_products("laptop elephant")) == []
    assert names(catalogue.search_products("  ")) == []


@pytest.mark.parametrize("text", ["%", "_", "100%"])
def test_wildcards_are_searched_for_as_they_are(text):
    make_product("Kettle")
    assert names(catalogue.search_products(text)) == []


def test_brands_are_counted_on_the_shelf():
    quillmar, tarnholm = make_brand("Quillmar"), make_brand("Tarnholm")
    make_product(brand=quillmar)
    make_product(brand=tarnholm)
    make_product(brand=tarnholm)
    make_product(brand=tarnholm, visible=False)
    make_product()
    found = catalogue.brands_of(catalogue.visible_products())
    assert [(brand.name, brand.n_products) for brand in found] == [("Tarnholm", 2), ("Quillmar", 1)]


def test_popular_is_what_most_paid_orders_hold():
    bag, lamp, mat, hidden = (make_product(name) for name in ("Bag", "Lamp", "Mat", "Gone"))
    navy = make_variant(bag, "Navy")
    make_order((lamp, 100))
    make_order((navy, 1), (hidden, 1))
    make_order((navy, 1), (hidden, 1))
    for _order in range(3):
        make_order((mat, 1), status="cancelled")
    hidden.visible = False
    hidden.save()
    assert names(catalogue.popular_products(4)) == ["Bag", "Lamp"]
    assert names(catalogue.popular_products(1)) == ["Bag"]


def test_nothing_is_popular_in_a_shop_without_orders():
    make_product()
    assert catalogue.popular_products(4) == []


def test_the_newest_come_first():
    now = timezone.now()
    for name, days in (("Old", 9), ("New", 1), ("Middle", 5)):
        make_product(name, created_at=now - timedelta(days=days))
    assert names(catalogue.new_products(2)) == ["New", "Middle"]


def test_the_price_of_a_product_with_variants_is_the_lowest():
    bag = make_product("Bag", price=Decimal(99))
    make_variant(bag, "L", price=Decimal(30))
    make_variant(bag, "S", price=Decimal(20))
    make_variant(bag, "XS", price=Decimal(1), visible=False)
    page = catalogue.product_page(bag.slug)
    assert page is not None
    found = catalogue.price_range(page.shown_variants)
    assert found is not None
    assert (found[0].price, found[1]) == (Decimal(20), True)
    assert catalogue.price_range([]) is None


def test_a_product_with_variants_can_be_had_while_one_of_them_can():
    bag = make_product("Bag", stock=0)
    make_variant(bag, "S", stock=0)
    assert not catalogue.is_available(bag)
    make_variant(bag, "M", stock=3, visible=False)
    assert not catalogue.is_available(bag)
    make_variant(bag, "L", stock=3)
    assert catalogue.is_available(bag)
    assert not catalogue.is_available(bag, 4)


def test_availability_is_told_by_the_row_itself(django_assert_num_queries):
    bag, lamp = make_product("Bag", stock=0), make_product("Lamp", stock=0)
    make_variant(bag, "L", stock=3)
    rows = catalogue.with_availability(catalogue.visible_products().order_by("name"))
    with django_assert_num_queries(1):
        told = [(catalogue.has_variants(row), catalogue.is_available(row)) for row in rows]
    assert told == [(True, True), (False, False)]
    assert not catalogue.is_available(lamp)
