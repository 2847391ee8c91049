"""Where each field of an item stands: how to ask the database for it, and how to read it."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from django.db.models import F, Q
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)

from recommendations.engine.conditions.facts import MARGIN_LIMIT
from recommendations.engine.conditions.resolving import PlainTest
from recommendations.engine.conditions.syntax import OF_LISTS, TEXT_SEARCH, Operator
from recommendations.engine.conditions.values import Money, Type, number
from recommendations.selectors.conditions.expressions import (
    ColumnText,
    Earns,
    Exactly,
    JsonExists,
    JsonHolds,
    JsonNumber,
    JsonText,
    JsonTrue,
    JsonType,
)
from recommendations.selectors.conditions.texts import TextTest

ALWAYS = ~Q(pk__in=[])
"""A condition that every row fulfils. An empty Q would vanish from an "or"."""
NEVER = Q(pk__in=[])

_LOOKUPS = {
    Operator.EQ: Exact,
    Operator.LT: LessThan,
    Operator.LE: LessThanOrEqual,
    Operator.GT: GreaterThan,
    Operator.GE: GreaterThanOrEqual,
}


Compare: TypeAlias = Callable[[Operator, Decimal], Q]
"""Makes a condition of one comparison with one number."""


class Column(abc.ABC):
    """A field of an item in the database. Conditions on it are true or false, never NULL."""

    @abc.abstractmethod
    def exists(self) -> Q:
        """Return which rows have a value."""

    def known(self, test: PlainTest) -> Q:
        """Return for which rows the test is not unknown."""
        return self.exists()

    @abc.abstractmethod
    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which of these rows fulfil the test."""

    @abc.abstractmethod
    def read(self, row: Any, now: datetime) -> object:
        """Return the value of a row, as facts hold it."""


def _ordered(test: PlainTest, compare: Compare) -> Q:
    """Return a test of numbers by its single comparisons."""
    values = [
        one.amount if isinstance(one, Money) else one
        for one in test.values
        if isinstance(one, Money | Decimal)
    ]
    if test.operator is Operator.BETWEEN:
        return compare(Operator.GE, values[0]) & compare(Operator.LE, values[1])
    if test.operator is Operator.IN:
        return reduce(or_, [compare(Operator.EQ, value) for value in values])
    return compare(test.operator, values[0])


def _compared(path: str) -> Compare:
    """Return what compares a column with a number, exactly."""
    return lambda operator, value: Q(_LOOKUPS[operator](F(path), Exactly(value)))


def _followed(row: Any, path: str) -> Any:
    """Return the value at the end of a path; None where a relation leads nowhere."""
    for name in path.split("__"):
        row = None if row is None else getattr(row, name, None)
    return row


@dataclasses.dataclass(frozen=True)
class TextColumn(Column):
    """A column of text; the empty text is missing."""

    path: str

    def exists(self) -> Q:
        """Return which rows hold a text."""
        return Q(**{f"{self.path}__isnull": False}) & ~Q(**{self.path: ""})

    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which texts fulfil the test."""
        if test.field.exact and test.operator not in TEXT_SEARCH:
            return Q(**{f"{self.path}__in": test.values})  # an index serves this
        return Q(ColumnText(self.path, TextTest.of(test)))

    def read(self, row: Any, now: datetime) -> str:
        """Return the text."""
        return _followed(row, self.path) or ""


@dataclasses.dataclass(frozen=True)
class BooleanColumn(Column):
    """A column of true and false."""

    path: str

    def exists(self) -> Q:
        """Return which rows say either."""
        return Q(**{f"{self.path}__isnull": False})

    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which rows say what is wanted."""
        return Q(**{self.path: test.values[0]})

    def read(self, row: Any, now: datetime) -> bool | None:
        """Return what the row says."""
        value: bool | None = _followed(row, self.path)
        return value


@dataclasses.dataclass(frozen=True)
class NumberColumn(Column):
    """A column of whole or decimal numbers."""

    path: str

    def exists(self) -> Q:
        """Return which rows hold a number."""
        return Q(**{f"{self.path}__isnull": False})

    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which numbers fulfil the test."""
        return _ordered(test, _compared(self.path))

    def read(self, row: Any, now: datetime) -> Decimal | None:
        """Return the number."""
        value = _followed(row, self.path)
        return None if value is None else number(value)


@dataclasses.dataclass(frozen=True)
class MoneyColumn(Column):
    """A column of amounts beside one of currencies; an amount without a currency is missing."""

    amount: str
    currency: str

    def exists(self) -> Q:
        """Return which rows hold both."""
        return NumberColumn(self.amount).exists() & TextColumn(self.currency).exists()

    def known(self, test: PlainTest) -> Q:
        """Return which rows hold an amount of the test's currency."""
        (currency,) = {value.currency for value in test.values if isinstance(value, Money)}
        return NumberColumn(self.amount).exists() & Q(**{self.currency: currency})

    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which amounts fulfil the test."""
        return _ordered(test, _compared(self.amount))

    def read(self, row: Any, now: datetime) -> Money | None:
        """Return the amount with its currency."""
        amount, currency = _followed(row, self.amount), _followed(row, self.currency)
        return Money(amount, currency) if amount is not None and currency else None


@dataclasses.dataclass(frozen=True)
class MarginColumn(Column):
    """What is earned on a price, in percent of it, from a price and a cost of four places."""

    price: MoneyColumn
    cost: str

    def exists(self) -> Q:
        """Return which rows hold a price above 0 and a cost, both within range."""
        price, cost = _compared(self.price.amount), _compared(self.cost)
        return (
            self.price.exists()
            & NumberColumn(self.cost).exists()
            & price(Operator.GT, Decimal(0))
            & price(Operator.LT, MARGIN_LIMIT)
            & cost(Operator.GE, Decimal(0))
            & cost(Operator.LT, MARGIN_LIMIT)
        )

    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which margins fulfil the test."""
        return _ordered(
            test,
            lambda operator, percent: Q(Earns(self.price.amount, self.cost, operator, percent)),
        )

    def read(self, row: Any, now: datetime) -> Decimal | None:
        """Return the cost: facts make the margin of it."""
        return NumberColumn(self.cost).read(row, now)


@dataclasses.dataclass(frozen=True)
class AgeColumn(Column):
    """Whole days since a moment."""

    path: str

    def exists(self) -> Q:
        """Return which rows know the moment."""
        return Q(**{f"{self.path}__isnull": False})

    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which ages fulfil the test: days are turned into moments, so an index serves."""
        return _ordered(test, lambda operator, days: self._compared(operator, days, now))

    def _compared(self, operator: Operator, days: Decimal, now: datetime) -> Q:
        up = int(days.to_integral_value(ROUND_CEILING))
        down = int(days.to_integral_value(ROUND_FLOOR))
        match operator:
            case Operator.GE:
                return self._at_least(up, now)
            case Operator.GT:
                return self._at_least(down + 1, now)
            case Operator.LE:
                return ~self._at_least(down + 1, now)
            case Operator.LT:
                return ~self._at_least(up, now)
        return self._at_least(up, now) & ~self._at_least(down + 1, now)

    def _at_least(self, days: int, now: datetime) -> Q:
        try:
            moment = now - timedelta(days=days)
        except OverflowError:
            return NEVER if days > 0 else ALWAYS
        return Q(**{f"{self.path}__lte": moment})

    def read(self, row: Any, now: datetime) -> Decimal | None:
        """Return the age."""
        moment = _followed(row, self.path)
        return None if moment is None else Decimal((now - moment) // timedelta(days=1))


@dataclasses.dataclass(frozen=True)
class AttributeColumn(Column):
    """One key of a column of JSON."""

    path: str
    key: str

    def exists(self) -> Q:
        """Return which rows hold a value that is not null and no empty text."""
        return Q(JsonExists(self.path, self.key))

    def known(self, test: PlainTest) -> Q:
        """Return which rows hold a value of the test's type."""
        kind = Type.TEXTS if test.operator in OF_LISTS else test.type
        typed = Q(JsonType(self.path, self.key, kind))
        return typed & self.exists() if kind is Type.TEXT else typed

    def holds(self, test: PlainTest, now: datetime) -> Q:
        """Return which values fulfil the test."""
        where = self.path, self.key
        if test.type is Type.TEXT:
            asked = TextTest.of(test)
            listed = test.operator in OF_LISTS
            return Q(JsonHolds(*where, asked) if listed else JsonText(*where, asked))
        if test.type is Type.BOOLEAN:
            return reduce(or_, [Q(JsonTrue(*where, wanted=value is True)) for value in test.values])
        if test.operator in OF_LISTS:
            numbers = tuple(value for value in test.values if isinstance(value, Decimal))
            return Q(JsonHolds(*where, None, numbers))
        return _ordered(test, lambda operator, value: Q(JsonNumber(*where, operator, value)))

    def read(self, row: Any, now: datetime) -> object:
        """Return the value."""
        attributes = _followed(row, self.path)
        return attributes.get(self.key) if isinstance(attributes, Mapping) else None
