"""Money adds up to the smallest coin, whatever the currency, the weights and the caps."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.money import allocate, from_minor, minor_unit_digits, to_minor

CURRENCIES = st.sampled_from(["EUR", "GBP", "JPY", "KWD", "CLF"])
PARTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=12)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("JPY", 0), ("TND", 3), ("UYW", 4), ("XTS", 2)]
)
def test_minor_units_follow_the_currency(currency, digits):
    assert minor_unit_digits(currency) == digits


@pytest.mark.parametrize("code", ["", "eur", "EURO", "E1R", "ÉUR"])
def test_what_is_no_currency_is_refused(code):
    with pytest.raises(ValueError, match="three capital letters"):
        minor_unit_digits(code)


@given(st.integers(-(10**40), 10**40), CURRENCIES)
def test_units_and_amounts_are_each_others_inverse(units, currency):
    amount = from_minor(units, currency)
    assert to_minor(amount, currency) == units
    assert amount.as_tuple().exponent == -minor_unit_digits(currency)


def test_trailing_zeros_are_no_smaller_coin():
    assert to_minor(Decimal("5.000"), "JPY") == 5
    assert to_minor(Decimal("1E+3"), "EUR") == 100_000


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.005", "EUR"), ("-0.5", "JPY"), ("NaN", "EUR"), ("Infinity", "EUR")]
)
def test_an_amount_is_never_rounded_on_the_quiet(amount, currency):
    with pytest.raises(ValueError, match=r"smallest coin|no amount of money"):
        to_minor(Decimal(amount), currency)


def test_shares_worked_by_hand():
    # 1000 over 333 + 333 + 334 of 1000: exact, no remainder.
    assert allocate(1000, [333, 333, 334], [1000, 1000, 1000]) == [333, 333, 334]
    # 10 over 1:2:4 is 1.43, 2.86, 5.71: floors 1, 2, 5, then the two largest remainders.
    assert allocate(10, [1, 2, 4], [10, 10, 10]) == [1, 3, 6]
    # The first part is full at 3, the other 7 are shared 2:4 as 2.33 and 4.67.
    assert allocate(10, [14, 2, 4], [3, 10, 10]) == [3, 2, 5]
    # A part of weight 0 takes what no other part can.
    assert allocate(10, [0, 1], [50, 6]) == [4, 6]
    # All full: the rest is nobody's.
    assert allocate(10, [1, 1], [2, 3]) == [2, 3]
    assert allocate(10, [], []) == []


def test_a_tie_goes_to_the_first():
    assert allocate(1, [5, 5, 5], [1, 1, 1]) == [1, 0, 0]
    assert allocate(2, [5, 5, 5], [1, 1, 1]) == [1, 1, 0]


@given(st.integers(0, 4000), PARTS)
def test_shares_add_up_and_respect_every_cap(amount, parts):
    weights, caps = [weight for weight, _ in parts], [cap for _, cap in parts]
    shares = allocate(amount, weights, caps)
    assert sum(shares) == min(amount, sum(caps))
    assert all(0 <= share <= cap for share, cap in zip(shares, caps, strict=True))


@given(st.integers(0, 4000), PARTS)
def test_no_share_is_a_whole_coin_off_the_exact_one(amount, parts):
    weights, caps = [weight for weight, _ in parts], [cap for _, cap in parts]
    exact = _water_level(amount, weights, caps)
    for share, fair in zip(allocate(amount, weights, caps), exact, strict=True):
        assert abs(share - fair) < 1


@given(st.integers(0, 4000), PARTS)
def test_the_order_of_parts_decides_no_more_than_who_gets_the_last_coin(amount, parts):
    weights, caps = [weight for weight, _ in parts], [cap for _, cap in parts]
    forwards = allocate(amount, weights, caps)
    backwards = allocate(amount, weights[::-1], caps[::-1])[::-1]
    assert all(abs(one - other) <= 1 for one, other in zip(forwards, backwards, strict=True))


@pytest.mark.parametrize(
    ("amount", "weights", "caps"), [(-1, [1], [1]), (1, [-1], [1]), (1, [1], [-1]), (1, [1], [])]
)
def test_what_cannot_be_shared_is_refused(amount, weights, caps):
    with pytest.raises(ValueError, match=r"negative|one each"):
        allocate(amount, weights, caps)


def _water_level(amount: int, weights: list[int], caps: list[int]) -> list[Fraction]:
    """The exact shares by bisection on the level, then the unweighted parts: a second way."""
    amount = min(amount, sum(caps))
    weighted_caps = sum(cap for weight, cap in zip(weights, caps, strict=True) if weight)
    level = _level(min(amount, weighted_caps), weights, caps)
    shares = [min(Fraction(cap), level * weight) for weight, cap in zip(weights, caps, strict=True)]
    rest = Fraction(amount) - sum(shares)
    spare = sum(cap for weight, cap in zip(weights, caps, strict=True) if not weight)
    return [
        share if weight else (rest * cap / spare if spare else Fraction(0))
        for share, weight, cap in zip(shares, weights, caps, strict=True)
    ]


def _level(amount: int, weights: list[int], caps: list[int]) -> Fraction:
    """The level at which the capped shares add up to the amount: between two corner points."""
    corners = sorted(
        {Fraction(cap, weight) for weight, cap in zip(weights, caps, strict=True) if weight}
    )
    low = Fraction(0)
    for high in corners:
        filled = sum(min(Fraction(c), high * w) for w, c in zip(weights, caps, strict=True))
        if filled >= amount:
            below = sum(min(Fraction(c), low * w) for w, c in zip(weights, caps, strict=True))
            slope = filled - below
            return low if not slope else low + (high - low) * (amount - below) / slope
        low = high
    return low
