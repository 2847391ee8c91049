"""Rules asked in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TypeAlias

from recommendations.engine.conditions.facts import Context, ItemFacts, read
from recommendations.engine.conditions.judging import judge
from recommendations.engine.conditions.resolving import Outcome, Unknown, plain_test
from recommendations.engine.conditions.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FieldValue,
    Not,
    ShareOf,
)

NOWHERE = Context()
"""The context of a rule that is asked about an item alone."""

Predicate: TypeAlias = Callable[[ItemFacts | None], Outcome]


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """Why a test was unknown.

    Parameters
    ----------
    test : Comparison
        The test.
    code : Unknown
        Why.
    """

    test: Comparison
    code: Unknown


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a rule.

    Parameters
    ----------
    outcome : bool or Unknown
        The rule holds only where this is True.
    reasons : tuple of Reason
        Of every test that was unknown, in the order of the rule.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]

    @property
    def matches(self) -> bool:
        """Whether the rule holds."""
        return self.outcome is True


def matches(condition: Condition, item: ItemFacts | None, context: Context = NOWHERE) -> bool:
    """Whether a rule holds for an item.

    Parameters
    ----------
    condition : Condition
        A rule that was read.
    item : ItemFacts or None
        The item that is asked about; None for a rule that is not about items.
    context : Context, default empty
        Where, for whom and beside what.

    Returns
    -------
    bool
        True where the rule is true; false where it is false or unknown.

    Examples
    --------
    >>> from recommendations.engine.conditions.reading import loads
    >>> rule = loads('{"version": 1, "field": "item.brand", "op": "ne", "value": "Ayo"}')
    >>> matches(rule, ItemFacts(brand="Bo")), matches(rule, ItemFacts(brand=""))
    (True, False)
    """
    return outcome_of(condition, context)(item) is True


def outcome_of(condition: Condition, context: Context = NOWHERE) -> Predicate:
    """Rule made ready for many items.

    Parameters
    ----------
    condition : Condition
        A rule that was read.
    context : Context, default empty
        What is the same for all of them.

    Returns
    -------
    callable
        Takes the facts of an item and returns True, False or why it is unknown.
    """
    match condition:
        case AllOf(parts):
            return _joined([outcome_of(part, context) for part in parts], decisive=False)
        case AnyOf(parts):
            return _joined([outcome_of(part, context) for part in parts], decisive=True)
        case Not(part):
            return _turned(outcome_of(part, context))
    return _single(condition, context)


def verdict(condition: Condition, item: ItemFacts | None, context: Context = NOWHERE) -> Verdict:
    """What became of a rule, with the reasons of what was unknown.

    Parameters
    ----------
    condition : Condition
        A rule that was read.
    item : ItemFacts or None
        The item that is asked about.
    context : Context, default empty
        Where, for whom and beside what.

    Returns
    -------
    Verdict
        The outcome that ``matches`` goes by, and why tests were unknown.
    """
    reasons = []
    for test in comparisons(condition):
        outcome = _single(test, context)(item)
        if isinstance(outcome, Unknown):
            reasons.append(Reason(test, outcome))
    return Verdict(outcome_of(condition, context)(item), tuple(reasons))


def comparisons(condition: Condition) -> Iterable[Comparison]:
    """Tests of a rule.

    Parameters
    ----------
    condition : Condition
        A rule.

    Yields
    ------
    Comparison
        In the order of the rule.
    """
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(part):
            yield from comparisons(part)
        case Comparison():
            yield condition


def fields_of(condition: Condition) -> frozenset[str]:
    """Names of the fields that a rule reads, also those that it compares with.

    Parameters
    ----------
    condition : Condition
        A rule.

    Returns
    -------
    frozenset of str
        Empty for a rule without a comparison.

    Examples
    --------
    >>> from recommendations.engine.conditions.reading import parse
    >>> same = {"field": "item.brand", "op": "eq", "value": {"field": "viewed.brand"}}
    >>> sorted(fields_of(parse({"version": 1, **same})))
    ['item.brand', 'viewed.brand']
    """
    read_by: set[str] = set()
    for test in comparisons(condition):
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        operands = (one.field for one in values if isinstance(one, FieldValue | ShareOf))
        read_by.update((test.field, *operands))
    return frozenset(read_by)


def _joined(predicates: list[Predicate], *, decisive: bool) -> Predicate:
    """Return Kleene's "and" (false decides) or "or" (true decides)."""

    def outcome(item: ItemFacts | None) -> Outcome:
        unknown: Unknown | None = None
        for predicate in predicates:
            one = predicate(item)
            if one is decisive:
                return decisive
            if isinstance(one, Unknown):
                unknown = unknown or one
        return not decisive if unknown is None else unknown

    return outcome


def _turned(predicate: Predicate) -> Predicate:
    def outcome(item: ItemFacts | None) -> Outcome:
        one = predicate(item)
        return one if isinstance(one, Unknown) else not one

    return outcome


def _single(test: Comparison, context: Context) -> Predicate:
    plain = plain_test(test, context)
    if isinstance(plain, Unknown):
        unknown = plain
        return lambda item: unknown
    known, name = judge(plain), plain.field.name
    if plain.field.scope != "item":  # the same for every item: asked once
        same = known(read(name, None, context))
        return lambda item: same
    return lambda item: known(read(name, item, context))
