"""The small frozen values that cross the border between a shop and us."""

from __future__ import annotations

import dataclasses
from decimal import Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency. Amounts of two currencies are never added."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse floats: they have lost the cents before they get here."""
        amount: object = self.amount
        if not (isinstance(amount, Decimal) and amount.is_finite()):
            msg = f"A Money amount must be a finite Decimal, not {amount!r}."
            raise ValueError(msg)

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency."""
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            msg = f"Cannot add {other.currency} to {self.currency}."
            raise ValueError(msg)
        return Money(self.amount + other.amount, self.currency)


@dataclasses.dataclass(frozen=True, slots=True)
class BasketLine:
    """What a shopper holds now: an item's key and how many."""

    key: str
    quantity: int = 1
