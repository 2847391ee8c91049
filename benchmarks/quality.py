"""Scores of our models: `python -m benchmarks.quality --train F --test F --k 20`.

A file has one line per user, `user item item …`. Recall@k is hits over the user's number of test
items, averaged over users with any; all items that the user does not have in train compete, and
coverage is the share of all items, of either file, that is shown to anyone. Whoever is not in
train, or gets fewer than k, gets best sellers. Model and parameters are chosen on a fifth of each
user's items held out *of train*; the test file is opened for the final figures only.

With `--orders FILE` in the place of both the questions are those of a shop (`shop_questions.py`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.online_retail import read_online_retail
from benchmarks.peers import ALL_PEERS, Peer, answers, obstacle
from benchmarks.reporting import Report, Target, add_arguments, measured, say
from benchmarks.shop_questions import ASKED, score_shop
from benchmarks.user_items import (
    DamagedFileError,
    UserItems,
    hide,
    questions_of,
    read_train_and_test,
    training_of,
)
from recommendations.engine.families.registry import FAMILIES, families_for
from recommendations.engine.metrics import NOTHING, RankingReport, ranking_report
from recommendations.engine.tuning import (
    Budget,
    TunedModel,
    TuningReport,
    best_sellers,
    chosen_model,
    filled,
    tune,
)

HIDDEN_SHARE = 0.2
SEED = 20_091_201

# On 2 cores a million pairs of 50,000 items are then done within 15 minutes and 8 GiB: choosing,
# fitting all that was tried once more on all of train, and the peers.
BUDGET = Budget(seconds=300.0, limit_bytes=6 * 2**30)
FITTING_SECONDS = 600.0
PEER_SECONDS = 720.0

# Users asked while tuning: ±0.3 points around a recall of .15.
MAX_TUNING_USERS = 8_000

# Peers that come with no environment of their own, at their defaults, are in every run.
QUICK_PEERS = ("CosineRecommender", "BM25Recommender")


def main() -> int:
    """Run the benchmark and return its exit status."""
    arguments, parser = parsed()
    started = time.perf_counter()
    try:
        if arguments.orders:
            return score_shop(read_online_retail(arguments.orders), arguments).finish(arguments)
        data = read_train_and_test(arguments.train, arguments.test)
    except (DamagedFileError, OSError) as error:
        parser.error(str(error))
    n_users, n_items = data.train.shape
    say(f"{n_users:,} users, {n_items:,} items, {data.train.nnz:,} pairs to learn from")
    scoring = Scoring(data, arguments.k, started=started)
    scoring.ours(arguments.model)
    scoring.theirs(all_of_them=arguments.peers)
    return scoring.report.finish(arguments)


def parsed() -> tuple[argparse.Namespace, argparse.ArgumentParser]:
    """Return the command line's arguments, and the parser to refuse with."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=Path, help="file to learn from")
    parser.add_argument("--test", type=Path, help="file to be found")
    parser.add_argument("--orders", type=Path, help="export of a shop, plain or gzip, instead")
    parser.add_argument(
        "--question",
        action="append",
        choices=tuple(ASKED),
        help="one of a shop's; all if not given",
    )
    parser.add_argument("--k", type=int, default=None, help="recommendations (20; orders: 10)")
    parser.add_argument(
        "--model", choices=("auto", *_names(), "popularity"), default="auto",
        help="auto chooses on a slice of train",
    )  # fmt: skip
    parser.add_argument("--peers", action="store_true", help="ask all peers, not the quick ones")
    add_arguments(parser)
    arguments = parser.parse_args()
    if bool(arguments.orders) == bool(arguments.train and arguments.test):
        parser.error("name --train and --test, or --orders.")
    if arguments.k is None:
        arguments.k = 10 if arguments.orders else 20
    if not 1 <= arguments.k <= 1000:
        parser.error(f"--k is {arguments.k}; allowed are 1 to 1000.")
    return arguments, parser


def _names() -> list[str]:
    """Return the families that need no more than pairs; best sellers are a row of their own."""
    names = [family.name for family in families_for("customer", only_pairs=True)]
    return [name for name in names if name != "popular"]


class Scoring:
    """One run over a pair of files."""

    def __init__(self, data: UserItems, k: int, *, started: float) -> None:
        self.data, self.k, self.started = data, k, started
        self.questions = questions_of(data)
        self.training = training_of(data.train, seed=SEED)
        self.best = best_sellers(self.training)
        self.peak_mib = 0.0
        self.report = Report(
            title=f"Recommendation at {k}",
            headers=(
                "model", "recall", "NDCG", "hit rate", "coverage", "novelty", "seconds",
                "parameters",
            ),
        )  # fmt: skip

    @property
    def seconds(self) -> float:
        """Seconds since the start of the run."""
        return time.perf_counter() - self.started

    def ours(self, model: str) -> None:
        """Choose, then fit what was tried on all of train and ask about the test file."""
        chosen = "popularity"
        if model != "popularity":
            names = _names() if model == "auto" else [model]
            with measured() as step:
                tuned = self.tuned(names)
            self.peak_mib = step.peak_mib
            chosen = tuned.chosen or chosen
            self.fit_and_ask(tuned)
        with measured() as step:
            nothing = np.full((len(self.questions), self.k), NOTHING, dtype=np.int32)
            shown = filled(nothing, self.questions.query.without, self.best)
        self.add("popularity", shown, step.seconds, {})
        figures = self.report.figures
        self.report.figures = {"auto": {"model": chosen, **figures[chosen]}, **figures}

    def tuned(self, names: list[str]) -> TuningReport:
        """Return the models at the parameters that found most of what is hidden of train."""
        slice_ = hide(self.data.train, share=HIDDEN_SHARE, seed=SEED)
        questions = questions_of(slice_).drawn(MAX_TUNING_USERS, seed=SEED)
        tuned = tune(
            training_of(slice_.train, seed=SEED),
            questions,
            [FAMILIES[name] for name in names],
            k=self.k,
            budget=BUDGET,
            with_best_sellers=True,
            with_blend=len(names) > 1,
            on_progress=lambda text, spent: say(f"{self.seconds:5.0f} s  {text}"),
        )
        for skipped in tuned.skipped:
            self.report.notes.append(f"{skipped.name} was left out: {skipped.why}")
        for found in tuned.models:
            say(f"{found.name}: {found.report.recall:.4f} on the slice, {found.note}")
        self.report.notes.append(
            f"{tuned.chosen} ({tuned.why}) was chosen on a slice of train in {self.seconds:.0f} s."
        )
        return tuned

    def fit_and_ask(self, tuned: TuningReport) -> None:
        """Fit the chosen model, then the others, the best first, while there is time."""
        order = sorted(tuned.models, key=lambda model: model.name != tuned.chosen)
        for model in order:
            late = self.seconds + 1.3 * model.seconds > FITTING_SECONDS
            if late and model.name != tuned.chosen:
                self.report.notes.append(f"{model.name} was not fitted on all of train: no time.")
                continue
            with measured() as step:
                shown = self.asked(model)
            self.peak_mib = max(self.peak_mib, step.peak_mib)
            self.add(model.name, shown, step.seconds, model.parameters)
        self.report.notes.append(
            f"Peak memory {self.peak_mib:,.0f} MiB; {self.seconds:.0f} s before the peers."
        )

    def asked(self, model: TunedModel) -> NDArray[np.int32]:
        """Return what a model, fitted on all of train, shows the users of the test file."""
        fitted = chosen_model(model.name, model.parameters, self.training, FAMILIES)
        shown = fitted.recommend(self.questions.query, self.k)
        return filled(shown, self.questions.query.without, self.best)

    def theirs(self, *, all_of_them: bool) -> None:
        """Ask the peers the same, at their defaults."""
        for peer in ALL_PEERS:
            quick = peer.model in QUICK_PEERS
            if not (quick or all_of_them):
                continue
            why = obstacle(peer, self.data.train, len(self.questions))
            if not why and not quick and self.seconds > PEER_SECONDS:
                why = "no time"
            if why:
                self.report.notes.append(f"{peer.name} was not asked: {why}.")
                continue
            self.ask_peer(peer)

    def ask_peer(self, peer: Peer) -> None:
        """Add a peer's figures, and the promise to be at or above it."""
        held = self.questions.query.held
        found = answers(peer, [{}], self.data.train, held, self.k)[0]
        self.add(peer.name, found.found, found.seconds, {})
        self.promise(peer.name)

    def promise(self, other: str) -> None:
        """Promise that auto is at or above another model."""
        self.report.targets.append(
            Target(
                name=f"recall of auto against {other}",
                figure=self.report.figures["auto"]["recall"],
                limit=self.report.figures[other]["recall"],
                sense=">=",
            )
        )

    def add(
        self, name: str, shown: NDArray[Any], seconds: float, parameters: Mapping[str, Any]
    ) -> None:
        """Add the figures of a model."""
        matrix = self.training.matrix
        found = ranking_report(
            shown,
            self.questions.wanted,
            item_customers=matrix.item_customers,
            n_customers=max(matrix.n_baskets, 1),
        )
        self.report.figures[name] = {**figures(found), "parameters": dict(parameters)}
        words = ", ".join(f"{key} {value}" for key, value in parameters.items())
        self.report.add(
            name, found.recall, found.ndcg, found.hit_rate, found.coverage, found.novelty, seconds,
            words,
        )  # fmt: skip


def figures(found: RankingReport) -> dict[str, Any]:
    """Return what is printed of a model's metrics."""
    plain = found.as_json()
    users = plain.pop("n_users")
    return {**plain, "users": users}


if __name__ == "__main__":
    raise SystemExit(main())
