"""One comparison of models at a time, and how far it is, for whoever asked for it."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from recommendations.models import Comparison
from recommendations.services.lease import (
    Lease,
    LeaseLost,
    acquire_lease,
    held,
    kept_alive,
    release_lease,
)
from recommendations.services.recipes import Progress
from recommendations.services.tuning import Tuned, check_question, tune_models

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
"""How often progress is written: a page looks every two seconds."""

INTERRUPTED = "interrupted"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonOutcome:
    """What became of a request to compare models."""

    status: str
    """``done``, ``busy``, ``lost`` or ``not due``."""
    found: Sequence[Tuned] = ()


def compare_models(
    question: str | None = None,
    *,
    budget_seconds: float | None = None,
    by: str = "",
    requested_at: datetime | None = None,
    progress: Progress | None = None,
) -> ComparisonOutcome:
    """Compare models unless somebody is at it, or has been since this was asked for.

    ``requested_at`` makes several requests that wait in a queue one comparison. Whoever is
    overtaken, having slept beyond the lease, stores nothing more.
    """
    check_question(question)
    if requested_at is not None and _answered(requested_at, question):
        return ComparisonOutcome(status="not due")
    lease = acquire_lease(Comparison.LEASE)
    if lease is None:
        return ComparisonOutcome(status="busy")
    run: _Run | None = None
    try:
        run = _Run.begun(lease, question, by)
        with kept_alive(lease):
            found = tune_models(
                question,
                budget_seconds=budget_seconds,
                progress=progress,
                trying=run.tell,
                guard=run.guard,
            )
        run.finish()
        return ComparisonOutcome(status="done", found=found)
    except LeaseLost:
        logger.warning("A comparison of models was overtaken and has stored nothing more.")
        return ComparisonOutcome(status="lost")
    except (OperationalError, InterfaceError):
        raise  # the database went away: the next comparison says that this one was interrupted
    except Exception as error:
        if run is not None:
            run.fail(error)
        raise
    finally:
        release_lease(lease)


def _answered(requested_at: datetime, question: str | None) -> bool:
    """Return whether a comparison of as much that began later has ended well."""
    since = Comparison.objects.filter(started_at__gte=requested_at, finished_at__isnull=False)
    return since.filter(error="", asked__in=("", question or "")).exists()


@dataclasses.dataclass(slots=True)
class _Run:
    """The row of one comparison, written only while the lease is ours."""

    lease: Lease
    pk: int
    told_at: float = 0.0

    @classmethod
    def begun(cls, lease: Lease, question: str | None, by: str) -> _Run:
        now = timezone.now()
        with held(lease):
            left = Comparison.objects.filter(finished_at__isnull=True)
            left.update(error=INTERRUPTED, finished_at=now)
            row = Comparison.objects.create(
                fence=lease.fence,
                asked=question or "",
                requested_by=by[:200],
                started_at=now,
                heartbeat_at=now,
            )
        return cls(lease, row.pk)

    def guard(self) -> AbstractContextManager[None]:
        return held(self.lease)

    def tell(self, question: str, family: str, share: float) -> None:
        now = time.monotonic()
        if now < self.told_at + EVERY_SECONDS:
            return
        self.told_at = now
        self._write(question=question, trying=family[:80], percent=min(round(100 * share), 99))

    def finish(self) -> None:
        self._write(percent=100, question="", trying="", finished_at=timezone.now())

    def fail(self, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"
        try:
            self._write(error=words[:2000], finished_at=timezone.now())
        except LeaseLost:
            logger.warning("A comparison of models failed after it was overtaken.")

    def _write(self, **changes: object) -> None:
        with held(self.lease):
            Comparison.objects.filter(pk=self.pk).update(heartbeat_at=timezone.now(), **changes)
