"""How often the line hidden from a real order is found: `python -m benchmarks.completion`.

The newest 28 days are held out. Of each held-out order one line is hidden; the rest of it, or one
random line of the rest, is the question. All models learn from the same older orders and are asked
the same questions. Ours takes the settings as shipped: they were chosen on the last 28 days
*before* the held-out ones (`--tune` shows that slice), never on the held-out ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.online_retail import default_path, read_online_retail
from benchmarks.peers import DEFAULT_PEER_K, PEERS, fitted, recommended
from benchmarks.reporting import Report, Target, add_arguments, measured, say
from recommendations.conf import RecommendationSettings
from recommendations.engine.completion import Scorer, basket_completion
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import neighbours
from recommendations.engine.popularity import popular
from recommendations.engine.splits import split_by_time

HOLDOUT_DAYS = 28
K = 10

# One hidden line per order leaves ±0.9 points; five drawings of it about halve that.
SEEDS = range(5)

Model = NeighbourLists | Scorer


def main() -> int:
    """Run the benchmark and return its exit status."""
    arguments = parsed()
    history = read_online_retail(arguments.orders)
    train, test = split_by_time(history, holdout_days=HOLDOUT_DAYS)
    if arguments.tune:
        train, test = split_by_time(train, holdout_days=HOLDOUT_DAYS)
    say(f"{train.n_baskets:,} orders to learn from, {test.n_baskets:,} to be asked about")
    report = Report(
        title=f"Basket completion at {K}, {arguments.orders.name}",
        headers=(
            "model", "whole basket: hit rate", "recall", "NDCG", "coverage",
            "one item: hit rate", "recall", "seconds to fit",
        ),
    )  # fmt: skip
    for name, fit in models().items():
        with measured() as step:
            model = fit(train)
        add_row(report, name, model, test, step.seconds)
    report.notes.append(
        f"One line is hidden per order, so recall is the hit rate; mean of {len(SEEDS)} drawings."
    )
    add_targets(report)
    return report.finish(arguments)


def parsed() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=Path, default=default_path(), help="export, plain or gzip")
    parser.add_argument(
        "--tune", action="store_true", help="hold out the 28 days before those of the benchmark"
    )
    add_arguments(parser)
    arguments = parser.parse_args()
    if not arguments.orders.exists():
        parser.error(f"{arguments.orders} does not exist; name an export with --orders.")
    return arguments


def models() -> dict[str, Callable[[OrderHistory], Model]]:
    """Return how each model is made of the orders to learn from."""
    return {
        "together": together,
        "popularity": best_sellers,
        **{name: partial(peer, name, DEFAULT_PEER_K) for name in PEERS},
        **{f"{name}, K=10": partial(peer, name, 10) for name in PEERS},
    }


def together(train: OrderHistory) -> NeighbourLists:
    """Return our lists with the settings as shipped."""
    shipped = RecommendationSettings()
    matrix = basket_matrix(
        train,
        as_of=int(train.basket_at.max()),
        half_life_days=shipped.half_life_days,
        max_basket_items=shipped.max_basket_items,
        max_customer_baskets=shipped.max_customer_baskets,
        size_exponent=shipped.size_exponent,
    )
    return neighbours(
        matrix,
        k=shipped.neighbours,
        min_customers=shipped.minimum_customers,
        item_exponent=shipped.item_exponent,
        companion_exponent=shipped.companion_exponent,
        confidence_z=shipped.confidence_z,
    )


def best_sellers(train: OrderHistory) -> Scorer:
    """Return a model that shows everybody what sells best and is not in the basket yet."""
    items, _, _ = popular(
        train, as_of=int(train.basket_at.max()), half_life_days=None, k=train.n_items
    )

    def best(queries: sparse.csr_matrix, k: int) -> NDArray[np.int64]:
        found = np.full((queries.shape[0], k), NOTHING, dtype=np.int64)
        for row in range(len(found)):
            held = queries.indices[queries.indptr[row] : queries.indptr[row + 1]]
            shown = items[: k + len(held)]
            shown = shown[~np.isin(shown, held)][:k]
            found[row, : len(shown)] = shown
        return found

    return best


def peer(name: str, neighbours_k: int, train: OrderHistory) -> Scorer:
    """Return a model of `implicit`, fitted on the same baskets."""
    ones = np.ones(train.n_lines)
    baskets_items = sparse.csr_matrix(
        (ones, (train.line_basket, train.line_item)), shape=(train.n_baskets, train.n_items)
    )
    return partial(recommended, fitted(name, baskets_items, k=neighbours_k))


def add_row(report: Report, name: str, model: Model, test: OrderHistory, seconds: float) -> None:
    """Ask the model both kinds of question and add its figures."""
    whole = [basket_completion(model, test, k=K, seed=seed) for seed in SEEDS]
    single = [basket_completion(model, test, k=K, seed=seed, single=True) for seed in SEEDS]
    figures = {
        "hit_rate": float(np.mean([drawing.hit_rate for drawing in whole])),
        "recall": float(np.mean([drawing.recall for drawing in whole])),
        "ndcg": float(np.mean([drawing.ndcg for drawing in whole])),
        "coverage": float(np.mean([drawing.coverage for drawing in whole])),
        "single_hit_rate": float(np.mean([drawing.hit_rate for drawing in single])),
        "single_recall": float(np.mean([drawing.recall for drawing in single])),
        "queries": whole[0].n_queries,
    }
    report.figures[name] = figures
    report.add(name, *list(figures.values())[:-1], seconds)


def add_targets(report: Report) -> None:
    """Promise that ours is above every other model, in both kinds of question."""
    ours = report.figures["together"]
    for name, theirs in report.figures.items():
        if name == "together":
            continue
        for figure in ("hit_rate", "recall", "single_hit_rate", "single_recall"):
            report.targets.append(
                Target(
                    name=f"{figure} against {name}",
                    figure=ours[figure],
                    limit=theirs[figure],
                    sense=">",
                )
            )


if __name__ == "__main__":
    raise SystemExit(main())
