"""The rows and the JSON of a rule in a form: usable without a script, and by keyboard alone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.engine.conditions import (
    ConditionError,
    Fault,
    Operator,
    Schema,
    Type,
    dumps,
    parse,
)
from recommendations.engine.conditions.phrases import NOUNS
from recommendations.forms.condition_rows import ATTRIBUTES, DENIED, SAME, SHARE, Row, rows_of
from recommendations.forms.condition_words import condition_outline, condition_words

MAX_ROWS: Final = 100
"""Rows that are read of a form."""

BLANK_ROWS: Final = 3
"""Rows to fill in below those of the rule; a script adds more."""

OPERATORS: Final[Mapping[str, Any]] = {
    Operator.EQ: gettext_lazy("is"),
    Operator.NE: gettext_lazy("is not"),
    SAME: gettext_lazy("is the same as the viewed item's"),
    Operator.LT: gettext_lazy("is less than"),
    Operator.LE: gettext_lazy("is at most"),
    Operator.GT: gettext_lazy("is more than"),
    Operator.GE: gettext_lazy("is at least"),
    Operator.BETWEEN: gettext_lazy("is between (two values)"),
    SHARE: gettext_lazy("is between two percentages of the viewed item's"),
    Operator.IN: gettext_lazy("is one of"),
    Operator.NOT_IN: gettext_lazy("is none of"),
    Operator.CONTAINS: gettext_lazy("contains"),
    "not_contains": gettext_lazy("does not contain"),
    Operator.CONTAINS_WORD: gettext_lazy("contains the word"),
    "not_contains_word": gettext_lazy("does not contain the word"),
    Operator.STARTS_WITH: gettext_lazy("starts with"),
    "not_starts_with": gettext_lazy("does not start with"),
    Operator.HAS: gettext_lazy("holds"),
    "not_has": gettext_lazy("does not hold"),
    Operator.HAS_ANY: gettext_lazy("holds one of"),
    Operator.EXISTS: gettext_lazy("is known"),
    "not_exists": gettext_lazy("is not known"),
}

SCOPES: Final[Mapping[str, Any]] = {
    "item": gettext_lazy("The item"),
    "viewed": gettext_lazy("The viewed item"),
    "page": gettext_lazy("Page and time"),
    "customer": gettext_lazy("Customer"),
    "basket": gettext_lazy("Basket"),
}


@dataclasses.dataclass(frozen=True)
class Submitted:
    """A rule as a browser sent it."""

    mode: str
    """"rows" or "json"."""
    match: str = "all"
    rows: tuple[Row, ...] = ()
    text: str = ""


class ConditionWidget(forms.Widget):
    """Rows of comparisons, the rule read out, and its JSON."""

    template_name = "crosssell/forms/condition.html"
    use_fieldset = True

    class Media:
        css = {"all": ("crosssell_admin/condition.css",)}
        js = (forms.Script("crosssell_admin/condition.js", type="module"),)

    def __init__(self, schema: Schema, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.schema = schema
        self.faults: tuple[Fault, ...] = ()

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> Any:
        """Return what was sent; a plain value under the name itself counts as JSON."""
        if f"{name}-mode" not in data:
            text = data.get(name)
            return None if text is None else Submitted("json", text=str(text))
        rows = []
        for position in range(MAX_ROWS):
            prefix = f"{name}-{position}"
            if f"{prefix}-field" not in data:
                break
            rows.append(
                Row(
                    field=str(data[f"{prefix}-field"]),
                    attribute=str(data.get(f"{prefix}-attribute", "")),
                    op=str(data.get(f"{prefix}-op", "")),
                    value=str(data.get(f"{prefix}-value", "")),
                )
            )
        match = "any" if data.get(f"{name}-match") == "any" else "all"
        mode = "json" if data.get(f"{name}-mode") == "json" else "rows"
        return Submitted(mode, match, tuple(rows), str(data.get(f"{name}-json", "")))

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> bool:
        """Return whether the form did not hold the widget."""
        return name not in data and f"{name}-mode" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return what the template shows."""
        context = super().get_context(name, None, attrs)
        shown = value if isinstance(value, Submitted) else self._stored(value)
        by_row = self._faults_by_row(shown)
        rows = [*(row for row in shown.rows if not row.blank), *[Row()] * BLANK_ROWS]
        context["widget"] |= {
            "rows": [
                self._row_context(name, position, row, by_row.get(position, []))
                for position, row in enumerate(rows)
            ],
            "mode": shown.mode,
            "match": shown.match,
            "json": shown.text,
            **self._reading(value),
        }
        return context

    def _stored(self, value: Any) -> Submitted:
        """Return a stored rule as rows where it fits, and as JSON in any case."""
        if value in (None, ""):
            return Submitted("rows")
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        try:
            condition = parse(value, self.schema)
        except ConditionError:
            return Submitted("json", text=text)
        found = rows_of(condition)
        text = dumps(condition)
        if found is None or not found[1]:
            return Submitted("json", text=text)
        return Submitted("rows", found[0], tuple(found[1]), text)

    def _reading(self, value: Any) -> dict[str, Any]:
        """Return the stored rule in words; of what was sent and refused there is no reading."""
        if value in (None, "") or isinstance(value, Submitted):
            return {"reading": "", "outline": None}
        try:
            condition = parse(value, self.schema)
        except ConditionError:
            return {"reading": "", "outline": None}
        return {"reading": condition_words(condition), "outline": condition_outline(condition)}

    def _faults_by_row(self, shown: Submitted) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        if shown.mode == "rows":
            for fault in self.faults:
                if len(fault.path) > 1 and isinstance(fault.path[1], int):
                    bare = dataclasses.replace(fault, path=())
                    found.setdefault(fault.path[1], []).append(bare.words(_))
        return found

    def _row_context(self, name: str, position: int, row: Row, faults: list[str]) -> dict[str, Any]:
        return {
            "prefix": f"{name}-{position}",
            "number": position + 1,
            "fields": self._fields(row.field),
            "operators": [(value, label, value == row.op) for value, label in OPERATORS.items()],
            "attribute": row.attribute,
            "value": row.value,
            "faults": faults,
        }

    def _fields(self, chosen: str) -> list[tuple[str, list[tuple[str, str, str, bool]]]]:
        """Return the fields by scope, each with the comparisons that it allows."""
        groups: dict[str, list[tuple[str, str, str, bool]]] = {}
        for field in self.schema.fields.values():
            label = capfirst(_(NOUNS[field.name]))
            allowed = _comparisons(field.operators, field.scope, field.type)
            groups.setdefault(field.scope, []).append(
                (field.name, label, allowed, field.name == chosen)
            )
        for name in ATTRIBUTES:
            scope = name.partition(".")[0]
            attribute = self.schema.field(f"{name}.x")
            if attribute is not None:
                allowed = _comparisons(attribute.operators, scope, attribute.type)
                groups[scope].append((name, _("Attribute (name it)"), allowed, name == chosen))
        return [(str(SCOPES[scope]), fields) for scope, fields in groups.items()]


def _comparisons(operators: tuple[Operator, ...], scope: str, kind: Type) -> str:
    """Return the comparisons of rows that a field allows, as the script reads them."""
    names = [str(operator) for operator in operators]
    names += [name for name, operator in DENIED.items() if operator in operators]
    if scope == "item" and Operator.EQ in operators and kind is not Type.TEXTS:
        names.append(SAME)
        if kind in {Type.NUMBER, Type.MONEY, Type.ANY}:
            names.append(SHARE)
    return " ".join(names)
