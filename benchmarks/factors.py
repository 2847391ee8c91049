"""Time and memory of the factor and regression models: `python -m benchmarks.factors`.

Shops are drawn by a seed: every row's first item by popularity (Zipf), most of the rest from the
same shelf of 50 items. Each fit runs in a process of its own, so that its peak is its own; beside
it stands what the family says beforehand that it needs.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.reporting import (
    MEBIBYTE,
    Report,
    Target,
    add_arguments,
    measured,
    run_apart,
    say,
)
from recommendations.engine.families import als, ease
from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.history import OrderHistory, sorted_lines
from recommendations.engine.matrices import basket_matrix

SHELF = 50
QUERIES = 1_000

FITS: tuple[tuple[Family, Parameters], ...] = (
    (ease.FAMILY, {}),
    (ease.FAMILY, {"candidates": 200}),
    (als.FAMILY, {}),
    (als.FAMILY, {"factors": 128}),
)

SHOPS = {
    "1 M pairs × 50,000 items": (100_000, 50_000, 1_000_000),
    "3 M pairs × 100,000 items": (300_000, 100_000, 3_000_000),
}


def main() -> int:
    """Run the benchmark and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    arguments = parser.parse_args()
    report = Report(
        title="Factor and regression models on drawn shops",
        headers=(
            "shop", "model", "parameters", "seconds to fit", f"to ask {QUERIES:,} queries",
            "peak MiB of the fit", "MiB said beforehand",
        ),
    )  # fmt: skip
    for shop, shape in SHOPS.items():
        for family, chosen in FITS:
            add_row(report, shop, shape, family, chosen)
    report.notes.append("Minimum support 5 customers; lists per item are not part of the fit.")
    return report.finish(arguments)


def add_row(
    report: Report, shop: str, shape: tuple[int, int, int], family: Family, chosen: Parameters
) -> None:
    """Fit one model in a process of its own and add its figures."""
    say(f"{family.name} {dict(chosen)} on {shop}")
    figures, _ = run_apart(partial(fit_apart, family.name), shape, dict(chosen))
    said = family.bytes_needed(Size(**figures["size"]), {**family.start, **chosen}) / MEBIBYTE
    name = f"{family.name} {dict(chosen)} on {shop}"
    report.figures[name] = {**figures, "said_mib": said}
    report.add(
        shop, family.name, str(dict(chosen) or "as shipped"), figures["seconds"],
        figures["asking"], figures["peak_mib"], said,
    )  # fmt: skip
    peak = figures["peak_mib"]
    report.targets += [
        Target(name=f"peak MiB of {name}", figure=peak, limit=2 * said),
        Target(name=f"peak MiB of {name}", figure=peak, limit=said / 2, sense=">="),
    ]


def fit_apart(name: str, shape: tuple[int, int, int], chosen: Parameters) -> dict[str, Any]:
    """Return what a fit on a drawn shop took."""
    family = {fit[0].name: fit[0] for fit in FITS}[name]
    warm_up(family)
    matrix = basket_matrix(drawn_shop(*shape), as_of=0, half_life_days=None)
    training = Training(matrix=matrix, min_customers=5)
    with measured() as before:
        pass
    with measured() as fit:
        model = family.fit(training, chosen)
    held = matrix.baskets_items()[:QUERIES]
    with measured() as asking:
        model.recommend(Query(held=sparse.csr_matrix(held)), 10)
    size = Size.of(training)
    return {
        "size": {"n_rows": size.n_rows, "n_items": size.n_items, "n_lines": size.n_lines},
        "seconds": fit.seconds,
        "asking": asking.seconds,
        "peak_mib": fit.peak_mib - before.peak_mib,
    }


def warm_up(family: Family) -> None:
    """Load and compile what a first fit would be charged for."""
    matrix = basket_matrix(drawn_shop(200, 50, 2_000), as_of=0, half_life_days=None)
    model = family.fit(Training(matrix=matrix), {})
    model.recommend(Query(held=matrix.baskets_items()[:2]), 3)


def drawn_shop(n_rows: int, n_items: int, n_pairs: int) -> OrderHistory:
    """Return rows of one customer each, lopsided in their sizes and in what sells."""
    rng = np.random.default_rng(0)
    row = np.sort(rng.integers(0, n_rows, n_pairs))
    shares = 1 / (np.arange(n_items) + 20.0) ** 0.8
    popular = rng.choice(n_items, n_pairs, p=shares / shares.sum())
    starts = np.searchsorted(row, row)
    shelf = popular[starts] // SHELF * SHELF + rng.integers(0, SHELF, n_pairs)
    item = np.where(rng.random(n_pairs) < 0.6, np.minimum(shelf, n_items - 1), popular)
    line_basket, line_item = sorted_lines(row, item, n_items=n_items)
    return OrderHistory(
        item_ids=np.arange(n_items, dtype=np.int64),
        line_basket=line_basket,
        line_item=line_item,
        basket_at=np.zeros(n_rows, dtype=np.int64),
        basket_customer=np.arange(n_rows, dtype=np.int32),
        n_customers=n_rows,
    )


if __name__ == "__main__":
    raise SystemExit(main())
