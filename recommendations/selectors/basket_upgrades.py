"""Upgrades of what a basket holds: for a line, the one step up that may take its place.

The lines that are most likely to gain by it come first, since a basket where every line asks for
more is a nuisance: how many ask, the placement says.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from recommendations.adapters import BasketLine, Money, get_adapter
from recommendations.models import Kind
from recommendations.selectors.blocks import Asked, filling_of
from recommendations.selectors.builds import published_build_id
from recommendations.selectors.candidates import Candidate, families
from recommendations.selectors.filling import OVERFETCH, Filling, least_support, valid_count
from recommendations.selectors.items import ItemFace, item_faces
from recommendations.selectors.ladder_rules import LadderRules, ladder_rows, rules_of
from recommendations.selectors.lists import ItemList, item_lists
from recommendations.selectors.pages import held_lines, page_of
from recommendations.selectors.placements import PlacementChoice, item_rules, placement_choice
from recommendations.selectors.shelves import ShelfOptions
from recommendations.selectors.slots import LeftOut, Rule, Slot
from recommendations.selectors.upgrade_steps import more, price_band, step_candidates

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
    lines = held_lines(adapter, request) if count else ()
    asked = _Basket(request, choice, options)
    offers = asked.offers(lines, count) if lines else []
    order = {line.key: position for position, line in enumerate(lines)}
    return BasketOffers(
        placement=choice.slug,
        title=choice.title,
        offers=tuple(sorted(offers, key=lambda offer: order[offer.line.key])),
        can_replace=adapter.can_replace_in_basket(),
        left_out=tuple(asked.left_out),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Line:
    """A line with its steps up, before anybody has asked whether they may be shown."""

    line: BasketLine
    listed: ItemList
    ladder: LadderRules

    def rank(self, held: Collection[int]) -> tuple[bool, float]:
        """Return where the line stands among others: the merchant's steps, then what gains most."""
        if any(step.face.family not in held for step in self.ladder.steps):
            return False, 0.0
        scores = (one.score for one in self.listed.companions if one.face.family not in held)
        return True, -next(scores, 0.0)


class _Basket:
    """One question: which lines of this basket have a step up."""

    def __init__(
        self, request: HttpRequest, choice: PlacementChoice, options: ShelfOptions
    ) -> None:
        self.adapter = get_adapter()
        self.request, self.choice, self.options = request, choice, options
        self.page = page_of(request)
        self.band = price_band(choice)
        self.build_id = published_build_id(Kind.UPGRADES)
        self.held: list[ItemFace] = []
        self.left_out: list[LeftOut] = []

    def offers(self, lines: Sequence[BasketLine], count: int) -> list[LineOffer]:
        """Return at most so many offers; the shop is asked once, rarely twice."""
        several = self._lines(lines)
        known = {one.line.key: one.listed.face for one in several}
        others = item_faces([line.key for line in lines if line.key not in known])
        self.held = [*known.values(), *others.values()]
        held = families(self.held)
        ranked = sorted(
            (one for one in several if self._may_step(one)), key=lambda one: one.rank(held)
        )
        offers: list[LineOffer] = []
        for part in (ranked[: OVERFETCH * count], ranked[OVERFETCH * count :]):
            if len(offers) < count and part:
                offers += self._asked(part, count - len(offers))
        return offers

    def _lines(self, lines: Sequence[BasketLine]) -> list[_Line]:
        """Return the newest lines that anything is known of."""
        # Of a product on several lines, such as with other engravings, nobody knows which is meant.
        times = Counter(line.key for line in lines)
        single = [line for line in lines if times[line.key] == 1][-MOST_ASKED:]
        listed = item_lists(self.build_id, [line.key for line in single])
        steps = ladder_rows(pk for one in listed.values() for pk in (one.face.id, one.face.family))
        found = []
        for line in single:
            own = listed.get(line.key)
            if own is not None:
                ids = {own.face.id, own.face.family}
                ladder = rules_of(row for pk in ids for row in steps.get(pk, ()))
                found.append(_Line(line, own, ladder))
        return found

    def _may_step(self, one: _Line) -> bool:
        return bool(one.listed.companions or one.ladder.steps or self.choice.pins)

    def _asked(self, lines: Sequence[_Line], count: int) -> list[LineOffer]:
        """Return the offers of these lines, at most so many."""
        asked = [(one, filling := self._filling(one), self._steps(one, filling)) for one in lines]
        keys = [
            key
            for one, _, steps in asked
            for key in (one.line.key, *(step.face.key for step in steps))
        ]
        live = self.page.live(
            keys, lambda missing: self.adapter.live_products(missing, request=self.request)
        )
        offers: list[LineOffer] = []
        for one, filling, steps in asked:
            offer = self._offer(one, filling, steps, live) if len(offers) < count else None
            if offer is not None:
                offers.append(offer)
            self.left_out += filling.sieve.left_out
        return offers

    def _filling(self, one: _Line) -> Filling:
        face = one.listed.face
        filling = filling_of(
            Asked(
                adapter=self.adapter,
                choice=self.choice,
                rules=item_rules((face.id, face.family)),
                request=self.request,
                viewed=face,
                held=self.held,
                exclude=self.options.exclude,
                count=1,
                channel=self.options.channel,
            )
        )
        filling.sieve.take_out(one.ladder.forbidden, "forbidden step")
        return filling

    def _steps(self, one: _Line, filling: Filling) -> list[Candidate]:
        support = least_support(self.choice)
        steps = step_candidates(one.listed, one.ladder, self.build_id, support, self.choice.pins)
        return list(islice(filling.considered(steps), DEPTH))

    def _offer(
        self, one: _Line, filling: Filling, steps: list[Candidate], live: dict[str, Any]
    ) -> LineOffer | None:
        """Return the first step of a line that may be shown now and that no other line offers."""
        product = live.get(one.line.key)
        if product is None:
            return None
        line = filling.slot(one.listed.face, product, source="viewed")
        if line.price is None or self.options.currency not in {None, line.price.currency}:
            return None
        offered = self.page.elsewhere(filling.block)
        filling.currency = line.price.currency
        filling.refused = lambda slot: self._too_few(one, slot) or self.band.rule(line, slot)
        free = [step for step in steps if step.face.family not in offered]
        for slot in filling.filled(iter(()), (free, live)):
            offer = LineOffer(line=line, quantity=one.line.quantity, upgrade=slot)
            trace = {**slot.trace, "line": line.key, "more": f"{offer.more.amount:f}"}
            return dataclasses.replace(offer, upgrade=dataclasses.replace(slot, trace=trace))
        return None

    def _too_few(self, one: _Line, slot: Slot) -> Rule | None:
        """Return a rule where there is too little to take the place of all pieces of a line."""
        quantity = one.line.quantity
        enough = quantity == 1 or self.adapter.available(
            slot.product, quantity=quantity, request=self.request
        )
        return None if enough else "not available"
