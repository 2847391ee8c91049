"""The values that rules compare, and how large they may be."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
from decimal import Decimal
from typing import Final, TypeAlias

MAX_DIGITS: Final = 15
"""Significant digits of a number: what a double keeps exactly, for SQLite compares doubles."""

MONEY_PLACES: Final = Decimal("0.0001")
"""Places of a stored price."""

MONEY_LIMIT: Final = Decimal(10) ** 11
"""Amounts stay below it: eleven digits and four places are the fifteen of a double."""

NUMBER_PLACES: Final = 6
"""Most places behind the point of a number in a rule."""

NUMBER_LIMIT: Final = Decimal(10) ** MAX_DIGITS
"""Numbers in a rule stay below it, on either side of zero."""

# Wide enough for any product of two values within the limits; the host's own context is not ours.
EXACT: Final = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN)


class Type(enum.StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    TIME = "time"
    TEXTS = "texts"
    """A list of texts."""
    ANY = "any"
    """An attribute: what it holds is seen when it is read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Money:
    """An amount and its currency. Amounts of two currencies are never compared.

    Parameters
    ----------
    amount : Decimal
        Finite amount.
    currency : str
        Three capital letters.
    """

    amount: Decimal
    currency: str


Literal: TypeAlias = str | Decimal | bool | Money | datetime.time
"""A value written into a rule."""


def type_of(value: object) -> Type | None:
    """Type of a value that was read.

    Parameters
    ----------
    value : object
        A fact, or a value of JSON.

    Returns
    -------
    Type or None
        None for what no rule can compare: None, an object, a number that is not finite.

    Examples
    --------
    >>> type_of(True), type_of(3), type_of("x"), type_of({})
    (<Type.BOOLEAN: 'boolean'>, <Type.NUMBER: 'number'>, <Type.TEXT: 'text'>, None)
    """
    match value:
        case bool():  # before numbers: True is an int in Python and none in JSON
            return Type.BOOLEAN
        case int() | float() | Decimal():
            return None if number(value) is None else Type.NUMBER
        case str():
            return Type.TEXT
        case Money():
            return Type.MONEY
        case datetime.time():
            return Type.TIME
        case list() | tuple() | set() | frozenset():
            return Type.TEXTS
    return None


def number(value: float | Decimal) -> Decimal | None:
    """Exact number of a fact.

    Parameters
    ----------
    value : int, float or Decimal
        A fact. A float stands for the shortest decimal that reads as the same float, which is
        also how JSON writes it.

    Returns
    -------
    Decimal or None
        None for NaN and infinity of the type float or Decimal.

    Examples
    --------
    >>> number(0.1)
    Decimal('0.1')
    """
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return exact if exact.is_finite() else None


def share(percent: Decimal, amount: Decimal) -> Decimal:
    """Percentage of an amount, rounded to the places of a price.

    Parameters
    ----------
    percent : Decimal
        85 means 85 %.
    amount : Decimal
        Finite amount.

    Returns
    -------
    Decimal
        Four places; half of the last one goes to the even neighbour.

    Notes
    -----
    Rounded here and not by a database, which would do it in its own way and only where the bound
    happens to be compared with a column of fewer places.

    Examples
    --------
    >>> share(Decimal("85"), Decimal("19.99"))
    Decimal('16.9915')
    """
    exact = EXACT.divide(EXACT.multiply(percent, amount), Decimal(100))
    return exact.quantize(MONEY_PLACES, context=EXACT)
