"""Models, questions and comparisons in a merchant's words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import wording
from recommendations.engine.families.base import MEBIBYTE
from recommendations.models import Kind, Question

SENTENCES = {
    Kind.TOGETHER: gettext_lazy("Pairs that were bought in one order, weighed by evidence."),
    Kind.ITEM_BASED: gettext_lazy("Items that the same orders hold, by a classic likeness."),
    Kind.WALKS: gettext_lazy("Goes from an item to its buyers and on to what else they bought."),
    Kind.GRAPH_FILTER: gettext_lazy("Smooths what was bought together, so that noise fades."),
    Kind.EASE: gettext_lazy("Weighs all items against each other at once."),
    Kind.ALS: gettext_lazy("Finds hidden tastes that buyers and items share."),
    Kind.CONTENT: gettext_lazy("Reads titles, categories and brands; needs no orders."),
    Kind.HYBRID: gettext_lazy("Reads orders, and descriptions where orders are few."),
    Kind.RULES: gettext_lazy("“Who buys this and that also buys …”, with its confidence."),
    Kind.USER_BASED: gettext_lazy("What customers with a similar history have bought."),
    Kind.NEXT_BASKET: gettext_lazy("A customer's habits and those of similar customers."),
    Kind.BUY_AGAIN: gettext_lazy("What a customer buys again and again, when it is due."),
    Kind.NEURAL: gettext_lazy("A small neural network, trained on the shop's own orders."),
    Kind.NEURAL_COMPLETION: gettext_lazy(
        "A small neural network that ranks again what other lists suggest."
    ),
    Kind.BLEND: gettext_lazy("The best models together, each with a weight in every suggestion."),
    Kind.UPGRADES: gettext_lazy("Dearer items that meet the same need, by chance and margin."),
    Kind.TRENDING: gettext_lazy("What sells better now than it used to, by category."),
    Kind.NEW_ARRIVALS: gettext_lazy("What came into the shop last, by category."),
    Kind.VIEWED_BOUGHT: gettext_lazy("What people bought in the end after looking at an item."),
    Kind.RATINGS: gettext_lazy("What the same customers rate alike, and what each may rate high."),
}
"""What each kind is, in one sentence."""

PLACES = {
    Question.ITEM: gettext_lazy("product pages"),
    Question.BASKET: gettext_lazy("baskets"),
    Question.CUSTOMER: gettext_lazy("something new for a customer"),
    Question.NEXT_BASKET: gettext_lazy("a customer's next basket"),
    Question.RATING: gettext_lazy("what a customer may rate high"),
}
"""Where the answer to a question is shown: the question in two words."""

SHELVES = {
    Kind.UPGRADES: gettext_lazy("comparisons on product pages"),
    Kind.TRENDING: gettext_lazy("lists of what is in demand"),
    Kind.NEW_ARRIVALS: gettext_lazy("lists of what is new"),
    Kind.VIEWED_BOUGHT: gettext_lazy("product pages"),
}
"""What kinds are for that answer none of the four questions."""

ANSWERED_BY = {
    "auto": gettext_lazy("chosen by comparison"),
    "merchant": gettext_lazy("chosen by you"),
    "stand_in": gettext_lazy("the usual one"),
}
"""Why pages read a kind."""


@dataclasses.dataclass(frozen=True, slots=True)
class Metric:
    """A figure of a comparison: its words and how it is written."""

    name: str
    label: Any
    help_text: Any
    share: bool = True
    lower_is_better: bool = False

    def words(self, value: float | None) -> str:
        """Return the figure as written; a dash where it was not measured."""
        if value is None:
            return "–"
        if self.lower_is_better:
            return wording.decimal(value, 3)
        return wording.share(value) if self.share else wording.decimal(value)


METRICS = (
    Metric(
        "recall",
        gettext_lazy("Found"),
        gettext_lazy("Share of what was really bought that the list holds (recall)."),
    ),
    Metric(
        "hit_rate",
        gettext_lazy("Hit rate"),
        gettext_lazy("How often the list holds at least one thing that was really bought."),
    ),
    Metric(
        "ndcg",
        gettext_lazy("Ranking quality"),
        gettext_lazy("As “found”, but an early place counts more (NDCG)."),
    ),
    Metric(
        "map",
        gettext_lazy("Mean precision"),
        gettext_lazy("Precision at each thing found, averaged (MAP)."),
    ),
    Metric(
        "mrr",
        gettext_lazy("First hit"),
        gettext_lazy("One divided by the place of the first thing found (MRR)."),
    ),
    Metric(
        "precision",
        gettext_lazy("Precision"),
        gettext_lazy("Share of the list that was really bought."),
    ),
    Metric("f1", gettext_lazy("F1"), gettext_lazy("Precision and “found” in one figure.")),
    Metric(
        "coverage",
        gettext_lazy("Assortment shown"),
        gettext_lazy("Share of all items that appear in at least one list."),
    ),
    Metric(
        "novelty",
        gettext_lazy("Novelty"),
        gettext_lazy("How little known what is shown is, in bits: higher is rarer."),
        share=False,
    ),
    Metric(
        "diversity",
        gettext_lazy("Variety"),
        gettext_lazy("How different the items of one list are from each other."),
    ),
    Metric(
        "rmse",
        gettext_lazy("RMSE"),
        gettext_lazy("How far predicted ratings are from those given, large errors counting more."),
        share=False,
        lower_is_better=True,
    ),
    Metric(
        "mae",
        gettext_lazy("Mean error"),
        gettext_lazy("How far predicted ratings are from those given, in the mean."),
        share=False,
        lower_is_better=True,
    ),
)
"""The metrics of a comparison, as `RankingReport` names them."""

BY_NAME = {metric.name: metric for metric in METRICS}


def sentence(kind: str) -> str:
    """Return what a kind is."""
    return str(SENTENCES[Kind(kind)])


def answered(question: str, by: str) -> str:
    """Return where pages read a kind, and who chose that."""
    return _("%(place)s (%(by)s)") % {"place": PLACES[Question(question)], "by": ANSWERED_BY[by]}


def why_chosen(table: Mapping[str, Any], name: str) -> str:
    """Return why a comparison chose a model, from its figures."""
    models = {model["name"]: model for model in table.get("models", ())}
    if models and not table.get("n_questions"):
        return _("There was nothing to ask about yet, so nothing could be compared.")
    if not models or name not in models:
        return _("No model could be compared.")
    metric = BY_NAME.get(table.get("metric", ""))
    if metric is not None and metric.lower_is_better:
        return _why_nearest(table, models, name)
    best, chosen = next(iter(models.values())), models[name]
    figures = {
        "found": _written(metric, _measured(table, chosen)),
        "n": wording.number(table["n_questions"]),
        "k": wording.number(table.get("k")),
    }
    if chosen is best:
        return (
            _(
                "No model finds more: %(found)s of what was really bought, in %(k)s places, over "
                "%(n)s held-out questions."
            )
            % figures
        )
    behind = {
        **figures,
        "best": best["name"],
        "behind": _points(chosen.get("behind", 0.0)),
        "error": _points(chosen.get("behind_error", 0.0)),
    }
    if table.get("why") == "shared":
        return (
            _(
                "It finds %(found)s. %(best)s finds more (%(behind)s points), but it is made "
                "otherwise for another question, and each model has one list."
            )
            % behind
        )
    if chosen.get("within_noise"):
        return (
            _(
                "It finds %(found)s, which is no worse than the best, %(best)s, within the noise "
                "(%(behind)s ± %(error)s points behind), and it is simpler to serve."
            )
            % behind
        )
    return (
        _(
            "It finds %(found)s. %(best)s finds more (%(behind)s ± %(error)s points), but has no "
            "lists that pages could read."
        )
        % behind
    )


def _why_nearest(
    table: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]], name: str
) -> str:
    """Return why a model of ratings was chosen."""
    best, chosen = next(iter(models.values())), models[name]
    metric = BY_NAME["rmse"]
    figures = {
        "error": metric.words(_measured(table, chosen)),
        "n": wording.number(table["n_questions"]),
        "best": best["name"],
        "theirs": metric.words(_measured(table, best)),
    }
    if chosen is best:
        return (
            _("No model comes nearer to the newest %(n)s ratings: it errs by %(error)s (RMSE).")
            % figures
        )
    return (
        _(
            "It errs by %(error)s (RMSE) on the newest %(n)s ratings, which is no worse than the "
            "best, %(best)s with %(theirs)s, within the noise, and it is simpler."
        )
        % figures
    )


def why_skipped(skipped: Mapping[str, Any]) -> str:
    """Return why a comparison has not tried a model; tables of older releases hold a sentence."""
    why = skipped.get("why") or {}
    if not isinstance(why, Mapping):
        return str(why)
    code, figures = why.get("code"), why.get("figures") or {}
    if code == "needs":
        return _("It needs %(need)s, and there is none.") % {
            "need": NEEDS.get(figures.get("need", ""), figures.get("need", ""))
        }
    if code == "memory":
        return _("It needs about %(needed)s MiB; %(limit)s MiB are allowed (MEMORY_LIMIT_MIB).") % {
            "needed": _mebibytes(figures.get("needed_bytes")),
            "limit": _mebibytes(figures.get("limit_bytes")),
        }
    if code == "time":
        return _("The time for choosing was over before its turn (TUNING_BUDGET_SECONDS).")
    return str(code or "–")


def noted(note: Any) -> str:
    """Return why the search of a model's parameters ended early, or what else is to be said."""
    if not isinstance(note, Mapping):
        return str(note or "")
    code, figures = note.get("code"), note.get("figures") or {}
    if code == "dropped":
        return _("Dropped early: it found %(found)s where the best found %(best)s.") % {
            "found": wording.share(figures.get("found")),
            "best": wording.share(figures.get("best")),
        }
    if code == "gives_up":
        names = ", ".join(str(LOSSES[name]) for name in figures if name in LOSSES)
        return _("Not chosen: it gives up %(names)s against own frequency, then popularity.") % {
            "names": names
        }
    if code == "shared":
        question = figures.get("question", "")
        place = PLACES[Question(question)] if question in Question.values else question
        return _("Made as it was chosen for %(place)s: each model has one list.") % {"place": place}
    return str(NOTES.get(str(code), code or ""))


NEEDS = {
    "content": gettext_lazy("a description of items"),
    "history": gettext_lazy("a history of orders"),
    "ratings": gettext_lazy("ratings by customers"),
    "views": gettext_lazy("recorded page views"),
}
"""What models learn from, as ``Family.needs`` names it."""

NOTES = {
    "clock": gettext_lazy("Its search was ended by the clock."),
    "budget": gettext_lazy("Its search was ended by the number of fits."),
}


LOSSES = {
    "recall": gettext_lazy("how much is found"),
    "ndcg": gettext_lazy("how far up it stands"),
    "hit_rate": gettext_lazy("how often anything is found"),
}
"""What a model may give up against a baseline, as ``given_up`` names it."""


def _mebibytes(value: float | None) -> str:
    return "–" if value is None else wording.decimal(value / MEBIBYTE, 0)


def compared(change: float | None) -> str:
    """Return how a model did in the last comparison beside the one that tuning chose."""
    if change is None:
        return _("The last comparison did not try it.")
    percent = wording.decimal(abs(100 * change), 0)
    if percent == "0":
        return _("By the last comparison it finds as much.")
    if change < 0:
        return _("By the last comparison it finds %(n)s %% less.") % {"n": percent}
    return _("By the last comparison it finds %(n)s %% more.") % {"n": percent}


def _measured(table: Mapping[str, Any], model: Mapping[str, Any]) -> float | None:
    value = model.get("metrics", {}).get(table.get("metric", ""))
    return float(value) if isinstance(value, int | float) else None


def _written(metric: Metric | None, value: float | None) -> str:
    return metric.words(value) if metric else wording.share(value)


def _points(value: float) -> str:
    return wording.decimal(100 * value)
