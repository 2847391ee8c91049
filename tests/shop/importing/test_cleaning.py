from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.importing.cleaning import Cleaner, SaleLine
from shop.importing.columns import mapped_columns, online_retail_columns
from shop.importing.dates import date_reader
from shop.importing.report import Reason
from tests.shop.importing.exports import FIRST, row

READ_DATE = date_reader(ZoneInfo("Europe/London"), day_first=False)


def cleaner() -> Cleaner:
    columns = online_retail_columns(FIRST)
    assert columns is not None
    return Cleaner(columns, READ_DATE)


def clean(**changes: object):
    return cleaner().clean(7, row(**changes).split(","))  # type: ignore[arg-type]


def test_a_good_row():
    line = clean(title="  RED   MUG ", quantity="12", price="0.85")
    assert isinstance(line, SaleLine)
    assert (line.line_number, line.order, line.product, line.title) == (
        7,
        "500001",
        "10001",
        "RED MUG",
    )
    assert (line.quantity, line.unit_price, line.amount) == (12, Decimal("0.85"), Decimal("10.20"))
    assert line.customer == "13085"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"order": ""}, Reason.NO_ORDER),
        ({"order": "C500001"}, Reason.CANCELLATION),
        ({"order": "5" * 65}, Reason.TOO_LONG),
        ({"product": "POST"}, Reason.NO_PRODUCT),
        ({"product": "1234"}, Reason.NO_PRODUCT),
        ({"product": "gift_0001_20"}, Reason.NO_PRODUCT),
        ({"product": "DCGS0058"}, Reason.NO_PRODUCT),
        ({"product": "10001" * 13}, Reason.TOO_LONG),
        ({"quantity": "0"}, Reason.QUANTITY_NOT_POSITIVE),
        ({"quantity": "-3"}, Reason.QUANTITY_NOT_POSITIVE),
        ({"quantity": "two"}, Reason.QUANTITY),
        ({"quantity": "1.5"}, Reason.QUANTITY),
        ({"quantity": "nan"}, Reason.QUANTITY),
        ({"quantity": ""}, Reason.QUANTITY),
        ({"quantity": "1e999999"}, Reason.TOO_LARGE),
        ({"quantity": "9" * 50}, Reason.TOO_LARGE),
        ({"quantity": "-1e999999"}, Reason.QUANTITY_NOT_POSITIVE),
        ({"price": "0"}, Reason.PRICE_NOT_POSITIVE),
        ({"price": "-1.5"}, Reason.PRICE_NOT_POSITIVE),
        ({"price": "free"}, Reason.PRICE),
        ({"price": "NaN"}, Reason.PRICE),
        ({"price": "inf"}, Reason.PRICE),
        ({"price": "1e999999"}, Reason.TOO_LARGE),
        ({"price": "9999999999", "quantity": "2147483647"}, Reason.TOO_LARGE),
        ({"date": "soon"}, Reason.DATE),
        ({"date": ""}, Reason.DATE),
        ({"title": "x" * 201}, Reason.TOO_LONG),
        ({"customer": "x" * 101}, Reason.TOO_LONG),
    ],
)
def test_each_reason(changes, reason):
    assert clean(**changes) is reason


def test_rows_of_another_width():
    good = row().split(",")
    assert cleaner().clean(2, good[:-1]) is Reason.COLUMNS
    assert cleaner().clean(2, [*good, "more"]) is Reason.COLUMNS
    assert isinstance(cleaner().clean(2, [*good, ""]), SaleLine)


@pytest.mark.parametrize("code", ["10001", "10001A", "10001bl", "10001 "])
def test_stock_codes_stand_as_they_are(code):
    line = clean(product=code)
    assert isinstance(line, SaleLine)
    assert line.product == code


@pytest.mark.parametrize(
    ("text", "customer"), [("13085.0", "13085"), ("nan", ""), ("", ""), (" 13085 ", "13085")]
)
def test_customers(text, customer):
    line = clean(customer=text)
    assert isinstance(line, SaleLine)
    assert line.customer == customer


def test_other_files_have_other_orders_and_products():
    mapping = {"order": "o", "product": "p", "date": "d"}
    other = Cleaner(mapped_columns("o,p,d", mapping), READ_DATE)
    line = other.clean(2, ["C-1", "mug red", "2010-01-15"])
    assert isinstance(line, SaleLine)
    assert (line.order, line.product, line.quantity, line.amount) == (
        "C-1",
        "mug red",
        1,
        Decimal(0),
    )
    assert other.clean(3, ["C-1", "  ", "2010-01-15"]) is Reason.NO_PRODUCT


@given(st.lists(st.text(max_size=30), max_size=10))
def test_no_row_is_too_strange(fields):
    assert isinstance(cleaner().clean(2, fields), SaleLine | Reason)


@given(
    quantity=st.text("0123456789eE+-._naNif ", max_size=12),
    price=st.text("0123456789eE+-._naNif ", max_size=12),
)
def test_numbers_that_pass_can_be_stored(quantity, price):
    line = clean(quantity=quantity, price=price)
    if isinstance(line, SaleLine):
        assert 1 <= line.quantity < 2**31
        assert 0 <= line.unit_price < 10**10
        assert 0 <= line.amount < 10**12
