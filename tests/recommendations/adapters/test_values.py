"""Money is exact and knows its currency."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recommendations.adapters import BasketLine, Money


def test_amounts_of_one_currency_are_added():
    assert Money(Decimal("1.10"), "EUR") + Money(Decimal("2.20"), "EUR") == Money(
        Decimal("3.30"), "EUR"
    )


def test_amounts_of_two_currencies_are_not():
    with pytest.raises(ValueError, match="Cannot add SEK to EUR"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "SEK")


def test_money_and_a_number_are_not():
    with pytest.raises(TypeError):
        Money(Decimal(1), "EUR") + 1  # type: ignore[operator]


@pytest.mark.parametrize("amount", [1.5, 1, "1.50", None, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_not_an_exact_amount_is_refused(amount):
    with pytest.raises(ValueError, match="must be a finite Decimal"):
        Money(amount, "EUR")


def test_values_are_frozen():
    with pytest.raises(AttributeError):
        Money(Decimal(1), "EUR").amount = Decimal(2)  # type: ignore[misc]
    assert BasketLine("1").quantity == 1
