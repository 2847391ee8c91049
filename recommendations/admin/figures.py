"""A build's figures by name: what they mean, how they are written, what a change of them means."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations import wording
from recommendations.models import Build


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """One figure that builds may carry, found in ``input_counts`` or in ``metrics``.

    A name with a dot leads into a group of figures.
    """

    column: str
    name: str
    label: str | Promise
    help_text: str | Promise
    words: Callable[[float | None], str]

    def of(self, build: Build) -> float | None:
        """Return the figure, or None where the build does not have it."""
        value: Any = getattr(build, self.column)
        for step in self.name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return float(value) if isinstance(value, int | float) else None


def _input(name: str, label: Any, help_text: Any) -> Figure:
    return Figure("input_counts", name, label, help_text, wording.number)


def _share(name: str, label: Any, help_text: Any) -> Figure:
    return Figure("metrics", name, label, help_text, wording.share)


def _count(name: str, label: Any, help_text: Any) -> Figure:
    return Figure("metrics", name, label, help_text, wording.number)


LINES = _input("lines", _("Order lines read"), _("Lines that count as sales."))
COVERAGE = _share(
    "coverage",
    _("Items with companions"),
    _("Share of the items that were ever sold that have a list of their own."),
)
HIT_RATE = _share(
    "hit_rate",
    _("Hit rate"),
    _(
        "One line of each of the newest orders is hidden: how often the first ten proposals for "
        "the rest of the order hold it. Those orders were kept out of the lists that are tested."
    ),
)

FIGURES = (
    LINES,
    _input("orders", _("Orders"), _("Orders with at least one line that counts.")),
    _input("customers", _("Customers"), _("A guest without an address counts once per order.")),
    _input("items", _("Items"), _("Products of the shop, sold or not.")),
    _input("sold_items", _("Items sold"), _("Items that at least one order holds.")),
    COVERAGE,
    HIT_RATE,
    _share(
        "ndcg", _("Ranking quality (NDCG)"), _("As the hit rate, but an early place counts more.")
    ),
    _count("facts.queries", _("Orders tested"), _("How many hidden lines the hit rate rests on.")),
    _share(
        "facts.overlap",
        _("Lists as before"),
        _("How much of the lists published at that time its own lists kept."),
    ),
    _count("entries", _("Companions in all"), _("Entries of all lists together.")),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of a build beside the published one's."""

    figure: Figure
    here: str
    there: str
    change: str
    direction: str


def comparisons(build: Build, other: Build | None) -> list[Comparison]:
    """Return every figure that the build has, beside the other build's."""
    rows = []
    for figure in FIGURES:
        here = figure.of(build)
        if here is None:
            continue
        there = figure.of(other) if other is not None else None
        change, direction = _change(figure, here, there)
        rows.append(Comparison(figure, figure.words(here), figure.words(there), change, direction))
    return rows


def _change(figure: Figure, here: float | None, there: float | None) -> tuple[str, str]:
    if here is None or there is None:
        return "", ""
    difference = here - there
    if not difference:
        return "±0", "same"
    if figure.words is wording.share:
        words = _now("%(n)s points") % {"n": wording.decimal(abs(100 * difference))}
    else:
        words = figure.words(abs(difference))
    return (f"+{words}", "up") if difference > 0 else (f"−{words}", "down")
