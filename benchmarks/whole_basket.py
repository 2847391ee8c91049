"""Whole baskets and sessions as the question: `python -m benchmarks.whole_basket`.

Split, lists and questions are those of `benchmarks.completion`; only how the lists of a basket are
put together differs. For sessions the lines of each held-out order are taken as the export lists
them and cut at a random place; the next one is asked for. All rules were chosen with `--tune`, on
the 28 days before the held-out ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks import online_retail
from benchmarks.completion import HOLDOUT_DAYS, SEEDS, K, together
from benchmarks.reporting import Report, Target, add_arguments, say
from recommendations.engine.completion import completion_report
from recommendations.engine.families.base import Fitted, ListModel, Query
from recommendations.engine.families.whole_basket import WholeBasketModel
from recommendations.engine.splits import Queries, hidden_lines, newest_baskets, only_baskets

Asked = list[tuple[Queries, sparse.csr_matrix]]
"""One drawing of questions after the other, with what each is given."""

RECENCY: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "lines alike": np.ones_like,
    "1 / (1 + steps back)": lambda back: 1 / (1 + back),
    "1 / (1 + steps back)²": lambda back: (1 + back) ** -2,
    "last line alone": lambda back: np.where(back == 0, 1.0, 1e-9),
}


def main() -> int:
    """Run the benchmark and return its exit status."""
    arguments = parsed()
    history = online_retail.read_online_retail(arguments.orders)
    held_out = newest_baskets(history, holdout_days=HOLDOUT_DAYS)
    older = ~held_out
    if arguments.tune:
        held_out = np.zeros_like(older)
        held_out[older] = newest_baskets(only_baskets(history, older), holdout_days=HOLDOUT_DAYS)
        older &= ~held_out
    train, test = only_baskets(history, older), only_baskets(history, held_out)
    lists = together(train)
    plain, whole = ListModel(lists=lists), WholeBasketModel(lists=lists)
    report = Report(
        title=f"Whole baskets and sessions at {K}, {arguments.orders.name}",
        headers=("question", "lists put together by", "hit rate", "NDCG", "coverage"),
    )
    say(f"{train.n_baskets:,} orders to learn from, {test.n_baskets:,} to be asked about")
    drawings = [hidden_lines(test, seed=seed) for seed in SEEDS]
    baskets = [(queries, queries.matrix(test.n_items)) for queries in drawings]
    add(report, "whole basket", "plain sum of 10", plain, baskets)
    add(report, "whole basket", "whole basket", whole, baskets)
    alike = replace(whole.rule, overlap=0.0)
    add(report, "whole basket", "without overlap", replace(whole, rule=alike), baskets)
    orders = entered(arguments.orders, history.n_items)
    shown = [orders[basket] for basket in np.flatnonzero(held_out).tolist()]
    cuts = [cut(shown, seed) for seed in SEEDS]
    for name, weigh in RECENCY.items():
        sessions = [
            (queries, weighted(queries, weigh(back), test.n_items)) for queries, back in cuts
        ]
        add(report, f"next line, {name}", "plain sum of 10", plain, sessions)
        add(report, f"next line, {name}", "whole basket", whole, sessions)
    add_targets(report)
    return report.finish(arguments)


def parsed() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=Path, default=online_retail.default_path())
    parser.add_argument(
        "--tune", action="store_true", help="hold out the 28 days before those of the benchmark"
    )
    add_arguments(parser)
    return parser.parse_args()


def entered(path: Path, n_items: int) -> list[NDArray[np.int32]]:
    """Return the items of each order by basket position, as the export lists them, each once."""
    lines: dict[str, dict[str, None]] = {}
    for order, product, quantity, _, price, *_ in online_retail._rows(path):
        if not online_retail._no_sale(order, product, quantity, price):
            lines.setdefault(order, {})[product] = None
    keys = np.unique([product for products in lines.values() for product in products])
    if len(keys) != n_items:
        raise ValueError(f"{len(keys)} products were found, and {n_items} in the history.")
    return [
        np.searchsorted(keys, list(lines[order])).astype(np.int32)
        for order in np.unique(list(lines)).tolist()
    ]


def cut(orders: list[NDArray[np.int32]], seed: int) -> tuple[Queries, NDArray[np.float64]]:
    """Return one question per order of two lines or more, and how many steps back each item is."""
    random = np.random.default_rng([seed, 2])
    asking = [place for place, items in enumerate(orders) if len(items) > 1]
    at = [int(random.integers(1, len(orders[place]))) for place in asking]
    given = [orders[place][:stop] for place, stop in zip(asking, at, strict=True)]
    queries = Queries(
        indptr=np.concatenate([[0], np.cumsum(at)]),
        items=np.concatenate(given),
        hidden=np.array([orders[p][stop] for p, stop in zip(asking, at, strict=True)]),
        basket=np.array(asking),
    )
    return queries, np.concatenate([np.arange(stop - 1.0, -1.0, -1.0) for stop in at])


def weighted(queries: Queries, weights: NDArray[np.float64], n_items: int) -> sparse.csr_matrix:
    """Return what is given, with a weight per line."""
    shape = (len(queries), n_items)
    return sparse.csr_matrix((weights, queries.items, queries.indptr), shape=shape)


def add(report: Report, question: str, name: str, model: Fitted, asked: Asked) -> None:
    """Ask and add the mean over the drawings."""
    drawings = [
        completion_report(queries, model.recommend(Query(held=held), K), n_items=held.shape[1])
        for queries, held in asked
    ]
    figures = {
        key: float(np.mean([getattr(drawing, key) for drawing in drawings]))
        for key in ("hit_rate", "ndcg", "coverage")
    }
    report.figures[f"{question}: {name}"] = figures
    report.add(question, name, *figures.values())


def add_targets(report: Report) -> None:
    """Promise that the whole basket is above the plain sum, and order above no order."""

    def promise(name: str, above: str, below: str) -> None:
        figure, limit = (report.figures[key]["hit_rate"] for key in (above, below))
        report.targets.append(Target(name=name, figure=figure, limit=limit, sense=">"))

    promise("whole basket", "whole basket: whole basket", "whole basket: plain sum of 10")
    promise(
        "order of events",
        "next line, 1 / (1 + steps back)²: whole basket",
        "next line, lines alike: whole basket",
    )


if __name__ == "__main__":
    raise SystemExit(main())
