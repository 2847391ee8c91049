"""What rules are asked about: an item, and where, for whom and beside what it would be shown."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Protocol

from recommendations.engine.conditions.values import Money, number


class Priced(Protocol):
    """An amount with its currency, such as the Money of an adapter."""

    @property
    def amount(self) -> Decimal:
        """Finite amount."""

    @property
    def currency(self) -> str:
        """Three capital letters."""


def money(price: Priced | None) -> Money | None:
    """Price of any class as rules compare it.

    Parameters
    ----------
    price : Priced or None
        A price.

    Returns
    -------
    Money or None
        None for None.
    """
    return (
        price if price is None or isinstance(price, Money) else Money(price.amount, price.currency)
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """An item. None, and an empty text, mean that it is not known.

    Parameters
    ----------
    key, title, category, brand, currency : str
        As the item table holds them.
    price : Priced or None
        What it costs, kept as Money; None also for an amount without a currency.
    cost : Decimal or None
        What the shop pays for it, in the currency of the price.
    stock : Decimal or None
        Pieces that can be sold.
    days_of_cover : Decimal or None
        Days for which the stock lasts.
    age_days : Decimal or None
        Whole days since it was first seen.
    active : bool or None
        Whether the shop shows it.
    attributes : mapping of str to object
        Values of JSON by name.
    """

    key: str = ""
    title: str = ""
    category: str = ""
    brand: str = ""
    currency: str = ""
    price: Priced | None = None
    cost: Decimal | None = None
    stock: Decimal | None = None
    days_of_cover: Decimal | None = None
    age_days: Decimal | None = None
    active: bool | None = None
    attributes: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take any price that has an amount and a currency."""
        object.__setattr__(self, "price", money(self.price))

    @property
    def margin(self) -> object:
        """Price and cost, where both are known: see ``margin_parts``."""
        return None if self.price is None else margin_parts(self.price.amount, self.cost)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """Who is asking.

    Parameters
    ----------
    known : bool or None
        Whether the shop knows the customer.
    segments : set of str or None
        Names of the segments the customer is in.
    orders : int or None
        Number of orders.
    days_since_order : int or None
        Whole days since the last one; None without orders.
    """

    known: bool | None = None
    segments: Set[str] | None = None
    orders: int | None = None
    days_since_order: int | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BasketFacts:
    """What the customer holds.

    Parameters
    ----------
    total : Priced or None
        Sum of the lines, kept as Money.
    quantity : Decimal or int or None
        Number of pieces.
    items : set of str or None
        Keys of the items in it. Empty: an empty basket.
    categories : set of str or None
        Their categories.
    """

    total: Priced | None = None
    quantity: Decimal | int | None = None
    items: Set[str] | None = None
    categories: Set[str] | None = None

    def __post_init__(self) -> None:
        """Take any total that has an amount and a currency."""
        object.__setattr__(self, "total", money(self.total))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """Where and when.

    Parameters
    ----------
    placement : str
        Name of the placement.
    channel : str
        "web", "api" or "email".
    weekday : str
        "mon" to "sun", in the shop's time zone.
    time : datetime.time or None
        Time of day in the shop's time zone.
    """

    placement: str = ""
    channel: str = ""
    weekday: str = ""
    time: datetime.time | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that is the same for every item of one question.

    Parameters
    ----------
    viewed : ItemFacts or None
        The item of a product page.
    customer : CustomerFacts
        Who is asking.
    basket : BasketFacts
        What they hold.
    page : PageFacts
        Where and when.
    """

    viewed: ItemFacts | None = None
    customer: CustomerFacts = CustomerFacts()
    basket: BasketFacts = BasketFacts()
    page: PageFacts = PageFacts()


MARGIN_LIMIT = Decimal(10) ** 10
"""Prices and costs below it, in ten-thousandths and times 20,000, stay within 64 bits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Margin:
    """What is earned on a price, kept as its two parts so that nothing is divided.

    Parameters
    ----------
    price : Decimal
        Above 0.
    cost : Decimal
        0 or more, in the same currency.
    """

    price: Decimal
    cost: Decimal


def margin_parts(price: Decimal, cost: Decimal | None) -> Margin | None:
    """Margin of an item.

    Parameters
    ----------
    price : Decimal
        Its price, of four places at most.
    cost : Decimal or None
        What the shop pays for it, of four places at most.

    Returns
    -------
    Margin or None
        None without a cost, where the price is not above 0, and where one of the two is out of
        range.

    Examples
    --------
    >>> margin_parts(Decimal("10"), Decimal("7"))
    Margin(price=Decimal('10'), cost=Decimal('7'))
    >>> margin_parts(Decimal("0"), Decimal("7")) is None
    True
    """
    known = None if cost is None else number(cost)
    if known is None or not 0 < price < MARGIN_LIMIT or not 0 <= known < MARGIN_LIMIT:
        return None
    return Margin(price, known)


def read(name: str, item: ItemFacts | None, context: Context) -> object:
    """Value of a field.

    Parameters
    ----------
    name : str
        Name of a field of the schema, such as "item.price" or "viewed.attributes.colour".
    item : ItemFacts or None
        The item that is asked about.
    context : Context
        The rest.

    Returns
    -------
    object
        None where it is missing: not known, an empty text, or nothing to read it from.

    Examples
    --------
    >>> read("item.brand", ItemFacts(brand="Ayo"), Context())
    'Ayo'
    >>> read("viewed.brand", None, Context()) is None
    True
    """
    scope, _, rest = name.partition(".")
    owner: object = item if scope == "item" else getattr(context, scope)
    if owner is None:
        return None
    start, _, attribute = rest.partition(".")
    value = getattr(owner, start)
    if attribute:
        value = value.get(attribute) if isinstance(value, Mapping) else None
    return None if isinstance(value, str) and not value else value
