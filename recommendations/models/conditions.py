"""Rules of the merchant, as columns of JSON hold them: refused where they cannot be read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from recommendations.engine.conditions import ConditionError, parse


def refuse_unreadable(document: Any, field: str = "condition") -> None:
    """Raise the faults of a rule, each with its place; no rule at all is fine."""
    if document is None:
        return
    try:
        parse(document)
    except ConditionError as error:
        faults = [
            ValidationError(fault.words(gettext), code=fault.code, params={"place": fault.place})
            for fault in error.faults
        ]
        raise ValidationError({field: faults}) from error
