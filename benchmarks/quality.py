"""Scores of our models on files of users: `python -m benchmarks.quality --train F --test F --k 20`.

A file has one line per user, `user item item …`. Recall@k is hits over the user's number of test
items, averaged over users with any; all items that the user does not have in train compete, and
coverage is the share of all items, of either file, that is shown to anyone. Whoever is not in
train, or gets fewer than k, gets best sellers. Model and parameters are chosen on a fifth of each
user's items held out *of train*; the test file is opened for the final figures only.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.families import FAMILIES, NEIGHBOURS, Family, Parameters, user_history, user_matrix
from benchmarks.peers import PEERS, fitted, recommended
from benchmarks.reporting import Report, Target, add_arguments, measured, say
from benchmarks.user_items import DamagedFileError, UserItems, hide, read_train_and_test
from recommendations.engine.completion import best_candidates
from recommendations.engine.metrics import NOTHING, RankingReport, ranking_report
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.popularity import popular_items

HIDDEN_SHARE = 0.2
SEED = 20_091_201

# On 2 cores a million pairs of 50,000 items are then done within 15 minutes, tuned or not.
TUNING_SECONDS = 480.0

NOT_TRIED = (-1.0, 0)

# Users asked while tuning: ±0.4 points around a recall of .15, and a step takes a second.
MAX_TUNING_USERS = 6_000


@dataclass(frozen=True, slots=True)
class Choice:
    """A model with the parameters that did best on the slice held out of train."""

    model: str
    parameters: dict[str, Any]
    recall: float


def main() -> int:
    """Run the benchmark and return its exit status."""
    arguments, parser = parsed()
    try:
        data = read_train_and_test(arguments.train, arguments.test)
    except (DamagedFileError, OSError) as error:
        parser.error(str(error))
    n_users, n_items = data.train.shape
    say(f"{n_users:,} users, {n_items:,} items, {data.train.nnz:,} pairs to learn from")
    report = Report(
        title=f"Recommendation at {arguments.k}",
        headers=("model", "recall", "NDCG", "hit rate", "coverage", "seconds", "parameters"),
    )
    names = list(FAMILIES) if arguments.model == "auto" else [arguments.model]
    started = time.perf_counter()
    stop_at = started + TUNING_SECONDS
    choices = [
        tuned(name, data.train, arguments.k, stop_at=stop_at) for name in names if name in FAMILIES
    ]
    seconds = time.perf_counter() - started
    score_all(report, data, choices, arguments.k, tuning_seconds=seconds)
    return report.finish(arguments)


def parsed() -> tuple[argparse.Namespace, argparse.ArgumentParser]:
    """Return the command line's arguments, and the parser to refuse with."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=Path, required=True, help="file to learn from")
    parser.add_argument("--test", type=Path, required=True, help="file to be found")
    parser.add_argument("--k", type=int, default=20, help="recommendations per user")
    parser.add_argument(
        "--model", choices=("auto", *FAMILIES, "popularity"), default="auto",
        help="auto chooses on a slice of train",
    )  # fmt: skip
    add_arguments(parser)
    arguments = parser.parse_args()
    if not 1 <= arguments.k <= 1000:
        parser.error(f"--k is {arguments.k}; allowed are 1 to 1000.")
    return arguments, parser


def tuned(name: str, train: sparse.csr_matrix, k: int, *, stop_at: float) -> Choice:
    """Return the parameters of a model that find most of what is hidden of train.

    One parameter after the other, from a sensible start, until a whole round changes nothing or
    the clock says `stop_at`.
    """
    family = FAMILIES[name]
    slice_ = sampled(hide(train, share=HIDDEN_SHARE, seed=SEED))
    tried: dict[tuple[Any, ...], tuple[float, int]] = {}

    def found(parameters: Parameters) -> tuple[float, int]:
        key = tuple(parameters.values())
        if key not in tried:
            if tried and time.perf_counter() > stop_at:
                return NOT_TRIED
            tried[key] = best_length(family, parameters, slice_, k)
        return tried[key]

    chosen = dict(family.start)
    best = found(chosen)
    for _ in range(2):
        before = best
        for parameter, values in family.grid.items():
            for value in values:
                recall = found({**chosen, parameter: value})
                if recall[0] > best[0]:
                    best, chosen = recall, {**chosen, parameter: value}
        if best == before:
            break
    say(f"{name}: recall {best[0]:.4f} on the slice, {chosen}, {best[1]} neighbours")
    return Choice(name, {**chosen, "neighbours": best[1]}, best[0])


def sampled(slice_: UserItems) -> tuple[sparse.csr_matrix, UserItems]:
    """Return the slice to learn from, and the users to ask."""
    asked = np.flatnonzero(slice_.n_test_items)
    if len(asked) > MAX_TUNING_USERS:
        chosen = np.random.default_rng(SEED).choice(asked, MAX_TUNING_USERS, replace=False)
        asked = np.sort(chosen)
    users = UserItems(
        train=slice_.train[asked], test=slice_.test[asked], n_test_items=slice_.n_test_items[asked]
    )
    return slice_.train, users


def best_length(
    family: Family, parameters: Parameters, slice_: tuple[sparse.csr_matrix, UserItems], k: int
) -> tuple[float, int]:
    """Return the best recall over the lengths of list, and that length."""
    train, users = slice_
    lists = family.fit(user_history(train), parameters)
    outcomes = []
    for length in NEIGHBOURS:
        shown = candidates(lists.first(length), users.train, k)
        outcomes.append((ranking_report(shown, users.test.astype(bool)).recall, length))
    # Of equals the shorter list.
    return max(outcomes, key=lambda outcome: (outcome[0], -outcome[1]))


def candidates(lists: NeighbourLists, users_items: sparse.csr_matrix, k: int) -> NDArray[np.int32]:
    """Return the best k items for each user by the lists alone."""
    return best_candidates(users_items, lists.matrix(users_items.shape[1]), users_items, k)


def filled(
    found: NDArray[np.int32], users_items: sparse.csr_matrix, best: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the recommendations with best sellers in the places left empty."""
    result = found.copy()
    for row in np.flatnonzero((found == NOTHING).any(axis=1)):
        held = users_items.indices[users_items.indptr[row] : users_items.indptr[row + 1]]
        own = result[row][result[row] != NOTHING]
        barred = np.concatenate([held, own])
        rest = best[: len(barred) + len(result[row])]
        rest = rest[~np.isin(rest, barred)][: len(result[row]) - len(own)]
        result[row, len(own) : len(own) + len(rest)] = rest
    return result


def score_all(
    report: Report, data: UserItems, choices: list[Choice], k: int, *, tuning_seconds: float
) -> None:
    """Fit each chosen model on all of train, ask it about the test file, and add its figures."""
    asked = np.flatnonzero(data.n_test_items)
    users, wanted = data.train[asked], data.test[asked].astype(bool)
    best, _, _ = popular_items(user_matrix(user_history(data.train)), k=data.train.shape[1])
    nothing = np.full((len(asked), k), NOTHING, dtype=np.int32)
    chosen = max(choices, key=lambda choice: choice.recall, default=None)

    def add(name: str, shown: NDArray[Any], seconds: float, parameters: Mapping[str, Any]) -> None:
        found = ranking_report(shown, wanted)
        report.figures[name] = {**figures(found), "parameters": dict(parameters)}
        words = ", ".join(f"{key} {value}" for key, value in parameters.items())
        report.add(name, found.recall, found.ndcg, found.hit_rate, found.coverage, seconds, words)

    for choice in choices:
        with measured() as step:
            lists = FAMILIES[choice.model].fit(user_history(data.train), choice.parameters)
            shown = candidates(lists.first(choice.parameters["neighbours"]), users, k)
            shown = filled(shown, users, best)
        add(choice.model, shown, step.seconds, choice.parameters)
    with measured() as step:
        shown = filled(nothing, users, best)
    add("popularity", shown, step.seconds, {})
    for name in PEERS:
        with measured() as step:
            theirs = recommended(fitted(name, data.train), users, k)
        add(f"implicit {name}", theirs, step.seconds, {"neighbours": 20})
    model = chosen.model if chosen else "popularity"
    report.figures = {"auto": {"model": model, **report.figures[model]}, **report.figures}
    report.notes.append(f"auto chose {model} in {tuning_seconds:.0f} s, on a slice of train.")
    if tuning_seconds > TUNING_SECONDS:
        report.notes.append(
            f"Tuning was stopped after {TUNING_SECONDS:.0f} s; a faster machine may choose better."
        )
    for other in ("popularity", *(f"implicit {name}" for name in PEERS)):
        report.targets.append(
            Target(
                name=f"recall of auto against {other}",
                figure=report.figures["auto"]["recall"],
                limit=report.figures[other]["recall"],
                sense=">=",
            )
        )


def figures(found: RankingReport) -> dict[str, float]:
    """Return what is printed of a model's metrics."""
    return {
        "recall": found.recall,
        "ndcg": found.ndcg,
        "hit_rate": found.hit_rate,
        "coverage": found.coverage,
        "users": found.n_users,
    }


if __name__ == "__main__":
    raise SystemExit(main())
