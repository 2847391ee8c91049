"""Time and memory of every family of models on one made shop, next to what each promises.

python -m benchmarks.families_at_scale --lines 10000000 [--families a,b] [--bots] [--json] [--check]

The orders are those of `benchmarks.rebuild` (Zipf-shaped, 100 lines per item), with made titles,
categories and prices. Each family fits, and answers as a build asks it, in a process of its own, so
that the peak is its own: lists of 20 for all items, or the best 20 for 1,000 customers. Beside it
stands what the family says beforehand that it needs. One that needs more than --memory-mib says so
and is not started; one that takes longer than --minutes is stopped and written down as such.
`implicit`'s cosine is fitted on the same orders as the yardstick; processor seconds, of all
threads, compare on a busy machine too. With --bots an order of every item, and a customer who buys
every item, are among the orders.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.made_shop import read_shop, save_shop, warm_up
from benchmarks.reporting import (
    MEBIBYTE,
    Report,
    Target,
    add_arguments,
    measured,
    run_apart,
    say,
)
from recommendations.engine.families.base import (
    Family,
    Listed,
    NotEnoughMemoryError,
    Query,
    Size,
    Training,
)
from recommendations.engine.families.registry import FAMILIES, QUESTIONS

K = 20
CUSTOMERS = 1_000
PEAK_LIMIT = 1.25
"""Measured peak against what was promised; no promise is to the byte."""

LEAST_MIB = 16
"""What loading code and one block of answers take, whatever the shop; below it nothing is told."""

ITEM_FAMILIES = {*QUESTIONS["item"], *QUESTIONS["basket"]}
HEADERS = (
    "model", "of", "fit, s", "lists, s", "processor s", "processor / implicit fit", "peak MiB",
    "promised MiB", "remark",
)  # fmt: skip


def main() -> int:
    """Run the benchmark and return its exit status."""
    arguments = parsed()
    report = Report(
        title=f"All families on {arguments.lines:,} order lines"
        + (" and two bots" if arguments.bots else ""),
        headers=HEADERS,
    )
    with TemporaryDirectory() as folder:
        say(f"Making {arguments.lines:,} order lines …")
        run_apart(save_shop, folder, arguments.lines, arguments.bots)
        say("implicit …")
        yardstick, _ = run_apart(implicit_cosine, folder)
        report.add(
            "implicit CosineRecommender", "baskets", yardstick["fit"], None, yardstick["processor"],
            1.0, None, None, "",
        )  # fmt: skip
        report.figures["implicit"] = yardstick
        for name in arguments.families:
            add_row(report, arguments, folder, name, yardstick["processor"])
    return report.finish(arguments)


def parsed() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.families_at_scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lines", type=int, default=1_000_000, help="order lines")
    parser.add_argument("--families", type=_names, default=list(FAMILIES), help="names, by commas")
    parser.add_argument("--minutes", type=float, default=5.0, help="after which one is stopped")
    parser.add_argument("--memory-mib", type=int, default=8_192, help="what a model may need")
    parser.add_argument("--bots", action="store_true", help="an order and a customer of all items")
    add_arguments(parser)
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in FAMILIES]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"{', '.join(unknown)} is not a family; there are {', '.join(FAMILIES)}."
        )
    return names


def add_row(
    report: Report, arguments: argparse.Namespace, folder: str, name: str, yardstick: float
) -> None:
    """Measure one family and add its row and its promise."""
    say(f"{name} …")
    of = "items" if name in ITEM_FAMILIES else "customers"
    asked = partial(fit_apart, folder, name, arguments.memory_mib)
    try:
        figures, _ = run_apart(asked, timeout_seconds=60 * arguments.minutes)
    except TimeoutError:
        remark = f"stopped after {arguments.minutes:g} minutes"
        report.figures[name] = {"remark": remark}
        report.add(name, of, None, None, None, None, None, None, remark)
        return
    report.figures[name] = figures
    say(json.dumps({name: figures}))
    promised = figures["promised_mib"]
    if "refused" in figures:
        report.add(
            name, of, None, None, None, None, None, round(promised), "said beforehand: does not fit"
        )
        return
    peak, processor = figures["peak_mib"], figures["processor"]
    report.add(
        name, of, figures["fit"], figures["lists"], processor, processor / yardstick,
        round(peak), round(promised), "",
    )  # fmt: skip
    report.targets.append(
        Target(
            name=f"peak / promised MiB of {name}",
            figure=peak / max(promised, LEAST_MIB),
            limit=PEAK_LIMIT,
        )
    )


def fit_apart(folder: str, name: str, memory_mib: int) -> dict[str, Any]:
    """Return what fitting and asking one family took, above the orders in memory."""
    family = FAMILIES[name]
    ask = lists_of_items if name in ITEM_FAMILIES else best_for_customers
    warm_up(partial(answered, family, ask))
    training = read_shop(Path(folder), by_customer=name not in ITEM_FAMILIES)
    promised = family.bytes_needed(Size.of(training), family.start)
    try:
        family.check_memory(Size.of(training), family.start, limit_bytes=memory_mib * MEBIBYTE)
    except NotEnoughMemoryError as refused:
        return {"promised_mib": promised / MEBIBYTE, "refused": str(refused)}
    with measured() as before:
        pass
    began = time.process_time()
    with measured() as fit:
        model = family.fit(training, family.start)
    with measured() as lists:
        ask(model, training)
    processor = time.process_time() - began
    peak = max(fit.peak_bytes, lists.peak_bytes) - before.peak_bytes
    return {
        "fit": fit.seconds,
        "lists": lists.seconds,
        "processor": processor,
        "fit_mib": (fit.peak_bytes - before.peak_bytes) / MEBIBYTE,
        "lists_mib": (lists.peak_bytes - before.peak_bytes) / MEBIBYTE,
        "peak_mib": peak / MEBIBYTE,
        "promised_mib": promised / MEBIBYTE,
    }


def answered(family: Family, ask: Any, training: Training) -> None:
    """Fit and ask once, so that code is loaded and compiled."""
    ask(family.fit(training, family.start), training)


def lists_of_items(model: Any, training: Training) -> None:
    """Ask for the list of every item; a model without any answers the first baskets instead."""
    if isinstance(model, Listed):
        model.item_lists(K)
    else:
        held = training.matrix.baskets_items()[:CUSTOMERS]
        model.recommend(Query(held=held), K)


def best_for_customers(model: Any, training: Training) -> None:
    """Ask what the first customers are recommended."""
    held = training.matrix.customers_items()[:CUSTOMERS]
    customers = np.unique(training.matrix.basket_customer)[:CUSTOMERS]
    model.recommend(Query(held=held, customers=customers), K)


def implicit_cosine(folder: str) -> dict[str, float]:
    """Return the seconds of the peer's fit, from the same baskets in memory."""
    from implicit.nearest_neighbours import CosineRecommender

    matrix = read_shop(Path(folder), by_customer=False).matrix.baskets_items()
    began = time.process_time()
    with measured() as step, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what it makes itself on the way
        CosineRecommender(K=K).fit(matrix, show_progress=False)
    return {"fit": step.seconds, "processor": time.process_time() - began}


if __name__ == "__main__":
    raise SystemExit(main())
