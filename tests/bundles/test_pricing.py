"""A bundle's discount, split over its parts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.engine.pricing import percentage_discount, split_discount
from recommendations.engine.money import from_minor

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
UNITS = st.lists(st.integers(0, 100_000), max_size=6)


def test_a_discount_is_split_by_price():
    # 3.00 over 10.00, 20.00 and 5.01: 0.857, 1.713, 0.429 of 35.01; one cent to spare, to 0.857.
    prices = [Decimal("10.00"), Decimal("20.00"), Decimal("5.01")]
    parts = split_discount(prices, Decimal("3.00"), "EUR")
    assert [part.discount for part in parts] == [
        Decimal("0.86"),
        Decimal("1.71"),
        Decimal("0.43"),
    ]
    assert [part.reduced_price for part in parts] == [
        Decimal("9.14"),
        Decimal("18.29"),
        Decimal("4.58"),
    ]


def test_currencies_without_cents_split_into_whole_coins():
    parts = split_discount([Decimal(1000), Decimal(500)], Decimal(100), "JPY")
    assert [part.discount for part in parts] == [Decimal(67), Decimal(33)]


@given(UNITS, st.integers(0, 700_000), CURRENCIES)
def test_parts_add_up_and_none_becomes_negative(units, discount, currency):
    prices = [from_minor(unit, currency) for unit in units]
    parts = split_discount(prices, from_minor(discount, currency), currency)
    assert sum(part.discount for part in parts) == from_minor(min(discount, sum(units)), currency)
    assert all(0 <= part.discount <= part.price for part in parts)


@given(UNITS, st.decimals(0, 100, places=2), CURRENCIES)
def test_a_percentage_is_rounded_down_by_less_than_a_coin(units, percent_off, currency):
    prices = [from_minor(unit, currency) for unit in units]
    discount = percentage_discount(prices, percent_off, currency)
    lost = sum(prices) * percent_off / 100 - discount
    assert 0 <= lost < from_minor(1, currency)


@pytest.mark.parametrize("percent_off", ["-0.01", "100.01"])
def test_a_percentage_out_of_range_is_refused(percent_off):
    with pytest.raises(ValueError, match="from 0 to 100"):
        percentage_discount([Decimal(1)], Decimal(percent_off), "EUR")


def test_a_price_finer_than_a_coin_is_refused():
    with pytest.raises(ValueError, match="smallest coin"):
        split_discount([Decimal("1.005")], Decimal(1), "EUR")
