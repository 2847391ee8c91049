"""Frequently bought together: from an item's list to the slots of a block, in at most two queries.

Candidates (pins, then the published list, then the fallback) pass the merchant's rules, then the
shop says what is live. More candidates than needed are asked for at once, so that a sold-out one
costs no further query.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from recommendations.adapters import ShopAdapter, get_adapter
from recommendations.conf import recommendation_settings
from recommendations.models import Kind, Placement
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import Candidate, Sieve, families, listed, pinned
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.lists import ItemList, item_list, popular_list
from recommendations.selectors.placements import (
    ItemRules,
    PlacementChoice,
    item_rules,
    placement_choice,
)
from recommendations.selectors.slots import Rule, Slot, Source, TogetherBlock

if TYPE_CHECKING:
    from django.http import HttpRequest

OVERFETCH = 2
"""Candidates asked for per slot wanted. Where a tenth of the catalogue is sold out, a block of 3
needs a second round on 1 page of 800, a larger block less often; each product more that is loaded
and not shown costs every page."""

FEWEST_ASKED = 4
"""Candidates asked for at least, since in a block of one every second product gone is a page
without any."""


def frequently_bought_together(
    key_or_product: str | Model,
    *,
    request: HttpRequest | None = None,
    placement: str = "product",
    count: int | None = None,
    exclude: str | Model | Iterable[str | Model] = (),
    currency: str | None = None,
) -> list[Slot]:
    """Return the companions of an item, best first; nothing to recommend is an empty list.

    With a request, what its shopper holds is left out and prices are that shopper's.
    """
    block = together_block(
        key_or_product,
        request=request,
        placement=placement,
        count=count,
        exclude=exclude,
        currency=currency,
    )
    return [] if block is None else list(block.slots)


def together_block(
    key_or_product: str | Model,
    *,
    request: HttpRequest | None = None,
    placement: str | PlacementChoice = "product",
    count: int | None = None,
    exclude: str | Model | Iterable[str | Model] = (),
    currency: str | None = None,
) -> TogetherBlock | None:
    """Return an item with its companions, or None if there is no such item in the shop now.

    A ``PlacementChoice`` stands for settings that are not saved: the admin's preview.
    """
    adapter = get_adapter()
    key, product = _viewed(adapter, key_or_product)
    build_id = published_build_id(Kind.TOGETHER)
    viewed = item_list(build_id, key)
    if viewed is None:
        return None
    choice = placement if isinstance(placement, PlacementChoice) else placement_choice(placement)
    if not choice.enabled:
        count = 0
    query = _Query(
        adapter=adapter,
        viewed=viewed,
        product=product,
        build_id=build_id,
        choice=choice,
        count=_count(choice.count if count is None else count),
        request=request,
        currency=currency,
        left_out=_keys(adapter, exclude),
        rules=item_rules((viewed.face.id, viewed.face.family)),
    )
    return query.block()


def _viewed(adapter: ShopAdapter, key_or_product: str | Model) -> tuple[str, Model | None]:
    if isinstance(key_or_product, str):
        return key_or_product, None
    return adapter.key(key_or_product), key_or_product


def _count(count: int) -> int:
    highest = recommendation_settings().api_max_count
    if not 0 <= count <= highest:
        msg = f"count is {count!r}; allowed are 0 to {highest}."
        raise ValueError(msg)
    return count


def _keys(adapter: ShopAdapter, several: str | Model | Iterable[str | Model]) -> list[str]:
    if isinstance(several, str | Model):
        several = [several]
    return [one if isinstance(one, str) else adapter.key(one) for one in several]


@dataclasses.dataclass(kw_only=True)
class _Query:
    """One question for companions, answered by ``block``."""

    adapter: ShopAdapter
    viewed: ItemList
    product: Any
    build_id: int | None
    choice: PlacementChoice
    count: int
    request: HttpRequest | None
    currency: str | None
    left_out: Sequence[str]
    rules: ItemRules

    def block(self) -> TogetherBlock | None:
        """Return the viewed item with its companions; None if the shop does not show it now."""
        sieve = self._sieve()
        candidates = sieve.passed(self._candidates()) if self.count else iter(())
        asked, live = self._round(candidates)
        if self.product is None:
            self.product = live.get(self.viewed.face.key)
        if self.product is None:
            return None
        viewed = self._slot(
            self.viewed.face,
            self.product,
            source="viewed",
            available=self.adapter.available(self.product, request=self.request),
        )
        if self.currency is None and viewed.price is not None:
            self.currency = viewed.price.currency
        slots = list(islice(self._slots(asked, live, sieve), self.count))
        if len(slots) < self.count:  # once more; a block that is still short then stays short
            more = self._slots(*self._round(candidates), sieve)
            slots += islice(more, self.count - len(slots))
        return TogetherBlock(
            placement=self.choice.slug,
            title=self.choice.title,
            viewed=viewed,
            slots=tuple(slots),
            build_id=self.build_id,
            left_out=tuple(sieve.left_out),
        )

    @property
    def _support(self) -> int:
        # A placement may ask for more customers than the settings, never for fewer.
        return max(self.choice.minimum_support, recommendation_settings().minimum_customers)

    def _sieve(self) -> Sieve:
        sieve = Sieve(
            viewed=self.viewed.face,
            excluded=self.rules.excluded,
            minimum_support=self._support,
        )
        if self.request is not None:
            held = [line.key for line in self.adapter.basket(self.request)]
            sieve.take_out(families(item_faces(held).values()), "in basket")
        sieve.take_out(families(item_faces(self.left_out).values()), "left out by the caller")
        return sieve

    def _candidates(self) -> Iterator[Candidate]:
        """Yield pins, then the list, then the fallback, which is read only when reached."""
        companions = self.viewed.companions
        yield from pinned(self.rules, companions, self._support)
        yield from listed(companions, "model", {"strategy": "together", "build": self.build_id})
        category = self._fallback_category()
        if category is not None:
            trace = {"strategy": "popular", "build": self.build_id, "category": category}
            yield from listed(popular_list(self.build_id, category), "fallback", trace)

    def _fallback_category(self) -> str | None:
        if self.choice.fallback == Placement.Fallback.POPULAR:
            return ""
        if self.choice.fallback == Placement.Fallback.CATEGORY:
            # The empty category holds the best sellers of all, which is not what was chosen.
            return self.viewed.face.category or None
        return None

    def _round(self, candidates: Iterator[Candidate]) -> tuple[list[Candidate], dict[str, Any]]:
        """Ask the shop once which of the next candidates it shows now."""
        asked = list(islice(candidates, max(OVERFETCH * self.count, FEWEST_ASKED)))
        keys = [candidate.face.key for candidate in asked]
        if self.product is None:
            keys.append(self.viewed.face.key)
        live = self.adapter.live_products(keys, request=self.request) if keys else {}
        return asked, live

    def _slots(
        self, asked: Iterable[Candidate], live: Mapping[str, Any], sieve: Sieve
    ) -> Iterator[Slot]:
        """Yield the slots of what the shop has; those beyond the count are never made."""
        for candidate in asked:
            slot = self._companion(candidate, live.get(candidate.face.key))
            if isinstance(slot, Slot):
                yield slot
            else:
                sieve.leave_out(candidate, slot)

    def _companion(self, candidate: Candidate, product: Any) -> Slot | Rule:
        """Return the slot of a candidate, or why the shop's answer rules it out."""
        if product is None:
            return "not shown by the shop"
        if not self.adapter.available(product, request=self.request):
            return "not available"
        slot = self._slot(
            candidate.face,
            product,
            source=candidate.source,
            reason=self._reason(candidate),
            evidence=candidate.evidence,
            score=candidate.score,
            trace=candidate.trace,
        )
        if slot.price is not None and self.currency and slot.price.currency != self.currency:
            return "other currency"
        return slot

    def _slot(self, face: ItemFace, product: Any, *, source: Source, **ours: Any) -> Slot:
        adapter, request = self.adapter, self.request
        return Slot(
            item_id=face.id,
            key=face.key,
            product=product,
            title=adapter.title(product),
            price=adapter.price(product, request=request),
            url=adapter.url(product, request=request),
            image_url=adapter.image_url(product, request=request),
            needs_choice=adapter.needs_choice(product, request=request),
            source=source,
            **ours,
        )

    def _reason(self, candidate: Candidate) -> str:
        if candidate.source == "pinned":
            return gettext("Chosen by the shop")
        if candidate.source == "model" and candidate.evidence is not None:
            return _together_reason(candidate.evidence.customers)
        category = candidate.trace["category"]
        if category:
            return gettext("Popular in %(category)s") % {"category": category}
        return gettext("Popular in this shop")


def _together_reason(customers: int) -> str:
    text = ngettext(
        "Bought together by %(customers)s customer",
        "Bought together by %(customers)s customers",
        customers,
    )
    return text % {"customers": number_format(customers, force_grouping=True)}
