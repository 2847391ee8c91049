"""Celery tasks: each calls one service, which looks into the database whether anything is to do.

A task may be lost, doubled or late without harm: the truth about a build is its row. A builder
holds a lease, so a task that is delivered twice finds it held and ends.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from celery import Task, shared_task

from recommendations.services.builds import needed_kinds
from recommendations.services.builds import rebuild as rebuild_build
from recommendations.services.comparing import compare_models
from recommendations.services.evaluation import evaluate as evaluate_kind
from recommendations.services.sync import sync_items as sync_all_items

BUSY_SECONDS = 30.0
"""How long a task waits that found somebody else at work."""

BUSY_RETRIES = 480
"""Four hours: as long as the questions of a large shop may take."""

logger = logging.getLogger(__name__)


@shared_task(name="crosssell.rebuild", acks_late=True)
def rebuild(kind: str = "together", by: str = "", requested_at: str | None = None) -> str:
    """Make, judge and publish a build, unless somebody is at it or this request was answered."""
    at = datetime.fromisoformat(requested_at) if requested_at else None
    outcome = rebuild_build(kind, by=by, requested_at=at)
    logger.info("Rebuild of %s: %s.", kind, outcome.status)
    return str(outcome.status)


@shared_task(name="crosssell.rebuild_needed", acks_late=True)
def rebuild_needed(by: str = "") -> dict[str, str]:
    """Rebuild what pages read, one kind after the other; one that fails keeps none from its own."""
    answers: dict[str, str] = {}
    for kind in needed_kinds():
        try:
            # The products are read once, before the first kind.
            answers[kind] = str(rebuild_build(kind, by=by, sync=not answers).status)
        except Exception:  # its row says what it was
            logger.exception("Rebuild of %s failed.", kind)
            answers[kind] = "failed"
    logger.info("Rebuilt what pages read: %s.", answers)
    return answers


@shared_task(name="crosssell.sync_items", acks_late=True)
def sync_items() -> str:
    """Bring items in line with the shop's products."""
    return str(sync_all_items())


@shared_task(name="crosssell.evaluate", acks_late=True)
def evaluate(kind: str = "together", k: int = 10, holdout_days: float = 28.0) -> dict[str, Any]:
    """Measure a model on the newest orders, which it has not seen."""
    return evaluate_kind(kind, k=k, holdout_days=holdout_days)


@shared_task(name="crosssell.tune", acks_late=True, bind=True, max_retries=BUSY_RETRIES)
def tune(
    self: Task,
    question: str | None = None,
    budget_seconds: float | None = None,
    by: str = "",
    requested_at: str | None = None,
) -> dict[str, str]:
    """Choose the model that answers each question best; return the kind that serves it.

    Nothing is returned where somebody is at it, or this request was answered. One question alone
    waits for its turn: who is at it may be at another.
    """
    at = datetime.fromisoformat(requested_at) if requested_at else None
    outcome = compare_models(question, budget_seconds=budget_seconds, by=by, requested_at=at)
    logger.info("Comparison of models: %s.", outcome.status)
    if outcome.status == "busy" and question is not None:
        raise self.retry(countdown=BUSY_SECONDS)
    return {tuned.question: tuned.serves for tuned in outcome.found}
