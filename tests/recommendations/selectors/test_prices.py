"""Prices as texts: what Django's own formatting writes, remembered or not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.formats import number_format, reset_format_cache
from hypothesis import given
from hypothesis import strategies as st

from recommendations.adapters import Money
from recommendations.selectors.prices import (
    displayed,
    minor_units,
    number_style,
    number_text,
    price_text,
)

LANGUAGES = ("en", "de", "fr", "de-ch", "en-in", "ar")


@given(
    amount=st.decimals("-99999999", "99999999", places=4),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    language=st.sampled_from(LANGUAGES),
)
def test_a_price_is_written_as_django_writes_its_number(amount, currency, language):
    price = Money(amount, currency)
    places = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    with translation.override(language):
        text = price_text(price, number_style())
        number = number_format(abs(displayed(price).amount), places, force_grouping=True)
    assert text.endswith(number)
    assert ("\N{MINUS SIGN}" in text) == (displayed(price).amount < 0)
    assert minor_units(price) == displayed(price).amount * 10**places


@given(number=st.integers(0, 10**12), language=st.sampled_from(LANGUAGES))
def test_a_count_is_written_as_django_writes_it(number, language):
    with translation.override(language):
        assert number_text(number, number_style()) == number_format(number, force_grouping=True)


def test_equal_amounts_of_two_currencies_are_two_texts():
    style = number_style()
    assert price_text(Money(Decimal("1200"), "JPY"), style) == "¥1,200"
    assert price_text(Money(Decimal("1200"), "EUR"), style) == "€1,200.00"
    assert price_text(Money(Decimal("1200"), "KWD"), style) == "KWD\N{NO-BREAK SPACE}1,200.000"


def test_what_was_written_in_one_language_is_not_shown_in_another():
    price = Money(Decimal("1234.5"), "EUR")
    for language, text in (("en", "€1,234.50"), ("de", "€1.234,50"), ("en", "€1,234.50")):
        with translation.override(language):
            assert price_text(price, number_style()) == text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"THOUSAND_SEPARATOR": "'"}, "€1'234'567.00"),
        ({"NUMBER_GROUPING": (3, 2, 0)}, "€12,34,567.00"),
        ({"DECIMAL_SEPARATOR": ":"}, "€1,234,567:00"),
        ({"USE_THOUSAND_SEPARATOR": True}, "€1,234,567.00"),
    ],
)
def test_what_was_written_under_other_settings_is_not_shown(settings, changed, text):
    price = Money(Decimal(1234567), "EUR")
    with translation.override("xx"):  # has no formats of its own: the settings count
        settings.THOUSAND_SEPARATOR = ","
        settings.NUMBER_GROUPING = 3
        assert price_text(price, number_style()) == "€1,234,567.00"
        for name, value in changed.items():
            setattr(settings, name, value)
        reset_format_cache()
        assert price_text(price, number_style()) == text
    reset_format_cache()
