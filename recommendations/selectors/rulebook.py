"""The merchant's rules over the candidates of a block: filtered, hidden, lifted and buried."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from recommendations.engine.arranging import boosted
from recommendations.engine.conditions import Context, ItemFacts, outcome_of
from recommendations.models import Merchandising
from recommendations.selectors.candidates import Candidate, Sieve, Weight
from recommendations.selectors.facts import remembered_facts
from recommendations.selectors.placements import PlacedRule, PlacementChoice, condition_of

MOST_JUDGED = 100
"""Candidates that are judged and ordered together: more than a list holds as a rule. A boost lifts
nothing from beyond them."""

Outcome = Callable[[ItemFacts | None], object]


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """A rule that is ready to be asked."""

    rule: PlacedRule
    holds: Outcome

    @property
    def factor(self) -> float:
        """Return what it multiplies a score with."""
        strength = 1 + self.rule.strength / 100
        return 1 / strength if self.rule.kind == Merchandising.Kind.BURY else strength

    @property
    def told(self) -> Mapping[str, Any]:
        """Return it as a trace names it."""
        return {
            "id": self.rule.id,
            "name": self.rule.name,
            "kind": self.rule.kind,
            "factor": round(self.factor, 4),
        }


@dataclasses.dataclass(kw_only=True)
class Rulebook:
    """What a placement says of products, in one context. Facts are read when the first is asked."""

    choice: PlacementChoice
    sieve: Sieve
    context: Callable[[], Context]
    _lowest: float = math.inf
    """Score of the last candidate so far: those judged later go on below it."""

    def judged(self, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        """Yield the candidates that may be shown, by what the rules make of their scores.

        Pins come first, and no rule is asked of them.
        """
        while pool := list(islice(candidates, MOST_JUDGED)):
            facts = remembered_facts(candidate.face.id for candidate in pool)
            kept = [one for one in pool if self._may_be_shown(one, facts.get(one.face.id))]
            yield from (self._pin(one, facts) for one in kept if one.source == "pinned")
            yield from self._ordered([one for one in kept if one.source != "pinned"], facts)

    def _may_be_shown(self, candidate: Candidate, facts: ItemFacts | None) -> bool:
        if candidate.source == "pinned":
            return True
        if self._filter is not None and self._filter(facts) is not True:
            self.sieve.leave_out(candidate, "filtered")
            return False
        for hiding in self._asked[Merchandising.Kind.HIDE.value]:
            if hiding.holds(facts) is True:
                self.sieve.leave_out(candidate, "hidden", by=hiding.rule.name)
                return False
        return True

    def _ordered(
        self, candidates: Sequence[Candidate], facts: Mapping[int, ItemFacts]
    ) -> Iterator[Candidate]:
        hits = [self._hits(facts.get(candidate.face.id)) for candidate in candidates]
        entries = boosted(
            [candidate.score for candidate in candidates],
            [[hit.factor for hit in several] for several in hits],
            _lists(candidates),
        )
        scale = min(1.0, self._lowest / entries[0].score) if entries else 1.0
        for entry in entries:
            candidate = candidates[entry.entrant]
            self._lowest = entry.score * scale
            weight = Weight(
                level=entry.level * scale,
                factor=entry.factor,
                hits=tuple(hit.told for hit in hits[entry.entrant]),
                **self._common(candidate, facts),
            )
            yield dataclasses.replace(candidate, weight=weight)

    def _pin(self, candidate: Candidate, facts: Mapping[int, ItemFacts]) -> Candidate:
        weight = Weight(level=1.0, factor=1.0, **self._common(candidate, facts))
        return dataclasses.replace(candidate, weight=weight)

    def _hits(self, facts: ItemFacts | None) -> list[_Asked]:
        asked = (*self._asked[Merchandising.Kind.BOOST], *self._asked[Merchandising.Kind.BURY])
        return [one for one in asked if one.holds(facts) is True]

    def _common(self, candidate: Candidate, facts: Mapping[int, ItemFacts]) -> dict[str, Any]:
        """Return the groups of a candidate, and what it can have in common with others."""
        known = facts.get(candidate.face.id)
        groups = tuple(holds(known) is True for holds in self._shares)
        features = _features(known) if self.choice.diversity and known else frozenset()
        return {"groups": groups, "features": features}

    @cached_property
    def _context(self) -> Context:
        return self.context()

    @cached_property
    def _filter(self) -> Outcome | None:
        return self._outcome(self.choice.condition) if self.choice.condition else None

    @cached_property
    def _asked(self) -> Mapping[str, list[_Asked]]:
        found: dict[str, list[_Asked]] = {kind: [] for kind in Merchandising.Kind.values}
        for rule in self.choice.rules:
            found[rule.kind].append(_Asked(rule, self._outcome(rule.condition)))
        return found

    @cached_property
    def _shares(self) -> list[Outcome]:
        return [self._outcome(share.condition) for share in self.choice.shares]

    def _outcome(self, text: str) -> Outcome:
        return outcome_of(condition_of(text), self._context)


def _lists(candidates: Iterable[Candidate]) -> list[int]:
    """Return by number which list each candidate is of: scores of two cannot be compared."""
    numbers: list[int] = []
    last: tuple[object, ...] | None = None
    for candidate in candidates:
        trace = candidate.trace
        name = (
            candidate.source, trace.get("strategy"), trace.get("build"), trace.get("category"),
            "pair" in trace,
        )  # fmt: skip
        numbers.append((numbers[-1] + (name != last)) if numbers else 0)
        last = name
    return numbers


def _features(facts: ItemFacts) -> frozenset[Hashable]:
    """Return what an item can have in common with others: its category, brand and attributes."""
    named = {"category": facts.category, "brand": facts.brand, **facts.attributes}
    return frozenset(
        (name, value if isinstance(value, str) else repr(value))
        for name, value in named.items()
        if value not in ("", None)
    )
