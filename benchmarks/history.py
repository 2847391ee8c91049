"""Makes a large, Zipf-shaped order history and loads it into a shop's tables.

A few products sell in every tenth order and most hardly ever, as in any shop. Products stand in
small groups that are bought together, so that there is something to find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Model
from numpy.typing import NDArray

from benchmarks.large_shop.models import Customer, Order, OrderLine, Product
from benchmarks.reporting import say

LINES_PER_ORDER = 4
LINES_PER_CUSTOMER = 10
LINES_PER_PRODUCT = 100
GROUP = 8
"""Products of a group are bought together."""

TOGETHER_SHARE = 0.4
"""Share of an order's further lines that come from the group of its first."""

GUEST_SHARE = 0.15
UNPAID_SHARE = 0.05
CATEGORIES = 200
DAYS = 730
NEWEST = datetime(2024, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sales:
    """Orders and lines as arrays; keys count from 1."""

    n_products: int
    n_customers: int
    order_customer: NDArray[np.int64]
    order_placed: NDArray[np.int64]
    order_guest: NDArray[np.bool_]
    order_paid: NDArray[np.bool_]
    line_order: NDArray[np.int64]
    line_product: NDArray[np.int64]
    line_quantity: NDArray[np.int64]


def zipf_sales(n_lines: int, *, seed: int = 1) -> Sales:
    """Return a history of so many lines, in orders as a shop would have stored them: by time."""
    random = np.random.default_rng(seed)
    n_orders = max(n_lines // LINES_PER_ORDER, 1)
    n_customers = max(n_lines // LINES_PER_CUSTOMER, 1)
    n_products = max(n_lines // LINES_PER_PRODUCT, GROUP)
    # One line each, the rest anywhere: sizes are 1 + nearly Poisson, mostly small.
    line_order = np.sort(
        np.append(np.arange(n_orders), random.integers(0, n_orders, n_lines - n_orders))
    )
    rank = _zipf(random, n_products, n_lines, exponent=0.9)
    starts = np.searchsorted(line_order, np.arange(n_orders))
    first = rank[starts][line_order]
    together = random.random(n_lines) < TOGETHER_SHARE
    together[starts] = False
    mates = first // GROUP * GROUP + random.integers(0, GROUP, n_lines)
    rank = np.where(together, np.minimum(mates, n_products - 1), rank)
    key_by_rank = random.permutation(n_products) + 1
    return Sales(
        n_products=n_products,
        n_customers=n_customers,
        order_customer=random.permutation(n_customers)[
            _zipf(random, n_customers, n_orders, exponent=0.4)
        ]
        + 1,
        order_placed=np.sort(random.integers(0, DAYS * 86_400, n_orders)),
        order_guest=random.random(n_orders) < GUEST_SHARE,
        order_paid=random.random(n_orders) >= UNPAID_SHARE,
        line_order=line_order + 1,
        line_product=key_by_rank[rank],
        line_quantity=random.geometric(0.7, n_lines),
    )


def _zipf(
    random: np.random.Generator, n_values: int, size: int, *, exponent: float
) -> NDArray[np.int64]:
    """Draw ranks from 0, rank r in proportion to (r + 1) ** -exponent."""
    share = np.cumsum(np.arange(1, n_values + 1, dtype=np.float64) ** -exponent)
    ranks: NDArray[np.int64] = np.searchsorted(share, random.random(size) * share[-1])
    return ranks


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
