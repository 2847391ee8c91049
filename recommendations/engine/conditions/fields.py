"""Which fields there are, what each holds, and how it may be compared."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from typing import Final

from recommendations.engine.conditions.syntax import Operator
from recommendations.engine.conditions.values import Type

_SAME = (Operator.EQ, Operator.NE)
_ORDER = (Operator.LT, Operator.LE, Operator.GT, Operator.GE, Operator.BETWEEN)
_CHOICE = (Operator.IN, Operator.NOT_IN)
_SEARCH = (Operator.CONTAINS, Operator.CONTAINS_WORD, Operator.STARTS_WITH)
_LISTS = (Operator.HAS, Operator.HAS_ANY)

OPERATORS: Final[Mapping[Type, tuple[Operator, ...]]] = {
    Type.TEXT: (*_SAME, *_CHOICE, *_SEARCH, Operator.EXISTS),
    Type.NUMBER: (*_SAME, *_ORDER, *_CHOICE, Operator.EXISTS),
    Type.MONEY: (*_SAME, *_ORDER, Operator.EXISTS),
    Type.BOOLEAN: (*_SAME, Operator.EXISTS),
    Type.TIME: (*_ORDER, Operator.EXISTS),
    Type.TEXTS: (*_LISTS, Operator.EXISTS),
    Type.ANY: (*_SAME, *_ORDER, *_CHOICE, *_SEARCH, *_LISTS, Operator.EXISTS),
}
"""What can be asked of each type. A list is asked what it holds, never whether it is less."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANNELS: Final = ("web", "api", "email")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the language.

    Parameters
    ----------
    name : str
        Scope and name, such as "item.price".
    type : Type
        What it holds.
    exact : bool, default False
        Whether capital and small letters are different: they are in keys and codes.
    choices : tuple of str, default ()
        All values there are; empty where there are too many to list.
    """

    name: str
    type: Type
    exact: bool = False
    choices: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """What it is a field of: item, viewed, customer, basket or page."""
        return self.name.partition(".")[0]

    @property
    def operators(self) -> tuple[Operator, ...]:
        """How it may be compared."""
        if self.choices:  # a part of a code says nothing
            return (*_SAME, *_CHOICE, Operator.EXISTS)
        if self.name.endswith(".margin"):  # a ratio, compared without dividing
            return (*_ORDER, Operator.EXISTS)
        return OPERATORS[self.type]


_OF_ITEMS: Final[Mapping[str, tuple[Type, bool]]] = {
    "key": (Type.TEXT, True),
    "title": (Type.TEXT, False),
    "category": (Type.TEXT, False),
    "brand": (Type.TEXT, False),
    "price": (Type.MONEY, False),
    "currency": (Type.TEXT, True),
    "margin": (Type.NUMBER, False),
    "stock": (Type.NUMBER, False),
    "days_of_cover": (Type.NUMBER, False),
    "age_days": (Type.NUMBER, False),
    "active": (Type.BOOLEAN, False),
}

FIELDS: Final = (
    *(
        Field(name=f"{scope}.{name}", type=kind, exact=exact)
        for scope in ("item", "viewed")
        for name, (kind, exact) in _OF_ITEMS.items()
    ),
    Field(name="page.placement", type=Type.TEXT, exact=True),
    Field(name="page.channel", type=Type.TEXT, exact=True, choices=CHANNELS),
    Field(name="page.weekday", type=Type.TEXT, exact=True, choices=WEEKDAYS),
    Field(name="page.time", type=Type.TIME),
    Field(name="customer.known", type=Type.BOOLEAN),
    Field(name="customer.segments", type=Type.TEXTS),
    Field(name="customer.orders", type=Type.NUMBER),
    Field(name="customer.days_since_order", type=Type.NUMBER),
    Field(name="basket.total", type=Type.MONEY),
    Field(name="basket.quantity", type=Type.NUMBER),
    Field(name="basket.items", type=Type.TEXTS, exact=True),
    Field(name="basket.categories", type=Type.TEXTS),
)

MAX_ATTRIBUTE: Final = 100
"""Longest name of an attribute."""


class Schema:
    """The fields that one kind of rule may use.

    Parameters
    ----------
    fields : iterable of Field
        What may be used. Attributes may be used of the scopes "item" and "viewed", where a
        field of that scope may be.
    """

    def __init__(self, fields: Iterable[Field] = FIELDS) -> None:
        self.fields = {field.name: field for field in fields}
        self.scopes = frozenset(field.scope for field in self.fields.values())

    def only(self, *scopes: str) -> Schema:
        """Schema with the fields of some scopes.

        Parameters
        ----------
        *scopes : str
            Such as "customer" and "basket" for a coupon, which is asked without an item.

        Returns
        -------
        Schema
            A new one; this one stays as it is.
        """
        return Schema(field for field in self.fields.values() if field.scope in scopes)

    def field(self, name: str) -> Field | None:
        """Field of a name.

        Parameters
        ----------
        name : str
            Such as "item.price" or "item.attributes.colour".

        Returns
        -------
        Field or None
            None where there is none of that name.

        Examples
        --------
        >>> Schema().field("item.attributes.colour").type
        <Type.ANY: 'any'>
        """
        if name in self.fields:
            return self.fields[name]
        scope, _, rest = name.partition(".")
        start, _, attribute = rest.partition(".")
        if scope not in self.scopes & {"item", "viewed"} or start != "attributes":
            return None
        named = 0 < len(attribute) <= MAX_ATTRIBUTE and attribute.isprintable()
        return Field(name=name, type=Type.ANY) if named else None

    def nearest(self, name: str) -> str:
        """Name of the field that was probably meant.

        Parameters
        ----------
        name : str
            A name that is not in the schema.

        Returns
        -------
        str
            Empty where none is near.

        Examples
        --------
        >>> Schema().nearest("item.brnad")
        'item.brand'
        """
        return next(iter(difflib.get_close_matches(name[:MAX_ATTRIBUTE], self.fields, n=1)), "")


SCHEMA: Final = Schema()
"""All fields."""

AUDIENCE: Final = SCHEMA.only("customer", "basket", "page")
"""What is known without an item: for segments, coupons and where a rule holds."""
