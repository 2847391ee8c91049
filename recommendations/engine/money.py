"""Exact sums of money: minor units by currency, and shares that add up to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

# ISO 4217:2015, table A.1: the currencies whose minor unit is not a hundredth.
_EXCEPTIONS: Final = {
    0: (
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
        "VND", "VUV", "XAF", "XOF", "XPF",
    ),
    3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
    4: ("CLF", "UYW"),
}  # fmt: skip
_DIGITS: Final = {code: digits for digits, codes in _EXCEPTIONS.items() for code in codes}


def minor_unit_digits(currency: str) -> int:
    """Number of decimal places in which a currency is paid.

    Parameters
    ----------
    currency : str
        Three-letter code of ISO 4217, in capitals. A code that the table does not list as an
        exception has two places.

    Returns
    -------
    int
        Places behind the decimal point, 0 to 4.

    Raises
    ------
    ValueError
        When the code is not three capital letters.

    Notes
    -----
    Source: ISO 4217:2015, table A.1 (list one), column "minor unit".

    Examples
    --------
    >>> [minor_unit_digits(code) for code in ("EUR", "JPY", "KWD")]
    [2, 0, 3]
    """
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise ValueError(f"{currency!r} is no currency; give three capital letters such as 'EUR'.")
    return _DIGITS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole minor units of an amount.

    Parameters
    ----------
    amount : Decimal
        Finite amount with no more places than the currency has.
    currency : str
        Three-letter code of ISO 4217.

    Returns
    -------
    int
        The amount counted in the currency's smallest coin.

    Raises
    ------
    ValueError
        When the amount is not finite or finer than the smallest coin: rounding is the caller's
        decision, never a side effect.

    Examples
    --------
    >>> to_minor(Decimal("19.90"), "EUR"), to_minor(Decimal("19"), "JPY")
    (1990, 19)
    """
    digits = minor_unit_digits(currency)
    if not amount.is_finite():
        raise ValueError(f"{amount} is no amount of money; give a finite number.")
    sign, coefficient, exponent = amount.as_tuple()
    # Integers, not Decimal arithmetic: its context would round amounts of more than 28 digits.
    value = int("".join(map(str, coefficient)) or "0") * (-1 if sign else 1)
    shift = int(exponent) + digits
    scale: int = 10 ** abs(shift)
    if shift >= 0:
        return value * scale
    units, rest = divmod(value, scale)
    if rest:
        raise ValueError(
            f"{amount} {currency} is finer than the smallest coin; allowed places: {digits}."
        )
    return units


def from_minor(units: int, currency: str) -> Decimal:
    """Amount of a number of minor units.

    Parameters
    ----------
    units : int
        Count of the currency's smallest coin.
    currency : str
        Three-letter code of ISO 4217.

    Returns
    -------
    Decimal
        The amount, with exactly as many places as the currency has.

    Examples
    --------
    >>> from_minor(1990, "EUR"), from_minor(1990, "JPY")
    (Decimal('19.90'), Decimal('1990'))
    """
    digits = tuple(map(int, str(abs(units))))
    return Decimal((int(units < 0), digits, -minor_unit_digits(currency)))


def allocate(amount: int, weights: Sequence[int], caps: Sequence[int]) -> list[int]:
    """Whole shares of an amount, in proportion to weights, none above its cap.

    The capped largest-remainder method: parts whose proportional share reaches their cap get the
    cap and leave, what is left is shared among the others in the same way, and the last units go
    to the largest remainders (Hamilton's method).

    Parameters
    ----------
    amount : int
        Minor units to share out, at least 0.
    weights : sequence of int, shape (n_parts,)
        Claims on the amount, at least 0; exact integers (minor units), so that no rounding happens
        before the shares are made.
    caps : sequence of int, shape (n_parts,)
        The most each part can take, at least 0.

    Returns
    -------
    list of int, shape (n_parts,)
        Shares in the order of the parts, with ``0 <= share <= cap``. They add up to the amount, or
        to the sum of all caps where that is less. Parts of weight 0 get something only when the
        others are full. Ties of remainders go to the smaller position. No parts: an empty list.

    Raises
    ------
    ValueError
        When a number is negative or the two sequences differ in length.

    Notes
    -----
    Source of the remainder rule: M. L. Balinski and H. P. Young, *Fair Representation* (1982),
    method of Hamilton. The cap is water-filling: a full part only leaves more for the others, so a
    part once full stays full, and at most ``n_parts`` rounds are needed.

    Examples
    --------
    >>> allocate(100, [1, 1, 1], [100, 100, 100])
    [34, 33, 33]
    >>> allocate(100, [80, 10, 10], [50, 100, 100])
    [50, 25, 25]
    """
    if len(weights) != len(caps):
        raise ValueError(f"{len(weights)} weights were given for {len(caps)} caps; give one each.")
    if min((amount, *weights, *caps)) < 0:
        raise ValueError(
            f"allocate({amount}, {list(weights)}, {list(caps)}): nothing may be negative."
        )
    shares = [0] * len(weights)
    weighted = [position for position, weight in enumerate(weights) if weight]
    _fill(shares, min(amount, sum(caps)), weighted, weights, caps)
    rest = min(amount, sum(caps)) - sum(shares)
    unweighted = [position for position, weight in enumerate(weights) if not weight]
    _fill(shares, rest, unweighted, caps, caps)
    return shares


def _fill(
    shares: list[int], amount: int, parts: list[int], weights: Sequence[int], caps: Sequence[int]
) -> None:
    """Share the amount among some parts, in place; what exceeds all their caps is left over."""
    total = sum(weights[part] for part in parts)
    while full := [part for part in parts if amount * weights[part] >= caps[part] * total]:
        for part in full:
            shares[part] = caps[part]
            total -= weights[part]
            amount -= caps[part]
        parts = [part for part in parts if part not in full]
    remainders = []
    for part in parts:  # none left: the loop above has given every part its cap
        shares[part], remainder = divmod(amount * weights[part], total)
        remainders.append((-remainder, part))
    left = amount - sum(shares[part] for part in parts)
    for _, part in sorted(remainders)[:left]:
        shares[part] += 1
