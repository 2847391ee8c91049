"""The kind *together*: which items share a basket, counted in distinct customers.

Its lists are counted chunk by chunk, without ever holding those of the whole shop.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from recommendations.conf import RecommendationSettings, recommendation_settings
from recommendations.engine.families.base import Training
from recommendations.engine.families.whole_basket import WholeBasketModel
from recommendations.engine.gate import Verdict
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbours import neighbours
from recommendations.models import Build, Kind, Question
from recommendations.selectors.choices import parameters_for
from recommendations.selectors.sums import rule_of
from recommendations.services.judging import judge_together
from recommendations.services.kinds.prepared import ReadPrepared
from recommendations.services.kinds.reading import Reading, order_matrix, read
from recommendations.services.kinds.sections import item_chunk
from recommendations.services.kinds.specs import FOR_ITEMS
from recommendations.services.recipes import Chunk, Progress

SHAPING = (
    "neighbours",
    "minimum_customers",
    "half_life_days",
    "size_exponent",
    "item_exponent",
    "companion_exponent",
    "confidence_z",
    "max_basket_items",
    "max_customer_baskets",
)
"""Settings that shape the lists. The others (threads, chunks, leases) must not."""

TUNED = ("neighbours", "size_exponent", "item_exponent", "companion_exponent", "confidence_z")
"""Those for which a tuned choice of this kind stands over the settings."""


class TogetherRecipe:
    """Reads orders and computes *frequently bought together*."""

    kind: str = Kind.TOGETHER.value
    questions: tuple[str, ...] = (Question.BASKET.value, Question.ITEM.value)

    def needs(self) -> set[str]:
        """Return nothing: orders are all it reads."""
        return set()

    def fit(self, reading: Reading, training: Training, question: str) -> WholeBasketModel:
        """Return the lists of some of the orders, read as pages read them."""
        chosen = self.parameters()
        matrix = order_matrix(training_history(training), size_exponent=chosen["size_exponent"])
        choice = parameters_for(self.kind, (question,))
        return WholeBasketModel(
            lists=neighbours(matrix, **neighbour_parameters(chosen)),
            rule=rule_of(self.kind, choice.parameters if choice else {}),
        )

    def parameters(self) -> dict[str, Any]:
        """Return what shapes the lists: the settings, and what was tuned for this kind."""
        conf = recommendation_settings()
        choice = parameters_for(self.kind, FOR_ITEMS)
        tuned = (
            {name: choice.parameters[name] for name in TUNED if name in choice.parameters}
            if choice
            else {}
        )
        return {**{name: getattr(conf, name) for name in SHAPING}, **tuned}

    def prepare(self, *, as_of: datetime, progress: Progress) -> TogetherPrepared:
        """Read the orders placed until ``as_of`` and arrange them for counting."""
        return TogetherPrepared(read(as_of=as_of, progress=progress), self.parameters())


@dataclasses.dataclass
class TogetherPrepared(ReadPrepared):
    """The orders of one moment, ready to be counted chunk by chunk."""

    parameters: dict[str, Any]

    @cached_property
    def matrix(self) -> BasketMatrix:
        """The baskets × items matrix, weighted as was chosen."""
        return order_matrix(self.reading.shown, size_exponent=self.parameters["size_exponent"])

    @property
    def fingerprint(self) -> str:
        """Return a checksum of what the lists are computed from."""
        return self.reading.shown.fingerprint()

    def chunk(self, build: Build, start: int, stop: int) -> Chunk:
        """Return the lists of the items at positions start to stop that were ever sold."""
        lists = neighbours(
            self.matrix, start=start, stop=stop, **neighbour_parameters(self.parameters)
        )
        sold = np.flatnonzero(self.matrix.item_baskets[start:stop])
        return item_chunk(build, lists, sold, start, self.matrix, self.reading.history.item_ids)

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        """Return the candidate's figures and the gate's verdict."""
        return judge_together(
            build,
            published,
            history=self.reading.shown,
            matrix=self.matrix,
            parameters=neighbour_parameters(self.parameters),
        )


def training_history(training: Training) -> OrderHistory:
    """Return the orders that a model learns from."""
    if training.history is None:
        msg = "The training holds no orders."
        raise ValueError(msg)
    return training.history


def neighbour_parameters(chosen: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the parameters of the top-K product as the engine names them."""
    conf: RecommendationSettings = recommendation_settings()
    values = {name: getattr(conf, name) for name in SHAPING} if chosen is None else chosen
    return {
        "k": values["neighbours"],
        "min_customers": values["minimum_customers"],
        "item_exponent": values["item_exponent"],
        "companion_exponent": values["companion_exponent"],
        "confidence_z": values["confidence_z"],
        "n_threads": conf.threads,
    }
