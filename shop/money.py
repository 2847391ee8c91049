"""Money as people read it."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩"}

# Currencies that have no cents (ISO 4217).
WITHOUT_CENTS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})


def format_money(amount: Decimal | int | None, currency: str) -> str:
    """Return an amount with its currency, in the numbers of the active language."""
    if amount is None or amount == "":
        return ""
    digits = 0 if currency in WITHOUT_CENTS else 2
    rounded = abs(Decimal(amount)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    number = number_format(rounded, decimal_pos=digits, use_l10n=True, force_grouping=True)
    sign = "−" if amount < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{currency}\N{NO-BREAK SPACE}{number}"
