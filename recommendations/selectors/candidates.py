"""Which companions may be shown, in order, before the shop is asked: the merchant's rules.

Precedence: pinned > excluded > filtered > boosted > model > fallback. A pin beats an exclusion of
the same pair, every rule and the minimum support. Nothing beats the context: the item itself and
its variants, what is in the basket, what the caller leaves out and what the page shows already
never come back, nor does a family come twice.
What claims nothing about who bought what needs no support: descriptions, new products, and the
lists that are made for one customer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from recommendations.selectors.items import ItemFace
from recommendations.selectors.lists import Companion
from recommendations.selectors.placements import PlacedPin
from recommendations.selectors.reasons import Reason
from recommendations.selectors.slots import Evidence, LeftOut, Rule, Source


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A companion that may be shown if the shop has it."""

    face: ItemFace
    source: Source
    reason: Reason
    evidence: Evidence | None = None
    """None: nothing is claimed, or fewer customers than may be told."""
    score: float | None = None
    trace: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    position: int | None = None
    """Where a pin is to stand, from 1."""
    weight: Weight | None = None
    """None: no rule was asked, and the order is that of the lists."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Weight:
    """What the merchant's rules make of a candidate, and what it has in common with others."""

    level: float
    """Its score, made comparable with those of the other lists."""
    factor: float
    hits: tuple[Mapping[str, Any], ...] = ()
    """The rules that lift or bury it."""
    groups: tuple[bool, ...] = ()
    """Whether it is in the group of each share."""
    features: frozenset[Hashable] = frozenset()

    @property
    def final(self) -> float:
        """Return what it is ordered by."""
        return self.level * self.factor


class Sieve:
    """Lets each family through once, and notes by which rule the others were left out."""

    def __init__(self, *, excluded: frozenset[int], minimum_support: int) -> None:
        self.excluded = excluded
        self.minimum_support = minimum_support
        self.left_out: list[LeftOut] = []
        self._taken: dict[int, Rule] = {}

    def take_out(self, families: Iterable[int], rule: Rule) -> None:
        """Let none of these families through."""
        for family in families:
            self._taken.setdefault(family, rule)

    def taken_out(self, family: int) -> Rule | None:
        """Return why nothing of a family gets through; "repeated" once something of it has."""
        return self._taken.get(family)

    def leave_out(self, candidate: Candidate, rule: Rule, by: str = "") -> None:
        """Note that a candidate is not shown, and by which of the merchant's rules."""
        self.left_out.append(
            LeftOut(
                item_id=candidate.face.id,
                key=candidate.face.key,
                source=candidate.source,
                rule=rule,
                by=by,
            )
        )

    def passed(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """Yield the candidates that no rule holds back."""
        for candidate in candidates:
            rule = self._rule(candidate)
            if rule is None:
                self._taken[candidate.face.family] = "repeated"
                yield candidate
            elif rule != "repeated":
                self.leave_out(candidate, rule)

    def _rule(self, candidate: Candidate) -> Rule | None:
        face = candidate.face
        if face.family in self._taken:
            return self._taken[face.family]
        if candidate.source == "pinned":
            return None
        if face.id in self.excluded or face.family in self.excluded:
            return "excluded"
        if candidate.evidence is None:  # it claims nothing about who bought what
            return None
        supported = candidate.evidence.customers >= self.minimum_support
        return None if supported else "minimum support"


def pinned(
    pins: Sequence[PlacedPin], companions: Sequence[Companion], support: int
) -> list[Candidate]:
    """Return the merchant's companions, with the evidence that the orders happen to have."""
    if not pins:
        return []
    listed = {companion.face.id: companion for companion in companions}
    return [_pinned(pin, listed.get(pin.face.id), support) for pin in pins]


def _pinned(pin: PlacedPin, known: Companion | None, support: int) -> Candidate:
    # Fewer customers than the minimum would leak who bought what, pinned or not.
    told = known if known is not None and known.customers >= support else None
    return Candidate(
        face=pin.face,
        source="pinned",
        reason="pinned",
        evidence=None if told is None else Evidence(customers=told.customers, baskets=told.baskets),
        score=None if told is None else told.score,
        trace={"strategy": "pin", "build": None, "position": pin.position},
        position=pin.position,
    )


def counted(
    companions: Iterable[Companion], source: Source, trace: Mapping[str, Any], reason: Reason
) -> Iterator[Candidate]:
    """Yield the entries of a list that stand on what was bought: each has to have the support."""
    for position, companion in enumerate(companions, start=1):
        yield Candidate(
            face=companion.face,
            source=source,
            reason=reason,
            evidence=Evidence(customers=companion.customers, baskets=companion.baskets),
            score=companion.score,
            trace={**trace, "position": position},
        )


def free(
    companions: Iterable[Companion], source: Source, trace: Mapping[str, Any], reason: Reason
) -> Iterator[Candidate]:
    """Yield the entries of a list that claims nothing about who bought what, without counts."""
    for position, companion in enumerate(companions, start=1):
        yield Candidate(
            face=companion.face,
            source=source,
            reason=reason,
            score=companion.score,
            trace={**trace, "position": position},
        )


def told_where_supported(
    companions: Iterable[Companion],
    source: Source,
    trace: Mapping[str, Any],
    reasons: tuple[Reason, Reason],
    support: int,
) -> Iterator[Candidate]:
    """Yield all entries of a list: with counts where there are enough, else without any.

    ``reasons`` are those of entries with enough customers and of the others.
    """
    for position, companion in enumerate(companions, start=1):
        enough = companion.customers >= support
        evidence = Evidence(customers=companion.customers, baskets=companion.baskets)
        yield Candidate(
            face=companion.face,
            source=source,
            reason=reasons[0] if enough else reasons[1],
            evidence=evidence if enough else None,
            score=companion.score,
            trace={**trace, "position": position},
        )


def families(faces: Collection[ItemFace]) -> set[int]:
    """Return the families of items."""
    return {face.family for face in faces}
