from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from shop.bulk import insert_lines
from shop.importing import writer
from shop.models import Order, OrderLine, Product
from tests.shop.importing.exports import FIRST, LATER, row, write_export
from tests.shop.importing.snapshots import shop_snapshot

pytestmark = pytest.mark.django_db

ROWS = [
    row("500001", "10001", "RED MUG", 2, price="1.25"),
    row("500001", "10002", "BLUE MUG", 1, price="1.50"),
    row("500001", "10001", "RED MUG", 3, price="1.25"),
    row("500002", "10003A", "TEA POT", 1, "2010-07-01 12:00:00", "12.00", ""),
    row("500001", "10003A", "TEA POT", 1, price="12.75"),  # an order's lines may stand apart
    row("500003", "10002", "BLUE MUG", 6, "2010-07-02 09:00:00", "1.45", "13086"),
    row("500004", "10001", "RED MUG", 1, "2010-07-03 09:00:00", "1.25", "13085"),
]


@pytest.fixture
def export(tmp_path):
    return lambda rows=ROWS, **kwargs: write_export(tmp_path / "export.csv", rows, **kwargs)


def import_orders(path: Path, **options: object) -> str:
    out = StringIO()
    call_command("import_orders", str(path), stdout=out, **options)
    return out.getvalue()


def test_orders_lines_products_and_customers(export):
    import_orders(export())
    order = Order.objects.get(external_key="500001")
    assert (order.status, order.source, order.currency) == ("paid", "import", "GBP")
    assert order.placed_at == order.paid_at == datetime(2010, 1, 15, 10, 30, tzinfo=UTC)
    assert order.user is not None
    assert order.user.get_username() == "customer-13085"
    assert not order.user.has_usable_password()
    lines = list(order.lines.values_list("position", "sku", "quantity", "unit_price", "amount"))
    assert lines == [
        (0, "10001", 2, Decimal("1.25"), Decimal("2.50")),
        (1, "10002", 1, Decimal("1.50"), Decimal("1.50")),
        (2, "10001", 3, Decimal("1.25"), Decimal("3.75")),
        (3, "10003A", 1, Decimal("12.75"), Decimal("12.75")),
    ]
    guest = Order.objects.get(external_key="500002")
    assert (guest.user, guest.email) == (None, "")
    assert guest.placed_at == datetime(2010, 7, 1, 11, 0, tzinfo=UTC)
    assert Order.objects.filter(user=order.user).count() == 2
    assert get_user_model().objects.count() == 2


@pytest.mark.parametrize("header", [FIRST, LATER])
@pytest.mark.parametrize("zipped", [False, True])
def test_both_editions_plain_and_gzip(export, header, zipped):
    out = import_orders(export(header=header, zipped=zipped))
    assert "7 rows read: 7 sale lines in 4 orders, 0 rows left out." in out
    assert "New in the shop: 4 orders, 7 lines, 3 products, 2 customers." in out


def test_twice_is_once(export):
    import_orders(export())
    once = shop_snapshot()
    out = import_orders(export())
    assert shop_snapshot() == once
    assert "7 sale lines in 4 orders" in out
    assert "New in the shop: 0 orders, 0 lines, 0 products, 0 customers." in out


@pytest.mark.parametrize("n_first", range(1, len(ROWS)))
def test_a_file_that_grew_adds_what_is_new(export, n_first):
    import_orders(export(ROWS[:n_first]))
    import_orders(export())
    grown = shop_snapshot()
    for model in (OrderLine, Order, Product, get_user_model()):
        model._default_manager.all().delete()
    import_orders(export())
    whole = shop_snapshot()
    # A product keeps the price at which it first came in; everything else is the same.
    assert grown["orders"] == whole["orders"]
    assert grown["lines"] == whole["lines"]
    assert grown["users"] == whole["users"]
    assert [p[:3] for p in grown["products"]] == [p[:3] for p in whole["products"]]


@pytest.mark.parametrize("lines_per_chunk", [1, 2, 3, 100])
def test_chunks_change_nothing(export, monkeypatch, lines_per_chunk):
    import_orders(export())
    whole = shop_snapshot()
    for model in (OrderLine, Order, Product, get_user_model()):
        model._default_manager.all().delete()
    monkeypatch.setattr(writer, "LINES_PER_CHUNK", lines_per_chunk)
    monkeypatch.setattr(writer, "MAX_LINES_PER_CHUNK", lines_per_chunk * 2)
    import_orders(export())
    assert shop_snapshot() == whole


@pytest.mark.parametrize("calls_before", range(5))
@pytest.mark.parametrize("where", ["before", "after"])
def test_an_interrupted_import_goes_on_where_it_stopped(export, monkeypatch, calls_before, where):
    monkeypatch.setattr(writer, "LINES_PER_CHUNK", 1)
    calls: list[int] = []

    def killed(rows):
        calls.append(len(rows))
        if len(calls) > calls_before:
            if where == "after":
                insert_lines(rows)
            raise KeyboardInterrupt
        insert_lines(rows)

    monkeypatch.setattr("shop.importing.writer.insert_lines", killed)
    with pytest.raises(KeyboardInterrupt):
        import_orders(export())
    assert OrderLine.objects.count() == sum(calls[:calls_before])
    assert not Order.objects.filter(lines=None).exists()
    monkeypatch.setattr("shop.importing.writer.insert_lines", insert_lines)
    import_orders(export())
    resumed = shop_snapshot()
    for model in (OrderLine, Order, Product, get_user_model()):
        model._default_manager.all().delete()
    import_orders(export())
    assert shop_snapshot() == resumed


def test_bad_rows_are_reported_by_reason_with_their_lines_and_the_rest_goes_on(export):
    bad = [
        row(order="C500005"),
        row(product="POST"),
        row(quantity="-1"),
        row(quantity="many"),
        row(price="0"),
        row(price="NaN"),
        row(date="tomorrow"),
        row(title="x" * 500),
        "500006,10001,too few",
        '500006,"10001,open quote,1,2010-01-15 10:30:00,1.25,13085,United Kingdom',
        row(title="nul \x00 byte"),
    ]
    out = import_orders(export([*bad, *ROWS]))
    assert "18 rows read: 7 sale lines in 4 orders, 11 rows left out." in out
    for line_number, text in enumerate(
        [
            "cancelled invoice (C…)",
            "stock code of no product",
            "quantity of zero or less",
            "quantity that is no whole number",
            "price of zero or less",
            "price that is no number",
            "date that cannot be read",
            "line or field too long",
            "wrong number of columns",
            "quotes that are never closed",
            "NUL bytes",
        ],
        start=2,
    ):
        report = next(line for line in out.splitlines() if text in line)
        assert report.split()[0] == "1"
        assert report.endswith(f"line {line_number}")
    assert Order.objects.count() == 4


def test_only_the_first_line_numbers_are_listed(export):
    out = import_orders(export([*(row(quantity="0") for _ in range(1_234)), *ROWS]))
    assert "1,234  quantity of zero or less: line 2, 3, 4, 5, 6, …" in out


def test_foreign_bytes_cost_their_row_or_take_another_encoding(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes("\n".join([FIRST, row(title="CAFÉ CUP", quantity=9), *ROWS]).encode("cp1252"))
    assert "1 rows left out" in import_orders(path)
    # The second reading adds the row that the first one could not read, and nothing twice.
    assert "New in the shop: 0 orders, 1 lines" in import_orders(path, encoding="cp1252")
    assert OrderLine.objects.get(product_name="CAFÉ CUP").order.external_key == "500001"
    assert OrderLine.objects.count() == len(ROWS) + 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "is empty or begins with an empty line"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is no utf-8 text: it begins with b'\\x89PNG"),
        (b"PK\x03\x04\x14\x00\x06\x00", "is no utf-8 text"),
        ("Invoice,a\n1,2\n".encode("utf-16"), "try --encoding utf-16"),
        (b"name,age\nx,1\n", "is no Online Retail export: its columns are 'name', 'age'"),
        (b"just one line of prose", "is no Online Retail export"),
        (f"{FIRST}\n".encode(), "has no line of sale: it has none"),
        (f"{FIRST}\n{row(quantity='0')}\n".encode(), "all 1 rows were left out, most for quantity"),
        (b"\x1f\x8b\x08\x00broken", "damaged or cut-off gzip file"),
    ],
)
def test_what_is_no_export_is_refused_before_anything_is_written(tmp_path, content, message):
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        import_orders(path)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Order.objects.exists()
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"currency": "pounds"}, "--currency is 'pounds'; give three capital letters"),
        ({"timezone": "Mars/Olympus"}, "--timezone is 'Mars/Olympus'"),
        ({"timezone": "../etc/passwd"}, "is no time zone"),
        ({"encoding": "klingon"}, "--encoding is 'klingon'"),
        ({"limit": 0}, "--limit is 0; give 1 or more"),
        ({"columns": "order=Invoice"}, "no column for product and date"),
        ({"columns": "order=Invoice,product=SKU,date=InvoiceDate"}, "no column 'SKU'"),
    ],
)
def test_wrong_options_say_what_was_given(export, options, message):
    with pytest.raises(CommandError, match=message):
        import_orders(export(), **options)
    assert not Order.objects.exists()


def test_any_other_file_by_its_columns(tmp_path):
    path = tmp_path / "orders.txt"
    path.write_text(
        "When;Basket;Who;Article;Name;Pieces;Each\n"
        "15.01.2010 10:30;B-1;anna@example.com;mug/red;Red mug;2;1.25\n"
        "15.01.2010 10:30;B-1;anna@example.com;mug/blue;Blue mug;1;1.50\n"
        "16.01.2010;C-2;;mug/red;Red mug;1;1.25\n"
    )
    out = import_orders(
        path,
        columns="order=Basket,product=Article,date=When,customer=Who,title=Name,"
        "quantity=Pieces,price=Each",
        currency="EUR",
        timezone="Europe/Vienna",
    )
    assert "3 sale lines in 2 orders" in out
    order = Order.objects.get(external_key="B-1")
    assert order.placed_at == datetime(2010, 1, 15, 9, 30, tzinfo=UTC)
    assert order.currency == "EUR"
    product = Product.objects.get(sku="mug/red")
    assert (product.name, product.price, product.currency) == ("Red mug", Decimal("1.25"), "EUR")


def test_files_that_overlap_bring_their_common_orders_once(tmp_path):
    import_orders(write_export(tmp_path / "first.csv", ROWS[:5]))
    import_orders(write_export(tmp_path / "second.csv", ROWS[3:], header=LATER))
    lines = OrderLine.objects.values_list("order__external_key", "sku", "quantity")
    assert sorted(lines) == sorted(
        (order, sku, int(quantity))
        for order, sku, _, quantity, *_ in (line.split(",") for line in ROWS)
    )


def test_the_same_line_twice_on_an_order_stays_twice(export):
    rows = [row(), row(), row(order="500002"), row()]
    for _ in range(2):
        import_orders(export(rows))
        assert Order.objects.get(external_key="500001").lines.count() == 3
        assert OrderLine.objects.count() == 4


def test_a_line_that_comes_a_second_time_in_a_grown_file_is_added(export):
    for n_rows in (1, 3):
        import_orders(export([row()] * n_rows))
        assert OrderLine.objects.count() == n_rows


def test_a_limit_reads_the_first_rows_and_a_second_run_the_rest(export):
    assert "3 rows read" in import_orders(export(), limit=3)
    assert OrderLine.objects.count() == 3
    import_orders(export())
    assert OrderLine.objects.count() == len(ROWS)


def test_a_product_has_its_most_frequent_description_and_price(export):
    rows = [
        row("500001", title="", price="9.99"),
        row("500002", title="RED MUG?", price="2.00"),
        row("500003", title="RED MUG", price="1.25"),
        row("500004", title="RED MUG", price="1.25"),
    ]
    import_orders(export(rows))
    product = Product.objects.get()
    assert (product.name, product.price) == ("RED MUG", Decimal("1.25"))
    # A line without a description shows that of its product.
    assert OrderLine.objects.get(order__external_key="500001").product_name == "RED MUG"


def test_a_product_that_the_shop_knows_stays_as_it_is(export):
    Product.objects.create(sku="10001", name="My mug", slug="my-mug", price="5.00")
    import_orders(export())
    product = Product.objects.get(sku="10001")
    assert (product.name, product.price) == ("My mug", Decimal("5.00"))
    assert product.order_lines.count() == 3


def test_codes_that_differ_by_case_or_a_space_are_products_with_addresses_of_their_own(export):
    codes = ["15056BL", "15056bl", "47503J ", "47503J"]
    import_orders(export([row(product=code, title="PARASOL") for code in codes]))
    assert set(Product.objects.values_list("sku", flat=True)) == set(codes)
    assert len(set(Product.objects.values_list("slug", flat=True))) == 4


def test_an_order_that_came_from_elsewhere_is_left_alone(export):
    Order.objects.create(number="W1", external_key="500002", source="web")
    out = import_orders(export())
    assert "order that the shop already has from elsewhere: line 5" in out
    assert not OrderLine.objects.filter(order__number="W1").exists()
    assert OrderLine.objects.count() == len(ROWS) - 1


def test_a_long_order_key_gets_a_number_that_fits(export):
    import_orders(export([row(order="5" * 64), row(order="5" * 63 + "6")]))
    numbers = set(Order.objects.values_list("number", flat=True))
    assert len(numbers) == 2
    assert all(len(number) <= 32 for number in numbers)


def test_the_shops_own_data_may_hold_formulas(export):
    import_orders(export([row(title="=cmd|' /C calc'!A0")]))
    assert Product.objects.get().name == "=cmd|' /C calc'!A0"


def test_quiet_says_nothing(export):
    assert import_orders(export(), verbosity=0) == ""
