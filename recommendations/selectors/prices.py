"""Prices as they are displayed: rounded to the coins of their currency, in the reader's numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

from recommendations.adapters import Money
from recommendations.engine.money import minor_unit_digits

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩"}
"""Signs that mean one currency to most readers; every other currency shows its code."""


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
    smallest = Decimal(1).scaleb(-currency_digits(price.currency))
    return Money(price.amount.quantize(smallest, ROUND_HALF_UP), price.currency)


def minor_units(price: Money) -> int:
    """Return a displayed price counted in its smallest coins: exact in JavaScript as well."""
    return int(displayed(price).amount.scaleb(currency_digits(price.currency)))


def price_text(price: Money) -> str:
    """Return a price as the active language writes it."""
    amount = displayed(price).amount
    number = number_format(
        abs(amount), decimal_pos=currency_digits(price.currency), force_grouping=True
    )
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{currency_prefix(price.currency)}{number}"
