"""What each kind still needs, in words with numbers, from what the newest build has counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from recommendations.adapters import Ratings, Views, get_adapter
from recommendations.models import Build, Item, Kind
from recommendations.selectors.builds import published_build

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ENOUGH_ORDERS = 200
"""Orders from which pairs of a small assortment repeat: below, most pairs are seen once."""

ENOUGH_REPEAT_CUSTOMERS = 50
"""Customers who came back, from which a rhythm or a habit is more than one person's."""

ENOUGH_CUSTOMERS = 100
"""Customers from which a neighbour with the same taste is likely to be found."""

ENOUGH_TO_LEARN = 1_000
"""Orders from which a model with thousands of weights is worth trying."""


ENOUGH_VIEWS = 1_000
"""Page views from which something bought may follow something looked at more than by chance."""

ENOUGH_RATINGS = 500
"""Ratings from which the taste of a customer shows beside what everybody likes."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What there is to learn from."""

    orders: int = 0
    customers: int = 0
    repeat_customers: int = 0
    sold_items: int = 0
    items: int = 0
    described_items: int = 0
    priced_items: int = 0
    views: int | None = None
    """None: the shop declares none; counted up to what is enough."""
    ratings: int | None = None
    """The same of ratings."""
    counted_at: datetime | None = None
    """When orders were counted; None: no build has read them yet."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Readiness:
    """Whether a kind has what it needs, what it lacks, and what stands in meanwhile."""

    kind: str
    needs: tuple[str, ...]
    """A sentence for each thing that is missing."""
    fallback: str
    """What pages show where its lists are short or missing, and why."""

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.needs

    @property
    def sentence(self) -> str:
        """All of it for a line of a table."""
        return " ".join(self.needs) if self.needs else _("Ready.")


def counted() -> Counted:
    """Return the counts: of orders as the newest build read them, of items as they are now."""
    build = Build.objects.filter(input_counts__has_key="orders").order_by("-pk").first()
    read = build.input_counts if build else {}
    shown = Item.objects.filter(active=True, parent=None)
    described = ~Q(title="") | ~Q(category="") | ~Q(brand="")
    return Counted(
        orders=read.get("orders", 0),
        customers=read.get("customers", 0),
        repeat_customers=read.get("repeat_customers", 0),
        sold_items=read.get("sold_items", 0),
        items=shown.count(),
        described_items=shown.filter(described).count(),
        priced_items=shown.filter(price__gt=0).count(),
        counted_at=build.as_of if build else None,
        views=_rows_of(get_adapter().view_sources(), ENOUGH_VIEWS),
        ratings=_rows_of(get_adapter().rating_sources(), ENOUGH_RATINGS),
    )


def _rows_of(sources: Sequence[Ratings | Views], enough: int) -> int | None:
    """Return how many rows are declared, up to so many: no shop's table is counted to its end."""
    if not sources:
        return None
    found = 0
    for source in sources:
        rows = apps.get_model(source.model)._base_manager.filter(source.counted).order_by()
        found += rows.values("pk")[: enough - found].count()
    return found


def readiness(kind: str, counts: Counted | None = None) -> Readiness:
    """Return whether a kind has what it needs."""
    if kind not in Kind.values:
        msg = f"There is no build kind {kind!r}; there are: {', '.join(Kind.values)}."
        raise ValueError(msg)
    counts = counts or counted()
    return Readiness(kind=kind, needs=missing(kind, counts), fallback=fallback_words(kind, counts))


def missing(kind: str, counts: Counted) -> tuple[str, ...]:
    """Return a sentence for each thing that a kind lacks, without a query."""
    return tuple(sentence for needed in REQUIREMENTS[kind] for sentence in needed(counts))


def all_readiness() -> list[Readiness]:
    """Return the state of every kind, counted once."""
    counts = counted()
    return [readiness(kind, counts) for kind in Kind.values]


Requirement = Callable[[Counted], Iterator[str]]


def _at_least(enough: int, has: Callable[[Counted], int], words: _StrPromise) -> Requirement:
    """Return a requirement of so many; nothing is said before orders were counted."""

    def missing(counts: Counted) -> Iterator[str]:
        lacking = enough - has(counts)
        if counts.counted_at is not None and lacking > 0:
            figures = {"n": number(lacking), "has": number(has(counts)), "enough": number(enough)}
            yield words % {"lacking": lacking, **figures}

    return missing


def _orders(enough: int) -> Requirement:
    more = _at_least(
        enough,
        lambda counts: counts.orders,
        ngettext_lazy(
            "Needs %(n)s more order (has %(has)s of %(enough)s).",
            "Needs %(n)s more orders (has %(has)s of %(enough)s).",
            "lacking",
        ),
    )

    def missing(counts: Counted) -> Iterator[str]:
        if counts.counted_at is None:
            yield _("No build has read the orders yet.")
        yield from more(counts)

    return missing


_customers = _at_least(
    ENOUGH_CUSTOMERS,
    lambda counts: counts.customers,
    ngettext_lazy(
        "Needs %(n)s more customer (has %(has)s of %(enough)s).",
        "Needs %(n)s more customers (has %(has)s of %(enough)s).",
        "lacking",
    ),
)
_repeats = _at_least(
    ENOUGH_REPEAT_CUSTOMERS,
    lambda counts: counts.repeat_customers,
    ngettext_lazy(
        "Needs %(n)s more customer who came back (has %(has)s of %(enough)s).",
        "Needs %(n)s more customers who came back (has %(has)s of %(enough)s).",
        "lacking",
    ),
)


def _items(counts: Counted) -> Iterator[str]:
    if not counts.items:
        yield _("Needs products: none is known yet. Run “manage.py crosssell_sync”.")


def _described(counts: Counted) -> Iterator[str]:
    yield from _items(counts)
    if counts.items and counts.described_items < 2:
        yield _("Needs at least two items with a title, a category or a brand (has %(n)s).") % {
            "n": number(counts.described_items)
        }


def _priced(counts: Counted) -> Iterator[str]:
    if counts.items and counts.priced_items < 2:
        yield _("Needs at least two items with a price (has %(n)s): see “price” of Products.") % {
            "n": number(counts.priced_items)
        }


def _rows(
    has: Callable[[Counted], int | None], enough: int, none: _StrPromise, more: _StrPromise
) -> Requirement:
    """Return a requirement of so many rows of what a shop need not declare."""

    def missing(counts: Counted) -> Iterator[str]:
        found = has(counts)
        if found is None:
            yield str(none)
        elif found < enough:
            lacking = enough - found
            figures = {"n": number(lacking), "has": number(found), "enough": number(enough)}
            yield more % {"lacking": lacking, **figures}

    return missing


_views = _rows(
    lambda counts: counts.views,
    ENOUGH_VIEWS,
    gettext_lazy("Needs page views, and the shop declares none (ShopAdapter.views)."),
    ngettext_lazy(
        "Needs %(n)s more page view (has %(has)s of %(enough)s).",
        "Needs %(n)s more page views (has %(has)s of %(enough)s).",
        "lacking",
    ),
)
_ratings = _rows(
    lambda counts: counts.ratings,
    ENOUGH_RATINGS,
    gettext_lazy("Needs ratings, and the shop declares none (ShopAdapter.ratings)."),
    ngettext_lazy(
        "Needs %(n)s more rating (has %(has)s of %(enough)s).",
        "Needs %(n)s more ratings (has %(has)s of %(enough)s).",
        "lacking",
    ),
)


REQUIREMENTS: dict[str, tuple[Requirement, ...]] = {
    Kind.TOGETHER.value: (_orders(ENOUGH_ORDERS),),
    Kind.ITEM_BASED.value: (_orders(ENOUGH_ORDERS),),
    Kind.WALKS.value: (_orders(ENOUGH_ORDERS),),
    Kind.GRAPH_FILTER.value: (_orders(ENOUGH_ORDERS),),
    Kind.EASE.value: (_orders(ENOUGH_ORDERS),),
    Kind.ALS.value: (_orders(ENOUGH_ORDERS), _customers),
    Kind.CONTENT.value: (_described,),
    Kind.HYBRID.value: (_described, _orders(ENOUGH_ORDERS)),
    Kind.RULES.value: (_orders(ENOUGH_ORDERS),),
    Kind.USER_BASED.value: (_orders(ENOUGH_ORDERS), _customers),
    Kind.NEXT_BASKET.value: (_orders(ENOUGH_ORDERS), _repeats),
    Kind.BUY_AGAIN.value: (_orders(ENOUGH_ORDERS), _repeats),
    Kind.NEURAL.value: (_orders(ENOUGH_TO_LEARN), _repeats),
    Kind.NEURAL_COMPLETION.value: (_orders(ENOUGH_TO_LEARN),),
    Kind.BLEND.value: (_orders(ENOUGH_TO_LEARN),),
    Kind.UPGRADES.value: (_described, _priced),
    Kind.TRENDING.value: (_orders(ENOUGH_ORDERS),),
    Kind.NEW_ARRIVALS.value: (_items,),
    Kind.VIEWED_BOUGHT.value: (_views,),
    Kind.RATINGS.value: (_ratings,),
}
"""What each kind needs before its lists say something."""


def fallback_words(kind: str, counts: Counted) -> str:
    """Return what stands in for a kind's lists, and why, as its published build says."""
    build = published_build(kind)
    told = build.metrics.get("fallback") if build else None
    if not told:
        return _("Nothing is published yet; the newest products stand in on pages.")
    if told["serves"] == "best_sellers":
        stands_in = _("best sellers")
    else:
        stands_in = _("new arrivals, since no item has %(needed)s customers yet") % {
            "needed": number(told["needed_customers"])
        }
    return WHY[told["why"]]() % {
        "orders": number(told["orders"]),
        "needed": number(told["needed_customers"]),
        "stands_in": stands_in,
    }


WHY: dict[str, Callable[[], str]] = {
    "no_orders": lambda: _("There is no order yet: pages show %(stands_in)s."),
    "few_customers": lambda: _(
        "%(orders)s orders hold nothing that %(needed)s customers share: pages show %(stands_in)s."
    ),
    "short_lists": lambda: _("Where a list is short, pages show %(stands_in)s."),
}
"""Codes of ``metrics["fallback"]["why"]`` as sentences."""


def number(value: int) -> str:
    """Return a count with thousands separators, in the reader's language."""
    return number_format(value, force_grouping=True)
