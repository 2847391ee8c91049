"""Which charts the build pages show."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from recommendations.admin.charts import Chart, column_chart, line_chart
from recommendations.admin.figures import COVERAGES, HIT_RATES, LINES
from recommendations.models import Build
from recommendations.selectors.builds import latest_builds

SHOWN_BUILDS = 24
"""As many as can be told apart in a chart of a phone's width."""

BUCKETS = 12
"""Columns of a histogram: more would be narrower than their labels."""


def history_charts(kind: str) -> list[Chart]:
    """Return quality and input volume over the newest builds that got to an end."""
    unfinished = (Build.Status.RUNNING, Build.Status.FAILED)
    builds = list(latest_builds(kind).exclude(status__in=unfinished)[:SHOWN_BUILDS])[::-1]
    labels = [f"#{build.pk}" for build in builds]
    shown = [figure for figure in COVERAGES if kind in figure.kinds]
    # A line for each question that any of them was asked.
    shown += [rate for rate in HIT_RATES if any(rate.of(build) is not None for build in builds)]
    values = {str(figure.label): [figure.of(build) for build in builds] for figure in shown}
    quality = line_chart(
        slug=f"quality-{kind}",
        title=_("Coverage and hit rate") if len(shown) > 1 else _("Coverage"),
        axis=_("Build"),
        labels=labels,
        values=values,
        top=1.0,
        share=True,
    )
    volume = column_chart(
        slug=f"volume-{kind}",
        title=_("Order lines read"),
        axis=_("Build"),
        name=_("Lines"),
        labels=labels,
        values=[LINES.of(build) or 0.0 for build in builds],
    )
    return [chart for chart in (quality, volume) if chart is not None]


def list_length_chart(build: Build) -> list[Chart]:
    """Return how long the lists of a build are; empty lists are the items without companions."""
    stored = build.metrics.get("list_lengths") or {}
    lengths = {int(length): int(count) for length, count in stored.items()}
    longest = max(lengths, default=0)
    bounds = _bounds(longest)
    counts = [sum(lengths.get(n, 0) for n in range(low, high + 1)) for low, high in bounds]
    chart = column_chart(
        slug=f"lengths-{build.pk}",
        title=_("How many items the lists hold"),
        axis=_("Items"),
        name=_("Lists"),
        labels=[f"{low}" if low == high else f"{low}–{high}" for low, high in bounds],
        values=counts,
    )
    return [chart] if chart is not None else []


def _bounds(longest: int) -> Sequence[tuple[int, int]]:
    """Return the first and last length of each column; length 0 has a column of its own."""
    step = max(1, -(-longest // BUCKETS))
    return [(0, 0), *((low, min(low + step - 1, longest)) for low in range(1, longest + 1, step))]
