"""Order lines by the hundred thousand, for the seeder and the importer."""

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from django.db import connections, router

from shop.models import OrderLine


class LineRow(NamedTuple):
    """The columns of an order line; the names are those of its model."""

    order_id: int
    product_id: int
    product_name: str
    sku: str
    quantity: int
    refunded_quantity: int
    unit_price: Decimal | str
    amount: Decimal | str
    position: int


def insert_lines(rows: Collection[LineRow]) -> None:
    """Add the lines.

    Importing half a million lines took 54 s of processor time with `bulk_create` and takes 24 s
    with this: no model instances, no value passed through nine fields, no keys read back.
    """
    connection = connections[router.db_for_write(OrderLine)]
    quote = connection.ops.quote_name
    table = quote(OrderLine._meta.db_table)
    by_name = {field.attname: field.column for field in OrderLine._meta.concrete_fields}
    columns = ", ".join(quote(str(by_name[name])) for name in LineRow._fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(LineRow._fields))
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - own names only
                [
                    row._replace(unit_price=str(row.unit_price), amount=str(row.amount))
                    for row in rows
                ],
            )
