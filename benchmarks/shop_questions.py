"""All our families and all peers on a shop's orders, three questions, split by time.

The newest 28 days are held out. What else belongs into a whole basket, and what goes with one item
of it: one line of each held-out order is hidden, five drawings. What a customer known before buys
for the first time: all of it. Every model learns from the same older orders. Ours are tuned, and
*auto* is chosen, on the 28 days before the held-out ones; peers stand at their defaults and at the
best of their grids on those same 28 days.

A page reads stored lists. So for items and baskets a second choice is made among models as they
are *served*: lists of the shop's length, pairs of enough customers, added up as pages do. Asked
live, a model may also know whose basket it is; a list that everybody reads cannot.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.own_purchases import best_boost, boosted
from benchmarks.peers import ALL_PEERS, Peer, answers, obstacle
from benchmarks.reporting import Report, Target, measured, say
from recommendations.conf import RecommendationSettings
from recommendations.engine.families.base import Training
from recommendations.engine.families.registry import FAMILIES, families_for
from recommendations.engine.families.whole_basket import WholeBasketModel
from recommendations.engine.history import OrderHistory
from recommendations.engine.metrics import NOTHING, ranking_report
from recommendations.engine.splits import split_by_time
from recommendations.engine.tuning import (
    Budget,
    HeldOut,
    ListServing,
    TunedModel,
    TuningReport,
    best_sellers,
    chosen_model,
    filled,
    rule_from,
    shop_slice,
    tune,
)
from recommendations.engine.tuning.questions import Question

HOLDOUT_DAYS = 28
DRAWINGS = 5
SLICE_DRAWINGS = 2
SEED = 20_091_201
BUDGET = Budget(seconds=240.0, limit_bytes=4 * 2**30)

READ_FROM_LISTS = ("item", "basket")

# Shops have best sellers already, and read any model's lists by the rule of a whole basket.
NOT_SERVED = frozenset({"popular", "whole_basket"})
UNFLOORED = frozenset({"content", "content_complements", "hybrid"})

ASKED: Mapping[Question, str] = {
    "basket": "whole basket",
    "item": "one item",
    "customer": "new to a customer",
}


def score_shop(
    history: OrderHistory,
    arguments: argparse.Namespace,
    settings: RecommendationSettings | None = None,
) -> Report:
    """Return the table of all models on all questions, under the settings as shipped."""
    shipped = settings or RecommendationSettings()
    older, _ = split_by_time(history, holdout_days=HOLDOUT_DAYS)
    report = Report(
        title=f"A shop's questions at {arguments.k}",
        headers=(
            "question", "model", "recall", "precision", "NDCG", "MRR", "coverage", "novelty",
            "diversity", "on the slice", "seconds", "parameters",
        ),
    )  # fmt: skip
    for question in arguments.question or ASKED:
        words = ASKED[question]
        rows = _Rows(report, question, words, held_out(history, question, shipped), arguments.k)
        slice_ = held_out(older, question, shipped, drawings=SLICE_DRAWINGS)
        say(f"{words}: {len(rows.test.questions):,} questions, {len(slice_.questions):,} to choose")
        rows.ours(slice_)
        if question in READ_FROM_LISTS:
            rows.served(slice_, shipped.neighbours)
        rows.popularity()
        for peer in ALL_PEERS:
            rows.peer(peer, slice_)
        rows.promise()
    report.notes.append(
        f"{DRAWINGS} drawings of the hidden lines; one line is hidden, so recall is the hit rate"
        " except for customers."
    )
    return report


def held_out(
    history: OrderHistory,
    question: Question,
    settings: RecommendationSettings,
    *,
    drawings: int = DRAWINGS,
) -> HeldOut:
    """Return the newest days as questions, and the older orders to learn from."""
    return shop_slice(
        history,
        question,
        holdout_days=HOLDOUT_DAYS,
        half_life_days=settings.half_life_days,
        max_basket_items=settings.max_basket_items,
        max_customer_baskets=settings.max_customer_baskets,
        size_exponent=settings.size_exponent,
        min_customers=settings.minimum_customers,
        drawings=drawings,
        seed=SEED,
    )


class _Rows:
    """The rows of one question."""

    def __init__(
        self, report: Report, question: Question, words: str, test: HeldOut, k: int
    ) -> None:
        self.report, self.question, self.words = report, question, words
        self.test, self.k = test, k
        self.figures: dict[str, Any] = {}
        report.figures[question] = self.figures
        # All that a peer learns from: the same orders without caps, or all that customers bought.
        self.pairs = plain_pairs(test, question)

    def ours(self, slice_: HeldOut) -> None:
        """Tune every family on the slice, fit each on all older orders, and ask."""
        tuned = tune(
            slice_.training,
            slice_.questions,
            [family for family in families_for(self.question) if family.name != "popular"],
            k=self.k,
            budget=BUDGET,
            on_progress=lambda text, spent: say(f"{spent:4.0%}  {text}"),
        )
        for model in tuned.models:
            with measured() as step:
                fitted = chosen_model(model.name, model.parameters, self.test.training, FAMILIES)
                shown = fitted.recommend(self.test.questions.query, self.k)
            self.add(
                model.name, shown, step.seconds, model.parameters,
                on_slice=getattr(model.report, tuned.metric),
            )  # fmt: skip
        self.note(tuned)
        self.figures["auto"] = {"model": tuned.chosen, **self.figures[tuned.chosen]}

    def served(self, slice_: HeldOut, length: int) -> None:
        """Tune every family that a shop can store as its lists answer; then fit, store and ask."""
        serving = ListServing(length=length, summed=self.question == "basket", unfloored=UNFLOORED)
        known = families_for(self.question)
        tuned = tune(
            slice_.training,
            slice_.questions,
            [family for family in known if family.name not in NOT_SERVED],
            k=self.k,
            budget=BUDGET,
            serving=serving,
            on_progress=lambda text, spent: say(f"{spent:4.0%}  served: {text}"),
        )
        for model in tuned.models:
            with measured() as step:
                fitted = chosen_model(model.name, model.parameters, self.test.training, FAMILIES)
                rule = rule_from(model.parameters, serving.whole())
                lists = serving.model(model.name, fitted, self.test.training, rule)
                shown = lists.recommend(self.test.questions.query, self.k)
            self.add(
                f"{model.name}, served", shown, step.seconds, model.parameters,
                on_slice=getattr(model.report, tuned.metric),
            )  # fmt: skip
        self.report.notes.append(f"{self.words}, served: {tuned.chosen} ({tuned.why})")
        chosen = self.figures[f"{tuned.chosen}, served"]
        self.figures["auto, served"] = {"model": tuned.chosen, **chosen}
        self.own_purchases(tuned.model(tuned.chosen), slice_, serving)

    def own_purchases(self, model: TunedModel, slice_: HeldOut, serving: ListServing) -> None:
        """Say what the chosen lists would find if a known customer's own orders were looked at."""
        rule = rule_from(model.parameters, serving.whole())

        def stored(training: Training) -> WholeBasketModel:
            fitted = chosen_model(model.name, model.parameters, training, FAMILIES)
            return serving.model(model.name, fitted, training, rule)

        boost = best_boost(stored(slice_.training), slice_, self.k)
        with measured() as step:
            shown = boosted(stored(self.test.training), self.test, self.k, boost)
        name = "auto, if own purchases came forward (no page does it)"
        self.add(name, shown, step.seconds, {"boost": boost}, on_slice=None)

    def note(self, tuned: TuningReport) -> None:
        """Say what was chosen, and what was left out."""
        self.report.notes.append(f"{self.words}: {tuned.chosen} ({tuned.why})")
        self.report.notes += [
            f"{self.words}: {skipped.name} was left out: {skipped.why}" for skipped in tuned.skipped
        ]

    def popularity(self) -> None:
        """Add what sells best."""
        query = self.test.questions.query
        nothing = np.full((len(query), self.k), NOTHING, dtype=np.int32)
        shown = filled(nothing, query.without, best_sellers(self.test.training))
        self.add("popularity", shown, 0.0, {}, on_slice=None)

    def peer(self, peer: Peer, slice_: HeldOut) -> None:
        """Add a peer at its defaults, and at the best of its grid on the slice."""
        held = self.test.questions.query.held
        why = obstacle(peer, self.pairs, len(self.test.questions))
        if why:
            self.report.notes.append(f"{self.words}: {peer.name} was not asked: {why}.")
            return
        say(f"{self.words}: {peer.name}")
        jobs: Sequence[Mapping[str, Any]] = [{}, *peer.grid]
        tried = answers(
            peer, jobs, plain_pairs(slice_, self.question), slice_.questions.query.held, self.k
        )
        recalls = [ranking_report(answer.found, slice_.questions.wanted).recall for answer in tried]
        best = int(np.argmax(recalls))
        chosen = answers(peer, [{}, jobs[best]], self.pairs, held, self.k)
        self.add(peer.name, chosen[0].found, chosen[0].seconds, {}, on_slice=recalls[0])
        self.add(
            f"{peer.name}, tuned", chosen[1].found, chosen[1].seconds, jobs[best],
            on_slice=recalls[best],
        )  # fmt: skip

    def promise(self) -> None:
        """Promise that auto, live and served, is at or above every peer and best sellers."""
        ours = [name for name in ("auto", "auto, served") if name in self.figures]
        for name, theirs in self.figures.items():
            if name == "popularity" or any(name.startswith(peer.name) for peer in ALL_PEERS):
                self.report.targets += [
                    Target(
                        name=f"{self.words}: recall of {own} against {name}",
                        figure=self.figures[own]["recall"],
                        limit=theirs["recall"],
                        sense=">=",
                    )
                    for own in ours
                ]

    def add(
        self,
        name: str,
        shown: NDArray[Any],
        seconds: float,
        parameters: Mapping[str, Any],
        *,
        on_slice: float | None,
    ) -> None:
        """Add the figures of a model."""
        matrix = self.test.training.matrix
        found = ranking_report(
            shown,
            self.test.questions.wanted,
            item_customers=matrix.item_customers,
            n_customers=max(len(np.unique(matrix.basket_customer)), 1),
            vectors=matrix.customers_items().T.tocsr(),
        )
        self.figures[name] = {
            **found.as_json(), "on_slice": on_slice, "seconds": seconds, "parameters": parameters,
        }  # fmt: skip
        words = ", ".join(f"{key} {value}" for key, value in parameters.items())
        self.report.add(
            self.words, name, found.recall, found.precision, found.ndcg, found.mrr, found.coverage,
            found.novelty, found.diversity, on_slice, seconds, words,
        )  # fmt: skip


def plain_pairs(held_out: HeldOut, question: Question) -> sparse.csr_matrix:
    """Return orders × items, or customers × items, of all that may be learnt from, in ones."""
    history = held_out.training.history
    assert history is not None, "a shop's slice has its orders"
    rows, n_rows = history.line_basket, history.n_baskets
    if question == "customer":
        rows, n_rows = history.basket_customer[history.line_basket], history.n_customers
    pairs = sparse.csr_matrix(
        (np.ones(history.n_lines), (rows, history.line_item)), shape=(n_rows, history.n_items)
    )
    pairs.data[:] = 1.0
    return pairs
