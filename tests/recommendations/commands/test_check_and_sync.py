"""crosssell_check shows how the shop maps; crosssell_sync reads its products."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import IntegerField, Q, Value
from django.test.utils import CaptureQueriesContext

from recommendations.adapters import Lines, Products, ShopAdapter
from recommendations.models import Item
from shop.models import Category, Order, OrderLine, Product

pytestmark = pytest.mark.django_db


class Shop(ShopAdapter):
    products = Products(
        "shop.Product",
        title="name",
        price="price",
        currency="currency",
        category="category__name",
        active="visible",
        parent="parent_id",
    )
    lines = Lines(
        "shop.OrderLine",
        product="product_id",
        order="order_id",
        customer="order__user_id",
        guest="order__email",
        quantity="quantity",
        amount="amount",
        currency="order__currency",
        placed_at="order__placed_at",
        counted=Q(order__status="paid"),
    )


class Broken(ShopAdapter):
    products = Products("shop.Product", title="nmae")
    lines = Shop.lines


class NothingCounts(ShopAdapter):
    products = Shop.products
    lines = Lines(
        "shop.OrderLine",
        product=Value(None, output_field=IntegerField()),
        order="order_id",
        placed_at="order__placed_at",
    )


@pytest.fixture(autouse=True)
def adapter(settings):
    settings.CROSSSELL_SHOP = f"{__name__}.Shop"
    settings.RECOMMENDATIONS = {}


@pytest.fixture
def rows():
    """Three products, one hidden; five orders of one user, two guests and nobody; six lines."""
    lamps = Category.objects.create(name="Lamps", slug="lamps")
    products = [
        Product.objects.create(
            sku=f"S{n}",
            slug=f"s-{n}",
            name=f"Product {n}",
            price=Decimal("2.50"),
            category=lamps,
            visible=n != 2,
        )
        for n in range(3)
    ]
    user = get_user_model().objects.create_user("ann")
    plan = [
        (user, "", "paid", [0, 1]),
        (None, "bob@example.com", "paid", [0]),
        (None, " Bob@Example.com", "paid", [None]),
        (None, "", "paid", [1]),
        (user, "", "cancelled", [0]),
    ]
    for number, (customer, email, status, bought) in enumerate(plan):
        order = Order.objects.create(
            number=f"N{number}",
            user=customer,
            email=email,
            status=status,
            placed_at=datetime(2026, 1, 1 + number, tzinfo=UTC),
            currency="EUR" if number else "SEK",
        )
        for n in bought:
            OrderLine.objects.create(
                order=order,
                product=None if n is None else products[n],
                product_name="x",
                sku="x",
                quantity=1,
                unit_price=1,
                amount=1,
            )
    return products


def run(name, **options):
    out = io.StringIO()
    call_command(name, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


class TestCheck:
    def test_counts_by_hand(self, rows):
        answer = json.loads(run("crosssell_check", json=True))
        (products,), (lines,) = answer["products"], answer["lines"]
        assert (products["products"], products["shown"]) == (3, 2)
        assert (lines["lines"], lines["counted"], lines["orders"]) == (6, 5, 4)
        assert (lines["customers"], lines["guests"]) == (1, 1)
        assert (lines["without_product"], lines["without_customer"]) == (1, 1)
        assert lines["currencies"] == {"EUR": 3, "SEK": 2}
        assert lines["conditions"] == {"order__status": {"paid": [5, 0], "cancelled": [0, 1]}}
        assert lines["first_placed_at"].startswith("2026-01-01")
        assert lines["last_placed_at"].startswith("2026-01-04")
        assert answer["maps"] is True

    def test_one_product_and_one_line_are_shown(self, rows):
        answer = json.loads(run("crosssell_check", json=True))
        product, line = answer["products"][0]["example"], answer["lines"][0]["example"]
        assert product["key"] == str(rows[0].pk)
        assert (product["title"], product["category"]) == ("Product 0", "Lamps")
        assert (product["price"], product["live_price"]) == ("2.5000", "2.50 EUR")
        assert product["url"] == "/products/s-0/" or product["url"].endswith("s-0/")
        assert line["product"] == rows[1].pk
        assert (line["customer"], line["guest"]) == (None, "")
        assert line["currency"] == "EUR"

    def test_people_can_read_it(self, rows):
        told = run("crosssell_check", no_color=True)
        for words in (
            "Products: shop.Product",
            "3, of which shown now 2",
            "Order lines: shop.OrderLine",
            "5 counted, 1 left out",
            "1 users, 1 guests",
            "1 (20.0% of the counted lines)",
            "EUR 3, SEK 2",
            "order__status",
        ):
            assert words in told

    def test_it_writes_nothing_and_asks_a_fixed_number_of_questions(self, rows):
        with CaptureQueriesContext(connection) as queries:
            run("crosssell_check")
        assert all(query["sql"].startswith("SELECT") for query in queries)
        assert len(queries) < 25
        assert Item.objects.count() == 0

    def test_a_shop_without_rows_does_not_map(self):
        with pytest.raises(CommandError, match="Nothing maps") as stopped:
            run("crosssell_check")
        assert stopped.value.returncode == 1

    def test_what_is_wrong_with_an_empty_shop_is_said(self):
        out = io.StringIO()
        with pytest.raises(CommandError):
            call_command("crosssell_check", json=True, stdout=out)
        answer = json.loads(out.getvalue())
        assert "shop.Product has no product." in answer["problems"]
        assert "shop.OrderLine has no line." in answer["problems"]
        assert answer["maps"] is False

    def test_lines_without_products_do_not_map(self, rows, settings):
        settings.CROSSSELL_SHOP = f"{__name__}.NothingCounts"
        out = io.StringIO()
        with pytest.raises(CommandError, match="Nothing maps"):
            call_command("crosssell_check", stdout=out, no_color=True)
        assert "100% of the counted lines of shop.OrderLine have no product" in out.getvalue()

    def test_a_declaration_that_cannot_be_read_is_explained(self, settings):
        settings.CROSSSELL_SHOP = f"{__name__}.Broken"
        out = io.StringIO()
        with pytest.raises(CommandError, match="cannot be read") as stopped:
            call_command("crosssell_check", stdout=out, no_color=True)
        assert stopped.value.returncode == 1
        assert "Did you mean 'name'?" in out.getvalue()

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda: Order.objects.update(status="pending"), "None of the 6 lines"),
            (lambda: Product.objects.update(visible=False), "None of the 3 products"),
            (lambda: Product.objects.update(name=""), "has no title"),
            (
                lambda: Order.objects.update(user=None, email=""),
                "100% of the counted lines of shop.OrderLine have neither user nor guest",
            ),
            (lambda: Order.objects.update(currency=""), "5 counted lines of shop.OrderLine have"),
            (
                lambda: OrderLine.objects.filter(sku="x", product__slug="s-1").delete(),
                "Every order in shop.OrderLine has one line",
            ),
            (
                lambda: Order.objects.filter(user=None, email="").delete(),
                "Only 2 customers bought something; a pair needs 5",
            ),
        ],
    )
    def test_each_thing_that_would_go_wrong(self, rows, change, words):
        before = io.StringIO()
        call_command("crosssell_check", stdout=before, no_color=True)
        assert words not in before.getvalue()
        change()
        after = io.StringIO()
        try:
            call_command("crosssell_check", stdout=after, no_color=True)
        except CommandError:
            assert "None of the 6 lines" in words
        assert words in after.getvalue()


class TestSync:
    def test_it_says_what_it_did(self, rows):
        assert "3 products: 3 created." in run("crosssell_sync")
        assert "3 products: 3 unchanged." in run("crosssell_sync")
        rows[0].delete()
        assert "2 products: 2 unchanged, 1 deactivated." in run("crosssell_sync")

    def test_json(self, rows):
        answer = json.loads(run("crosssell_sync", json=True))
        assert (answer["created"], answer["total"]) == (3, 3)

    def test_an_empty_shop_is_refused(self, rows):
        run("crosssell_sync")
        Product.objects.all().delete()
        with pytest.raises(CommandError, match="--allow-empty") as stopped:
            run("crosssell_sync")
        assert stopped.value.returncode == 1
        assert Item.objects.filter(active=True).count() == 2
        assert "2 deactivated" in run("crosssell_sync", allow_empty=True)

    def test_progress_goes_to_the_other_stream(self, rows):
        err = io.StringIO()
        call_command("crosssell_sync", stdout=io.StringIO(), stderr=err)
        assert "Reading products" in err.getvalue()
        quiet = io.StringIO()
        call_command("crosssell_sync", stdout=io.StringIO(), stderr=quiet, verbosity=0)
        assert quiet.getvalue() == ""
