"""Prices of a bundle: its discount, split over its parts to the smallest coin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from recommendations.engine.money import allocate, from_minor, to_minor


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedPart:
    """One part of a bundle: what it costs alone and what it costs in the set.

    Parameters
    ----------
    price : Decimal
        Price of all its pieces together, without the bundle.
    discount : Decimal
        What the bundle takes off, ``0 <= discount <= price``.
    """

    price: Decimal
    discount: Decimal

    @property
    def reduced_price(self) -> Decimal:
        """Price within the bundle."""
        return self.price - self.discount


def percentage_discount(prices: Sequence[Decimal], percent_off: Decimal, currency: str) -> Decimal:
    """Amount that a percentage takes off a set of parts.

    Parameters
    ----------
    prices : sequence of Decimal, shape (n_parts,)
        Price of each part, at least 0, in whole coins of the currency.
    percent_off : Decimal
        Percentage of the sum, 0 to 100.
    currency : str
        Three-letter code of ISO 4217.

    Returns
    -------
    Decimal
        The amount in whole coins, rounded down: a shopper never pays less than the shop announced.
        No parts: 0.

    Raises
    ------
    ValueError
        When the percentage lies outside 0 to 100 or a price is finer than the smallest coin.

    Examples
    --------
    >>> percentage_discount([Decimal("19.99"), Decimal("5.00")], Decimal(10), "EUR")
    Decimal('2.49')
    """
    if not 0 <= percent_off <= 100:
        raise ValueError(f"percent_off is {percent_off}; it must be from 0 to 100.")
    total = sum(to_minor(price, currency) for price in prices)
    numerator, denominator = percent_off.as_integer_ratio()
    return from_minor(total * numerator // (denominator * 100), currency)


def split_discount(
    prices: Sequence[Decimal], discount: Decimal, currency: str
) -> tuple[PricedPart, ...]:
    """Parts of a bundle with the bundle's discount split over them.

    Parameters
    ----------
    prices : sequence of Decimal, shape (n_parts,)
        Price of each part, at least 0, in whole coins of the currency.
    discount : Decimal
        Amount off the whole set, at least 0, in whole coins.
    currency : str
        Three-letter code of ISO 4217.

    Returns
    -------
    tuple of PricedPart, shape (n_parts,)
        In the order of the prices. Discounts are in proportion to the prices, add up to
        ``min(discount, sum(prices))`` exactly and never exceed the price of their part. Ties of
        the last coins go to the earlier part. No parts: an empty tuple.

    Raises
    ------
    ValueError
        When an amount is negative or finer than the smallest coin.

    Notes
    -----
    Capped largest remainder, see :func:`recommendations.engine.money.allocate`.

    Examples
    --------
    >>> parts = split_discount([Decimal("10.00")] * 3, Decimal("1.00"), "EUR")
    >>> [str(part.discount) for part in parts]
    ['0.34', '0.33', '0.33']
    """
    units = [to_minor(price, currency) for price in prices]
    shares = allocate(to_minor(discount, currency), units, units)
    return tuple(
        PricedPart(price=from_minor(unit, currency), discount=from_minor(share, currency))
        for unit, share in zip(units, shares, strict=True)
    )
