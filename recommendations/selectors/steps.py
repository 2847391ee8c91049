"""The merchant's own chain of sources for a block: one after another, each filling what is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recommendations.models import Kind, Question, Strategy
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import Candidate
from recommendations.selectors.customer_lists import (
    customer_builds,
    customer_key,
    customer_lists,
)
from recommendations.selectors.fallbacks import Listed, best_sellers
from recommendations.selectors.group_lists import group_list
from recommendations.selectors.items import ItemFace
from recommendations.selectors.ladder_rules import ladder_rules
from recommendations.selectors.lists import item_list
from recommendations.selectors.looked_at import looked_at
from recommendations.selectors.reasons import SIMILAR
from recommendations.selectors.serving import Serving, described, family_of, serving
from recommendations.selectors.slots import Source
from recommendations.selectors.sums import SummedLists, Told
from recommendations.selectors.upgrade_steps import step_candidates

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a page is about; a source that needs what is missing has nothing to say."""

    request: HttpRequest | None = None
    customer: str | None = None
    """Instead of the request's customer: for e-mail and commands."""
    viewed: ItemFace | None = None
    held: Sequence[ItemFace] = ()
    category: str = ""
    comparable: bool = False
    """Whether the live price of the viewed item is at hand: without it nothing is an upgrade."""

    @property
    def categories(self) -> list[str]:
        """Return the category of the page, and the empty one for the whole shop."""
        beside = [] if self.viewed is None else [self.viewed.category]
        held = [face.category for face in reversed(self.held)]
        own = next((category for category in (self.category, *beside, *held) if category), "")
        return [own, ""] if own else [""]


def stepped(steps: Iterable[str], subject: Subject, support: int) -> Iterator[Candidate]:
    """Yield what the sources say in their order: the first is the model, the others fill up."""
    for number, step in enumerate(steps):
        told: dict[str, Any] = {"step": step}
        if number:
            told["why"] = "the list is short"
        for candidate in _SOURCES[step](subject, support):
            if candidate.source == "pinned":  # the merchant's own step of a ladder
                yield dataclasses.replace(candidate, trace={**candidate.trace, **told})
                continue
            trace = {**candidate.trace, **told}
            if not number:
                trace.pop("why", None)
            source: Source = "fallback" if number else "model"
            yield dataclasses.replace(candidate, source=source, trace=trace)


def _told(lists: Iterable[Listed], support: int) -> Iterator[Candidate]:
    for listed in lists:
        yield from listed.candidates("model", support, {})


def _beside(subject: Subject, builds: Iterable[Serving], support: int) -> Iterator[Candidate]:
    """Yield the viewed item's list in the first of the builds that has one."""
    if subject.viewed is None:
        return
    face = subject.viewed
    for each in builds:
        listed = item_list(each.build_id, face.key)
        if listed is not None and listed.companions:
            own = Listed(each.kind, each.build_id, listed.companions, beside=face.category)
            yield from own.candidates("model", support, {})
            return


def _published(kind: str) -> list[Serving]:
    build_id = published_build_id(kind)
    return [] if build_id is None else [Serving(kind, build_id, {})]


def _together(subject: Subject, support: int) -> Iterator[Candidate]:
    return _beside(subject, serving(Question.ITEM), support)


def _also_viewed(subject: Subject, support: int) -> Iterator[Candidate]:
    return _beside(subject, _published(Kind.VIEWED_BOUGHT), support)


def _similar(subject: Subject, support: int) -> Iterator[Candidate]:
    alike = (
        each
        for each in described()
        if each.kind == Kind.CONTENT and family_of(each.build_id) in {SIMILAR, ""}
    )
    return _beside(subject, alike, support)


def _upgrades(subject: Subject, support: int) -> Iterator[Candidate]:
    if subject.viewed is None or not subject.comparable:
        return
    build_id, face = published_build_id(Kind.UPGRADES), subject.viewed
    listed = item_list(build_id, face.key)
    if listed is not None:
        ladder = ladder_rules((face.id, face.family))
        for candidate in step_candidates(listed, ladder, build_id, support):
            if candidate.face.family not in ladder.forbidden:
                yield candidate


_HELD = Told(
    reason="in basket",
    none="the basket is empty",
    unknown="no order holds the basket's items yet",
    pairs=True,
)


def _basket(subject: Subject, support: int) -> Iterator[Candidate]:
    lists = SummedLists(subject.held, _HELD).lists(serving(Question.BASKET))
    speaking = next((listed for listed in lists if listed.speaks), None)
    return iter(()) if speaking is None else speaking.candidates("model", support, {})


def _customer(subject: Subject, support: int) -> Iterator[Candidate]:
    return _told(customer_lists(_key(subject), customer_builds()), support)


def _buy_again(subject: Subject, support: int) -> Iterator[Candidate]:
    builds = [each for each in serving(Question.NEXT_BASKET) if each.kind == Kind.BUY_AGAIN]
    return _told(customer_lists(_key(subject), builds), support)


def _key(subject: Subject) -> str | None:
    if subject.customer is not None or subject.request is None:
        return subject.customer
    return customer_key(subject.request)


def _recently_viewed(subject: Subject, support: int) -> Iterator[Candidate]:
    return looked_at(subject.request)


def _group(kind: Kind) -> Callable[[Subject, int], Iterator[Candidate]]:
    def source(subject: Subject, support: int) -> Iterator[Candidate]:
        return _told((group_list(kind, category) for category in subject.categories), support)

    return source


def _best_sellers(subject: Subject, support: int) -> Iterator[Candidate]:
    for category in subject.categories:
        yield from best_sellers(category, "the list is short")


_SOURCES: Mapping[str, Callable[[Subject, int], Iterator[Candidate]]] = {
    Strategy.TOGETHER.value: _together,
    Strategy.ALSO_VIEWED.value: _also_viewed,
    Strategy.SIMILAR.value: _similar,
    Strategy.UPGRADES.value: _upgrades,
    Strategy.BASKET.value: _basket,
    Strategy.CUSTOMER.value: _customer,
    Strategy.BUY_AGAIN.value: _buy_again,
    Strategy.RECENTLY_VIEWED.value: _recently_viewed,
    Strategy.TRENDING.value: _group(Kind.TRENDING),
    Strategy.NEW_ARRIVALS.value: _group(Kind.NEW_ARRIVALS),
    Strategy.BEST_SELLERS.value: _best_sellers,
}
