"""Charts as plain numbers for SVG templates: no script draws them and a table holds their figures.

Coordinates are text already, because a locale that writes 3,5 for 3.5 would bend every path.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from recommendations import wording

WIDTH, HEIGHT = 340.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 10.0, 12.0, 24.0
"""Room for the figures of the axes. At 360 px a chart is shown about as wide as it is here, so
its 11 px text stays 11 px."""

MAX_LABELS = 6
"""More would run into each other below a chart of this width."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tick:
    """A figure on an axis, and where it stands."""

    at: str
    label: str


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """One column or point, with the words that a pointer or a screen reader gets."""

    x: str
    y: str
    width: str
    height: str
    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class Series:
    """A line of points under one name."""

    name: str
    path: str
    marks: tuple[Mark, ...]
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Chart:
    """What ``includes/chart.html`` draws, and the table below it."""

    slug: str
    title: str
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: bool = False

    view_box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    left, right = f"{LEFT:g}", f"{WIDTH - RIGHT:g}"
    baseline, foot = f"{HEIGHT - BOTTOM:g}", f"{HEIGHT - 8:g}"

    @property
    def summary(self) -> str:
        """The figures in one breath, for readers of the accessible name."""
        newest = self.rows[-1] if self.rows else ()
        return ", ".join(
            f"{head} {cell}" for head, cell in zip(self.heads, newest, strict=False) if cell
        )


def line_chart(
    *,
    slug: str,
    title: str,
    axis: str,
    labels: Sequence[str],
    values: Mapping[str, Sequence[float | None]],
    top: float | None = None,
    share: bool = False,
) -> Chart | None:
    """Return lines over builds, oldest first, or None if there is nothing to draw."""
    known = [value for series in values.values() for value in series if value is not None]
    if not known:
        return None
    ceiling = _nice(max(known)) if top is None else top
    xs = _centres(len(labels))
    series = []
    for number, (name, points) in enumerate(values.items(), start=1):
        marks = tuple(
            Mark(
                _text(x),
                _text(_y(value, ceiling)),
                "0",
                "0",
                f"{name}, {label}: {_figure(value, share=share)}",
            )
            for x, value, label in zip(xs, points, labels, strict=True)
            if value is not None
        )
        path = " ".join(f"{mark.x},{mark.y}" for mark in marks)
        series.append(Series(name, path, marks, number))
    rows = tuple(
        (label, *(_figure(points[i], share=share) for points in values.values()))
        for i, label in enumerate(labels)
    )
    return Chart(
        slug,
        title,
        _y_ticks(ceiling, share=share),
        _x_ticks(xs, labels),
        tuple(series),
        (axis, *values),
        rows,
    )


def column_chart(
    *, slug: str, title: str, axis: str, name: str, labels: Sequence[str], values: Sequence[float]
) -> Chart | None:
    """Return one column per label, or None if there is nothing to draw."""
    if not values or max(values) <= 0:
        return None
    ceiling = _nice(max(values))
    xs = _centres(len(values))
    step = (WIDTH - LEFT - RIGHT) / len(values)
    width = min(step * 0.72, 48.0)
    marks = tuple(
        Mark(
            _text(x - width / 2),
            _text(_y(value, ceiling)),
            _text(width),
            _text(HEIGHT - BOTTOM - _y(value, ceiling)),
            f"{axis} {label}: {_figure(value)}",
        )
        for x, value, label in zip(xs, values, labels, strict=True)
    )
    rows = tuple((label, _figure(value)) for label, value in zip(labels, values, strict=True))
    series = (Series(name, "", marks, 1),)
    return Chart(
        slug,
        title,
        _y_ticks(ceiling),
        _x_ticks(xs, labels),
        series,
        (axis, name),
        rows,
        columns=True,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """A row of a table of bars: words, figure, and the bar's length of 100."""

    label: str
    figure: str
    share: str
    length: str


def bars(counts: Mapping[str, int]) -> list[Bar]:
    """Return counts as bars, longest first; each bar's length is its share of the longest."""
    largest = max(counts.values(), default=0)
    total = sum(counts.values())
    return [
        Bar(label, _figure(count), _figure(count / total, share=True), _text(100 * count / largest))
        for label, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if count > 0
    ]


def _y(value: float, ceiling: float) -> float:
    inner = HEIGHT - TOP - BOTTOM
    return TOP + inner * (1 - min(max(value / ceiling, 0.0), 1.0))


def _centres(n: int) -> list[float]:
    step = (WIDTH - LEFT - RIGHT) / max(n, 1)
    return [LEFT + step * (i + 0.5) for i in range(n)]


def _nice(largest: float) -> float:
    """Return the smallest of 1, 2, 4, 5, 10 times a power of ten that holds ``largest``."""
    if largest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(factor * power for factor in (1, 2, 4, 5, 10) if factor * power >= largest)


def _y_ticks(ceiling: float, *, share: bool = False) -> tuple[Tick, ...]:
    return tuple(
        Tick(_text(_y(part * ceiling, ceiling)), _figure(part * ceiling, share=share, short=True))
        for part in (0.0, 0.5, 1.0)
    )


def _x_ticks(xs: Sequence[float], labels: Sequence[str]) -> tuple[Tick, ...]:
    every = max(1, math.ceil(len(labels) / MAX_LABELS))
    # Counted from the newest, so that the last label is always there.
    kept = [i for i in range(len(labels)) if (len(labels) - 1 - i) % every == 0]
    return tuple(Tick(_text(xs[i]), labels[i]) for i in kept)


def _figure(value: float | None, *, share: bool = False, short: bool = False) -> str:
    if value is None:
        return ""
    if share:
        return f"{wording.decimal(100 * value, 0 if short else 1)} %"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if short and value >= size:
            return f"{wording.decimal(value / size, 0 if value % size == 0 else 1)}{letter}"
    return wording.number(value) if float(value).is_integer() else wording.decimal(value)


def _text(value: float) -> str:
    return f"{value:.1f}"
