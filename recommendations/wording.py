"""Codes and figures in a merchant's words. Services and selectors speak in codes, pages do not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations.models import Build
from recommendations.selectors.overview import Step

TONES = {
    Build.Status.RUNNING: "busy",
    Build.Status.CANDIDATE: "wait",
    Build.Status.PUBLISHED: "good",
    Build.Status.REJECTED: "bad",
    Build.Status.RETIRED: "quiet",
    Build.Status.FAILED: "bad",
}
"""Class of each status' badge; a sign beside the word says the same without colour."""

MEANINGS = {
    Build.Status.RUNNING: gettext_lazy("It is being computed. Shoppers see the published build."),
    Build.Status.CANDIDATE: gettext_lazy("It is finished and good, and waits to be published."),
    Build.Status.PUBLISHED: gettext_lazy("Shoppers see these lists now."),
    Build.Status.REJECTED: gettext_lazy(
        "The check refused it. Shoppers still see the build that was published before."
    ),
    Build.Status.RETIRED: gettext_lazy("It was published once and a later build has replaced it."),
    Build.Status.FAILED: gettext_lazy("It broke off. Shoppers see the published build."),
}

PHASES = {
    "sync": gettext_lazy("reading products"),
    "matrix": gettext_lazy("arranging orders"),
    "read": gettext_lazy("reading orders"),
    "learn": gettext_lazy("learning"),
    "product": gettext_lazy("finding companions"),
    "write": gettext_lazy("storing lists"),
    "gate": gettext_lazy("checking the result"),
}

OF_EVENTS = {
    "ratings": gettext_lazy("rating left out: %(reason)s"),
    "views": gettext_lazy("page view left out: %(reason)s"),
}
"""Reasons that are counted for rows of other tables than the orders'."""

LEFT_OUT = {
    "no customer": gettext_lazy("of nobody who can be recognised"),
    "no value": gettext_lazy("no rating in it"),
    "value is no number": gettext_lazy("the rating is no number"),
    "out of scale": gettext_lazy("outside the scale"),
    "rated again later": gettext_lazy("the customer rated again later"),
    "beyond the newest ratings of a customer": gettext_lazy(
        "of a customer with unusually many ratings"
    ),
    "looked at before": gettext_lazy("the customer had looked before"),
    "no product": gettext_lazy("product deleted since, or none named"),
    "unknown product": gettext_lazy("product not known: synchronise products"),
    "not counted": gettext_lazy("not a sale: unpaid, cancelled or refunded"),
    "no order": gettext_lazy("order missing"),
    "no time": gettext_lazy("order without a date"),
    "after as_of": gettext_lazy("ordered after the build began"),
    "damaged amount": gettext_lazy("amount is no number"),
    "lines of items not shown": gettext_lazy("item hidden in the shop now"),
    "lines in baskets too large": gettext_lazy("in an order of unusually many products"),
    "lines in baskets beyond the newest of a customer": gettext_lazy(
        "in an old order of a customer with unusually many orders"
    ),
}

STEPS = {
    Step.SYNC: gettext_lazy(
        "No products are known yet. Run “manage.py crosssell_sync”, or press Rebuild: it reads the "
        "products first."
    ),
    Step.BUILD: gettext_lazy("No orders have been read yet. Press Rebuild to read them."),
    Step.WAIT: gettext_lazy(
        "A build is running. Its lists go live by themselves if they are good."
    ),
    Step.SILENT: gettext_lazy(
        "A build has stopped reporting. Press Rebuild: it goes on where that one stopped. If "
        "nothing happens, no Celery worker is running; “manage.py crosssell_rebuild %(kind)s” "
        "works without one."
    ),
    Step.FAILED: gettext_lazy("The newest build failed. Open it to see why, then press Rebuild."),
    Step.REFUSED: gettext_lazy(
        "The newest build was refused because it looks worse than the published one. Open it, read "
        "the reasons, and decide."
    ),
    Step.PUBLISH: gettext_lazy("The newest build is good and waits. Open it and press Publish."),
    Step.COVERAGE: gettext_lazy(
        "Few items have companions. Usual reasons: few orders so far, orders of one single "
        "product, or an order status that does not count. “manage.py crosssell_check” shows which "
        "orders count. A placement's fallback fills the gaps meanwhile."
    ),
    Step.REFRESH: gettext_lazy(
        "The published lists are older than two weeks. Press Rebuild, and schedule the task "
        "“crosssell.rebuild”, so that they follow what is sold."
    ),
    Step.PLACEMENT: gettext_lazy(
        "Blocks use the usual settings. Add a placement named “product” to choose the title, how "
        "many companions it shows, and what fills a short list."
    ),
    Step.NOTHING: gettext_lazy("All is well: nothing to do."),
}


def step(code: Step, kind: str) -> str:
    """Return what to do next about a kind."""
    return str(STEPS[code]) % {"kind": kind} if code is Step.SILENT else str(STEPS[code])


def number(value: float | None) -> str:
    """Return a count with thousands separators, in the reader's language."""
    if value is None:
        return "–"
    return number_format(round(value), force_grouping=True)


def share(value: float | None) -> str:
    """Return a share of 1 as a percentage."""
    return "–" if value is None else f"{decimal(100 * value)} %"


def decimal(value: float, places: int = 1) -> str:
    """Return a rounded number in the reader's language; Django by itself would cut it off."""
    return number_format(round(value, places), decimal_pos=places, force_grouping=True)


def duration(span: timedelta) -> str:
    """Return a span as a person would say it."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes, seconds = divmod(seconds, 60)
    if minutes < 10:
        return _("%(m)d min %(s)d s") % {"m": minutes, "s": seconds}
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes}


def age(moment: datetime | None) -> str:
    """Return how long ago a moment was, roughly."""
    if moment is None:
        return ""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("less than a minute")
    return timesince(moment, depth=1)


def phase(code: str) -> str:
    """Return what a builder is doing."""
    return str(PHASES.get(code, code))


def left_out(counts: Mapping[str, int]) -> dict[str, int]:
    """Return lines left out by reason, in words.

    Counts of whole orders are left to the lines that they hold: the two do not add up.
    """
    return {
        capfirst(_reason(code)): count
        for code, count in counts.items()
        if not code.startswith("baskets ")
    }


def _reason(code: str) -> str:
    what, _separator, reason = code.partition(": ")
    if what in OF_EVENTS and reason:
        return str(OF_EVENTS[what]) % {"reason": LEFT_OUT.get(reason, reason)}
    return str(LEFT_OUT.get(code, code))


def bought_by(n_customers: int, n_baskets: int) -> str:
    """Return the evidence for one item as a sentence."""
    customers = ngettext("%(n)s customer", "%(n)s customers", n_customers) % {
        "n": number(n_customers)
    }
    orders = ngettext("%(n)s order", "%(n)s orders", n_baskets) % {"n": number(n_baskets)}
    return _("Bought by %(customers)s in %(orders)s.") % {"customers": customers, "orders": orders}


REASONS = {
    "no_orders": gettext_lazy(
        "No order was read. “manage.py crosssell_check” shows which orders count."
    ),
    "one_item": gettext_lazy(
        "All orders hold one and the same item, so nothing was bought with anything else."
    ),
    "no_lists": gettext_lazy(
        "No item has a companion: no pair was bought together by enough customers."
    ),
    "damaged_lines": gettext_lazy(
        "%(damaged)s of %(lines)s order lines are damaged (%(share)s; allowed are %(limit)s). "
        "Their amounts are no numbers: something is wrong with the data."
    ),
    "fewer_lines": gettext_lazy(
        "Only %(given)s order lines were read, where the published build had %(published)s "
        "(%(share)s; at least %(limit)s are expected). Orders may be missing."
    ),
    "fewer_baskets": gettext_lazy(
        "Only %(given)s orders were read, where the published build had %(published)s "
        "(%(share)s; at least %(limit)s are expected). Orders may be missing."
    ),
    "lower_coverage": gettext_lazy(
        "Only %(given)s of the items that were sold have companions, where the published build "
        "has %(published)s. At least %(limit)s are expected."
    ),
    "lists_changed": gettext_lazy(
        "The lists share only %(overlap)s with the published ones; at least %(limit)s are "
        "expected. Products may have been mixed up."
    ),
    "fewer_ratings": gettext_lazy(
        "Only %(given)s ratings were read, where the published build had %(published)s "
        "(%(share)s; at least %(limit)s are expected). Ratings may be missing."
    ),
    "higher_rmse": gettext_lazy(
        "The newest ratings are foretold worse: an error of %(given)s (RMSE), where the published "
        "build has %(published)s."
    ),
    "lower_hit_rate": gettext_lazy(
        "The newest orders are foretold worse: %(given)s of %(queries)s tests hit, where the "
        "published build reaches %(published)s. At least %(limit)s are expected."
    ),
}
"""The gate's codes as sentences; the figures come with the code."""


def verdict(stored: Mapping[str, Any]) -> list[str]:
    """Return the gate's verdict as stored with a build, a sentence for each reason."""
    return [
        reason_sentence(str(reason.get("code", "")), reason.get("parameters") or {})
        for reason in stored.get("reasons", ())
    ]


def reason_sentence(code: str, parameters: Mapping[str, Any]) -> str:
    """Return one reason of the gate in words; a code without words of ours is shown as it is."""
    figures = {
        name: decimal(value, 3) if code == "higher_rmse" else _figure(name, value)
        for name, value in parameters.items()
    }
    try:
        return str(REASONS[code]) % figures
    except KeyError:
        listed = ", ".join(f"{name} {value}" for name, value in figures.items())
        return f"{code}: {listed}" if listed else code


def _figure(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return share(value) if isinstance(value, float) and -1 <= value <= 1 else number(value)


RULES = {
    "itself": ngettext_lazy(
        "%(n)d candidate is the item itself or a variant of it.",
        "%(n)d candidates are the item itself or variants of it.",
        "n",
    ),
    "repeated": ngettext_lazy(
        "%(n)d candidate is a variant of one that is shown already.",
        "%(n)d candidates are variants of ones that are shown already.",
        "n",
    ),
    "excluded": ngettext_lazy(
        "%(n)d candidate is excluded by you.", "%(n)d candidates are excluded by you.", "n"
    ),
    "minimum support": ngettext_lazy(
        "%(n)d candidate was bought together by too few customers for this placement.",
        "%(n)d candidates were bought together by too few customers for this placement.",
        "n",
    ),
    "in basket": ngettext_lazy(
        "%(n)d candidate is in the basket already.",
        "%(n)d candidates are in the basket already.",
        "n",
    ),
    "not interested": ngettext_lazy(
        "%(n)d candidate does not interest this shopper.",
        "%(n)d candidates do not interest this shopper.",
        "n",
    ),
    "not shown by the shop": ngettext_lazy(
        "%(n)d candidate is hidden in the shop now.",
        "%(n)d candidates are hidden in the shop now.",
        "n",
    ),
    "not available": ngettext_lazy(
        "%(n)d candidate cannot be bought now.", "%(n)d candidates cannot be bought now.", "n"
    ),
    "not dearer": ngettext_lazy(
        "%(n)d candidate is not dearer now.",
        "%(n)d candidates are not dearer now.",
        "n",
    ),
    "forbidden step": ngettext_lazy(
        "%(n)d candidate is no step up: you have forbidden it.",
        "%(n)d candidates are no steps up: you have forbidden them.",
        "n",
    ),
    "beyond the price band": ngettext_lazy(
        "%(n)d candidate costs too much more.",
        "%(n)d candidates cost too much more.",
        "n",
    ),
    "owned": ngettext_lazy(
        "%(n)d candidate was bought by the customer already.",
        "%(n)d candidates were bought by the customer already.",
        "n",
    ),
    "already on this page": ngettext_lazy(
        "%(n)d candidate is on the page already.",
        "%(n)d candidates are on the page already.",
        "n",
    ),
    "left out by the caller": ngettext_lazy(
        "%(n)d candidate is left out by the page.",
        "%(n)d candidates are left out by the page.",
        "n",
    ),
    "filtered": ngettext_lazy(
        "%(n)d candidate does not meet the rule of the placement.",
        "%(n)d candidates do not meet the rule of the placement.",
        "n",
    ),
    "hidden": ngettext_lazy(
        "%(n)d candidate is hidden by a merchandising rule.",
        "%(n)d candidates are hidden by merchandising rules.",
        "n",
    ),
    "category cap": ngettext_lazy(
        "%(n)d candidate is of a category with as many places as it may have.",
        "%(n)d candidates are of categories with as many places as they may have.",
        "n",
    ),
    "share": ngettext_lazy(
        "%(n)d candidate made room for a group with a share of the places.",
        "%(n)d candidates made room for groups with a share of the places.",
        "n",
    ),
    "diversity": ngettext_lazy(
        "%(n)d candidate is too much like another one that is shown.",
        "%(n)d candidates are too much like others that are shown.",
        "n",
    ),
    "rotation": ngettext_lazy(
        "%(n)d candidate waits for its turn.", "%(n)d candidates wait for their turn.", "n"
    ),
    "other currency": ngettext_lazy(
        "%(n)d candidate is priced in another currency.",
        "%(n)d candidates are priced in another currency.",
        "n",
    ),
}
"""Why candidates of a block are not shown, by the rule that the selector names."""


def few_companions(n_companions: int, support: int) -> str:
    """Return that a list is short because few pairs have enough customers."""
    if not n_companions:
        return _("No other item was bought with it by at least %(support)s customers.") % {
            "support": number(support)
        }
    return ngettext(
        "Only %(n)s other item was bought with it by at least %(support)s customers.",
        "Only %(n)s other items were bought with it by at least %(support)s customers.",
        n_companions,
    ) % {"n": number(n_companions), "support": number(support)}


def left_out_rule(rule: str, count: int) -> str:
    """Return why some candidates are not shown."""
    if rule not in RULES:
        return f"{count} × {rule}"
    return RULES[rule] % {"n": count}


def amount(value: Decimal) -> str:
    """Return an amount of money without a currency, with at least two decimals."""
    cents = value.quantize(Decimal("0.01"))
    return number_format(cents if cents == value else value, force_grouping=True)
