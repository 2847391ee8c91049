"""An item's ladder as the merchant reads it: what the model says of each step, and the merchant."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping

from recommendations.datasets.costs import costs_by_key
from recommendations.engine.packing import unpack
from recommendations.engine.upgrades.ranking import WOULD_STAY
from recommendations.models import Build, Item, Kind, LadderStep, NeighbourList
from recommendations.selectors.builds import published_build

MOST_STEPS = 12
"""Steps of the model that are told: what stands behind them is hardly ever shown."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step up from an item."""

    item: Item
    rank: int | None = None
    """Place in the model's list, from 1; None: not in it."""
    customers: int = 0
    """Distinct customers who moved up; 0 where they are too few to tell."""
    chance: float | None = None
    """That a shopper takes the step, as far as the model's score can still be read."""
    margin: float | None = None
    """What a sale earns, in the currency of the price; None where no cost is known."""
    said: LadderStep | None = None
    """The merchant's word about it."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """An item with its steps, the cheapest first."""

    item: Item
    build: Build | None
    margin: float | None
    steps: tuple[Step, ...]


def ladder(item: Item) -> Ladder:
    """Return the ladder of an item, that of its parent for a variant; prices as last told."""
    build = published_build(Kind.UPGRADES)
    listed = _listed(build, item)
    said = _said(item)
    items = Item.objects.in_bulk([*listed, *said])
    costs = costs_by_key(each.key for each in (item, *items.values()))
    share = float((build.metrics if build else {}).get("cost_share") or 0.0)
    earned = _earned(item, costs, share)
    steps = []
    for pk, step in items.items():
        rank, score, customers = listed.get(pk, (None, 0.0, 0))
        steps.append(
            Step(
                item=step,
                rank=rank,
                customers=customers,
                chance=_chance(score, earned, _earned(step, costs, share)),
                margin=_margin(step, costs),
                said=said.get(pk),
            )
        )
    return Ladder(
        item=item,
        build=build,
        margin=_margin(item, costs),
        steps=tuple(sorted(steps, key=lambda step: (step.item.price or 0, step.item.pk))),
    )


def _listed(build: Build | None, item: Item) -> dict[int, tuple[int, float, int]]:
    """Return by item (place, score, customers) of the best steps of the model."""
    if build is None:
        return {}
    rows = NeighbourList.objects.filter(build=build, item_id=item.parent_id or item.pk)
    stored = rows.values_list("packed", flat=True).first()
    if stored is None:
        return {}
    packed = unpack(stored)
    entries: Iterable[tuple[int, float, int]] = zip(
        packed.items.tolist(), packed.scores.tolist(), packed.customers.tolist(), strict=True
    )
    return {
        pk: (rank, score, customers)
        for rank, (pk, score, customers) in enumerate(entries, start=1)
        if rank <= MOST_STEPS
    }


def _said(item: Item) -> Mapping[int, LadderStep]:
    """Return the merchant's words by upgrade; an offer stands above what is forbidden."""
    family = {item.pk, item.parent_id or item.pk}
    rows = LadderStep.objects.filter(item_id__in=family).order_by("-position", "-pk")
    several = sorted(rows, key=lambda step: step.rule == LadderStep.Rule.OFFER)
    return {step.upgrade_id: step for step in several}


def _margin(item: Item, costs: Mapping[str, float]) -> float | None:
    if item.price is None or item.key not in costs:
        return None
    return float(item.price) - costs[item.key]


def _earned(item: Item, costs: Mapping[str, float], share: float) -> float:
    """Return what a sale earns as builds reckon: with the usual cost where none is known."""
    margin = _margin(item, costs)
    if margin is not None:
        return margin
    return math.nan if item.price is None else float(item.price) * (1 - share)


def _chance(score: float, earned: float, other: float) -> float | None:
    """Return the chance in a score, which is the chance × what the shop gains by the step.

    None where prices have moved so far since the build that it can no longer be told.
    """
    gain = other - WOULD_STAY * earned
    if not (score > 0 and gain > 0):
        return None
    return score / gain if score <= gain else None
