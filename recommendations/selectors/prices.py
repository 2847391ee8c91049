"""Prices as they are displayed: rounded to the coins of their currency, in the reader's numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils import numberformat
from django.utils.formats import get_format

from recommendations.adapters import Money
from recommendations.engine.money import minor_unit_digits

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩"}
"""Signs that mean one currency to most readers; every other currency shows its code."""


class NumberStyle(NamedTuple):
    """How a language writes numbers. A block asks once and writes a dozen."""

    decimal: str
    grouping: int | tuple[int, ...]
    thousand: str


def number_style() -> NumberStyle:
    """Return the style of the active language."""
    grouping = get_format("NUMBER_GROUPING")
    return NumberStyle(
        decimal=get_format("DECIMAL_SEPARATOR"),
        grouping=grouping if isinstance(grouping, int) else tuple(grouping),
        thousand=get_format("THOUSAND_SEPARATOR"),
    )


def number_text(number: int, style: NumberStyle) -> str:
    """Return a whole number with its thousands apart."""
    return _number_text(number, None, style)


@lru_cache
def currency_digits(currency: str) -> int:
    """Return the places behind the point; two for what is no ISO currency, such as points."""
    try:
        return minor_unit_digits(currency)
    except ValueError:
        return 2


def currency_prefix(currency: str) -> str:
    """Return what stands before an amount."""
    return SYMBOLS.get(currency) or f"{currency}\N{NO-BREAK SPACE}"


def displayed(price: Money) -> Money:
    """Return a price rounded as it is shown."""
    return Money(price.amount.quantize(_coin(price.currency), ROUND_HALF_UP), price.currency)


def minor_units(price: Money) -> int:
    """Return a displayed price counted in its smallest coins: exact in JavaScript as well."""
    return int(displayed(price).amount.scaleb(currency_digits(price.currency)))


def price_text(price: Money, style: NumberStyle) -> str:
    """Return a price with the sign or code of its currency."""
    amount = displayed(price).amount
    number = _number_text(abs(amount), currency_digits(price.currency), style)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{currency_prefix(price.currency)}{number}"


@lru_cache
def _coin(currency: str) -> Decimal:
    return Decimal(1).scaleb(-currency_digits(currency))


# All that the text depends on is in the call, so that it can be kept: the prices of a shop and its
# counts are few next to how often they are written.
@lru_cache(maxsize=4096)
def _number_text(number: Decimal | int, places: int | None, style: NumberStyle) -> str:
    text = numberformat.format(
        number, style.decimal, places, style.grouping, style.thousand, force_grouping=True
    )
    return str(text)
