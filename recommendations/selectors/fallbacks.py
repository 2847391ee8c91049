"""What a block shows in which order: the model's list, then what stands in, and why.

The model's list is the first that there is of the kinds that answer the question. Then, as the
placement's fallback allows: lists of kinds that know a product by what it is, then best sellers,
else new arrivals, else what the shop has taken up last. Each list is read only when it is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple

from recommendations.models import Kind, Placement
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import (
    Candidate,
    counted,
    free,
    told_where_supported,
)
from recommendations.selectors.lists import Companion, newest_items, popular_list
from recommendations.selectors.pair_rules import PairRule, followed
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.reasons import Reason
from recommendations.selectors.serving import DESCRIBED, best_seller_builds
from recommendations.selectors.slots import Source

Why = Literal[
    "no build is published yet", "no order holds this item yet", "too few customers share it",
    "the list is short", "the basket is empty", "no order holds the basket's items yet",
    "the customer is not known", "the customer has no list yet", "nothing trends now",
    "nothing is new now", "it has lists for customers only", "nobody looked at it and bought yet",
    "nothing is known to be like it", "nothing was looked at yet",
    "nothing was asked for", "no order holds what was asked for",
    "no order holds what was looked at yet",
]  # fmt: skip
"""Why something stands in."""

Stage = Callable[[str, Why], Iterator[Candidate]]
"""Yields what stands in for a category; the empty one is the whole shop."""


class Listed(NamedTuple):
    """The list of a kind for whatever was asked."""

    kind: str
    build_id: int | None
    companions: Sequence[Companion]
    reason: Reason = "together"
    claims: bool = True
    """Whether its entries stand on what was bought: they then need the support."""
    beside: str = ""
    """Category of what was asked about."""
    category: str = ""
    """Category that the list is of; empty for lists of anything else, and for the whole shop."""
    rules: Sequence[PairRule] = ()
    """What follows from two things that are held: surer than the list, so before it."""

    @property
    def speaks(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.companions or self.rules)

    def candidates(
        self, source: Source, support: int, why: Mapping[str, Any]
    ) -> Iterator[Candidate]:
        """Yield the entries."""
        trace: dict[str, Any] = {"strategy": self.kind, "build": self.build_id, **why}
        if self.category:
            trace["category"] = self.category
        if self.kind in DESCRIBED:
            trace["beside"] = self.beside
            reasons = (self.reason, _DESCRIBED)
            return told_where_supported(self.companions, source, trace, reasons, support)
        if self.kind == Kind.UPGRADES:
            moved: tuple[Reason, Reason] = ("moved up", "upgrade")
            return told_where_supported(self.companions, source, trace, moved, support)
        make = counted if self.claims else free
        # Lists of other events than purchases must not say that things were bought together.
        reason = _OTHER_EVENTS.get(self.kind, self.reason) if self.claims else self.reason
        listed = make(self.companions, source, trace, reason)
        return chain(followed(self.rules, source, trace), listed)


_DESCRIBED: Reason = "described"
_OTHER_EVENTS: Mapping[str, Reason] = {
    Kind.VIEWED_BOUGHT.value: "viewed",
    Kind.RATINGS.value: "rated alike",
}


def shown_in_order(
    choice: PlacementChoice,
    support: int,
    *,
    own: Iterable[Listed],
    why: Callable[[], Why],
    others: Iterable[Listed] = (),
    categories: Iterable[str] = (),
    stages: Sequence[Stage] | None = None,
) -> Iterator[Candidate]:
    """Yield the model's list, then what stands in for it as the placement allows.

    ``own`` are lists of the kinds that answer, of which the first with an entry is the model's;
    ``categories`` are those of what was asked about; ``why`` says why there is no list.
    """
    several = iter(own)
    model = next((listed for listed in several if listed.speaks), None)
    if model is not None:
        yield from model.candidates("model", support, {})
    if choice.fallback == Placement.Fallback.NONE:
        return
    if model is not None and choice.fallback == Placement.Fallback.COLD:
        return
    reason: Why = why() if model is None else "the list is short"
    for listed in chain(several, others):
        yield from listed.candidates("fallback", support, {"why": reason})
    for category in _scopes(choice.fallback, categories):
        yield from _first_of(stages or STAGES, category, reason)


def _first_of(stages: Sequence[Stage], category: str, why: Why) -> Iterator[Candidate]:
    """Yield what the first stage that has anything yields: a build's best sellers are enough."""
    for stage in stages:
        found = stage(category, why)
        first = next(found, None)
        if first is not None:
            yield first
            yield from found
            return


def _scopes(fallback: str, categories: Iterable[str]) -> list[str]:
    """Return the categories that stand in; the empty one holds the whole shop."""
    # The empty category holds the best sellers of all, which is not what a merchant chose.
    named = [category for category in dict.fromkeys(categories) if category]
    if fallback == Placement.Fallback.POPULAR:
        return [""]
    return named if fallback == Placement.Fallback.CATEGORY else [*named, ""]


def best_sellers(category: str, why: Why) -> Iterator[Candidate]:
    """Yield the best sellers of the first build that has any."""
    for build_id in best_seller_builds():
        companions = popular_list(build_id, category)
        if companions:
            trace = {"strategy": "popular", "build": build_id, "category": category, "why": why}
            reasons: tuple[Reason, Reason] = ("popular", "more")
            # An entry without customers is a new product: its place says nothing about sales.
            yield from told_where_supported(companions, "fallback", trace, reasons, support=1)
            return


def arrivals(category: str, why: Why) -> Iterator[Candidate]:
    """Yield what is new by the published build of that kind."""
    build_id = published_build_id(Kind.NEW_ARRIVALS)
    trace = {"strategy": "new_arrivals", "build": build_id, "category": category, "why": why}
    yield from free(own_entries(build_id, category), "fallback", trace, "new")


def newest(category: str, why: Why) -> Iterator[Candidate]:
    """Yield what the shop has taken up last, which needs no build at all."""
    trace = {"strategy": "newest", "build": None, "category": category, "why": why}
    yield from free(newest_items(category), "fallback", trace, "more")


STAGES: Sequence[Stage] = (best_sellers, arrivals, newest)


def own_entries(build_id: int | None, category: str) -> list[Companion]:
    """Return what a kind with one list per category ranks itself; the rest there has no score."""
    return [companion for companion in popular_list(build_id, category) if companion.score > 0]
