"""What the next basket holds: `python -m benchmarks.next_basket --history F --future F --k 10`.

A file has one line per item of a basket, `user<TAB>basket index<TAB>item`. Of each user of the
future file all baskets in it are to be found. Recall@k is hits over the distinct items wanted,
NDCG@k discounts by log2(place + 1) over the best that min(k, wanted) hits can give, hit rate@k is
the share of users with a hit; all are means over users. *Never bought* asks the users who went on
to buy something new for that alone, and ranks among what each never bought. Model and parameters
are chosen on the last *history* basket of each user, where none may be below own frequency, then
popularity, in any of the three; the future file serves the final figures only.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.basket_files import read_baskets
from benchmarks.next_basket_questions import Question, question
from benchmarks.next_basket_tuning import FITS, tuned
from benchmarks.peers import Peer, answers
from benchmarks.reporting import Report, Target, add_arguments, measured, say
from benchmarks.user_items import DamagedFileError
from recommendations.engine.families.next_basket import FAMILY, FREQUENCY, RANKED
from recommendations.engine.metrics import RankingReport

# With a million lines on 2 cores the whole run is then over in minutes.
TUNING_SECONDS = 240.0

PEERS = (
    Peer(library="implicit", model="CosineRecommender"),
    Peer(library="implicit", model="AlternatingLeastSquares"),
)
"""They rank what was never bought; of what was bought before they say nothing."""


def main() -> int:
    """Run the benchmark and return its exit status."""
    arguments, parser = parsed()
    try:
        data = read_baskets(arguments.history, arguments.future)
    except (DamagedFileError, OSError) as error:
        parser.error(str(error))
    history = data.history
    say(
        f"{history.n_lines:,} lines in {history.n_baskets:,} baskets of {history.n_customers:,}"
        f" users, {history.n_items:,} items; {len(data.asked):,} users are asked about"
    )
    asked = question(history, data.asked, data.wanted)
    report = Report(
        title=f"Next basket at {arguments.k}",
        headers=(
            "model", "recall", "NDCG", "hit rate",
            "never bought: recall", "NDCG", "hit rate", "seconds", "parameters",
        ),
    )  # fmt: skip
    started = time.process_time()
    with measured() as whole:
        with measured() as step:
            best = tuned(history, arguments.k, seconds=arguments.seconds)
        peak = step.peak_mib
        score_all(report, asked, {name: one.parameters for name, one in best.items()}, arguments.k)
    name = next(iter(best))
    report.figures = {"auto": {"model": name, **report.figures[name]}, **report.figures}
    report.notes += notes(asked, name, step.seconds)
    report.notes.append(
        f"{whole.seconds:,.0f} s in all after reading, {time.process_time() - started:,.0f} s of"
        f" processor time, at most {max(peak, whole.peak_mib):,.0f} MiB."
    )
    report.targets += promises(report.figures)
    return report.finish(arguments)


def promises(figures: Mapping[str, Mapping[str, Any]]) -> list[Target]:
    """Return what is promised of auto: nothing is below own frequency, then popularity."""
    return [
        Target(
            name=f"{name} of auto against own frequency, then popularity",
            figure=figures["auto"][key],
            limit=figures[FREQUENCY.name][key],
            sense=">=",
        )
        for key, name in (
            ("recall", "recall"),
            ("ndcg", "NDCG"),
            ("hit_rate", "hit rate"),
            ("new_recall", "recall of never-bought items"),
        )
    ]


def parsed() -> tuple[argparse.Namespace, argparse.ArgumentParser]:
    """Return the command line's arguments, and the parser to refuse with."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--history", type=Path, required=True, help="baskets to learn from")
    parser.add_argument("--future", type=Path, required=True, help="baskets to be found")
    parser.add_argument("--k", type=int, default=10, help="recommendations per user")
    parser.add_argument(
        "--seconds", type=float, default=TUNING_SECONDS, help="no new model is tried after these"
    )
    add_arguments(parser)
    arguments = parser.parse_args()
    if not 1 <= arguments.k <= 1000:
        parser.error(f"--k is {arguments.k}; allowed are 1 to 1000.")
    if not arguments.seconds >= 0:
        parser.error(f"--seconds is {arguments.seconds}; allowed are 0 and more.")
    return arguments, parser


def score_all(
    report: Report, asked: Question, chosen: Mapping[str, Mapping[str, Any]], k: int
) -> None:
    """Fit each model on the whole history, ask it about the future, and add its figures."""
    for family in (RANKED, FAMILY, FREQUENCY):
        parameters = chosen.get(family.name, family.start)
        with measured() as step:
            model = FITS[family.name](asked.training, parameters)
            found = asked.reports(asked.lists(model, k))
        add(report, family.name, found, step.seconds, parameters)
    with measured() as step:
        # Own frequency, then popularity, of whoever is not known is popularity.
        found = asked.reports(asked.lists(model, k, unknown=True))
    add(report, "popularity", found, step.seconds, {})
    whole = question(asked.history, np.arange(asked.history.n_customers), _nothing(asked))
    for peer in PEERS:
        (answer,) = answers(peer, [{}], whole.held, asked.held, k)
        add(report, peer.name, (None, asked.new_report(answer.found)), answer.seconds, {})


def _nothing(asked: Question) -> Any:
    return type(asked.wanted)((asked.history.n_customers, asked.history.n_items))


def add(
    report: Report,
    name: str,
    found: tuple[RankingReport | None, RankingReport],
    seconds: float,
    parameters: Mapping[str, Any],
) -> None:
    """Add a model's figures to the table and to the JSON object."""
    everything, never = found
    figures = {
        **({} if everything is None else _figures("", everything)),
        **_figures("new_", never),
    }
    report.figures[name] = {**figures, "parameters": dict(parameters)}
    cells = [figures.get(f"{part}{metric}") for part in ("", "new_") for metric in _METRICS]
    words = ", ".join(f"{key} {value}" for key, value in parameters.items())
    report.add(name, *cells, seconds, words)


_METRICS = ("recall", "ndcg", "hit_rate")


def _figures(prefix: str, found: RankingReport) -> dict[str, float]:
    return {
        **{f"{prefix}{metric}": float(getattr(found, metric)) for metric in _METRICS},
        f"{prefix}users": found.n_users,
    }


def notes(asked: Question, name: str, seconds: float) -> list[str]:
    """Return what a reader should know of the run."""
    known = int((np.diff(asked.held.indptr) > 0).sum())
    new = int((np.diff(asked.new.indptr) > 0).sum())
    repeats = 1 - asked.new.nnz / max(asked.wanted.nnz, 1)
    return [
        f"auto chose {name} in {seconds:.0f} s, on the users' last history baskets.",
        (
            f"{len(asked.users):,} users are asked about, {known:,} of them with a history;"
            f" {repeats:.1%} of what they bought was a repeat, {new:,} bought something new."
        ),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
