"""What a block holds: the values that templates, the API and the admin's preview read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

from recommendations.adapters import Money
from recommendations.selectors.prices import displayed

Source = Literal["viewed", "pinned", "model", "fallback"]
"""Where a slot comes from; ``viewed`` is the item whose page it is."""

Rule = Literal[
    "itself", "repeated", "excluded", "minimum support", "in basket", "left out by the caller",
    "not shown by the shop", "not available", "other currency", "not dearer", "forbidden step",
    "beyond the price band", "owned", "already on this page", "not interested", "filtered",
    "hidden", "category cap", "share", "diversity", "rotation",
]  # fmt: skip
"""Why a candidate is not in the block."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Distinct customers with a basket that holds both, and how many such baskets."""

    customers: int
    baskets: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One product of a block, with the shop's live face and our reason."""

    item_id: int
    key: str
    product: Any
    title: str
    price: Money | None
    url: str
    image_url: str
    available: bool = True
    """Only the viewed item may be unavailable: companions that are, are not shown."""
    needs_choice: bool = False
    """The shopper has to choose a variant on the product's page before it can be bought."""
    reason: str = ""
    """For the shopper, in the active language."""
    evidence: Evidence | None = None
    score: float | None = None
    """Never for shoppers: it gives away how the list is made."""
    source: Source
    trace: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def offered(self) -> bool:
        """Whether *add all to basket* can add it."""
        return self.available and not self.needs_choice


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A candidate that was considered and is not shown."""

    item_id: int
    key: str
    source: Source
    rule: Rule
    by: str = ""
    """Name of the merchant's rule or share, where it has one."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """Products that stand for themselves: for a basket, for a customer, of a category."""

    placement: str
    title: str
    """The merchant's heading, or empty for the usual words."""
    slots: tuple[Slot, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether any product is here for the basket or the customer, and not to stand in."""
        return any(slot.source != "fallback" for slot in self.slots)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TogetherBlock:
    """The viewed item and its companions."""

    placement: str
    title: str
    """The merchant's heading, or empty for the usual words."""
    viewed: Slot
    slots: tuple[Slot, ...]
    build_id: int | None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def bought_together(self) -> bool:
        """Whether any companion is here because of what was bought with the item, or chosen."""
        return any(
            slot.source == "pinned"
            or (
                slot.source == "model"
                and slot.evidence is not None
                and slot.trace.get("step", "together") == "together"
            )
            for slot in self.slots
        )

    def total(self) -> Money | None:
        """Return what all that can be added costs, or None if that cannot be said in one amount.

        The prices are added as they are shown, so that a shopper's own sum is the same.
        """
        prices = [slot.price for slot in (self.viewed, *self.slots) if slot.offered]
        if not prices or len({price.currency if price else None for price in prices}) != 1:
            return None
        shown = [displayed(price) for price in prices if price is not None]
        return sum(shown[1:], start=shown[0]) if shown else None
