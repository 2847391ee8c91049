"""Rules with their context filled in: what is left is tests of the item against plain values.

Both ways of asking a rule, the database's and the one in memory, start here. So all that is not
about the item is decided once and in one place.
"""

from __future__ import annotations

import dataclasses
import enum
from decimal import Decimal
from typing import TypeAlias

from recommendations.engine.conditions.facts import Context, read
from recommendations.engine.conditions.fields import SCHEMA, Field
from recommendations.engine.conditions.literals import MAX_TEXT
from recommendations.engine.conditions.syntax import (
    OF_LISTS,
    TEXT_SEARCH,
    Comparison,
    FieldValue,
    Operand,
    Operator,
    ShareOf,
)
from recommendations.engine.conditions.values import (
    EXACT,
    MONEY_LIMIT,
    MONEY_PLACES,
    NUMBER_LIMIT,
    Literal,
    Money,
    Type,
    number,
    share,
    type_of,
)


class Unknown(enum.StrEnum):
    """Why a test is neither true nor false."""

    MISSING = "missing"
    """There is no value to compare."""
    OTHER_TYPE = "other_type"
    """The two values are of two kinds, such as a number and a text."""
    OTHER_CURRENCY = "other_currency"
    """Amounts of two currencies are never compared."""
    OUT_OF_RANGE = "out_of_range"
    """A value is larger than what is compared exactly, or cannot be stored."""


Outcome: TypeAlias = bool | Unknown
"""True, false or why it is unknown."""

_NUMERIC = frozenset({Type.NUMBER, Type.MONEY})


@dataclasses.dataclass(frozen=True, slots=True)
class PlainTest:
    """A test whose values are known.

    Parameters
    ----------
    field : Field
        What is compared.
    operator : Operator
        How; never ``ne`` nor ``not_in``, for which ``negated`` stands.
    values : tuple of str, Decimal, bool, Money or time
        One value, two ends, any number of alternatives, or none for ``exists``.
    type : Type
        What the values are.
    negated : bool
        Whether the outcome is turned round; unknown stays unknown.
    """

    field: Field
    operator: Operator
    values: tuple[Literal, ...]
    type: Type
    negated: bool


_OPPOSITE = {Operator.NE: Operator.EQ, Operator.NOT_IN: Operator.IN}


def plain_test(test: Comparison, context: Context) -> PlainTest | Unknown:
    """Comparison with the values of the context filled in.

    Parameters
    ----------
    test : Comparison
        A test of a rule that was read.
    context : Context
        What it refers to.

    Returns
    -------
    PlainTest or Unknown
        Unknown where a value that it refers to is missing, of another kind or out of range.

    Raises
    ------
    ValueError
        When there is no such field: the rule was not read by ``parse``.
    """
    field = SCHEMA.field(test.field)
    if field is None:
        raise ValueError(f"{test.field!r} is no field of a rule; read rules with parse().")
    given = test.value if isinstance(test.value, tuple) else (test.value,)
    values: list[Literal] = []
    for operand in given if test.value is not None else ():
        value = _filled(operand, context)
        if isinstance(value, Unknown):
            return value
        values.append(value)
    operator = _OPPOSITE.get(test.operator, test.operator)
    kind = type_of(values[0]) if values else field.type
    if kind is None or any(type_of(value) is not kind for value in values):
        return Unknown.OTHER_TYPE
    if values and not _fits(kind, field, operator):
        return Unknown.OTHER_TYPE
    if kind is Type.MONEY and len({one.currency for one in values if isinstance(one, Money)}) > 1:
        return Unknown.OTHER_CURRENCY
    return PlainTest(field, operator, tuple(values), kind, test.operator is not operator)


def _fits(kind: Type, field: Field, operator: Operator) -> bool:
    """Return whether values of a type can be compared with a field in this way."""
    if operator in OF_LISTS:
        return kind is Type.TEXT or (kind is Type.NUMBER and field.type is Type.ANY)
    if operator in TEXT_SEARCH:
        return kind is Type.TEXT
    if field.type is Type.ANY:
        equality = operator in {Operator.EQ, Operator.IN}
        return kind is Type.NUMBER or (equality and kind in {Type.TEXT, Type.BOOLEAN})
    return kind is field.type


def _filled(operand: Operand | None, context: Context) -> Literal | Unknown:
    """Return a value; of a field, what the context holds."""
    if not isinstance(operand, FieldValue | ShareOf):
        return Unknown.MISSING if operand is None else operand
    value = read(operand.field, None, context)
    if value is None:
        return Unknown.MISSING
    found = _comparable(value)
    if isinstance(operand, FieldValue) or isinstance(found, Unknown):
        return found
    match found:
        case Money(amount, currency):
            return _comparable(Money(share(operand.percent, amount), currency))
        case Decimal() if abs(found) < MONEY_LIMIT:
            return share(operand.percent, found)
        case Decimal():
            return Unknown.OUT_OF_RANGE
    return Unknown.OTHER_TYPE


def _comparable(value: object) -> Literal | Unknown:
    """Return a value of the context as rules compare it."""
    match value:
        case bool():
            return value
        case str():
            return value if _storable(value) else Unknown.OUT_OF_RANGE
        case Money(amount, currency):
            if not amount.is_finite() or abs(amount) >= MONEY_LIMIT:
                return Unknown.OUT_OF_RANGE
            return Money(amount.quantize(MONEY_PLACES, context=EXACT), currency)
        case int() | float() | Decimal():
            exact = number(value)
            fits = exact is not None and abs(exact) < NUMBER_LIMIT
            return exact if exact is not None and fits else Unknown.OUT_OF_RANGE
    return value if type_of(value) is Type.TIME else Unknown.OTHER_TYPE  # type: ignore[return-value]


def _storable(text: str) -> bool:
    """Return whether a database can be asked for a text: PostgreSQL takes no NUL."""
    whole = not any("\ud800" <= letter <= "\udfff" for letter in text)
    return whole and len(text) <= MAX_TEXT and "\0" not in text
