"""From candidates to slots: the shop says what is live, in at most two rounds.

More candidates than needed are asked for at once, so that a sold-out one costs no further query.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from recommendations.adapters import ShopAdapter
from recommendations.conf import recommendation_settings
from recommendations.selectors.arrangements import Filled, placed, pool
from recommendations.selectors.candidates import Candidate, Sieve
from recommendations.selectors.items import ItemFace
from recommendations.selectors.pages import Page
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.prices import NumberStyle, number_style
from recommendations.selectors.reasons import reason_text
from recommendations.selectors.rulebook import MOST_JUDGED, Rulebook
from recommendations.selectors.slots import Rule, Slot, Source
from recommendations.selectors.watching import watch_of_block
from recommendations.selectors.web_addresses import web_address

if TYPE_CHECKING:
    from django.http import HttpRequest

OVERFETCH = 2
"""Candidates asked for per slot wanted. Where a tenth of the catalogue is sold out, a block of 3
needs a second round on 1 page of 800, a larger block less often; each product more that is loaded
and not shown costs every page."""

FEWEST_ASKED = 4
"""Candidates asked for at least, since in a block of one every second product gone is a page
without any."""

Round = tuple[list[Candidate], dict[str, Any]]
"""The candidates of one question to the shop, and the products that it shows of them."""

Given = str | Model | Iterable[str | Model]
"""Products or keys of items, one or several."""


def valid_count(count: int | None, choice: PlacementChoice) -> int:
    """Return how many slots to fill; a number beyond what the settings allow is refused."""
    count = choice.count if count is None else count
    highest = recommendation_settings().api_max_count
    if not 0 <= count <= highest:
        msg = f"count is {count!r}; allowed are 0 to {highest}."
        raise ValueError(msg)
    return count if choice.enabled else 0


def least_support(choice: PlacementChoice) -> int:
    """Return from how many customers on a pair is shown.

    A placement may ask for more than the settings, never for fewer.
    """
    return max(choice.minimum_support, recommendation_settings().minimum_customers)


def keys_of(adapter: ShopAdapter, several: Given) -> list[str]:
    """Return the keys of products, or keys as they are."""
    if isinstance(several, str | Model):
        several = [several]
    return [one if isinstance(one, str) else adapter.key(one) for one in several]


@dataclasses.dataclass(kw_only=True)
class Filling:
    """Slots for one block or shelf."""

    adapter: ShopAdapter
    sieve: Sieve
    count: int
    request: HttpRequest | None
    currency: str | None
    refused: Callable[[Slot], Rule | None] = lambda _slot: None
    """A further rule on what the shop's answer says, such as on the live price."""
    choice: PlacementChoice | None = None
    """How the block is arranged; None: as the candidates come."""
    rulebook: Rulebook | None = None
    page: Page = dataclasses.field(default_factory=Page)
    block: str = ""
    """What the page knows the block by; empty: the page does not learn what it shows."""
    _waiting: list[Candidate] = dataclasses.field(default_factory=list)
    """Judged, but not asked for yet."""

    def considered(self, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        """Yield the candidates that context, exclusions and the merchant's rules let through."""
        watch = watch_of_block()
        if watch is None:
            return self._judged(candidates)
        return watch.passing(self, self._judged(watch.listing(candidates)))

    def refusal(self, candidate: Candidate) -> Rule | None:
        """Return why the shop's answer would rule out a candidate that was not asked for."""
        key = candidate.face.key
        found = self._companion(candidate, self.page.live([key], self._fetched).get(key))
        return None if isinstance(found, Slot) else found

    def _judged(self, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        passed = self.sieve.passed(candidates)
        return passed if self.rulebook is None else self.rulebook.judged(passed)

    def filled(self, candidates: Iterator[Candidate], first: Round | None = None) -> list[Slot]:
        """Return as many slots as are wanted; ``first`` is a round that was asked already."""
        made = list(islice(self._slots(*(first or self.round(candidates))), self._enough))
        if len(made) < self.count:  # once more; a block that is still short then stays short
            more = self._slots(*self.round(candidates))
            made += islice(more, self._enough - len(made))
        slots = placed(self.choice, made, self.count, self.sieve) if made else []
        if self.block:
            self.page.shows(self.block, self.families(made, slots))
        return slots

    @staticmethod
    def families(made: Iterable[Filled], slots: Iterable[Slot]) -> set[int]:
        """Return the families of slots."""
        shown = {slot.item_id for slot in slots}
        return {one.candidate.face.family for one in made if one.slot.item_id in shown}

    @property
    def _enough(self) -> int:
        """Return how many slots to make: where they are arranged, all that the shop shows."""
        arranges = self.choice is not None and self.choice.arranges
        return max(MOST_JUDGED, self.count) if arranges and self.count else self.count

    def round(self, candidates: Iterator[Candidate], *also: str) -> Round:
        """Ask the shop once which of the next candidates, and of these keys, it shows now."""
        asked: list[Candidate] = []
        if self.count:
            asked = self._next(candidates)
        keys = [candidate.face.key for candidate in asked]
        keys += also
        return asked, self.page.live(keys, self._fetched)

    def _next(self, candidates: Iterator[Candidate]) -> list[Candidate]:
        few = max(OVERFETCH * self.count, FEWEST_ASKED)
        if self.choice is None or not self.choice.arranges:
            return list(islice(candidates, few))
        batch = list(islice(chain(self._waiting, candidates), MOST_JUDGED))
        asked, self._waiting = pool(batch, self.choice, self.count)
        return asked

    def _fetched(self, keys: list[str]) -> Mapping[str, Any]:
        return self.adapter.live_products(keys, request=self.request)

    def slot(self, face: ItemFace, product: Any, *, source: Source, **ours: Any) -> Slot:
        """Return the slot of a product as the shop shows it to this shopper."""
        adapter, request = self.adapter, self.request
        return Slot(
            item_id=face.id,
            key=face.key,
            product=product,
            title=adapter.title(product),
            price=adapter.price(product, request=request),
            url=web_address(adapter.url(product, request=request)),
            image_url=web_address(adapter.image_url(product, request=request)),
            needs_choice=adapter.needs_choice(product, request=request),
            source=source,
            **ours,
        )

    def _slots(self, asked: Iterable[Candidate], live: Mapping[str, Any]) -> Iterator[Filled]:
        """Yield the slots of what the shop has; those beyond the count are never made."""
        for candidate in asked:
            slot = self._companion(candidate, live.get(candidate.face.key))
            if isinstance(slot, Slot):
                yield Filled(candidate, slot)
            else:
                self.sieve.leave_out(candidate, slot)

    def _companion(self, candidate: Candidate, product: Any) -> Slot | Rule:
        """Return the slot of a candidate, or why the shop's answer rules it out."""
        if product is None:
            return "not shown by the shop"
        if not self.adapter.available(product, request=self.request):
            return "not available"
        customers = candidate.evidence.customers if candidate.evidence else 0
        slot = self.slot(
            candidate.face,
            product,
            source=candidate.source,
            reason=reason_text(candidate.reason, customers, candidate.trace, self._style),
            evidence=candidate.evidence,
            score=candidate.score,
            trace=candidate.trace,
        )
        if slot.price is not None and self.currency and slot.price.currency != self.currency:
            return "other currency"
        return self.refused(slot) or slot

    @cached_property
    def _number_style(self) -> NumberStyle:
        return number_style()

    def _style(self) -> NumberStyle:
        return self._number_style
