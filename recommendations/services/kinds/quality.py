"""How well a model foretells the newest orders, fitted on those before: one way for every kind."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.conf import recommendation_settings
from recommendations.engine.metrics import RankingReport, ranking_report
from recommendations.engine.tuning import HeldOut, best_sellers, filled, shop_slice
from recommendations.services.kinds.reading import Reading, newest
from recommendations.services.kinds.sections import Chosen

LOOKED_AT = 10
"""Places that the gate looks at."""


def held_out(
    reading: Reading, question: str, *, holdout_days: float, max_questions: int | None
) -> HeldOut:
    """Return the older orders to learn from, by the settings in force, and the questions."""
    conf = recommendation_settings()
    slice_ = shop_slice(
        reading.shown,
        question,  # type: ignore[arg-type]
        holdout_days=holdout_days,
        half_life_days=conf.half_life_days,
        max_basket_items=conf.max_basket_items,
        max_customer_baskets=conf.max_customer_baskets,
        size_exponent=conf.size_exponent,
        min_customers=conf.minimum_customers,
        content=reading.content,
        max_questions=max_questions,
        seed=conf.model_seed,
    )
    if reading.viewed is None or slice_.training.history is None:
        return slice_
    # What was looked at later may have led to the very orders that are asked about.
    known = reading.viewed.views.until(newest(slice_.training.history))
    return dataclasses.replace(slice_, training=dataclasses.replace(slice_.training, views=known))


def quality(
    reading: Reading,
    chosen: Chosen,
    *,
    holdout_days: float,
    max_questions: int | None,
    k: int = LOOKED_AT,
) -> RankingReport:
    """Return the metrics of a model fitted on the older orders and asked about the newest.

    About items it answers from its lists alone, as pages do.
    """
    slice_ = held_out(
        reading, chosen.question, holdout_days=holdout_days, max_questions=max_questions
    )
    if not len(slice_.questions):
        return ranking_report(_nobody(k), slice_.questions.wanted)
    found = chosen.answering(slice_.training).recommend(slice_.questions.query, k)
    return ranking_report(found, slice_.questions.wanted)


def popular_answers(slice_: HeldOut, k: int) -> NDArray[np.int32]:
    """Return what best sellers answer to the same questions."""
    without = slice_.questions.query.without
    empty = np.full((len(slice_.questions), k), -1, dtype=np.int32)
    return filled(empty, without, best_sellers(slice_.training))


def as_json(report: RankingReport) -> dict[str, Any]:
    """Return a report with the counts that its rates stand for."""
    return {
        **report.as_json(),
        "n_queries": report.n_users,
        "hits": round(report.hit_rate * report.n_users),
    }


def _nobody(k: int) -> NDArray[np.int32]:
    return np.zeros((0, k), dtype=np.int32)
