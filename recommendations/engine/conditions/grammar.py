"""What the parts of a document must look like, and which of them go together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from recommendations.engine.conditions.faults import Path, shown
from recommendations.engine.conditions.fields import Field
from recommendations.engine.conditions.literals import fault
from recommendations.engine.conditions.syntax import TEXT_SEARCH, Operand, Operator, ShareOf
from recommendations.engine.conditions.values import Money

EQUALITIES: Final = frozenset({Operator.EQ, Operator.NE, Operator.HAS, *TEXT_SEARCH})
"""Operators that ask for no order."""


def operator_of(raw: object, field: Field, path: Path) -> Operator:
    """Operator that a document names, if the field allows it.

    Parameters
    ----------
    raw : object
        What stands at "op".
    field : Field
        What is compared.
    path : tuple of str and int
        Where it stands.

    Returns
    -------
    Operator
        The operator.

    Raises
    ------
    ConditionError
        When there is none of that name, or the field does not allow it.
    """
    try:
        operator = Operator(raw)  # type: ignore[arg-type]
    except ValueError:
        allowed = ", ".join(field.operators)
        fault("unknown_operator", path, given=shown(raw).strip("'"), allowed=allowed)
    if operator not in field.operators:
        allowed = ", ".join(field.operators)
        fault("operator_not_for_field", path, given=operator.value, allowed=allowed)
    return operator


def only(raw: Mapping[str, object], allowed: set[str], path: Path) -> None:
    """Refuse keys that nobody reads: a misspelt one would change what the rule means.

    Parameters
    ----------
    raw : mapping
        An object of a document.
    allowed : set of str
        Its keys.
    path : tuple of str and int
        Where it stands.

    Raises
    ------
    ConditionError
        When there is another key.
    """
    for key in raw:
        if key not in allowed:
            fault(
                "unknown_key", path, key=shown(key).strip("'"), allowed=", ".join(sorted(allowed))
            )


def entries(raw: object, path: Path) -> list[object]:
    """Entries of a list of a document.

    Parameters
    ----------
    raw : object
        What should be a list.
    path : tuple of str and int
        Where it stands.

    Returns
    -------
    list
        At least one entry.

    Raises
    ------
    ConditionError
        When it is no list, or an empty one.
    """
    if not isinstance(raw, list | tuple):
        fault("no_list", path, given=shown(raw))
    if not raw:
        fault("empty", path)
    return list(raw)


def orderable(value: Operand, path: Path, raw: object) -> None:
    """Refuse texts and booleans where less and more are asked: only attributes get so far.

    Parameters
    ----------
    value : Operand
        What is compared with.
    path : tuple of str and int
        Where it stands.
    raw : object
        What stands there.

    Raises
    ------
    ConditionError
        When it has no order.
    """
    if isinstance(value, str | bool):
        fault("number", path, given=shown(raw))


def ordered(low: Operand, high: Operand, path: Path) -> None:
    """Refuse a range that is empty whatever is compared. Times may run past midnight.

    Parameters
    ----------
    low, high : Operand
        The ends of the range.
    path : tuple of str and int
        Where they stand.

    Raises
    ------
    ConditionError
        When the first is larger, or the two are of two currencies.
    """
    if isinstance(low, Money) and isinstance(high, Money):
        if low.currency != high.currency:
            fault("two_currencies", path)
        low, high = low.amount, high.amount
    if isinstance(low, ShareOf) and isinstance(high, ShareOf) and low.field == high.field:
        low, high = low.percent, high.percent
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
        fault("reversed", path)
