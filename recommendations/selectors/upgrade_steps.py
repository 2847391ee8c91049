"""Steps up from an item: which there are, and which may be shown by the live prices.

For the item's page and for a line of the basket.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from decimal import Decimal

from recommendations.adapters import Money
from recommendations.conf import recommendation_settings
from recommendations.models import Kind
from recommendations.selectors.candidates import Candidate, told_where_supported
from recommendations.selectors.ladder_rules import LadderRules
from recommendations.selectors.lists import Companion, ItemList
from recommendations.selectors.placements import PlacedPin, PlacementChoice
from recommendations.selectors.prices import displayed
from recommendations.selectors.slots import Evidence, Rule, Slot


def step_candidates(
    listed: ItemList,
    ladder: LadderRules,
    build_id: int | None,
    support: int,
    pins: Sequence[PlacedPin] = (),
) -> Iterator[Candidate]:
    """Yield the merchant's steps, then the list's; who moved up is told only of enough customers.

    ``pins`` are those of the placement, for whatever item; they have to be dearer as well.

    Precedence: the merchant's step, then what is forbidden, then the model. A step of the model
    that is the merchant's as well comes once, since its family does.
    """
    if ladder.steps or pins:
        known = {companion.face.id: companion for companion in listed.companions}
        for step in (*ladder.steps, *pins):
            yield _chosen(step, known.get(step.face.id), support)
    trace = {"strategy": Kind.UPGRADES.value, "build": build_id}
    yield from told_where_supported(
        listed.companions, "model", trace, ("moved up", "upgrade"), support
    )


def _chosen(step: PlacedPin, known: Companion | None, support: int) -> Candidate:
    told = known if known is not None and known.customers >= support else None
    return Candidate(
        face=step.face,
        source="pinned",
        reason="pinned",
        evidence=told and Evidence(customers=told.customers, baskets=told.baskets),
        score=None if known is None else known.score,
        trace={"strategy": "step", "build": None, "position": step.position},
        position=step.position,
    )


def more(viewed: Slot, slot: Slot) -> Money:
    """Return what one costs more than the other, as both prices are shown."""
    assert viewed.price is not None  # noqa: S101 - there are no upgrades of what has no price
    assert slot.price is not None  # noqa: S101 - nor any without
    dearer, price = displayed(slot.price), displayed(viewed.price)
    return Money(dearer.amount - price.amount, price.currency)


@dataclasses.dataclass(frozen=True, slots=True)
class PriceBand:
    """What may be shown beside an item by its live price: dearer, and not by too much.

    Whatever a merchant enters, nothing that is as cheap or cheaper is ever in it.
    """

    lowest: Decimal
    highest: Decimal
    """Times the price of the item."""

    def rule(self, viewed: Slot, slot: Slot) -> Rule | None:
        """Return why a slot is no upgrade of an item now, or None if it is one."""
        if viewed.price is None or slot.price is None or more(viewed, slot).amount <= 0:
            return "not dearer"
        price = viewed.price.amount
        inside = self.lowest * price <= slot.price.amount <= self.highest * price
        return None if inside else "beyond the price band"


def price_band(choice: PlacementChoice) -> PriceBand:
    """Return the band of a placement; the settings' where it has none."""
    usual = Decimal(str(recommendation_settings().upgrade_highest_ratio))
    lowest, highest = choice.price_from_percent, choice.price_to_percent
    return PriceBand(
        lowest=Decimal(0) if lowest is None else Decimal(lowest) / 100,
        highest=usual if highest is None else Decimal(highest) / 100,
    )
