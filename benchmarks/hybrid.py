"""Behaviour, content and both, where a third of the items is new: `python -m benchmarks.hybrid`.

python -m benchmarks.hybrid [--seeds 0-7] [--orders online-retail.csv.gz] [--json] [--check]

Of each order of the last 30 days of generated shops one line is hidden, and the rest is the
question. A line of a new item, one that came when those days began, can be found by its facts
alone; the figures stand apart for new items and for old ones, and are means over the shops. All
models learn from the same older orders; the hybrid weighs its parts by them too.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.new_items import TEST_DAYS, Shop, growing_shop
from benchmarks.online_retail import read_online_retail, read_titles
from benchmarks.reporting import Report, Target, add_arguments, measured, say
from recommendations.engine.families.base import Family, Fitted, ListModel, Query, Training
from recommendations.engine.families.content import COMPLEMENTS, SIMILAR
from recommendations.engine.families.hybrid import FAMILY as HYBRID
from recommendations.engine.history import OrderHistory
from recommendations.engine.item_features import ItemFacts, item_features
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from recommendations.engine.splits import hidden_lines, split_by_time

SEEDS = "0-7"
DRAWINGS = range(10)
"""Lines hidden of each order, one at a time: most lines of the test orders are asked about."""

RESAMPLES = 500
K = 10
MIN_CUSTOMERS = 2

FIGURES = ("new items", "old items", "all items")


def main() -> int:
    """Run the benchmark and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=_seeds, default=_seeds(SEEDS), help="of shops: 0-7 or 3,5")
    parser.add_argument("--baskets", type=int, default=12_000, help="orders of a made shop")
    parser.add_argument("--items", type=int, default=1_200, help="items of a made shop")
    parser.add_argument("--orders", type=Path, help="Online Retail II, instead of made shops")
    add_arguments(parser)
    arguments = parser.parse_args()
    shops: list[Shop]
    if arguments.orders:
        title = f"Hit rate@{K}, {arguments.orders.name}"
        shops = [retail_shop(arguments.orders)]
    else:
        title = f"Hit rate@{K} where a third of the items is new, {len(arguments.seeds)} shops"
        shops = [
            growing_shop(n_items=arguments.items, n_baskets=arguments.baskets, seed=seed)
            for seed in arguments.seeds
        ]
    rows = [scores(shop) for shop in shops]
    report = Report(title=title, headers=("model", *FIGURES, "seconds to fit"))
    for name in models():
        figures = np.mean([row[name] for row in rows], axis=0)
        report.add(name, *figures.tolist())
        report.figures[name] = dict(zip((*FIGURES, "seconds"), figures.tolist(), strict=True))
    add_wins(report, rows)
    add_targets(report)
    return report.finish(arguments)


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    if last:
        return list(range(int(first), int(last) + 1))
    return [int(seed) for seed in text.split(",")]


def add_wins(report: Report, rows: list[dict[str, NDArray[np.float64]]]) -> None:
    """Say shop by shop whether the hybrid is above every part, and how surely."""
    ours = np.array([row["hybrid"][:2] for row in rows])
    parts = np.array(
        [np.max([row[name][:2] for name in models() if name != "hybrid"], axis=0) for row in rows]
    )
    errors = np.array([row["errors"] for row in rows])
    won, tied = ours > parts, np.abs(ours - parts) <= errors
    report.figures["shops won"] = {
        "new items": int(won[:, 0].sum()),
        "old items": int(won[:, 1].sum()),
        "both": int(won.all(axis=1).sum()),
        "both, or within a standard error": int((won | tied).all(axis=1).sum()),
        "of": len(rows),
        "gains": (ours / np.maximum(parts, 1e-9)).round(4).tolist(),
        "standard errors": (errors / np.maximum(parts, 1e-9)).round(4).tolist(),
    }
    new, old = won.sum(axis=0).tolist()
    report.notes.append(
        f"The hybrid is above every part on new items in {new} of {len(rows)} shops, on old ones in"
        f" {old}, on both in {int(won.all(axis=1).sum())}; on both, or no more than one paired"
        f" standard error below, in {int((won | tied).all(axis=1).sum())}."
    )


def scores(shop: Shop) -> dict[str, NDArray[np.float64]]:
    """Return hit rates of new, old and all items and seconds to fit, by the name of the model.

    Under "errors" stand the standard errors of what the hybrid has above the best part, on new
    and on old items.
    """
    train, test = split_by_time(shop.history, holdout_days=TEST_DAYS)
    training = training_of(shop, train)
    say(f"{train.n_baskets:,} orders to learn from, {test.n_baskets:,} to be asked about")
    result, hits = {}, {}
    is_new, order = asked(training, test)
    for name, family in models().items():
        with measured() as step:
            model = behaviour(training) if family is None else family.fit(training, family.start)
        hits[name] = found_lines(model, test)
        rates = [hits[name][is_new].mean(), hits[name][~is_new].mean(), hits[name].mean()]
        result[name] = np.array([*rates, step.seconds])
    parts = [name for name in hits if name != "hybrid"]
    errors = []
    for kind, asked_of in enumerate((is_new, ~is_new)):
        best = max(parts, key=lambda name: result[name][kind])
        more = hits["hybrid"][asked_of].astype(float) - hits[best][asked_of]
        errors.append(standard_error(more, order[asked_of]))
    return {**result, "errors": np.array(errors)}


def standard_error(values: NDArray[np.float64], order: NDArray[np.integer]) -> float:
    """Return the standard error of a mean by bootstrap of the orders its questions come from."""
    n_orders = int(order.max()) + 1
    sums, counts = np.bincount(order, values, n_orders), np.bincount(order, minlength=n_orders)
    drawn = np.random.default_rng(0).integers(0, n_orders, (RESAMPLES, n_orders))
    return float((sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)).std())


def retail_shop(path: Path) -> Shop:
    """Return an export's orders, with the titles as all that is known of the items."""
    history = read_online_retail(path)
    return Shop(history=history, facts=ItemFacts.of_titles(read_titles(path)))


def training_of(shop: Shop, train: OrderHistory) -> Training:
    """Return what all models learn from."""
    return Training(
        matrix=basket_matrix(train, as_of=int(train.basket_at.max()), half_life_days=None),
        history=train,
        content=item_features(shop.facts).matrix,
        min_customers=MIN_CUSTOMERS,
    )


def models() -> Mapping[str, Family | None]:
    """Return the hybrid and its parts; None is behaviour."""
    return {
        "behaviour": None,
        "content": SIMILAR,
        "content_complements": COMPLEMENTS,
        "hybrid": HYBRID,
    }


def behaviour(training: Training) -> ListModel:
    """Return the lists of co-purchases that the hybrid starts from."""
    lists = neighbours(
        training.matrix,
        k=100,
        min_customers=training.min_customers,
        item_exponent=HYBRID.start["item_exponent"],
        companion_exponent=HYBRID.start["companion_exponent"],
    )
    return ListModel(lists=lists, depth=HYBRID.start["depth"])


def asked(training: Training, test: OrderHistory) -> tuple[NDArray[np.bool_], NDArray[np.integer]]:
    """Return for each question whether the hidden item is new, and which order it comes from."""
    questions = [hidden_lines(test, seed=seed) for seed in DRAWINGS]
    hidden = np.concatenate([queries.hidden for queries in questions])
    order = np.concatenate([queries.basket for queries in questions])
    return training.matrix.item_customers[hidden] == 0, order


def found_lines(model: Fitted, test: OrderHistory) -> NDArray[np.bool_]:
    """Return for each question whether the hidden line is found."""
    hits = []
    for seed in DRAWINGS:
        queries = hidden_lines(test, seed=seed)
        found = model.recommend(Query(held=queries.matrix(test.n_items)), K)
        hits.append((found == queries.hidden[:, np.newaxis]).any(axis=1))
    return np.concatenate(hits)


def add_targets(report: Report) -> None:
    """Promise that the hybrid is above each of its parts on new and on old items."""
    ours = report.figures["hybrid"]
    for name in models():
        if name != "hybrid":
            theirs = report.figures[name]
            for figure in FIGURES:
                report.targets.append(
                    Target(
                        name=f"hybrid against {name}, {figure}",
                        figure=ours[figure],
                        limit=theirs[figure],
                        sense=">",
                    )
                )


if __name__ == "__main__":
    raise SystemExit(main())
