from __future__ import annotations

import pytest

from shop.importing.columns import mapped_columns, online_retail_columns, parse_mapping
from shop.importing.errors import ImportRefusedError
from tests.shop.importing.exports import FIRST, LATER


@pytest.mark.parametrize("header", [FIRST, LATER, FIRST.lower(), "\ufeff" + LATER + "\r\n"])
def test_both_editions_are_known(header):
    columns = online_retail_columns(header)
    assert columns is not None
    found = (columns.order, columns.product, columns.title, columns.quantity, columns.date)
    assert found == (0, 1, 2, 3, 4)
    assert (columns.price, columns.customer, columns.width) == (5, 6, 8)
    assert columns.is_online_retail


def test_other_delimiters_and_orders_of_columns():
    names = FIRST.split(",")
    columns = online_retail_columns(";".join(reversed(names)))
    assert columns is not None
    assert (columns.order, columns.product, columns.delimiter) == (7, 6, ";")


def test_a_header_that_lacks_one_column_is_no_export():
    assert online_retail_columns(FIRST.replace("StockCode", "Code")) is None


def test_a_mapping_names_columns_with_any_letters():
    mapping = parse_mapping('order=Order ID, product=SKU ,"date=Date, time"')
    assert mapping == {"order": "Order ID", "product": "SKU", "date": "Date, time"}
    columns = mapped_columns('"Date, time",x,SKU,Order ID', mapping)
    assert (columns.order, columns.product, columns.date) == (3, 2, 0)
    assert columns.quantity is columns.price is columns.customer is columns.title is None
    assert not columns.is_online_retail


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("order=a,product=b", "no column for date; it gives order, product and needs"),
        ("", "no column for order and product and date; it gives nothing"),
        ("order", "'order'; write field=column"),
        ("order=", "'order='; write field=column"),
        ("basket=a", "names the field 'basket'; the fields are order, product, date, quantity"),
        ("order=a,order=b,product=c,date=d", "'order' twice"),
    ],
)
def test_a_wrong_mapping_says_what_was_given_and_what_is_allowed(text, message):
    with pytest.raises(ImportRefusedError, match=message):
        parse_mapping(text)


def test_a_column_that_the_file_lacks_is_named_with_those_it_has():
    mapping = {"order": "Order", "product": "SKU", "date": "When"}
    with pytest.raises(ImportRefusedError) as refusal:
        mapped_columns("Order;SKU;Day", mapping)
    assert str(refusal.value) == (
        "--columns says date=When, but the file has no column 'When'; "
        "its columns are 'Order', 'SKU', 'Day'."
    )
