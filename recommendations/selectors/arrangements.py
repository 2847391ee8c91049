"""In which order the products of a block stand, and the trace of how each came there."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from recommendations.engine.arranging import Arrangement, Cause, Entrant, Place, arrange, turn
from recommendations.models import Placement
from recommendations.selectors.candidates import Candidate, Sieve
from recommendations.selectors.placements import PlacementChoice
from recommendations.selectors.slots import Rule, Slot

POOL = 4
"""Products asked of the shop per slot where they are arranged: what stands behind the fourth best
for a slot is hardly ever brought to the front, and each product costs every page."""

FEWEST_POOLED = 12
"""The same at least, so that a short block has something to choose from."""


class Filled(NamedTuple):
    """A candidate with its slot."""

    candidate: Candidate
    slot: Slot


def pool(
    batch: Sequence[Candidate], choice: PlacementChoice, count: int
) -> tuple[list[Candidate], list[Candidate]]:
    """Return which candidates to ask the shop for, and which can wait.

    The best; of a category not many more than may be shown; and the best of each group, so that it
    finds its share.
    """
    most = max(POOL * count, FEWEST_POOLED)
    of_category: Counter[str] = Counter()
    of_group = [2 * (share.percent * count // 100) for share in choice.shares]
    asked: list[Candidate] = []
    waiting: list[Candidate] = []
    for candidate in batch:
        groups = candidate.weight.groups if candidate.weight is not None else ()
        wanted = [number for number, inside in enumerate(groups) if inside and of_group[number] > 0]
        category = candidate.face.category
        crowded = (
            choice.per_category is not None
            and category != ""
            and of_category[category] >= 2 * choice.per_category
        )
        if candidate.source != "pinned" and (crowded or (len(asked) >= most and not wanted)):
            waiting.append(candidate)
            continue
        asked.append(candidate)
        of_category[category] += 1
        for number in wanted:
            of_group[number] -= 1
    return asked, waiting


def placed(
    choice: PlacementChoice | None, made: Sequence[Filled], count: int, sieve: Sieve
) -> list[Slot]:
    """Return the slots in their places, each with its whole trace; the others are noted."""
    made = sorted(made, key=_rank)
    moment = _turn(choice)
    found = _arrangement(choice, made, count, moment)
    for left in found.left:
        if left.cause.value in _TOLD:
            by = "" if left.share is None or choice is None else choice.shares[left.share].name
            sieve.leave_out(made[left.entrant].candidate, _TOLD[left.cause.value], by=by)
    slots = []
    for number, place in enumerate(found.places, start=1):
        candidate, slot = made[place.entrant]
        arrangement: dict[str, Any] = {"cause": place.cause.value}
        if place.share is not None and choice is not None:
            share = choice.shares[place.share]
            arrangement["share"] = {"id": share.id, "name": share.name}
        if moment is not None:
            arrangement["turn"] = moment
        trace = {**_trace(candidate), "arrangement": arrangement, "shown_at": number}
        slots.append(dataclasses.replace(slot, trace=trace))
    return slots


_TOLD: dict[str, Rule] = {
    Cause.CATEGORY_CAP.value: "category cap",
    Cause.SHARE.value: "share",
    Cause.DIVERSITY.value: "diversity",
    Cause.ROTATION.value: "rotation",
}
"""What keeps a product out that its score would not. What the count cuts off is not told."""


def _arrangement(
    choice: PlacementChoice | None, made: Sequence[Filled], count: int, moment: int | None
) -> Arrangement:
    pins = [
        (one.candidate.position or 1, number)
        for number, one in enumerate(made)
        if one.candidate.source == "pinned"
    ]
    if not pins and (choice is None or not choice.arranges):
        places = tuple(Place(number, Cause.SCORE) for number in range(min(count, len(made))))
        return Arrangement(places, (), ())
    entrants = list(_entrants(made))
    if choice is None:
        return arrange(entrants, count, pins=pins)
    return arrange(
        entrants,
        count,
        pins=pins,
        per_category=choice.per_category,
        shares=[share.percent for share in choice.shares],
        diversity=choice.diversity / 100,
        rotation=None if moment is None else f"{choice.slug} {moment}",
    )


def _rank(one: Filled) -> float:
    """Return what puts the best first: those that waited may be better than those that did not."""
    weight = one.candidate.weight
    if one.candidate.source == "pinned":
        return -math.inf
    return 0.0 if weight is None else -weight.final


def _entrants(made: Sequence[Filled]) -> Iterable[Entrant]:
    """Yield what is arranged; without rules the order of the lists is all that is known."""
    for rank, (candidate, _slot) in enumerate(made, start=1):
        weight, face = candidate.weight, candidate.face
        if weight is None:
            yield Entrant(face.id, 1 / rank, face.category)
        else:
            yield Entrant(face.id, weight.final, face.category, weight.groups, weight.features)


def _turn(choice: PlacementChoice | None) -> int | None:
    """Return the number of the day or hour that decides a rotation; none where nothing rotates."""
    if choice is None or choice.rotation == Placement.Rotation.NONE:
        return None
    daily = choice.rotation == Placement.Rotation.DAILY
    return turn(timezone.localtime(), "daily" if daily else "hourly")


def _trace(candidate: Candidate) -> dict[str, Any]:
    """Return where a candidate comes from and what became of its score, fit for JSON."""
    weight = candidate.weight
    rules = [] if weight is None else [dict(hit) for hit in weight.hits]
    lifted = weight is not None and weight.factor != 1
    stage = "boosted" if lifted and candidate.source == "model" else candidate.source
    score: dict[str, float | None] = {"model": candidate.score}
    if weight is not None and candidate.source != "pinned":
        score |= {"level": weight.level, "factor": weight.factor, "final": weight.final}
    return {**candidate.trace, "stage": stage, "score": score, "rules": rules}
