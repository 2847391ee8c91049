"""Small exports to import."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

FIRST = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"
LATER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def row(
    order: str = "500001",
    product: str = "10001",
    title: str = "RED MUG",
    quantity: object = 2,
    date: str = "2010-01-15 10:30:00",
    price: object = "1.25",
    customer: object = "13085",
) -> str:
    return f"{order},{product},{title},{quantity},{date},{price},{customer},United Kingdom"


def write_export(path: Path, rows: Iterable[str], *, header: str = FIRST, zipped: bool = False):
    data = ("\n".join([header, *rows]) + "\n").encode()
    path.write_bytes(gzip.compress(data) if zipped else data)
    return path
