"""RP3β item × item lists next to `implicit`'s cosine, on one customers × items matrix.

python -m benchmarks.walks --lines 10000000 [--json] [--check]

Both begin with the same matrix in memory and end with 50 companions per item, in turns, each in a
process of its own. Ours counts distinct customers in the same time.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.reporting import MEBIBYTE, Report, Target, add_arguments, run_apart, say
from benchmarks.sales import zipf_sales

RATIO_LIMIT = 1.5
K = 50
MIN_CUSTOMERS = 1
"""The peer has no floor, so ours is the lowest: every pair competes for a place in both."""
BETA = 0.5


def main() -> None:
    """Make the matrix, time both in turns and end with the report's exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.walks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lines", type=int, default=1_000_000, help="order lines")
    parser.add_argument("--repeat", type=int, default=3, help="rounds")
    add_arguments(parser)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        say(f"Making {arguments.lines:,} order lines …")
        run_apart(save_matrix, folder, arguments.lines)
        report = measured_report(arguments, folder)
    raise SystemExit(report.finish(arguments))


def save_matrix(folder: str, n_lines: int) -> None:
    """Keep who bought what, of all paid orders, as a matrix of ones."""
    sales = zipf_sales(n_lines)
    order = sales.line_order - 1
    paid = sales.order_paid[order]
    customer, item = sales.order_customer[order[paid]] - 1, sales.line_product[paid] - 1
    shape = sales.n_customers, sales.n_products
    matrix = sparse.csr_matrix((np.ones(len(item)), (customer, item)), shape=shape)
    matrix.data[:] = 1.0
    sparse.save_npz(Path(folder) / "customers_items.npz", matrix, compressed=False)


def walks(folder: str) -> tuple[float, dict[str, Any]]:
    """Return the seconds of our lists and of their part after the matrix is arranged."""
    from recommendations.engine.families.walks import walk_lists
    from recommendations.engine.history import OrderHistory
    from recommendations.engine.matrices import BasketMatrix, basket_matrix

    def arranged(customers_items: sparse.csr_matrix) -> BasketMatrix:
        n_customers, n_items = customers_items.shape
        rows = np.arange(n_customers, dtype=np.int32)
        history = OrderHistory(
            item_ids=np.arange(n_items, dtype=np.int64),
            line_basket=np.repeat(rows, np.diff(customers_items.indptr)),
            line_item=customers_items.indices.astype(np.int32),
            basket_at=np.zeros(n_customers, dtype=np.int64),
            basket_customer=rows,
            n_customers=n_customers,
        )
        return basket_matrix(history, as_of=0, half_life_days=None, max_basket_items=2_000)

    def lists_of(matrix: BasketMatrix) -> Any:
        return walk_lists(matrix, k=K, min_customers=MIN_CUSTOMERS, beta=BETA)

    lists_of(arranged(sparse.csr_matrix(np.eye(2))))  # compiled before the clock starts
    customers_items = _read(folder)
    began = time.perf_counter()
    matrix = arranged(customers_items)
    middle = time.perf_counter()
    lists = lists_of(matrix)
    ended = time.perf_counter()
    counts = {
        "customers": customers_items.shape[0],
        "items": customers_items.shape[1],
        "pairs": customers_items.nnz,
        "left_out": matrix.left_out["baskets too large"],
        "entries": len(lists.items),
    }
    return ended - began, {"lists": ended - middle, "counts": counts}


def implicit_cosine(folder: str) -> tuple[float, None]:
    """Return the seconds of `implicit`'s fit."""
    from implicit.nearest_neighbours import CosineRecommender
    from implicit.utils import ParameterWarning

    customers_items = _read(folder)
    warnings.simplefilter("ignore", ParameterWarning)  # about what it makes itself on the way
    began = time.perf_counter()
    CosineRecommender(K=K).fit(customers_items, show_progress=False)
    return time.perf_counter() - began, None


def measured_report(arguments: argparse.Namespace, folder: str) -> Report:
    """Time both in turns, so that whatever else the machine does falls on both."""
    runs: dict[str, list[tuple[float, Any, int]]] = {"walks": [], "implicit": []}
    for _ in range(arguments.repeat):
        for name, function in (("walks", walks), ("implicit", implicit_cosine)):
            say(f"{name} …")
            (taken, extra), measurement = run_apart(function, folder)
            runs[name].append((taken, extra, measurement.peak_bytes))
    seconds = {name: [run[0] for run in done] for name, done in runs.items()}
    seconds["lists"] = [run[1]["lists"] for run in runs["walks"]]
    peak = {name: max(run[2] for run in done) / MEBIBYTE for name, done in runs.items()}
    counts = runs["walks"][-1][1]["counts"]
    report = Report(
        title=f"RP3β lists of {K} on {arguments.lines:,} order lines",
        headers=("what", "least s", "median s", "peak MiB"),
    )
    for what, name in (
        ("matrix and RP3β lists", "walks"),
        ("  RP3β lists alone", "lists"),
        ("implicit CosineRecommender.fit", "implicit"),
    ):
        least, middle = min(seconds[name]), median(seconds[name])
        report.add(what, least, middle, round(peak[name]) if name in peak else None)
    report.notes.append(
        f"{counts['pairs']:,} pairs of {counts['customers']:,} customers and {counts['items']:,}"
        f" items, {counts['left_out']} customers left out as too large; {counts['entries']:,}"
        f" entries of {MIN_CUSTOMERS} customers or more."
    )
    ratio = min(seconds["walks"]) / min(seconds["implicit"])
    report.figures = {
        "lines": arguments.lines,
        "counts": counts,
        "seconds": seconds,
        "peak_mib": peak,
        "ratio": ratio,
    }
    report.targets.append(
        Target(name="matrix and RP3β lists / implicit fit", figure=ratio, limit=RATIO_LIMIT)
    )
    return report


def _read(folder: str) -> sparse.csr_matrix:
    return sparse.load_npz(Path(folder) / "customers_items.npz").tocsr()


if __name__ == "__main__":
    main()
