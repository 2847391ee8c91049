"""Why a product is shown, in the shopper's words: never more than the orders bear out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from recommendations.models import Kind
from recommendations.selectors.prices import NumberStyle, number_text
from recommendations.selectors.serving import family_of

Reason = Literal[
    "pinned", "together", "in basket", "in order", "pair", "described", "for customer",
    "next basket", "again", "viewed", "rated alike", "rated",
    "trending", "popular", "new", "more", "moved up", "upgrade", "looked at", "with looked at",
    "asked for",
]  # fmt: skip
"""What is said of a product. Only those of ``_COUNTED``, and "pair", name a number."""

LONGEST_TITLE = 40
"""Characters of a title within a reason: a card of a shelf is narrow."""

SIMILAR, COMPLEMENTS = "content", "content_complements"
"""Families of content, by name: importing them would load their libraries into every page."""


def reason_text(
    reason: Reason, customers: int, trace: Mapping[str, Any], style: Callable[[], NumberStyle]
) -> str:
    """Return a reason in the active language."""
    if reason in _COUNTED:
        return _COUNTED[reason](customers) % {"customers": number_text(customers, style())}
    if reason == "pair":
        return _pair(customers, trace["pair"], style)
    if reason == "described":
        return _described(trace)
    category = trace.get("category", "")
    if category and reason in _IN_CATEGORY:
        return _IN_CATEGORY[reason]() % {"category": category}
    return _PLAIN[reason]()


def _pair(customers: int, pair: Mapping[str, Any], style: Callable[[], NumberStyle]) -> str:
    """Return how many of ten who bought two things bought this as well, never more than did."""
    tenths = 10 * customers // pair["customers"]
    titles = [Truncator(title).chars(LONGEST_TITLE) for title in pair["titles"]]
    told = {"tenths": number_text(tenths, style()), "first": titles[0], "second": titles[1]}
    if all(titles):
        if tenths >= 10:
            text = gettext("All customers who bought %(first)s and %(second)s bought this too")
        else:
            text = gettext(
                "%(tenths)s in 10 customers who bought %(first)s and %(second)s bought this too"
            )
    elif tenths >= 10:
        text = gettext("All customers who bought two things of your basket bought this too")
    else:
        text = gettext(
            "%(tenths)s in 10 customers who bought two things of your basket bought this too"
        )
    return text % told


def _described(trace: Mapping[str, Any]) -> str:
    """Return what a description tells; the family says whether that is likeness or fit."""
    family = family_of(trace["build"]) if trace["strategy"] == Kind.CONTENT else ""
    if family == SIMILAR:
        return gettext("Similar in kind")
    if family != COMPLEMENTS:
        return gettext("Fits by its description")
    if trace.get("beside"):
        return gettext("Goes with %(category)s") % {"category": trace["beside"]}
    return gettext("Goes well with it")


_COUNTED: Mapping[str, Callable[[int], str]] = {
    "together": lambda customers: ngettext(
        "Bought together by %(customers)s customer",
        "Bought together by %(customers)s customers",
        customers,
    ),
    "viewed": lambda customers: ngettext(
        "Bought by %(customers)s customer who looked at this",
        "Bought by %(customers)s customers who looked at this",
        customers,
    ),
    "rated alike": lambda customers: ngettext(
        "Rated alike by %(customers)s customer",
        "Rated alike by %(customers)s customers",
        customers,
    ),
    "in basket": lambda customers: ngettext(
        "Bought with something in your basket by %(customers)s customer",
        "Bought with something in your basket by %(customers)s customers",
        customers,
    ),
    "in order": lambda customers: ngettext(
        "Bought with something in your order by %(customers)s customer",
        "Bought with something in your order by %(customers)s customers",
        customers,
    ),
    "with looked at": lambda customers: ngettext(
        "Bought with something you looked at by %(customers)s customer",
        "Bought with something you looked at by %(customers)s customers",
        customers,
    ),
    "moved up": lambda customers: ngettext(
        "%(customers)s customer moved up to it",
        "%(customers)s customers moved up to it",
        customers,
    ),
}
_PLAIN: Mapping[str, Callable[[], str]] = {
    "pinned": lambda: gettext("Chosen by the shop"),
    "for customer": lambda: gettext("Fits what you bought"),
    "next basket": lambda: gettext("For your next order"),
    "rated": lambda: gettext("Likely to your taste, by your ratings"),
    "upgrade": lambda: gettext("Of the same kind"),
    "again": lambda: gettext("You bought this before"),
    "looked at": lambda: gettext("You looked at this"),
    "asked for": lambda: gettext("You asked for more like this"),
    "trending": lambda: gettext("Trending now"),
    "popular": lambda: gettext("Popular in this shop"),
    "new": lambda: gettext("New in this shop"),
    "more": lambda: gettext("More from this shop"),
}
_IN_CATEGORY: Mapping[str, Callable[[], str]] = {
    "trending": lambda: gettext("Trending in %(category)s"),
    "popular": lambda: gettext("Popular in %(category)s"),
    "new": lambda: gettext("New in %(category)s"),
    "more": lambda: gettext("More from %(category)s"),
}
