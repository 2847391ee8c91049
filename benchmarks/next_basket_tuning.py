"""The choice of a next-basket model on the customers' last *history* baskets.

A model serves only if it gives up nothing: recall, NDCG and hit rate, of all items and of
never-bought ones, may not be below those of own frequency, then popularity, by more than the
standard error of the distance. Of those that do not, the one that gains most is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.next_basket_questions import Lists, Question, slice_of
from benchmarks.reporting import say
from recommendations.engine.families.base import Parameters, Training
from recommendations.engine.families.next_basket import FAMILY, FREQUENCY, RANKED, NextBasketModel
from recommendations.engine.families.next_basket.candidates import Candidates, candidates
from recommendations.engine.families.next_basket.model import best_items, fit_blend, fit_ranked
from recommendations.engine.families.next_basket.rankers import BLOCK, Blend
from recommendations.engine.families.next_basket.sources import Sources, fit_sources, retuned
from recommendations.engine.history import OrderHistory
from recommendations.engine.metrics import hits, ndcg_by_user, recall_by_user
from recommendations.engine.neighbours import available_threads

FITS: Mapping[str, Callable[[Training, Parameters], NextBasketModel]] = {
    FREQUENCY.name: fit_blend,
    FAMILY.name: fit_blend,
    RANKED.name: fit_ranked,
}

METRICS = ("recall", "NDCG", "hit rate")

# Of a blend's parameters these weigh what the others bring, at no cost but a sum.
_WEIGHTS = ("alpha", "companion_share")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A family with parameters, and what it found on the slice, user by user."""

    name: str
    parameters: Parameters
    everything: NDArray[np.float64]
    """Of shape (metrics, users)."""
    never_bought: NDArray[np.float64]
    """The same over the users who bought something new."""

    def gain(self, baseline: Tried) -> float:
        """Return the mean of recall, NDCG and hit rate, each over the baseline's."""
        there = np.maximum(baseline.everything.mean(axis=1), 1e-12)
        return float(np.mean(self.everything.mean(axis=1) / there))

    def gives_up(self, baseline: Tried) -> list[str]:
        """Return the metrics that are below the baseline's, by more than chance would have it."""
        pairs = (
            ("", self.everything - baseline.everything),
            ("never-bought ", self.never_bought - baseline.never_bought),
        )
        return [
            f"{words}{metric}"
            for words, distances in pairs
            for metric, distance in zip(METRICS, distances, strict=True)
            if len(distance) and distance.mean() < -distance.std() / np.sqrt(len(distance))
        ]

    def beats(self, other: Tried | None, baseline: Tried) -> bool:
        """Return whether it should serve before another one."""
        if other is None:
            return True
        mine, others = (not one.gives_up(baseline) for one in (self, other))
        if mine != others:
            return mine
        return self.gain(baseline) > other.gain(baseline)


@dataclass(slots=True)
class Search:
    """What was tried on the slice, and what did best of each family."""

    question: Question
    k: int
    stop_at: float
    best: dict[str, Tried] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether no new model is to be tried."""
        return time.perf_counter() > self.stop_at

    @property
    def baseline(self) -> Tried:
        """Own frequency, then popularity."""
        return self.best[FREQUENCY.name]

    def attempt(self, name: str, chosen: Mapping[str, Any]) -> None:
        """Fit a family and ask it, unless the time is over."""
        if self.best and self.over:
            return
        model = FITS[name](self.question.training, chosen)
        self.keep(self.tried(name, chosen, self.question.lists(model, self.k)))

    def tried(self, name: str, chosen: Mapping[str, Any], lists: Lists) -> Tried:
        """Return the metrics of what a model recommends."""
        return Tried(
            name=name,
            parameters=dict(chosen),
            everything=_by_user(lists[0], self.question.wanted),
            never_bought=_by_user(lists[1], self.question.new),
        )

    def keep(self, found: Tried) -> None:
        """Say what was found, and keep it if it is the best of its family."""
        baseline = self.best.setdefault(FREQUENCY.name, found)
        lost = found.gives_up(baseline)
        means = zip(METRICS, found.everything.mean(axis=1).tolist(), strict=True)
        say(
            f"{found.name}: {', '.join(f'{name} {value:.4f}' for name, value in means)}"
            f"{', too low ' + ', '.join(lost) if lost else ''}, {dict(found.parameters)}"
        )
        if found.beats(self.best.get(found.name), baseline):
            self.best[found.name] = found

    def blends(self) -> None:
        """Search the blend's parameters one after the other, and all its weights at each."""
        if self.over:
            return
        sources = fit_sources(self.question.training, FAMILY.start)
        self.weigh(sources, FAMILY.start)
        for parameter, values in FAMILY.grid.items():
            chosen = self.best[FAMILY.name].parameters
            idle = parameter == "group_decay" and chosen["n_groups"] == 1
            for value in values:
                if parameter in _WEIGHTS or idle or value == chosen[parameter] or self.over:
                    continue
                other = {**chosen, parameter: value}
                self.weigh(retuned(sources, other), other)

    def weigh(self, sources: Sources, chosen: Parameters) -> None:
        """Try all weights over the same candidates, and keep the best of them."""
        blocks = list(self.candidates(sources))
        best: Tried | None = None
        for values in product(*(FAMILY.grid[name] for name in _WEIGHTS)):
            weights = dict(zip(_WEIGHTS, values, strict=True))
            found = self.tried(FAMILY.name, {**chosen, **weights}, self.lists(blocks, weights))
            if found.beats(best, self.baseline):
                best = found
        if best is not None:
            self.keep(best)

    def candidates(self, sources: Sources) -> Iterable[Candidates]:
        """Return the candidates of the slice's users, block by block."""
        users, held = self.question.users, self.question.held
        blocks = [slice(start, start + BLOCK) for start in range(0, len(users), BLOCK)]
        with ThreadPoolExecutor(available_threads()) as pool:
            yield from pool.map(lambda rows: candidates(sources, users[rows], held[rows]), blocks)

    def lists(self, blocks: Iterable[Candidates], weights: Mapping[str, float]) -> Lists:
        """Return what a blend recommends of candidates; best sellers are among these."""
        everything, never_bought = self.question.bars
        ranker, start = Blend(**weights), 0
        parts: list[Lists] = []
        for some in blocks:
            rows = slice(start, start := start + some.n_rows)
            scores = ranker.scores(some)
            parts.append(
                (
                    best_items(some, scores, everything[rows], self.k),
                    best_items(some, scores, never_bought[rows], self.k),
                )
            )
        return np.vstack([one for one, _ in parts]), np.vstack([two for _, two in parts])


def _by_user(found: NDArray[np.integer], wanted: sparse.csr_matrix) -> NDArray[np.float64]:
    """Return `METRICS` of each user who wants something."""
    numbers = np.diff(wanted.indptr)
    matches = hits(found, wanted.astype(bool))
    return np.stack(
        [
            recall_by_user(matches, numbers),
            ndcg_by_user(matches, numbers),
            matches[numbers > 0].any(axis=1).astype(np.float64),
        ]
    )


def tuned(history: OrderHistory, k: int, *, seconds: float) -> dict[str, Tried]:
    """Return the best of each family on the slice, the one that should serve first.

    The learnt order is tried from its start and over the best blend's parameters.
    """
    search = Search(slice_of(history), k, time.perf_counter() + seconds)
    search.attempt(FREQUENCY.name, FREQUENCY.start)
    search.attempt(RANKED.name, RANKED.start)
    search.blends()
    if FAMILY.name in search.best:
        search.attempt(RANKED.name, {**RANKED.start, **search.best[FAMILY.name].parameters})
    return in_order(search.best)


def in_order(best: Mapping[str, Tried]) -> dict[str, Tried]:
    """Return models by what they gain; those that give something up stand after the baseline."""
    baseline = best[FREQUENCY.name]

    def place(found: Tried) -> tuple[bool, float]:
        return bool(found.gives_up(baseline)), -found.gain(baseline)

    # Python's sort keeps the baseline, tried first, in front of an equal one.
    return {found.name: found for found in sorted(best.values(), key=place)}
