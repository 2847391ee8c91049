"""How recommendations are made, in a shopper's words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.models import Kind, Placement, Question
from recommendations.selectors.about import About, Method, Yours
from recommendations.wording import number


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A sort of block, and how it is made."""

    title: str
    how: str
    source: str


def methods(about: About) -> list[Told]:
    """Return each sort of block with what makes it, from how much, and when."""
    return [
        Told(
            title=str(BLOCKS[method.block]),
            how=str(HOW.get(method.kind) or _("Nothing has been computed for it yet.")),
            source=_source(method),
        )
        for method in about.methods
    ]


def _source(method: Method) -> str:
    if method.as_of is None:
        return ""
    day = date_format(timezone.localtime(method.as_of), "DATE_FORMAT")
    if not method.orders:
        return _("Computed on %(day)s.") % {"day": day}
    orders = ngettext("%(n)s order", "%(n)s orders", method.orders) % {"n": number(method.orders)}
    customers = ngettext("%(n)s customer", "%(n)s customers", method.customers) % {
        "n": number(method.customers)
    }
    told = {"day": day, "orders": orders, "customers": customers}
    return _("Computed on %(day)s from %(orders)s of %(customers)s.") % told


def data(about: About) -> list[str]:
    """Return what is read."""
    return [DATA[code]() for code in about.data]


def fallbacks(about: About) -> list[str]:
    """Return what stands in where there is too little to go by."""
    return [str(FALLBACKS[code]) for code in about.fallbacks]


def rules(about: About) -> list[str]:
    """Return which decisions of the shop itself are in force."""
    return [str(RULES[code]) for code in about.rules]


def protection(about: About) -> str:
    """Return from how many customers on something is said of what was bought together."""
    return _(
        "Nothing is said of what was bought together by fewer than %(n)s customers, so that nobody "
        "can learn what a single person bought."
    ) % {"n": number(about.minimum_customers)}


def state(yours: Yours) -> str:
    """Return whether recommendations depend on who looks, and what decided that."""
    if yours.switched_off:
        return _("You have switched personal recommendations off. Everybody sees what you see.")
    if yours.privacy_control:
        return _(
            "Your browser asks sites for privacy (Global Privacy Control), so personal "
            "recommendations are off. Everybody sees what you see."
        )
    return _("Personal recommendations are on.")


def remembered(yours: Yours) -> list[str]:
    """Return what is remembered of this visitor."""
    if not yours.personal:
        return [_("Nothing is remembered of your visit.")]
    told = []
    if yours.viewed:
        told.append(
            ngettext(
                "%(n)s product that you looked at in this visit.",
                "%(n)s products that you looked at in this visit.",
                yours.viewed,
            )
            % {"n": number(yours.viewed)}
        )
    if yours.dismissed:
        told.append(
            ngettext(
                "%(n)s product that does not interest you.",
                "%(n)s products that do not interest you.",
                yours.dismissed,
            )
            % {"n": number(yours.dismissed)}
        )
    if yours.liked:
        told.append(
            ngettext(
                "%(n)s product of which you want more like it.",
                "%(n)s products of which you want more like them.",
                yours.liked,
            )
            % {"n": number(yours.liked)}
        )
    if yours.known:
        told.append(_("You are logged in: what you bought in this shop counts as well."))
    return told or [_("Nothing yet.")]


BLOCKS = {
    Question.ITEM.value: gettext_lazy("Beside a product"),
    Question.BASKET.value: gettext_lazy("For your basket, and for what you looked at"),
    Question.CUSTOMER.value: gettext_lazy("New things for you"),
    Question.NEXT_BASKET.value: gettext_lazy("For your next order"),
    Question.RATING.value: gettext_lazy("To your taste"),
    Kind.UPGRADES.value: gettext_lazy("A better one"),
    Kind.TRENDING.value: gettext_lazy("Trending now"),
    Kind.NEW_ARRIVALS.value: gettext_lazy("New in this shop"),
}
"""Where something is recommended."""

HOW = {
    Kind.TOGETHER.value: gettext_lazy("What many customers have bought in one order."),
    Kind.ITEM_BASED.value: gettext_lazy("What the same customers have bought."),
    Kind.WALKS.value: gettext_lazy("What customers bought who share purchases with each other."),
    Kind.GRAPH_FILTER.value: gettext_lazy("Patterns in which products are bought together."),
    Kind.EASE.value: gettext_lazy("How well other products foretell a product in an order."),
    Kind.ALS.value: gettext_lazy("Tastes that orders have in common."),
    Kind.CONTENT.value: gettext_lazy("What products are: their names, kinds, brands and details."),
    Kind.HYBRID.value: gettext_lazy("What was bought together, and what products are."),
    Kind.RULES.value: gettext_lazy("What mostly follows when two things are bought."),
    Kind.USER_BASED.value: gettext_lazy("What customers bought whose orders are like yours."),
    Kind.NEXT_BASKET.value: gettext_lazy(
        "What you bought before and how often, and what customers like you bought."
    ),
    Kind.BUY_AGAIN.value: gettext_lazy(
        "What you bought before, and after how long it is usually bought again."
    ),
    Kind.NEURAL.value: gettext_lazy("A small network that has learnt from orders what comes next."),
    Kind.NEURAL_COMPLETION.value: gettext_lazy(
        "A small network that has learnt from orders what belongs together."
    ),
    Kind.BLEND.value: gettext_lazy("Several of these ways together."),
    Kind.UPGRADES.value: gettext_lazy(
        "Dearer products that meet the same need, and what customers chose instead."
    ),
    Kind.TRENDING.value: gettext_lazy("What sells more than it used to."),
    Kind.NEW_ARRIVALS.value: gettext_lazy("What the shop has taken up lately."),
    Kind.VIEWED_BOUGHT.value: gettext_lazy("What customers bought who had looked at a product."),
    Kind.RATINGS.value: gettext_lazy("What the same customers rated alike."),
}
"""How a kind finds what it recommends."""

DATA: Mapping[str, Callable[[], str]] = {
    "orders": lambda: _(
        "Orders of this shop: which products, when, and by which customer number. No names, "
        "addresses or payment details are read."
    ),
    "descriptions": lambda: _("Names, categories, brands, prices and details of products."),
    "ratings": lambda: _("Ratings that customers gave."),
    "views": lambda: _("Which product pages were looked at."),
    "basket": lambda: _("What is in your basket now."),
    "visit": lambda: _("The last products that you looked at, until your visit ends."),
    "feedback": lambda: _("What you say is not interesting, or that you want more of."),
}

FALLBACKS = {
    Placement.Fallback.COLD.value: gettext_lazy(
        "Where there is nothing to go by: best sellers of the same category, then of the shop."
    ),
    Placement.Fallback.NONE.value: gettext_lazy("Some places then show fewer products, or none."),
    Placement.Fallback.CATEGORY.value: gettext_lazy(
        "Where lists are short: best sellers of the same category."
    ),
    Placement.Fallback.POPULAR.value: gettext_lazy(
        "Where lists are short: best sellers of the shop."
    ),
}

RULES = {
    "pins": gettext_lazy("Some products are chosen by hand; they say “Chosen by the shop”."),
    "exclusions": gettext_lazy("Some products are never recommended, or not beside others."),
    "filters": gettext_lazy("Some places show certain products only."),
    "boosts": gettext_lazy("Some products are moved up, for reasons of the shop."),
    "buries": gettext_lazy("Some products are moved down, for reasons of the shop."),
    "ladder": gettext_lazy("Some better products are chosen by hand."),
    "spread": gettext_lazy("Lists are mixed, so that not all of them is of one kind."),
}
"""The merchant's own decisions, without saying which products or why."""
