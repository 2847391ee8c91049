"""A build's figures by name: what they mean, how they are written, what a change of them means."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import wording
from recommendations.model_wording import PLACES
from recommendations.models import Build, Kind, Question
from recommendations.selectors.overview import CUSTOMER_KINDS, GROUP_KINDS, ITEM_KINDS


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """One figure that builds may carry, found in ``input_counts`` or in ``metrics``.

    A name with a dot leads into a group of figures. A figure that a kind cannot have, or that rests
    on nothing, is absent rather than 0.
    """

    column: str
    name: str
    label: str | Promise
    help_text: str | Promise
    words: Callable[[float | None], str]
    kinds: frozenset[str] = frozenset(Kind.values)
    """Kinds of which it says anything."""
    rests_on: str = ""
    """Name of the count that it is a share of: at 0 there is no such share."""
    question: str = ""
    """The question that it is measured by, where builds of a kind are asked different ones."""

    def of(self, build: Build) -> float | None:
        """Return the figure, or None where the build does not have it."""
        if build.kind not in self.kinds or self.question not in {"", asked(build)}:
            return None
        if self.rests_on and _found(build, self.column, self.rests_on) == 0:
            return None
        return _found(build, self.column, self.name)


def asked(build: Build) -> str:
    """Return the question that a build was asked when it was judged: no two of them compare."""
    usual = Question.CUSTOMER if build.kind in CUSTOMER_KINDS else Question.BASKET
    return str(build.metrics.get("question") or usual.value)


def _found(build: Build, column: str, name: str) -> float | None:
    value: Any = getattr(build, column)
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _input(name: str, label: Any, help_text: Any) -> Figure:
    return Figure("input_counts", name, label, help_text, wording.number)


def _share(name: str, label: Any, help_text: Any, **where: Any) -> Figure:
    return Figure("metrics", name, label, help_text, wording.share, **where)


def _count(name: str, label: Any, help_text: Any, **where: Any) -> Figure:
    return Figure("metrics", name, label, help_text, wording.number, **where)


QUERIES = "facts.queries"
JUDGED_KINDS = ITEM_KINDS | CUSTOMER_KINDS


LINES = _input("lines", _("Order lines read"), _("Lines that count as sales."))
COVERAGE = _share(
    "coverage",
    _("Items with companions"),
    _("Share of the items that were ever sold that have a list of their own."),
    kinds=ITEM_KINDS,
)
CUSTOMERS_COVERED = _share(
    "coverage",
    _("Customers with a list"),
    _("Share of the customers with orders for whom there is a list."),
    kinds=CUSTOMER_KINDS,
    rests_on="customer_lists",
)
GROUPS_COVERED = _share(
    "coverage",
    _("Categories with a list"),
    _("Share of the categories, the whole shop included, that have a list."),
    kinds=GROUP_KINDS,
)
COVERAGES = (COVERAGE, CUSTOMERS_COVERED, GROUPS_COVERED)


def _hit_rate(question: Question, kinds: frozenset[str], help_text: Any) -> Figure:
    label = format_lazy("{}: {}", _("Hit rate"), PLACES[question])
    return _share(
        "hit_rate", label, help_text, kinds=kinds, rests_on=QUERIES, question=question.value
    )


HIT_RATES = (
    _hit_rate(
        Question.BASKET,
        ITEM_KINDS,
        _(
            "One line of each of the newest orders is hidden: how often the first ten proposals "
            "for the rest of the order hold it. Those orders were kept out of the lists that are "
            "tested."
        ),
    ),
    _hit_rate(
        Question.ITEM,
        ITEM_KINDS,
        _(
            "One line of each of the newest orders is hidden: how often the first ten proposals "
            "for one other line of the order hold it. Those orders were kept out of the lists that "
            "are tested. It is harder than the rest of the order: compare it with its like only."
        ),
    ),
    *(
        _hit_rate(
            question,
            JUDGED_KINDS,
            _(
                "How often the first ten proposals for a customer hold something of that "
                "customer's newest orders. Those orders were kept out of the lists that are tested."
            ),
        )
        for question in (Question.CUSTOMER, Question.NEXT_BASKET)
    ),
)
"""One for each question: what is easy to foretell of one, is hard of another."""

FIGURES = (
    LINES,
    _input("ratings", _("Ratings"), _("Ratings by customers that count.")),
    _input("views", _("Page views"), _("First looks of buyers at products.")),
    Figure(
        "metrics",
        "rmse",
        _("Error of predicted ratings"),
        _(
            "Root mean squared error on the newest ratings, which were kept out of the model that "
            "is tested."
        ),
        lambda value: "–" if value is None else wording.decimal(value, 3),
    ),
    Figure(
        "metrics",
        "baseline_rmse",
        _("The same by means alone"),
        _("What is foretold from the means of customer and item: a model should err less."),
        lambda value: "–" if value is None else wording.decimal(value, 3),
    ),
    _input("orders", _("Orders"), _("Orders with at least one line that counts.")),
    _input("customers", _("Customers"), _("A guest without an address counts once per order.")),
    _input("items", _("Items"), _("Products of the shop, sold or not.")),
    _input("sold_items", _("Items sold"), _("Items that at least one order holds.")),
    *COVERAGES,
    *HIT_RATES,
    _share(
        "ndcg",
        _("Ranking quality (NDCG)"),
        _("As the hit rate, but an early place counts more."),
        kinds=JUDGED_KINDS,
        rests_on=QUERIES,
    ),
    _count(
        QUERIES,
        _("Orders tested"),
        _("How many held-out questions the hit rate rests on."),
        kinds=JUDGED_KINDS,
    ),
    _share(
        "facts.overlap",
        _("Lists as before"),
        _("How much of the lists published at that time its own lists kept."),
    ),
    _count(
        "customer_lists",
        _("Lists for customers"),
        _("Customers for whom a list was asked."),
        kinds=CUSTOMER_KINDS,
    ),
    _count(
        "own_items",
        _("Items that qualify"),
        _("Items that are trending, or new, by themselves; best sellers fill the rest."),
        kinds=GROUP_KINDS,
    ),
    _count(
        "pairs_with_rules",
        _("Pairs with rules"),
        _("Pairs of items after which a third one follows."),
        kinds=frozenset({Kind.RULES.value}),
    ),
    _count("entries", _("Entries in all"), _("Entries of all lists together.")),
)

HEADLINES = (*HIT_RATES, *(figure for figure in FIGURES if figure.name == "own_items"))
"""The one figure by which a kind is told in a table of models."""


def first_of(figures: Iterable[Figure], build: Build) -> tuple[Figure, float] | None:
    """Return the first of these figures that a build has."""
    for figure in figures:
        value = figure.of(build)
        if value is not None:
            return figure, value
    return None


def hit_rate(build: Build) -> str:
    """Return a build's hit rate and what it was asked about, as text; a dash without one."""
    if first_of(HIT_RATES, build) is None:
        return "–"
    return f"{written(HIT_RATES, build)} ({PLACES[Question(asked(build))]})"


def written(figures: Iterable[Figure], build: Build) -> str:
    """Return the first of these figures that a build has, as text; a dash where it has none."""
    found = first_of(figures, build)
    return found[0].words(found[1]) if found else "–"


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
        there = (
            figure.of(other) if other is not None and _comparable(figure, build, other) else None
        )
        change, direction = _change(figure, here, there)
        rows.append(Comparison(figure, figure.words(here), figure.words(there), change, direction))
    return rows


def _comparable(figure: Figure, build: Build, other: Build) -> bool:
    """Tell whether both were asked the same, where the figure rests on what was asked."""
    return figure.rests_on != QUERIES or asked(build) == asked(other)


def _change(figure: Figure, here: float | None, there: float | None) -> tuple[str, str]:
    if here is None or there is None:
        return "", ""
    difference = here - there
    if not difference:
        return "±0", "same"
    if figure.words is wording.share:
        words = gettext("%(n)s points") % {"n": wording.decimal(abs(100 * difference))}
    else:
        words = figure.words(abs(difference))
    return (f"+{words}", "up") if difference > 0 else (f"−{words}", "down")
