"""Itemsets and rules of a large shop: `python -m benchmarks.association_rules --lines 10000000`.

The orders are those that `benchmarks.rebuild` makes (Zipf-shaped, products in small groups that
are bought together), without a database. mlxtend's fpgrowth is given a share of the baskets that
it can hold, and the same minimum support; ours is run on that share as well, and both must find
the same sets and rules.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.reporting import Report, Target, add_arguments, measured, run_apart, say
from benchmarks.sales import zipf_sales
from recommendations.engine.association_rules import association_rules, frequent_itemsets
from recommendations.engine.history import OrderHistory, order_history, sorted_lines
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.splits import only_baskets

LIMIT_MIB = 3 * 1024

Figures = dict[str, Any]


def main() -> int:
    """Run the benchmark and return its exit status."""
    arguments = parsed()
    minima = arguments.min_baskets, arguments.min_customers
    report = Report(
        title=f"Association rules of {arguments.lines:,} lines; a set has at least {minima[0]}"
        f" baskets of {minima[1]} customers (on the share: 1)",
        headers=("who", "baskets", "items", "pairs", "triples", "rules", "seconds", "peak MiB"),
    )
    whole = add(report, "ours", ours, arguments.lines, 1.0, *minima)
    report.targets.append(Target(name="peak MiB", figure=whole["peak_mib"], limit=LIMIT_MIB))
    if not arguments.without_peer:
        asked = arguments.lines, arguments.share, arguments.share_min_baskets, 1
        share = add(report, "ours, on a share", ours, *asked)
        peer = add(report, "mlxtend, on the share", theirs, *asked)
        report.notes.append(
            f"mlxtend reads a dense table: it is given {arguments.share:.2%} of the baskets, and"
            f" {arguments.share_min_baskets} baskets as minimum."
        )
        for name in ("pairs", "triples", "rules", "confidence"):
            difference = abs(share[name] - peer[name])
            report.targets.append(Target(name=f"{name} off by", figure=difference, limit=1e-6))
    return report.finish(arguments)


def parsed() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--min-baskets", type=int, default=20)
    parser.add_argument("--min-customers", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.002, help="of the baskets, for mlxtend")
    parser.add_argument("--share-min-baskets", type=int, default=3)
    parser.add_argument("--without-peer", action="store_true", help="leave mlxtend out")
    add_arguments(parser)
    return parser.parse_args()


def add(report: Report, name: str, function: Callable[..., Figures], *asked: float) -> Figures:
    """Run in a process of its own and add a row."""
    say(f"{name} …")
    figures, _ = run_apart(function, *asked)
    report.figures[name] = figures
    counts = [figures[key] for key in ("baskets", "items", "pairs", "triples", "rules")]
    report.add(name, *counts, figures["seconds"], figures["peak_mib"])
    return figures


def ours(n_lines: int, share: float, min_baskets: int, min_customers: int) -> Figures:
    """Count our itemsets and rules, from the history in memory; code is compiled beforehand."""
    tiny = order_history(item_ids=[1, 2], baskets=[[0, 1]] * 2, at=[0, 1], customers=[0, 1])
    frequent_itemsets(matrix_of(tiny), min_baskets=1, min_customers=1)
    history = orders(n_lines, share)
    with measured() as step:
        matrix = matrix_of(history)
        itemsets = frequent_itemsets(matrix, min_baskets=min_baskets, min_customers=min_customers)
        rules = association_rules(itemsets)
    return {
        "baskets": matrix.n_baskets,
        "items": int(np.count_nonzero(matrix.item_baskets)),
        "pairs": len(itemsets.pairs),
        "triples": len(itemsets.triples),
        "rules": len(rules),
        "confidence": float(rules.confidence.sum()),
        "seconds": step.seconds,
        "peak_mib": step.peak_mib,
    }


def theirs(n_lines: int, share: float, min_baskets: int, _: int) -> Figures:
    """Count those of mlxtend on the table it wants; it knows no customers."""
    # A benchmark extra, loaded only where it is asked.
    frequent_patterns = import_module("mlxtend.frequent_patterns")
    pandas = import_module("pandas")
    history = orders(n_lines, share)
    matrix = matrix_of(history)
    sold = np.flatnonzero(matrix.item_baskets)
    with measured() as step:
        table = pandas.DataFrame(matrix.baskets_items()[:, sold].toarray().astype(bool))
        # Half a basket less, because a share is not exact.
        support = (min_baskets - 0.5) / len(table)
        itemsets = frequent_patterns.fpgrowth(table, min_support=support, max_len=3)
        rules = frequent_patterns.association_rules(itemsets, metric="confidence", min_threshold=0)
    sizes = itemsets["itemsets"].map(len)
    single = rules["consequents"].map(len) == 1
    return {
        "baskets": matrix.n_baskets,
        "items": len(sold),
        "pairs": int((sizes == 2).sum()),
        "triples": int((sizes == 3).sum()),
        "rules": int(single.sum()),
        "confidence": float(rules["confidence"][single].sum()),
        "seconds": step.seconds,
        "peak_mib": step.peak_mib,
    }


def matrix_of(history: OrderHistory) -> BasketMatrix:
    """Return the baskets with the caps as shipped, all counting the same."""
    return basket_matrix(history, as_of=0, half_life_days=None, size_exponent=0.0)


def orders(n_lines: int, share: float) -> OrderHistory:
    """Return the made orders as they would be read: paid ones, a guest's by the guest."""
    sales = zipf_sales(n_lines)
    line_basket, line_item = sorted_lines(
        sales.line_order - 1, sales.line_product - 1, n_items=sales.n_products
    )
    # Guests and users of one number are two customers.
    customer = sales.order_customer * 2 + sales.order_guest
    _, first, customer = np.unique(customer, return_index=True, return_inverse=True)
    by_appearance = np.argsort(np.argsort(first))
    history = OrderHistory(
        item_ids=np.arange(1, sales.n_products + 1),
        line_basket=line_basket,
        line_item=line_item,
        basket_at=sales.order_placed,
        basket_customer=by_appearance[customer].astype(np.int32),
        n_customers=len(first),
    )
    drawn = np.random.default_rng(3).random(history.n_baskets) < share
    return only_baskets(history, sales.order_paid & drawn)


if __name__ == "__main__":
    raise SystemExit(main())
