"""Values that are written into rules: read, checked and written back."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NoReturn

from recommendations.engine.conditions.faults import ConditionError, Fault, Path, shown
from recommendations.engine.conditions.fields import Field
from recommendations.engine.conditions.values import (
    EXACT,
    MAX_DIGITS,
    MONEY_LIMIT,
    NUMBER_LIMIT,
    NUMBER_PLACES,
    Literal,
    Money,
    Type,
    number,
    type_of,
)

MAX_TEXT: Final = 300
"""Longest text: no title is longer."""

MARGIN_RANGE: Final = Decimal(100)
"""A margin is a percentage of the price: at most 100, and below −100 nobody asks."""

_AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def fault(code: str, path: Path, **figures: object) -> NoReturn:
    """Refuse a rule for one fault.

    Parameters
    ----------
    code : str
        A key of ``faults.MESSAGES``.
    path : tuple of str and int
        Where it is.
    **figures : object
        What its words name.

    Raises
    ------
    ConditionError
        Always.
    """
    raise ConditionError([Fault(code, path, {name: str(one) for name, one in figures.items()})])


def literal(raw: object, field: Field, path: Path) -> Literal:
    """Value of a document, as a field wants it.

    Parameters
    ----------
    raw : object
        A value of JSON.
    field : Field
        What it is compared with.
    path : tuple of str and int
        Where it stands.

    Returns
    -------
    str, Decimal, bool, Money or time
        The value.

    Raises
    ------
    ConditionError
        When it is of another kind or out of range.
    """
    value = _READERS[field.type](raw, path)
    if isinstance(value, Decimal) and field.name.endswith(".margin"):
        _within(value, MARGIN_RANGE, path)
        _places(value, 2, path)
    if field.choices and value not in field.choices:
        fault("choice", path, given=shown(raw), allowed=", ".join(field.choices))
    return value


def _any(raw: object, path: Path) -> Literal:
    match type_of(raw):
        case Type.TEXT:
            return _text(raw, path)
        case Type.NUMBER:
            return _number(raw, path)
        case Type.BOOLEAN:
            return _boolean(raw, path)
    fault("any", path, given=shown(raw))


def _text(raw: object, path: Path) -> str:
    if not isinstance(raw, str):
        fault("text", path, given=shown(raw))
    if not raw:
        fault("blank", path)
    if len(raw) > MAX_TEXT:
        fault("too_long", path, limit=MAX_TEXT, given=len(raw))
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in raw):
        # PostgreSQL stores no NUL, and no encoding knows half a surrogate pair.
        fault("characters", path)
    return raw


def _number(raw: object, path: Path) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        fault("number", path, given=shown(raw))
    value = number(raw)
    if value is None:
        fault("number", path, given=shown(raw))
    return _bounded(value, NUMBER_LIMIT, NUMBER_PLACES, path)


def _bounded(value: Decimal, limit: Decimal, places: int, path: Path) -> Decimal:
    if abs(value) >= limit:
        fault("range", path, given=shown(value), low=1 - limit, high=limit - 1)
    _places(value, places, path)
    value = value if value else Decimal(0)  # minus nought is nought
    if len(value.normalize(EXACT).as_tuple().digits) > MAX_DIGITS:
        fault("digits", path, given=shown(value), limit=MAX_DIGITS)
    return value


def _within(value: Decimal, limit: Decimal, path: Path) -> None:
    if abs(value) > limit:
        fault("range", path, given=shown(value), low=-limit, high=limit)


def _places(value: Decimal, limit: int, path: Path) -> None:
    # Compared, not rounded: a context of the host would round what it was given.
    if value != value.quantize(Decimal(1).scaleb(-limit), context=EXACT):
        fault("places", path, given=shown(value), limit=limit)


def _money(raw: object, path: Path) -> Money:
    if not isinstance(raw, Mapping):
        fault("money", path, given=shown(raw))
    for key in raw:
        if key not in {"amount", "currency"}:
            fault("unknown_key", path, key=shown(key), allowed="amount, currency")
    amount, currency = raw.get("amount"), raw.get("currency")
    if isinstance(amount, str):
        if not _AMOUNT.fullmatch(amount):
            fault("money", (*path, "amount"), given=shown(amount))
        value = Decimal(amount)
    elif isinstance(amount, int | float | Decimal) and not isinstance(amount, bool):
        value = _number(amount, (*path, "amount"))
    else:
        fault("money", (*path, "amount"), given=shown(amount))
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        fault("currency", (*path, "currency"), given=shown(currency))
    return Money(_bounded(value, MONEY_LIMIT, 4, (*path, "amount")), currency)


def _boolean(raw: object, path: Path) -> bool:
    if not isinstance(raw, bool):
        fault("boolean", path, given=shown(raw))
    return raw


def _time(raw: object, path: Path) -> datetime.time:
    found = _TIME.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        fault("time", path, given=shown(raw))
    return datetime.time(int(found[1]), int(found[2]))


_READERS: Final[Mapping[Type, Callable[[object, Path], Literal]]] = {
    Type.TEXT: _text,
    Type.TEXTS: _text,
    Type.NUMBER: _number,
    Type.MONEY: _money,
    Type.BOOLEAN: _boolean,
    Type.TIME: _time,
    Type.ANY: _any,
}


def written(value: Literal) -> Any:
    """Value as a document spells it.

    Parameters
    ----------
    value : str, Decimal, bool, Money or time
        A value of a rule.

    Returns
    -------
    str, int, float, bool or dict
        A value of JSON. ``literal`` reads it back as the same value: numbers have no more digits
        than a float keeps, and amounts are texts.

    Examples
    --------
    >>> written(Money(Decimal("9.90"), "EUR"))
    {'amount': '9.90', 'currency': 'EUR'}
    """
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Money():
            return {"amount": f"{value.amount:f}", "currency": value.currency}
        case datetime.time():
            return f"{value:%H:%M}"
    return value
