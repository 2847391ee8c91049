"""The orders of an Online Retail export as arrays, cleaned as the reference shop imports them."""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommendations.engine.history import OrderHistory, sorted_lines
from recommendations.engine.ids import IdMap

# Five digits and a letter or more for colour or size; POST, D, M, gift_… are no products.
_PRODUCT = re.compile(r"\d{5}[A-Za-z]*\s*\Z", re.ASCII)

# Both editions of the source name their columns differently.
_COLUMNS = {
    "order": ("Invoice", "InvoiceNo"),
    "product": ("StockCode",),
    "quantity": ("Quantity",),
    "placed_at": ("InvoiceDate",),
    "price": ("Price", "UnitPrice"),
    "customer": ("Customer ID", "CustomerID"),
    "title": ("Description",),
}

# Told by real exports, and needed by those alone who ask what items are.
_OPTIONAL = {"title"}


def default_path() -> Path:
    """Return where the export is looked for if no other path is given."""
    folder = os.environ.get("CROSSSELL_DATA")
    root = Path(folder) if folder else Path(__file__).parents[2] / "shared" / "data"
    return root / "online-retail-2009-2010.csv.gz"


def read_online_retail(path: Path) -> OrderHistory:
    """Return the sales of an export: positive quantity and price, product codes, no C… invoices.

    An order without customer is its own customer. Times are taken as they stand.
    """
    left_out: Counter[str] = Counter()
    orders, products, customers, placed = [], [], [], []
    for row in _rows(path):
        order, product, quantity, placed_at, price, customer, _ = row
        reason = _no_sale(order, product, quantity, price)
        if reason:
            left_out[reason] += 1
            continue
        orders.append(order)
        products.append(product)
        customers.append(customer.removesuffix(".0") or f"order {order}")
        placed.append(placed_at)
    return _history(orders, products, customers, placed, dict(left_out))


def read_titles(path: Path) -> list[str]:
    """Return the title that each item of `read_online_retail` has most often."""
    seen: dict[str, Counter[str]] = {}
    for order, product, quantity, _, price, _, title in _rows(path):
        if not _no_sale(order, product, quantity, price):
            seen.setdefault(product, Counter())[title.strip()] += 1
    items, _ = IdMap.ascending(np.array(list(seen), dtype=str))
    return [seen[str(key)].most_common(1)[0][0] for key in items.keys]


def _history(
    orders: list[str],
    products: list[str],
    customers: list[str],
    placed: list[str],
    left_out: dict[str, int],
) -> OrderHistory:
    order_map, line_order = IdMap.ascending(np.array(orders, dtype=str))
    item_map, line_item = IdMap.ascending(np.array(products, dtype=str))
    first = np.full(len(order_map), -1, dtype=np.int64)
    first[line_order[::-1]] = np.arange(len(orders) - 1, -1, -1)
    customer_map, basket_customer = IdMap.by_first_appearance(
        np.array([customers[line] for line in first], dtype=str)
    )
    line_basket, line_item = sorted_lines(line_order, line_item, n_items=len(item_map))
    return OrderHistory(
        item_ids=np.arange(1, len(item_map) + 1, dtype=np.int64),
        line_basket=line_basket,
        line_item=line_item,
        basket_at=np.array([_seconds(placed[line]) for line in first], dtype=np.int64),
        basket_customer=basket_customer,
        n_customers=len(customer_map),
        left_out=left_out,
    )


def _rows(path: Path) -> Iterator[tuple[str, ...]]:
    opened = (
        gzip.open(path, "rt", encoding="utf-8", newline="")  # noqa: SIM115 - closed below
        if path.suffix == ".gz"
        else path.open(encoding="utf-8", newline="")
    )
    with opened as file:
        reader = csv.reader(file)
        header = next(reader, [])
        places: list[int | None] = []
        for name, spellings in _COLUMNS.items():
            found = [header.index(spelling) for spelling in spellings if spelling in header]
            if not found and name not in _OPTIONAL:
                raise ValueError(f"{path} has no column for the {name}: {' or '.join(spellings)}.")
            places.append(found[0] if found else None)
        for row in reader:
            yield tuple("" if place is None else row[place] for place in places)


def _no_sale(order: str, product: str, quantity: str, price: str) -> str:
    if order.upper().startswith("C"):
        return "cancelled"
    if not _PRODUCT.match(product):
        return "no product"
    try:
        if int(quantity) > 0 and float(price) > 0:
            return ""
    except ValueError:
        return "damaged number"
    return "no quantity or price"


def _seconds(placed_at: str) -> int:
    for pattern in ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"):
        try:
            return int(datetime.strptime(placed_at, pattern).replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    raise ValueError(f"{placed_at!r} is no time.")
