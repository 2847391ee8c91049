"""Home, shelves, search, product pages and pictures, also of odd data."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from recommendations.services.sync import sync_items
from shop.models import Product
from shop.pictures import category_url, picture_url
from tests.shop.factories import (
    make_brand,
    make_category,
    make_order,
    make_product,
    make_variant,
)

pytestmark = pytest.mark.django_db

NASTY = '<script>alert(1)</script> "Mug" & \u202e\x07'


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("path", ["/", "/products/", "/search/", "/search/?q=mug"])
def test_an_empty_shop_has_its_pages(client, path):
    assert client.get(path).status_code == 200


def test_the_home_page_shows_categories_and_products(client):
    category = make_category("Kitchen")
    kettle = make_product("Copper Kettle", category=category)
    make_order((kettle, 1))
    page = text_of(client.get("/"))
    assert "Popular now" in page
    assert page.count("Copper Kettle</h3>") == 2
    assert category_url(category) in page
    assert picture_url(kettle) in page


def test_an_unknown_category_or_product_is_a_404_page_of_the_shop(client):
    for path in ("/category/nothing/", "/product/nothing/", "/nothing/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "This page is not here." in text_of(response)


def test_a_variant_and_a_hidden_product_have_no_page(client):
    variant = make_variant(make_product("Bag"), "Navy")
    hidden = make_product(visible=False)
    assert client.get(f"/product/{variant.slug}/").status_code == 404
    assert client.get(f"/product/{hidden.slug}/").status_code == 404


@pytest.mark.parametrize("n_products", [1, 20])
def test_a_category_page_takes_the_same_queries_for_any_number(client, n_products):
    """Categories, brands, number of products, products, their variants, and those of the block."""
    category, brand = make_category(), make_brand()
    for number in range(n_products):
        product = make_product(f"Bag {number}", category=category, brand=brand, stock=number)
        make_variant(product, "Navy", stock=1)
    sync_items()
    client.get("/category/computers/")  # what is cached, is cached
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/category/computers/")
    # PostgreSQL guards the transaction by savepoints; nothing is read by them.
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 7
    assert text_of(page).count('class="card"') == n_products


def test_a_product_page_takes_few_queries_of_the_shop(client):
    product = make_product(category=make_category(), brand=make_brand())
    make_variant(product, "Navy")
    sync_items()
    client.get(product.get_absolute_url())  # what is cached, is cached
    with CaptureQueriesContext(connection) as queries:
        client.get(product.get_absolute_url())
    # The product, its variants, its stars, the navigation, and the session that remembers what was
    # looked at; the blocks' own take one at most.
    assert sum(query["sql"].startswith("SELECT") for query in queries) <= 6


def test_products_are_sorted_and_paged(client):
    for number in range(30):
        make_product(f"Mug {number:02}", price=Decimal(100 - number))
    by_name = text_of(client.get("/products/?sort=name"))
    assert by_name.index("Mug 00") < by_name.index("Mug 23")
    assert "Mug 24" not in by_name
    assert "Mug 24" in text_of(client.get("/products/?sort=name&page=2"))
    cheapest = text_of(client.get("/products/?sort=price"))
    assert cheapest.index("Mug 29") < cheapest.index("Mug 28")
    assert "sort=price&amp;page=2" in cheapest


def test_brands_filter_a_shelf_and_stay_on_offer(client):
    make_product("Laptop", brand=make_brand("Quillmar"))
    make_product("Tent", brand=make_brand("Fjordwick"))
    make_product("Mystery")
    page = text_of(client.get("/products/?brand=quillmar"))
    assert "Laptop</h3>" in page
    assert "Tent</h3>" not in page
    assert "Mystery</h3>" not in page
    assert 'value="fjordwick"' in page


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "page=x",
        "sort=zz",
        "sort=%00",
        "brand=%00",
        "brand='--",
        "q=%00a",
        "q=" + "x" * 5000,
        "q=%ff",
        "variant=99999999999999999999",
    ],
)
def test_nonsense_in_the_address_does_no_harm(client, query):
    product = make_product()
    for path in ("/products/", "/search/", product.get_absolute_url()):
        assert client.get(f"{path}?{query}").status_code == 200


def test_what_people_typed_is_escaped_everywhere(client):
    category = make_category("Odd <b>")
    category.slug = "odd"
    category.save()
    product = make_product(
        NASTY,
        slug="odd",
        category=category,
        brand=make_brand("<i>"),
        description=NASTY,
        attributes={NASTY: NASTY, "items": [NASTY, 2]},
    )
    make_variant(product, NASTY)
    for path in ("/", "/products/", "/category/odd/", "/search/?q=<script>", "/product/odd/"):
        page = text_of(client.get(path))
        assert "<script>alert" not in page
        assert "<i>" not in page
    assert escape("<script>alert(1)") in page


@pytest.mark.parametrize("attributes", [{}, [], [1, 2], "text", 5, {"items": {"a": 1}, "": None}])
@pytest.mark.parametrize("stock", [None, 0, 3])
def test_a_product_with_nothing_but_a_name_has_a_page(client, attributes, stock):
    product = make_product("Cakestand", currency="GBP", stock=stock)
    Product.objects.update(attributes=attributes)
    page = text_of(client.get(product.get_absolute_url()))
    assert "£19.90" in page
    assert ("Add to basket</button>" in page) == (stock != 0)


def test_variants_are_chosen_and_the_sold_out_cannot_be(client):
    bag = make_product("Bag", price=Decimal(99))
    sold_out = make_variant(bag, "Black", price=Decimal(20), stock=0)
    navy = make_variant(bag, "Navy", price=Decimal(25), stock=2)
    sand = make_variant(bag, "Sand", price=Decimal(30))
    response = client.get(bag.get_absolute_url())
    assert response.context["chosen"] == navy
    page = text_of(response)
    assert "Only 2 left" in page
    assert "€99" not in page
    assert client.get(sand.get_absolute_url()).context["chosen"] == sand
    assert f'value="{sold_out.pk}"' in page
    sand.delete()
    navy.delete()
    page = text_of(client.get(bag.get_absolute_url()))
    assert "Sold out" in page
    assert "Add to basket</button>" not in page


def test_a_picture_is_kept_for_a_year_under_its_own_address(client):
    product = make_product("Copper Kettle", brand=make_brand())
    response = client.get(picture_url(product))
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in response
    old = client.get(f"/picture/{product.pk}/00000000.svg")
    assert (old.content, old["Cache-Control"]) == (response.content, "no-cache")
    assert client.get("/picture/99999999999999999999/0.svg").status_code == 404


def test_a_category_has_a_picture(client):
    category = make_category("Coffee")
    assert client.get(category_url(category)).content.startswith(b"<svg")
    assert client.get("/picture/category/999/0.svg").status_code == 404


def test_a_language_is_chosen(client):
    client.post("/language/setlang/", {"language": "zh-hans", "next": "/"})
    page = text_of(client.get("/"))
    assert '<html lang="zh-hans">' in page
    assert "购物篮" in page
    assert "Basket" not in page


@pytest.mark.parametrize("path", ["/", "/products/", "/basket/", "/account/login/", "/nothing/"])
def test_every_page_has_a_strict_policy_and_nothing_inline(client, path):
    make_product()
    response = client.get(path)
    assert "default-src 'self'" in response["Content-Security-Policy"]
    page = text_of(response)
    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count('<script type="module" src=')


def test_a_browser_that_looks_for_an_icon_finds_the_shops(client):
    assert client.get("/favicon.ico").headers["Location"].endswith("logo.svg")
