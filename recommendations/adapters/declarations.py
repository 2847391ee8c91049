"""What a shop declares: ORM paths or expressions, read in bulk."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final, TypeAlias

from django.db.models import Q
from django.db.models.expressions import BaseExpression, Combinable

Path: TypeAlias = str | BaseExpression | Combinable
"""A path such as ``"order__user_id"``, or any ORM expression such as ``Coalesce("a", "b")``."""

LARGEST_RATING: Final = 1e9
"""No scale of ratings goes so far; its millionths still fit into an integer of the database."""


@dataclasses.dataclass(frozen=True, slots=True)
class Products:
    """Where a sellable model keeps what lists and blocks need. Paths start at ``model``."""

    model: str
    """Label of the model, ``"catalog.Product"``."""

    _: dataclasses.KW_ONLY
    title: Path
    description: Path | None = None
    """Text about the product. Read when a build compares what products are, never stored."""
    price: Path | None = None
    """Only for sorting and display away from the shop's pages; a page shows the live price."""
    currency: Path | None = None
    """Three-letter code; ``Value("EUR")`` for a shop of one currency."""
    cost: Path | None = None
    """What one costs the shop, in the same currency. Read when a build weighs what an upgrade
    earns, never stored."""
    category: Path | None = None
    brand: Path | None = None
    active: Path | Q | None = None
    """A boolean path or a condition that is true while the product may be shown."""
    parent: Path | None = None
    """Path to the parent's primary key where variants are sold and the parent is shown."""
    attributes: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    """Name to path, for content-based models and rules."""
    counted: Q = dataclasses.field(default_factory=Q)
    """Which rows are sellable products at all."""


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """Where a shop keeps its order lines. Paths start at ``model``, the order-line model.

    Paths that run through the foreign key named by ``order`` are read from the orders' own table
    in a scan of their own: two narrow scans are about three times as fast as one joined scan.
    """

    model: str
    """Label of the order-line model, ``"orders.OrderLine"``."""

    _: dataclasses.KW_ONLY
    product: Path
    """The product's primary key."""
    order: Path
    """The order's primary key, ``"order_id"``."""
    placed_at: Path
    product_model: Path | None = None
    """Needed where a shop sells several models: path to the label (``"catalog.book"``) or to the
    content type's id."""
    customer: Path | None = None
    """The user's primary key; empty for guests."""
    guest: Path | None = None
    """A guest's e-mail address, used where ``customer`` is empty. Only ever compared."""
    quantity: Path | None = None
    amount: Path | None = None
    """What was paid for the line, net of discounts."""
    currency: Path | None = None
    counted: Q = dataclasses.field(default_factory=Q)
    """Which lines are real sales: paid, not cancelled, not refunded."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ratings:
    """Where a shop keeps what customers think of products: stars, marks. Paths start at ``model``.

    Optional. The newest rating of a customer for a product counts.
    """

    model: str
    """Label of the model, ``"reviews.Review"``."""

    _: dataclasses.KW_ONLY
    product: Path
    """The product's primary key."""
    value: Path
    """The rating itself, a number from ``lowest`` to ``highest``."""
    rated_at: Path
    customer: Path | None = None
    """The user's primary key, as in ``Lines``."""
    guest: Path | None = None
    """A guest's e-mail address, used where ``customer`` is empty. Only ever compared."""
    lowest: float = 1.0
    highest: float = 5.0
    """The ends of the scale; what lies outside is left out and counted."""
    product_model: Path | None = None
    """As in ``Lines``."""
    counted: Q = dataclasses.field(default_factory=Q)
    """Which rows count: approved, not withdrawn."""


@dataclasses.dataclass(frozen=True, slots=True)
class Views:
    """Where a shop records who looked at which product. Paths start at ``model``.

    Optional. Only views of somebody who can be found among the buyers tell anything, so those
    without a customer are left out.
    """

    model: str
    """Label of the model, ``"tracking.PageView"``."""

    _: dataclasses.KW_ONLY
    product: Path
    """The product's primary key."""
    viewed_at: Path
    customer: Path | None = None
    """The user's primary key, as in ``Lines``."""
    guest: Path | None = None
    """Whatever else names a visitor and stands in ``Lines.guest`` too. Only ever compared."""
    product_model: Path | None = None
    """As in ``Lines``."""
    counted: Q = dataclasses.field(default_factory=Q)
    """Which rows are looks of people: no crawlers, no staff."""
