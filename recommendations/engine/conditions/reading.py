"""From a document of JSON to a rule, or to what is wrong with it and where."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from recommendations.engine.conditions.faults import ConditionError, Fault, Path, shown
from recommendations.engine.conditions.fields import SCHEMA, Field, Schema
from recommendations.engine.conditions.grammar import (
    EQUALITIES,
    entries,
    only,
    operator_of,
    orderable,
    ordered,
)
from recommendations.engine.conditions.literals import fault, literal
from recommendations.engine.conditions.syntax import (
    LISTED,
    TEXT_SEARCH,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FieldValue,
    Not,
    Operand,
    Operator,
    ShareOf,
)
from recommendations.engine.conditions.values import Literal, Type, type_of

VERSION: Final = 1
"""Version of the documents that are written and read."""

MAX_DEPTH: Final = 8
"""Levels of groups within groups; more than four are hard to read."""

MAX_NODES: Final = 300
"""Conditions and values together. Each is up to three parameters of a query, and old SQLite takes
999 of them."""

MAX_BYTES: Final = 65536
"""Largest document as text."""

MAX_FAULTS: Final = 20
"""Faults that are told at a time."""

MAX_PERCENT: Final = Decimal(10000)
"""Largest percentage of another value."""

_NUMERIC = frozenset({Type.NUMBER, Type.MONEY})
_WORDS = {"all": "all", "any": "any", "not": "not", "field": "field"}


def loads(text: str, schema: Schema = SCHEMA) -> Condition:
    """Rule of a text of JSON.

    Parameters
    ----------
    text : str
        A document.
    schema : Schema, default all fields
        The fields that the rule may use.

    Returns
    -------
    Condition
        The rule.

    Raises
    ------
    ConditionError
        When it cannot be read; it names every fault that was found and its place.

    Examples
    --------
    >>> loads('{"version": 1, "field": "item.brand", "op": "exists"}')
    Comparison(field='item.brand', operator=<Operator.EXISTS: 'exists'>, value=None)
    """
    size = len(text.encode(errors="replace"))
    if size > MAX_BYTES:
        fault("too_large", (), limit=f"{MAX_BYTES} B", given=f"{size} B")
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        fault("too_deep", (), limit=MAX_DEPTH)
    except ConditionError:
        raise
    except ValueError as error:  # also: an integer of more digits than Python reads
        fault("not_json", (), detail=str(error))
    return parse(document, schema)


def parse(document: object, schema: Schema = SCHEMA) -> Condition:
    """Rule of a document that was read from JSON.

    Parameters
    ----------
    document : object
        An object with "version" and one condition.
    schema : Schema, default all fields
        The fields that the rule may use.

    Returns
    -------
    Condition
        The rule.

    Raises
    ------
    ConditionError
        When it is not a rule; it names every fault that was found and its place.

    Examples
    --------
    >>> parse({"version": 1, "all": []})
    AllOf(parts=())
    """
    if not isinstance(document, Mapping):
        fault("no_object", (), given=shown(document))
    if "version" not in document:
        fault("no_version", (), wanted=VERSION)
    version = document["version"]
    if isinstance(version, bool) or version != VERSION:
        fault("version", ("version",), given=shown(version), wanted=VERSION)
    rest = {key: value for key, value in document.items() if key != "version"}
    if rest == {"all": []}:
        return AllOf()
    reader = _Reader(schema)
    condition = reader.condition(rest, (), 1)
    if reader.faults or condition is None:
        raise ConditionError(reader.faults[:MAX_FAULTS])
    return condition


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object that says a key twice: of two truths Python would keep the last."""
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            fault("repeated_key", (), key=shown(key)[1:-1])
        found[key] = value
    return found


def _no_constant(name: str) -> None:
    fault("not_json", (), detail=name)


class _TooManyError(ConditionError):
    """Ends the reading: the rest may be of any size."""


class _Reader:
    """Reads one document. Faults are gathered, so that a merchant sees all of them at once."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.faults: list[Fault] = []
        self.n_nodes = 0

    def condition(self, raw: object, path: Path, depth: int) -> Condition | None:
        """Return a condition; None, and a fault more, where it cannot be read."""
        try:
            return self._condition(raw, path, depth)
        except _TooManyError:
            raise
        except ConditionError as error:
            self.faults += error.faults
            return None

    def _condition(self, raw: object, path: Path, depth: int) -> Condition | None:
        self._count(path)
        if not isinstance(raw, Mapping):
            fault("no_object", path, given=shown(raw))
        kind = next((word for word in _WORDS if word in raw), None)
        if kind is None:
            fault("no_condition", path)
        if depth > MAX_DEPTH:
            fault("too_deep", path, limit=MAX_DEPTH)
        if kind == "field":
            return self._test(raw, path)
        only(raw, {kind}, path)
        inner = raw[kind]
        if kind == "not":
            part = self.condition(inner, (*path, kind), depth + 1)
            return None if part is None else Not(part)
        inner_entries = entries(inner, (*path, kind))
        parts = [
            self.condition(entry, (*path, kind, position), depth + 1)
            for position, entry in enumerate(inner_entries)
        ]
        read = tuple(part for part in parts if part is not None)
        if len(read) < len(parts):
            return None
        return AllOf(read) if kind == "all" else AnyOf(read)

    def _count(self, path: Path) -> None:
        self.n_nodes += 1
        if self.n_nodes > MAX_NODES:
            raise _TooManyError([Fault("too_many", path, {"limit": str(MAX_NODES)})])

    def _test(self, raw: Mapping[str, object], path: Path) -> Comparison:
        only(raw, {"field", "op", "value"}, path)
        field = self._field(raw["field"], (*path, "field"))
        if "op" not in raw:
            fault("missing_key", path, key="op")
        operator = operator_of(raw["op"], field, (*path, "op"))
        if operator is Operator.EXISTS:
            if "value" in raw:
                fault("no_value", (*path, "value"))
            return Comparison(field.name, operator)
        if "value" not in raw:
            fault("missing_key", path, key="value")
        return Comparison(field.name, operator, self._value(raw["value"], field, operator, path))

    def _value(
        self, raw: object, field: Field, operator: Operator, path: Path
    ) -> Operand | tuple[Operand, ...]:
        path = (*path, "value")
        if operator in LISTED:
            return self._literals(raw, field, operator, path)
        if operator is Operator.BETWEEN:
            return self._pair(raw, field, path)
        value = self._operand(raw, field, path)
        if operator in TEXT_SEARCH and not isinstance(value, str | FieldValue):
            fault("text", path, given=shown(raw))
        if operator is Operator.HAS and isinstance(value, bool | ShareOf):
            fault("text", path, given=shown(raw))
        if operator not in EQUALITIES:
            orderable(value, path, raw)
        return value

    def _literals(
        self, raw: object, field: Field, operator: Operator, path: Path
    ) -> tuple[Literal, ...]:
        values: list[Literal] = []
        for position, one in enumerate(entries(raw, path)):
            self._count((*path, position))
            values.append(literal(one, field, (*path, position)))
        if len({type_of(value) for value in values}) > 1:
            fault("mixed", path)
        if operator is Operator.HAS_ANY and isinstance(values[0], bool):
            fault("text", path, given=shown(raw))
        return tuple(values)

    def _pair(self, raw: object, field: Field, path: Path) -> tuple[Operand, ...]:
        ends = entries(raw, path)
        if len(ends) != 2:
            fault("pair", path)
        low, high = (self._operand(end, field, (*path, at)) for at, end in enumerate(ends))
        for position, end in enumerate((low, high)):
            orderable(end, (*path, position), ends[position])
        ordered(low, high, path)
        return low, high

    def _operand(self, raw: object, field: Field, path: Path) -> Operand:
        self._count(path)
        if isinstance(raw, Mapping) and "field" in raw:
            only(raw, {"field"}, path)
            other = self._reference(raw["field"], field, (*path, "field"))
            return FieldValue(other.name)
        if isinstance(raw, Mapping) and ("percent" in raw or "of" in raw):
            return self._share(raw, field, path)
        return literal(raw, field, path)

    def _share(self, raw: Mapping[str, object], field: Field, path: Path) -> ShareOf:
        only(raw, {"percent", "of"}, path)
        for key in ("percent", "of"):
            if key not in raw:
                fault("missing_key", path, key=key)
        plain = Field(name="percent", type=Type.NUMBER)
        percent = literal(raw["percent"], plain, (*path, "percent"))
        assert isinstance(percent, Decimal)  # noqa: S101 - what a number field reads
        if not 0 <= percent <= MAX_PERCENT:
            fault("range", (*path, "percent"), given=percent, low=0, high=MAX_PERCENT)
        other = self._reference(raw["of"], field, (*path, "of"))
        if other.type not in _NUMERIC | {Type.ANY}:
            fault("reference", (*path, "of"), given=other.name)
        return ShareOf(percent, other.name)

    def _reference(self, raw: object, field: Field, path: Path) -> Field:
        """Return the field that a value refers to, where the two can be compared."""
        other = self._field(raw, path)
        if other.scope == "item":
            fault("own_field", path)
        comparable = field.type is other.type or Type.ANY in {field.type, other.type}
        margin = any(one.name.endswith(".margin") for one in (field, other))
        listed = other.type is Type.TEXTS
        one_of_a_list = field.type is Type.TEXTS and other.type in {Type.TEXT, Type.ANY}
        if margin or listed or not (comparable or one_of_a_list):
            fault("reference", path, given=other.name)
        return other

    def _field(self, raw: object, path: Path) -> Field:
        if not isinstance(raw, str):
            fault("text", path, given=shown(raw))
        field = self.schema.field(raw)
        if field is None and SCHEMA.field(raw) is not None:
            fault("field_not_here", path, given=raw)
        if field is None:
            near = self.schema.nearest(raw)
            code = "unknown_field_near" if near else "unknown_field"
            fault(code, path, given=shown(raw)[1:-1], near=near)
        return field
