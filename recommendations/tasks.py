"""Celery tasks: each calls one service, which looks into the database whether anything is to do.

A task may be lost, doubled or late without harm: the truth about a build is its row. A builder
holds a lease, so a task that is delivered twice finds it held and ends.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from celery import shared_task

from recommendations.services.builds import rebuild as rebuild_build
from recommendations.services.evaluation import evaluate as evaluate_kind
from recommendations.services.sync import sync_items as sync_all_items

logger = logging.getLogger(__name__)


@shared_task(name="crosssell.rebuild", acks_late=True)
def rebuild(kind: str = "together", by: str = "", requested_at: str | None = None) -> str:
    """Make, judge and publish a build, unless somebody is at it or this request was answered."""
    at = datetime.fromisoformat(requested_at) if requested_at else None
    outcome = rebuild_build(kind, by=by, requested_at=at)
    logger.info("Rebuild of %s: %s.", kind, outcome.status)
    return str(outcome.status)


@shared_task(name="crosssell.sync_items", acks_late=True)
def sync_items() -> str:
    """Bring items in line with the shop's products."""
    return str(sync_all_items())


@shared_task(name="crosssell.evaluate", acks_late=True)
def evaluate(kind: str = "together", k: int = 10, holdout_days: float = 28.0) -> dict[str, Any]:
    """Measure a model on the newest orders, which it has not seen."""
    return evaluate_kind(kind, k=k, holdout_days=holdout_days)
