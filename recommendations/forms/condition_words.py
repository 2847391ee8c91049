"""Rules in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import number_format, time_format
from django.utils.translation import gettext

from recommendations.engine.conditions import Condition, Money, Point, Speech, outline, words
from recommendations.selectors.prices import currency_digits, currency_prefix


def _places(value: Decimal) -> int:
    """Return how many places behind the point a number needs."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def number_words(value: Decimal) -> str:
    """Return a number with all its places, in the reader's numbers."""
    return number_format(value, decimal_pos=_places(value), force_grouping=True)


def money_words(money: Money) -> str:
    """Return an amount as it was written: a rule is not rounded to coins."""
    places = max(currency_digits(money.currency), _places(money.amount))
    number = number_format(abs(money.amount), decimal_pos=places, force_grouping=True)
    sign = "\N{MINUS SIGN}" if money.amount < 0 else ""
    return f"{sign}{currency_prefix(money.currency)}{number}"


SPEECH = Speech(
    translate=gettext,
    number=number_words,
    money=money_words,
    time=lambda time: time_format(time, "TIME_FORMAT"),
)


def condition_words(condition: Condition) -> str:
    """Return a rule as a sentence in the active language."""
    return words(condition, SPEECH)


def condition_outline(condition: Condition) -> Point:
    """Return a rule as points in the active language."""
    return outline(condition, SPEECH)
