"""Loads the made sales of a large shop into its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Model
from numpy.typing import NDArray

from benchmarks.large_shop.models import Customer, Order, OrderLine, Product
from benchmarks.reporting import say
from benchmarks.sales import DAYS, Sales

CATEGORIES = 200
NEWEST = datetime(2024, 12, 31, tzinfo=UTC)


def load(sales: Sales) -> None:
    """Make the shop's tables with all their indexes and fill them."""
    price = np.random.default_rng(2).integers(100, 20_000, sales.n_products + 1)
    with connection.schema_editor() as editor:  # indexes come at its end, when the rows are there
        for model in (Product, Customer, Order, OrderLine):
            editor.create_model(model)
        _insert(
            Product,
            ("id", "name", "category", "price", "visible"),
            (
                (key, f"Product {key}", f"Category {key % CATEGORIES}", price[key] / 100, True)
                for key in range(1, sales.n_products + 1)
            ),
        )
        _insert(
            Customer,
            ("id", "name"),
            ((key, f"Customer {key}") for key in range(1, sales.n_customers + 1)),
        )
        _insert(Order, ("id", "customer_id", "email", "status", "placed_at"), _orders(sales))
        amount = price[sales.line_product] * sales.line_quantity / 100
        columns = (
            np.arange(1, len(amount) + 1),
            sales.line_order,
            sales.line_product,
            sales.line_quantity,
            amount,
        )
        _insert(
            OrderLine,
            ("id", "order_id", "product_id", "quantity", "amount"),
            _rows(columns),
        )


def _rows(columns: Sequence[NDArray[Any]], size: int = 200_000) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(columns[0]), size):
        yield from zip(*(column[start : start + size].tolist() for column in columns), strict=True)


def _orders(sales: Sales) -> Iterator[tuple[Any, ...]]:
    oldest = NEWEST - timedelta(days=DAYS)
    columns = (sales.order_customer, sales.order_placed, sales.order_guest, sales.order_paid)
    for key, (customer, placed, guest, paid) in enumerate(_rows(columns), start=1):
        yield (
            key,
            None if guest else customer,
            f"guest{customer}@example.com" if guest else "",
            "paid" if paid else "open",
            (oldest + timedelta(seconds=placed)).strftime("%Y-%m-%d %H:%M:%S"),
        )


def _insert(model: type[Model], names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    say(f"Loading {model._meta.verbose_name_plural} …")
    table, columns = model._meta.db_table, ", ".join(names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for some in _batches(rows):
                    copy.write("".join("\t".join(map(_text, row)) + "\n" for row in some))
            return
        marks = ", ".join("?" * len(names))
        raw = connection.connection.cursor()
        raw.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608


def _batches(rows: Iterable[tuple[Any, ...]], size: int = 50_000) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while some := list(islice(iterator, size)):
        yield some


def _text(value: object) -> str:
    return "\\N" if value is None else str(value)
