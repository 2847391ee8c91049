"""What one would do instead, each to be run in a process of its own."""

from __future__ import annotations

import os
import time
import warnings
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import django
import numpy as np
from scipy import sparse

Timed: TypeAlias = tuple[float, Any]
"""Seconds, and what else there is to tell."""

FETCH_ROWS = 10_000
SCIPY_BLOCK = 1_000
LINES_SQL = "SELECT order_id, product_id FROM large_shop_orderline"
ORDERS_SQL = "SELECT id, customer_id, {placed_at} FROM large_shop_order WHERE status = 'paid'"


def raw_read() -> Timed:
    """Fetch the two narrow scans with the driver's plain cursor and keep nothing."""
    django.setup()
    from django.db import connection

    settings = connection.get_connection_params()
    if connection.vendor == "sqlite":
        import sqlite3

        driver: Any = sqlite3.connect(settings["database"])
        placed_at = "placed_at"
    else:
        import psycopg

        names = {"dbname", "user", "password", "host", "port"}
        driver = psycopg.connect(**{key: settings[key] for key in names & settings.keys()})
        # A number, because a datetime object per order would make this peer slower than need be.
        placed_at = "extract(epoch FROM placed_at)::bigint"
    began = time.perf_counter()
    for statement in (LINES_SQL, ORDERS_SQL.format(placed_at=placed_at)):
        cursor = driver.cursor()
        cursor.execute(statement)
        while cursor.fetchmany(FETCH_ROWS):
            pass
    seconds = time.perf_counter() - began
    driver.close()
    return seconds, None


def implicit_fit(folder: str, k: int) -> Timed:
    """Fit `implicit`'s item-item cosine on the matrix in memory."""
    from implicit.nearest_neighbours import CosineRecommender
    from implicit.utils import ParameterWarning

    matrix = _baskets_items(folder)
    warnings.simplefilter("ignore", ParameterWarning)  # about what it makes itself on the way
    began = time.perf_counter()
    CosineRecommender(K=k).fit(matrix, show_progress=False)
    return time.perf_counter() - began, None


def sparse_dot(folder: str, k: int) -> Timed:
    """Multiply the normalised matrix with its transpose, keeping the top of each row."""
    from sparse_dot_topn import sp_matmul_topn

    matrix = _baskets_items(folder)
    began = time.perf_counter()
    columns = _normalised(matrix)
    sp_matmul_topn(columns.T.tocsr(), columns, top_n=k + 1, n_threads=len(os.sched_getaffinity(0)))
    return time.perf_counter() - began, None


def scipy_blocks(folder: str, k: int, share: float) -> Timed:
    """Do the same with SciPy alone for a share of the items; return the seconds for all."""
    matrix = _baskets_items(folder)
    n_items = matrix.shape[1]
    began = time.perf_counter()
    columns = _normalised(matrix)
    rows = columns.T.tocsr()
    prepared = time.perf_counter() - began
    # Items stand in no order of popularity, so blocks from anywhere stand for the rest.
    n_blocks = max(round(n_items / SCIPY_BLOCK * share), 1)
    starts = np.linspace(0, max(n_items - SCIPY_BLOCK, 0), n_blocks).astype(int)
    began = time.perf_counter()
    for start in starts.tolist():
        _top(rows[start : start + SCIPY_BLOCK] @ columns, k)
    done = min(n_blocks * SCIPY_BLOCK, n_items)
    return prepared + (time.perf_counter() - began) * n_items / done, None


def _top(product: Any, k: int) -> list[Any]:
    lists = []
    for row in range(product.shape[0]):
        values = product.data[product.indptr[row] : product.indptr[row + 1]]
        best = np.argpartition(-values, k)[:k] if len(values) > k else np.arange(len(values))
        lists.append(product.indices[product.indptr[row] + best])
    return lists


def _baskets_items(folder: str) -> Any:
    read = {
        name: np.load(Path(folder) / f"{name}.npy", allow_pickle=False)
        for name in ("item_ids", "line_basket", "line_item", "basket_at")
    }
    ones = np.ones(len(read["line_item"]), dtype=np.float64)
    return sparse.csr_matrix(
        (ones, (read["line_basket"], read["line_item"])),
        shape=(len(read["basket_at"]), len(read["item_ids"])),
    )


def _normalised(matrix: Any) -> Any:
    norms = np.sqrt(np.asarray(matrix.sum(axis=0)).ravel())
    return (matrix @ sparse.diags(1 / np.maximum(norms, 1))).tocsr()


def by_hand(k: int, n_lines: int) -> Timed:
    """Do it as a shop would by hand: ORM objects, dictionaries, a row per pair.

    Takes the first orders with about so many lines; returns the seconds and the lines.
    """
    django.setup()
    from django.db import connection, transaction

    from benchmarks.large_shop.models import OrderLine

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE pairs (item integer, companion integer, score double precision)"
        )
    last = OrderLine.objects.order_by("pk").values_list("order_id", flat=True)[n_lines]
    began = time.perf_counter()
    baskets: dict[int, set[int]] = defaultdict(set)
    n_read = 0
    lines = OrderLine.objects.select_related("order").filter(
        order__status="paid", order_id__lt=last
    )
    for line in lines.iterator():
        n_read += 1
        if line.product_id is not None:
            baskets[line.order.pk].add(line.product_id)
    sold: Counter[int] = Counter()
    together: Counter[tuple[int, int]] = Counter()
    for basket in baskets.values():
        sold.update(basket)
        together.update(combinations(sorted(basket), 2))
    companions: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (one, other), count in together.items():
        score = count / (sold[one] * sold[other]) ** 0.5
        companions[one].append((score, other))
        companions[other].append((score, one))
    rows = [
        (item, companion, score)
        for item, found in companions.items()
        for score, companion in sorted(found, reverse=True)[:k]
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO pairs VALUES (%s, %s, %s)", rows)
    return time.perf_counter() - began, n_read
