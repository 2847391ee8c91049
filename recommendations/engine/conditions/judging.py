"""One plain test of one value: true, false, or why it is unknown."""

from __future__ import annotations

import datetime
import operator as operators
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from recommendations.engine.conditions.facts import Margin
from recommendations.engine.conditions.patterns import compiled, folded_text, pattern
from recommendations.engine.conditions.resolving import Outcome, PlainTest, Unknown
from recommendations.engine.conditions.syntax import OF_LISTS, TEXT_SEARCH, Operator
from recommendations.engine.conditions.values import EXACT, Literal, Money, Type, number, type_of

Judge: TypeAlias = Callable[[object], Outcome]
"""Takes the value of the field."""

_ORDER: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQ: operators.eq,
    Operator.LT: operators.lt,
    Operator.LE: operators.le,
    Operator.GT: operators.gt,
    Operator.GE: operators.ge,
}


def judge(test: PlainTest) -> Judge:
    """Judge of the values of one test.

    Parameters
    ----------
    test : PlainTest
        A test with its values filled in.

    Returns
    -------
    callable
        Takes the value of the test's field and returns its outcome. What is missing is unknown,
        except for ``exists``, which always knows.

    Examples
    --------
    >>> from recommendations.engine.conditions.fields import SCHEMA
    >>> stock = SCHEMA.field("item.stock")
    >>> few = judge(PlainTest(stock, Operator.LT, (Decimal(3),), Type.NUMBER, False))
    >>> few(Decimal(2)), few(Decimal(3)), few(None)
    (True, False, <Unknown.MISSING: 'missing'>)
    """
    if test.operator is Operator.EXISTS:
        return lambda value: (value is not None) is not test.negated
    holds = _holds(test)
    kind = Type.TEXTS if test.operator in OF_LISTS else test.type

    def outcome(value: object) -> Outcome:
        if value is None:
            return Unknown.MISSING
        if isinstance(value, Margin):
            return _of_margin(test, value)
        if type_of(value) is not kind:
            return Unknown.OTHER_TYPE
        if isinstance(value, Money):
            wanted = test.values[0]
            if isinstance(wanted, Money) and wanted.currency != value.currency:
                return Unknown.OTHER_CURRENCY
        return holds(value) is not test.negated

    return outcome


def _holds(test: PlainTest) -> Callable[[Any], bool]:
    """Return the test of a value that is there and of the right type."""
    if test.operator in OF_LISTS:
        return _of_lists(test)
    if test.type is Type.TEXT:
        return _of_text(test)
    if test.type is Type.BOOLEAN:
        alternatives = frozenset(test.values)
        return lambda value: value in alternatives
    plain = [_plain(value) for value in test.values]
    if test.operator is Operator.BETWEEN:
        low, high = plain
        if test.type is Type.TIME and low > high:  # past midnight
            return lambda value: value >= low or value <= high
        return lambda value: low <= _plain(value) <= high
    if test.operator is Operator.IN:
        return lambda value: _plain(value) in plain
    compare, (wanted,) = _ORDER[test.operator], plain
    return lambda value: compare(_plain(value), wanted)


def _plain(value: Literal | float) -> Any:
    """Return what orders a value: an amount, a number or a time."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, datetime.time | Decimal):
        return value
    return number(value)  # type: ignore[arg-type]


def _of_text(test: PlainTest) -> Callable[[str], bool]:
    texts = [str(value) for value in test.values]
    if test.operator in TEXT_SEARCH:
        search = compiled(pattern(test.operator, texts[0], exact=test.field.exact)).search
        return lambda value: search(value) is not None
    if test.field.exact:
        return frozenset(texts).__contains__
    wanted = frozenset(folded_text(text) for text in texts)
    return lambda value: folded_text(value) in wanted


def _of_lists(test: PlainTest) -> Callable[[Collection[object]], bool]:
    if test.type is Type.TEXT:
        found = _of_text(test)
        return lambda values: any(isinstance(one, str) and found(one) for one in values)
    wanted = frozenset(test.values)
    return lambda values: any(
        type_of(one) is Type.NUMBER and _plain(one) in wanted  # type: ignore[arg-type]
        for one in values
    )


def _of_margin(test: PlainTest, margin: Margin) -> bool:
    """Return whether 100 × (price − cost) stands to percent × price as it should."""
    earned = EXACT.multiply(Decimal(100), EXACT.subtract(margin.price, margin.cost))
    bounds = [EXACT.multiply(Decimal(_plain(value)), margin.price) for value in test.values]
    if test.operator is Operator.BETWEEN:
        return bounds[0] <= earned <= bounds[1]
    return _ORDER[test.operator](earned, bounds[0])
