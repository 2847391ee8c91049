"""A form field for a rule of the merchant."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations.engine.conditions import (
    SCHEMA,
    Condition,
    ConditionError,
    Fault,
    Schema,
    document,
    loads,
    parse,
)
from recommendations.forms.condition_rows import document_of
from recommendations.forms.condition_widget import ConditionWidget, Submitted


class ConditionField(forms.Field):
    """A rule, which may be typed into rows or pasted as JSON.

    It is cleaned to the rule's document, which a ``JSONField`` can store; None without a rule. What
    cannot be read is refused with the code, the words and the place of every fault.
    """

    def __init__(self, *, schema: Schema = SCHEMA, **kwargs: Any) -> None:
        self.schema = schema
        kwargs.setdefault("widget", ConditionWidget(schema))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> dict[str, Any] | None:
        """Return the document of what was sent, and let the widget mark what is refused."""
        self._tell(())
        try:
            cleaned: dict[str, Any] | None = super().clean(value)
        except ValidationError as error:
            if isinstance(error.__cause__, ConditionError):
                self._tell(error.__cause__.faults)
            raise
        return cleaned

    def to_python(self, value: Any) -> dict[str, Any] | None:
        """Return the document of what was sent."""
        condition = self._condition(value)
        return None if condition is None else document(condition)

    def _condition(self, value: Any) -> Condition | None:
        try:
            return self._read(value)
        except ConditionError as error:
            in_rows = isinstance(value, Submitted) and value.mode == "rows"
            raise ValidationError(
                [_refusal(fault, in_rows=in_rows) for fault in error.faults]
            ) from error

    def _read(self, value: Any) -> Condition | None:
        match value:
            case Submitted(mode="rows"):
                rows = [row for row in value.rows if not row.blank]
                return parse(document_of(rows, value.match), self.schema) if rows else None
            case Submitted(text=text) | str(text):
                return loads(text, self.schema) if text.strip() else None
            case None:
                return None
        return parse(value, self.schema)

    def _tell(self, faults: tuple[Fault, ...]) -> None:
        if isinstance(self.widget, ConditionWidget):
            self.widget.faults = faults

    def prepare_value(self, value: Any) -> Any:
        """Return a rule as its document; what was sent is shown again as it was typed."""
        if isinstance(value, str):  # an initial value that JSONField gives as text
            try:
                return json.loads(value)
            except ValueError:
                return Submitted("json", text=value)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the rule is another one: not whether it is written in another way."""
        try:
            return self.to_python(data) != self.to_python(initial)
        except ValidationError:
            return True


def _refusal(fault: Fault, *, in_rows: bool) -> ValidationError:
    """Return a fault as an error of a form, with its place as the reader finds it."""
    number = fault.path[1] if in_rows and len(fault.path) > 1 else None
    if not isinstance(number, int):
        return ValidationError(fault.words(_), code=fault.code, params={"place": fault.place})
    bare = Fault(fault.code, (), fault.figures).words(_)
    return ValidationError(
        _("Condition %(number)s: %(fault)s"),
        code=fault.code,
        params={"number": number + 1, "fault": bare, "place": fault.place},
    )
