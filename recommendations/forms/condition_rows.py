"""Simple rules as rows of a form: a field, a comparison and a value each.

A rule of one group of comparisons fits into rows. Any other is edited as JSON; nothing is lost.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from recommendations.engine.conditions import (
    SCHEMA,
    VERSION,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    Type,
    document,
)
from recommendations.engine.conditions.syntax import LISTED

ATTRIBUTES: Final = ("item.attributes", "viewed.attributes")
"""What is chosen in place of a field where an attribute is meant; its name stands beside."""

SAME = "same"
"""Row's comparison: the same as the viewed item's."""
SHARE = "share"
"""Row's comparison: between two percentages of the viewed item's."""
DENIED: Final = {
    "not_contains": Operator.CONTAINS,
    "not_contains_word": Operator.CONTAINS_WORD,
    "not_starts_with": Operator.STARTS_WITH,
    "not_has": Operator.HAS,
    "not_exists": Operator.EXISTS,
}
"""Comparisons of rows that a document says with "not"."""
_DENIALS = {operator: name for name, operator in DENIED.items()}

Json: TypeAlias = Any


@dataclasses.dataclass(frozen=True)
class Row:
    """What stands in one row of the form, as it was typed."""

    field: str = ""
    attribute: str = ""
    op: str = ""
    value: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was filled in: a value without a field is a slip, not nothing."""
        return not (self.field or self.value.strip() or self.attribute.strip())

    @property
    def name(self) -> str:
        """Name of the field."""
        return f"{self.field}.{self.attribute}" if self.field in ATTRIBUTES else self.field


def document_of(rows: Iterable[Row], match: str) -> dict[str, Json]:
    """Return the document of rows; whatever was typed stands in it, for the reader to judge."""
    return {"version": VERSION, match: [_node(row) for row in rows]}


def _node(row: Row) -> dict[str, Json]:
    operator = DENIED.get(row.op, row.op)
    node: dict[str, Json] = {"field": row.name, "op": str(operator)}
    viewed = f"viewed.{row.name.partition('.')[2]}"
    if row.op == SAME:
        node |= {"op": "eq", "value": {"field": viewed}}
    elif row.op == SHARE:
        ends = [{"percent": _number(end), "of": viewed} for end in _split(row.value)]
        node |= {"op": "between", "value": ends}
    elif operator != Operator.EXISTS:
        node["value"] = _value(row, str(operator))
    elif row.value.strip():  # a value that would be dropped is a fault, not a detail
        node["value"] = row.value
    return {"not": node} if row.op in DENIED else node


def _value(row: Row, operator: str) -> Json:
    field = SCHEMA.field(row.name)
    kind = field.type if field else Type.TEXT
    if operator in {*LISTED, Operator.BETWEEN}:
        return [_plain(text, kind) for text in _split(row.value)]
    return _plain(row.value.strip(), kind)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _plain(text: str, kind: Type) -> Json:
    """Return a value of JSON, or the text itself where it is none of its kind."""
    match kind:
        case Type.NUMBER:
            return _number(text)
        case Type.MONEY:
            amount, _, currency = text.partition(" ")
            return {"amount": amount, "currency": currency.strip()} if currency else text
        case Type.BOOLEAN:
            return {"true": True, "false": False}.get(text.lower(), text)
        case Type.ANY:
            return _guessed(text)
    return text


def _number(text: str) -> Json:
    try:
        return Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        return text


def _guessed(text: str) -> Json:
    """Return what an attribute is compared with: 42 is a number, "42" in quotes a text."""
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, bool | int | Decimal | str) else text


def rows_of(condition: Condition) -> tuple[str, list[Row]] | None:
    """Return "all" or "any" and the rows of a rule; None where it does not fit into rows."""
    match condition:
        case AllOf(parts):
            match = "all"
        case AnyOf(parts):
            match = "any"
        case _:
            match, parts = "all", (condition,)
    rows = []
    for part in parts:
        row = _row(part)
        # What the rows would not say again in the same way stays JSON.
        if row is None or _node(row) != _exact(part):
            return None
        rows.append(row)
    return match, rows


def _exact(condition: Condition) -> Json:
    """Return the part of a document as rows make it: with exact numbers."""
    node = document(condition)
    del node["version"]
    return json.loads(json.dumps(node), parse_float=Decimal)


def _row(condition: Condition) -> Row | None:
    denied = isinstance(condition, Not)
    test = condition.part if isinstance(condition, Not) else condition
    if not isinstance(test, Comparison):
        return None
    op = _DENIALS.get(test.operator, "") if denied else test.operator.value
    if not op:
        return None
    node = document(test)
    scope, _, attribute = test.field.partition(".attributes.")
    field = f"{scope}.attributes" if attribute else test.field
    typed = node.get("value", "")
    viewed = f"viewed.{test.field.partition('.')[2]}"
    if op == Operator.EQ and typed == {"field": viewed}:
        return Row(field, attribute, SAME)
    if op == Operator.BETWEEN and all(
        isinstance(end, dict) and end.get("of") == viewed for end in typed
    ):
        return Row(field, attribute, SHARE, ", ".join(str(end["percent"]) for end in typed))
    kind = Type.ANY if attribute else Type.TEXT
    parts = typed if isinstance(typed, list) else [typed]
    return Row(field, attribute, op, ", ".join(_typed(part, kind) for part in parts))


def _typed(value: Json, kind: Type) -> str:
    """Return a value as it would be typed into a row."""
    if isinstance(value, dict):
        return f"{value.get('amount', '')} {value.get('currency', '')}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value and kind is Type.ANY and _guessed(value) != value:
        return json.dumps(value, ensure_ascii=False)
    return str(value)
