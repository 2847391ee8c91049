"""Money as people read it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from shop.money import format_money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234567.5", "EUR", "€1,234,567.50"),
        ("0", "GBP", "£0.00"),
        ("-3.1", "USD", "−$3.10"),
        ("1234", "JPY", "¥1,234"),
        ("0.5", "JPY", "¥1"),
        ("12", "CHF", "CHF\N{NO-BREAK SPACE}12.00"),
        ("0.005", "EUR", "€0.01"),
    ],
)
def test_an_amount_has_its_currency_and_its_digits(amount, currency, text):
    with override("en"):
        assert format_money(Decimal(amount), currency) == text


def test_the_language_writes_the_number():
    with override("de"):
        assert format_money(Decimal("1234.5"), "EUR") == "€1.234,50"


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_amount_is_no_text(nothing):
    assert format_money(nothing, "EUR") == ""
