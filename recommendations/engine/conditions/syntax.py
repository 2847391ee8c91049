"""What a rule is: a tree of tests joined by and, or and not."""

from __future__ import annotations

import dataclasses
import enum
from decimal import Decimal
from typing import TypeAlias

from recommendations.engine.conditions.values import Literal


class Operator(enum.StrEnum):
    """How a field is compared; the values are the words of the JSON document."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    CONTAINS_WORD = "contains_word"
    STARTS_WITH = "starts_with"
    HAS = "has"
    HAS_ANY = "has_any"
    EXISTS = "exists"


TEXT_SEARCH = frozenset({Operator.CONTAINS, Operator.CONTAINS_WORD, Operator.STARTS_WITH})
LISTED = frozenset({Operator.IN, Operator.NOT_IN, Operator.HAS_ANY})
"""Operators whose value is a list of literals."""
OF_LISTS = frozenset({Operator.HAS, Operator.HAS_ANY})
"""Operators that ask what a list holds."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldValue:
    """The value of another field, such as the category of the viewed item.

    Parameters
    ----------
    field : str
        Name of a field that is not the item's own.
    """

    field: str


@dataclasses.dataclass(frozen=True, slots=True)
class ShareOf:
    """A percentage of another field, such as 85 % of the viewed item's price.

    Parameters
    ----------
    percent : Decimal
        85 means 85 %.
    field : str
        Name of a number or money field that is not the item's own.
    """

    percent: Decimal
    field: str


Operand: TypeAlias = Literal | FieldValue | ShareOf


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of one field.

    Parameters
    ----------
    field : str
        Name of the field.
    operator : Operator
        How it is compared.
    value : Operand, tuple of Operand or None
        A pair for ``between``, a tuple of literals for the listed operators, None for ``exists``.
    """

    field: str
    operator: Operator
    value: Operand | tuple[Operand, ...] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class AllOf:
    """True where every part is true; without parts it is always true.

    Parameters
    ----------
    parts : tuple of Condition
        In the order in which the merchant wrote them.
    """

    parts: tuple[Condition, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class AnyOf:
    """True where at least one part is true.

    Parameters
    ----------
    parts : tuple of Condition
        In the order in which the merchant wrote them.
    """

    parts: tuple[Condition, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Not:
    """True where the part is false, and unknown where it is unknown.

    Parameters
    ----------
    part : Condition
        What must not be so.
    """

    part: Condition


Condition: TypeAlias = AllOf | AnyOf | Not | Comparison

EVERYTHING = AllOf()
"""The rule that holds for everything."""
