"""What is planted in a catalogue: companions, ladders, rhythms; as positions of pages."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop.seeding.catalogue import Catalogue

MAX_COMPANIONS = 4
# A companion can only be found where its item is sold often enough; about so many orders each.
SALES_PER_ANCHOR = 60
# Planted items may take up to this share of what is drawn; the rest stays an ordinary shop.
ANCHOR_SHARE = 0.5
# Orders that regular customers of consumables may make up, and how many regulars show a rhythm.
RHYTHM_SHARE = 0.15
REGULARS_PER_ITEM = 8
MIN_PURCHASES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Planting:
    """Plantings as arrays; a companion of -1 is none."""

    companions: NDArray[np.int32]  # (n_pages, MAX_COMPANIONS)
    strengths: NDArray[np.float64]  # (n_pages, MAX_COMPANIONS)
    ladders: tuple[tuple[int, ...], ...]
    rhythms: dict[int, int]

    @property
    def anchors(self) -> NDArray[np.intp]:
        """Positions of the pages that have companions."""
        return np.flatnonzero(self.companions[:, 0] >= 0)


def plant(catalogue: Catalogue, *, n_drawn: float, n_orders: int, n_days: int) -> Planting:
    """Return what is planted, no more than so many drawn lines and orders can show."""
    companions, strengths = _companions(catalogue, n_drawn)
    ladders: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for position, page in enumerate(catalogue.pages):
        ladders[page.family.key, page.edition].append(position)
    return Planting(
        companions=companions,
        strengths=strengths,
        ladders=tuple(tuple(steps) for steps in ladders.values() if len(steps) > 1),
        rhythms=_rhythms(catalogue, n_orders, n_days),
    )


def _companions(
    catalogue: Catalogue, n_drawn: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    by_family: defaultdict[str, list[int]] = defaultdict(list)
    for position, page in enumerate(catalogue.pages):
        if page.tier == 0:
            by_family[page.family.key].append(position)
    companions = np.full((len(catalogue.pages), MAX_COMPANIONS), -1, dtype=np.int32)
    strengths = np.zeros((len(catalogue.pages), MAX_COMPANIONS))
    left = int(n_drawn * ANCHOR_SHARE / SALES_PER_ANCHOR)
    for position, page in enumerate(catalogue.pages):
        if left == 0:
            break
        # Editions keep to themselves: the third laptop goes with the third mouse.
        chosen = [
            (strength, by_family[key][page.edition % len(by_family[key])])
            for key, strength in page.family.companions.items()
            if by_family[key]
        ]
        for slot, (strength, companion) in enumerate(sorted(chosen, reverse=True)[:MAX_COMPANIONS]):
            companions[position, slot] = companion
            strengths[position, slot] = strength
        left -= bool(chosen)
    return companions, strengths


def _rhythms(catalogue: Catalogue, n_orders: int, n_days: int) -> dict[int, int]:
    left = n_orders * RHYTHM_SHARE
    rhythms: dict[int, int] = {}
    for position, page in enumerate(catalogue.pages):
        days = page.family.rhythm
        if days is None or n_days < MIN_PURCHASES * days:
            continue
        left -= REGULARS_PER_ITEM * n_days / days
        if left < 0:
            break
        rhythms[position] = days
    return rhythms
