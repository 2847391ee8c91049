"""From a rule to a document of JSON."""

from __future__ import annotations

import json
from typing import Any

from recommendations.engine.conditions.literals import written
from recommendations.engine.conditions.reading import VERSION
from recommendations.engine.conditions.syntax import (
    AllOf,
    AnyOf,
    Condition,
    FieldValue,
    Not,
    Operand,
    ShareOf,
)


def document(condition: Condition) -> dict[str, Any]:
    """Document of a rule.

    Parameters
    ----------
    condition : Condition
        The rule.

    Returns
    -------
    dict
        What ``parse`` reads back as an equal rule; JSON can hold it.

    Examples
    --------
    >>> document(AllOf())
    {'version': 1, 'all': []}
    """
    return {"version": VERSION, **_node(condition)}


def dumps(condition: Condition) -> str:
    """Text of a rule, for people to read and to keep.

    Parameters
    ----------
    condition : Condition
        The rule.

    Returns
    -------
    str
        What ``loads`` reads back as an equal rule.

    Examples
    --------
    >>> print(dumps(AllOf()))
    {
      "version": 1,
      "all": []
    }
    """
    return json.dumps(document(condition), ensure_ascii=False, indent=2)


def _node(condition: Condition) -> dict[str, Any]:
    match condition:
        case AllOf(parts):
            return {"all": [_node(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [_node(part) for part in parts]}
        case Not(part):
            return {"not": _node(part)}
    node: dict[str, Any] = {"field": condition.field, "op": condition.operator.value}
    if condition.value is not None:
        node["value"] = _value(condition.value)
    return node


def _value(value: Operand | tuple[Operand, ...]) -> Any:
    match value:
        case tuple():
            return [_value(one) for one in value]
        case FieldValue(field):
            return {"field": field}
        case ShareOf(percent, field):
            return {"percent": written(percent), "of": field}
    return written(value)
