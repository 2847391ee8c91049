"""How good a model is on orders that it has not seen: one way for every kind. Nothing is stored."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone

from recommendations.conf import recommendation_settings
from recommendations.engine.history import OrderHistory
from recommendations.engine.metrics import ranking_report
from recommendations.engine.splits import split_by_time
from recommendations.models import Question
from recommendations.services.kinds.quality import as_json, held_out, popular_answers
from recommendations.services.kinds.ratings import RatingsRecipe, rating_quality
from recommendations.services.kinds.reading import Reading, read
from recommendations.services.kinds.table import recipe_of
from recommendations.services.recipes import Progress, Recipe

MAX_QUERIES = 20_000
"""Held-out questions asked at most: a hit rate of one third is then known to ± 0.7 points."""


def evaluate(
    kind: str,
    *,
    k: int = 10,
    holdout_days: float = 28.0,
    max_queries: int = MAX_QUERIES,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Fit a kind's model on the older orders and measure how well it answers about the newest.

    Where baskets are asked about, one line of each held-out order is hidden and the rest of it is
    the question; of customers, what they buy next is asked. The answer of the best sellers to the
    same questions stands beside it.
    """
    recipe = recipe_of(kind)
    longest = recommendation_settings().neighbours
    if not 1 <= k <= longest:
        msg = f"k is {k!r}; allowed are 1 to {longest} (NEIGHBOURS)."
        raise ValueError(msg)
    report = progress or _silent
    begun = time.monotonic()
    reading = read(as_of=as_of or timezone.now(), progress=report, needs=recipe.needs())
    if recipe.questions == (Question.RATING,):
        return {
            "kind": kind,
            "question": Question.RATING.value,
            **_rating_figures(recipe, reading),
            "seconds": round(time.monotonic() - begun, 3),
        }
    train, test = split_by_time(reading.shown, holdout_days=holdout_days)
    answers = _answers(
        recipe, reading, k=k, holdout_days=holdout_days, most=max_queries, progress=report
    )
    return {
        "kind": kind,
        "k": k,
        "holdout_days": holdout_days,
        "train": _size(train),
        "test": _size(test),
        **answers,
        "seconds": round(time.monotonic() - begun, 3),
    }


def _answers(
    recipe: Recipe,
    reading: Reading,
    *,
    k: int,
    holdout_days: float,
    most: int,
    progress: Progress,
) -> dict[str, Any]:
    """Return the figures of the kind's own question, and those of the page of one product."""
    found: dict[str, dict[str, Any]] = {}
    popularity: dict[str, Any] = {}
    for done, question in enumerate(recipe.questions):
        progress("learn", 0, 0)
        slice_ = held_out(reading, question, holdout_days=holdout_days, max_questions=most)
        answers = recipe.fit(reading, slice_.training, question).recommend(
            slice_.questions.query, k
        )
        found[question] = as_json(ranking_report(answers, slice_.questions.wanted))
        if not popularity:
            best = popular_answers(slice_, k)
            popularity = as_json(ranking_report(best, slice_.questions.wanted))
        progress("evaluate", done + 1, len(recipe.questions))
    first = recipe.questions[0]
    single = {"single_item": found[Question.ITEM]} if Question.ITEM in found else {}
    return {"question": first, **found[first], **single, "popularity": popularity}


def _rating_figures(recipe: Recipe, reading: Reading) -> dict[str, Any]:
    """Return how near the kind's model comes to the newest ratings, and mean and biases alone."""
    if reading.rated is None or not isinstance(recipe, RatingsRecipe):
        msg = "Ratings were not read."
        raise ValueError(msg)
    return rating_quality(reading, recipe.chosen())


def _size(history: OrderHistory) -> dict[str, int]:
    return {
        "lines": history.n_lines,
        "orders": history.n_baskets,
        "items": int(np.count_nonzero(np.bincount(history.line_item))),
    }


def _silent(phase: str, done: int, total: int) -> None:
    """Report to nobody."""
