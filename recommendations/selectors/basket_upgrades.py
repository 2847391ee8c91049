"""Upgrades of what a basket holds: for a line, the one step up that may take its place.

The lines that are most likely to gain by it come first, since a basket where every line asks for
more is a nuisance: how many ask, the placement says.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from recommendations.adapters import BasketLine, Money, ShopAdapter, get_adapter
from recommendations.models import Kind
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import Candidate, Sieve, families
from recommendations.selectors.filling import (
    OVERFETCH,
    Filling,
    keys_of,
    least_support,
    valid_count,
)
from recommendations.selectors.items import item_faces
from recommendations.selectors.ladder_rules import ladder_rows, rules_of
from recommendations.selectors.lists import ItemList, item_lists
from recommendations.selectors.placements import PlacementChoice, item_rules, placement_choice
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import LeftOut, Rule, Slot
from recommendations.selectors.upgrade_steps import (
    PriceBand,
    more,
    price_band,
    step_candidates,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

PLACEMENT = "basket-upgrades"

MOST_ASKED = 50
"""Newest lines that are looked at: as many as are summed for what goes with a basket."""

DEPTH = 3
"""Steps looked at per line: behind three that are sold out or dear, the line has no offer."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class LineOffer:
    """What may take the place of a line, and what that costs."""

    line: Slot
    """What is held."""
    quantity: int
    upgrade: Slot

    @property
    def more(self) -> Money:
        """What one piece costs more, as both prices are shown."""
        return more(self.line, self.upgrade)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class BasketOffers:
    """The offers for a basket, in the order of its lines."""

    placement: str
    title: str
    """The merchant's heading, or empty for the usual words."""
    offers: tuple[LineOffer, ...]
    can_replace: bool
    """Whether the shop's basket can be changed from here; else an offer is a link."""
    left_out: tuple[LeftOut, ...] = ()

    def of(self, key: str) -> LineOffer | None:
        """Return the offer for a line, if there is one."""
        return next((offer for offer in self.offers if offer.line.key == key), None)


def basket_offers(request: HttpRequest, options: ShelfOptions) -> BasketOffers:
    """Return what a shopper could hold instead, at this shopper's prices."""
    adapter, given = get_adapter(), options.placement
    choice = given if isinstance(given, PlacementChoice) else placement_choice(given)
    count = valid_count(options.count, choice)
    asked = _Basket(adapter, request, choice, options, adapter.basket(request) if count else ())
    offers = asked.offers(count)
    order = {line.key: position for position, line in enumerate(asked.lines)}
    return BasketOffers(
        placement=choice.slug,
        title=choice.title,
        offers=tuple(sorted(offers, key=lambda offer: order[offer.line.key])),
        can_replace=adapter.can_replace_in_basket(),
        left_out=tuple(left for sieve in asked.sieves for left in sieve.left_out),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Step:
    """A line with its steps up, as far as they are looked at."""

    line: BasketLine
    listed: ItemList
    sieve: Sieve
    candidates: Sequence[Candidate]

    @property
    def rank(self) -> tuple[bool, float]:
        """Where the line stands among the others: the merchant's steps, then what gains most."""
        first = self.candidates[0]
        return first.source != "pinned", -(first.score or 0.0)


class _Basket:
    """One question: which lines of this basket have a step up."""

    def __init__(
        self,
        adapter: ShopAdapter,
        request: HttpRequest,
        choice: PlacementChoice,
        options: ShelfOptions,
        held: Sequence[BasketLine],
    ) -> None:
        self.adapter, self.request, self.choice, self.options = adapter, request, choice, options
        self.held = held
        # Of a product on several lines, such as with other engravings, nobody knows which is meant.
        times = Counter(line.key for line in held)
        self.lines = [line for line in held if times[line.key] == 1][-MOST_ASKED:]
        self.sieves: list[Sieve] = []

    def offers(self, count: int) -> list[LineOffer]:
        """Return at most so many offers; the shop is asked once, rarely twice."""
        steps = sorted(self._steps(), key=lambda step: step.rank) if self.lines else []
        offers: list[LineOffer] = []
        taken: set[int] = set()
        band = price_band(self.choice)
        for part in (steps[: OVERFETCH * count], steps[OVERFETCH * count :]):
            if len(offers) == count or not part:
                break
            live = self._live(part)
            for step in part:
                offer = self._offer(step, live, band, taken) if len(offers) < count else None
                if offer is not None:
                    offers.append(offer)
        return offers

    def _steps(self) -> Iterator[_Step]:
        """Yield the lines for which there are candidates."""
        build_id = published_build_id(Kind.UPGRADES)
        listed = item_lists(build_id, [line.key for line in self.lines])
        ids = {pk for each in listed.values() for pk in (each.face.id, each.face.family)}
        steps, excluded = ladder_rows(ids), item_rules(ids).excluded
        in_basket = families(item_faces([line.key for line in self.held]).values())
        out = item_faces(keys_of(self.adapter, self.options.exclude))
        support = least_support(self.choice)
        for line in self.lines:
            own = listed.get(line.key)
            if own is None:
                continue
            ladder = rules_of(row for pk in {own.face.id, own.face.family} for row in steps[pk])
            sieve = Sieve(excluded=excluded, minimum_support=support)
            sieve.take_out((own.face.family,), "itself")
            sieve.take_out(in_basket, "in basket")
            sieve.take_out(families(out.values()), "left out by the caller")
            sieve.take_out(ladder.forbidden, "forbidden step")
            self.sieves.append(sieve)
            found = sieve.passed(step_candidates(own, ladder, build_id, support))
            candidates = tuple(islice(found, DEPTH))
            if candidates:
                yield _Step(line, own, sieve, candidates)

    def _live(self, steps: Sequence[_Step]) -> Mapping[str, Any]:
        keys = [key for step in steps for key in (step.line.key, *_keys(step.candidates))]
        return self.adapter.live_products(dict.fromkeys(keys), request=self.request)

    def _offer(
        self, step: _Step, live: Mapping[str, Any], band: PriceBand, taken: set[int]
    ) -> LineOffer | None:
        """Return the first step of a line that may be shown now and that no other line offers."""
        product = live.get(step.line.key)
        if product is None:
            return None
        filling = Filling(
            adapter=self.adapter, sieve=step.sieve, count=1, request=self.request, currency=None
        )
        line = filling.slot(step.listed.face, product, source="viewed")
        if line.price is None or self.options.currency not in {None, line.price.currency}:
            return None
        filling.currency = line.price.currency
        filling.refused = lambda slot: self._rule(step.line, slot) or band.rule(line, slot)
        free = [one for one in step.candidates if one.face.family not in taken]
        for slot in filling.filled(iter(()), (free, dict(live))):
            offer = LineOffer(line=line, quantity=step.line.quantity, upgrade=slot)
            taken.add(next(one.face.family for one in free if one.face.id == slot.item_id))
            trace = {**slot.trace, "line": line.key, "more": f"{offer.more.amount:f}"}
            return dataclasses.replace(offer, upgrade=dataclasses.replace(slot, trace=trace))
        return None

    def _rule(self, line: BasketLine, slot: Slot) -> Rule | None:
        """Return why a slot cannot take the place of all pieces of a line."""
        enough = line.quantity == 1 or self.adapter.available(
            slot.product, quantity=line.quantity, request=self.request
        )
        return None if enough else "not available"


def _keys(candidates: Sequence[Candidate]) -> Iterator[str]:
    return (candidate.face.key for candidate in candidates)
