"""How far a running build is, for a page and for the script that keeps the page up to date."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import wording
from recommendations.models import Build
from recommendations.selectors.overview import builder_alive


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class BuildProgress:
    """What is said about a running build, in words."""

    build_id: int
    running: bool
    percent: int | None
    """None while nobody knows yet: the bar then moves without a figure."""
    text: str
    silent: bool

    def as_json(self) -> dict[str, Any]:
        """Return what the script writes into the page."""
        return dataclasses.asdict(self)


def build_progress(
    build: Build, *, now: datetime | None = None, alive: bool | None = None
) -> BuildProgress:
    """Return how far a build is and how long it will still take, where that can be known.

    Whether its builder is alive is looked up, unless the caller knows it.
    """
    now = now or timezone.now()
    running = build.status == Build.Status.RUNNING
    if running and alive is None:
        alive = builder_alive(build.kind, now=now)
    silent = running and not alive
    percent = 100 * build.done_items // build.total_items if build.total_items else None
    if not running:
        text = build.get_status_display()
    elif silent:
        span = wording.duration(now - build.heartbeat_at)
        text = _("Interrupted: no sign of life for %(span)s") % {"span": span}
    else:
        text = _running_text(build, percent, now)
    return BuildProgress(
        build_id=build.pk, running=running, percent=percent, text=text, silent=silent
    )


def _running_text(build: Build, percent: int | None, now: datetime) -> str:
    parts = [wording.phase(build.phase) if build.phase else _("starting")]
    if percent is not None:
        parts.append(
            _("%(done)s of %(total)s items")
            % {"done": wording.number(build.done_items), "total": wording.number(build.total_items)}
        )
    if build.lines_per_second:
        parts.append(_("%(n)s lines/s") % {"n": wording.number(build.lines_per_second)})
    left = time_left(build)
    if left is not None:
        parts.append(_("%(span)s left") % {"span": wording.duration(left)})
    else:
        parts.append(_("for %(span)s") % {"span": wording.duration(now - build.started_at)})
    return " · ".join(parts)


def time_left(build: Build) -> timedelta | None:
    """Return how long the remaining chunks take at the pace so far, or None before the first."""
    lines = build.input_counts.get("lines")
    if not (build.lines_per_second and build.done_items and build.total_items and lines):
        return None
    share = 1 - build.done_items / build.total_items
    return timedelta(seconds=share * lines / build.lines_per_second)
