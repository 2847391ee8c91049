"""How far the comparison of models is: for its button, and for the script that updates it."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import wording
from recommendations.admin.tuning_table import model_label
from recommendations.model_wording import PLACES
from recommendations.models import Comparison, Question
from recommendations.selectors.comparisons import comparison_alive, latest_comparison
from recommendations.services.comparing import INTERRUPTED


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonProgress:
    """What is said about the running comparison, or about one that broke off."""

    running: bool
    percent: int | None
    """None while nobody knows yet."""
    text: str
    """Empty where there is nothing to say: none ran yet, or the last one ended well."""
    failed: bool = False
    address: str = ""
    """Where the script asks again."""

    def as_json(self) -> dict[str, Any]:
        """Return what the script writes into the page."""
        return dataclasses.asdict(self)


def comparison_progress(*, now: datetime | None = None) -> ComparisonProgress:
    """Return how far a comparison is, in words; at most two queries."""
    now = now or timezone.now()
    latest = latest_comparison()
    if latest is None:
        return ComparisonProgress(running=False, percent=None, text="")
    if latest.finished_at is not None:
        return _ended(latest)
    if not comparison_alive(now=now):
        span = wording.duration(now - latest.heartbeat_at)
        text = _("The last comparison broke off: no sign of life for %(span)s.") % {"span": span}
        return ComparisonProgress(running=False, percent=None, text=text, failed=True)
    return ComparisonProgress(
        running=True,
        percent=latest.percent,
        text=_running(latest, now),
        address=reverse("admin:crosssell_recommendations_modelchoice_progress"),
    )


def _ended(comparison: Comparison) -> ComparisonProgress:
    text = ""
    if comparison.error == INTERRUPTED:
        text = _("The last comparison was interrupted.")
    elif comparison.error:
        text = _("The last comparison failed: %(error)s") % {"error": comparison.error}
    return ComparisonProgress(running=False, percent=100, text=text, failed=bool(text))


def _running(comparison: Comparison, now: datetime) -> str:
    parts = [_("Comparing models")]
    if comparison.question in Question.values:
        parts.append(str(PLACES[Question(comparison.question)]))
    if comparison.trying:
        parts.append(model_label(comparison.trying))
    parts.append(_("for %(span)s") % {"span": wording.duration(now - comparison.started_at)})
    return " · ".join(parts)
