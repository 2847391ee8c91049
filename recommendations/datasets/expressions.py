"""SQL that turns a shop's columns into plain integers and texts inside the database."""

from __future__ import annotations

from typing import Any, Final

from django.db import NotSupportedError
from django.db.models import BigIntegerField, BooleanField, CharField, Func, Value

NULL: Final = -(2**63) + 1
"""Stands for a missing integer. (The least int64 itself is no literal of type bigint in SQL.)"""

DAMAGED: Final = NULL + 1
"""Stands for the product of a line whose amount or quantity is no number."""

DAMAGED_TEXT: Final = "\x01"
"""The same where products have text keys; no key holds this control character."""


# With their type: where the server binds parameters, Django sends a plain integer in 4 bytes.
BIG_NULL: Final = Value(NULL, output_field=BigIntegerField())
BIG_DAMAGED: Final = Value(DAMAGED, output_field=BigIntegerField())


class _PlainFunc(Func):
    """A function whose SQL is a template of its own for each database."""

    arity = 1
    sqlite: str
    postgresql: str

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Refuse databases that no template was tried on."""
        template = getattr(self, connection.vendor, None)
        if template is None:
            msg = f"Order histories are read from PostgreSQL and SQLite, not {connection.vendor}."
            raise NotSupportedError(msg)
        inner, parameters = compiler.compile(self.source_expressions[0])
        sql = template.replace("{}", inner)
        return sql, tuple(parameters) * template.count("{}")


class EpochSeconds(_PlainFunc):
    """Whole seconds since 1970 of a time, rounded down; NULL where it is none or never."""

    output_field = BigIntegerField()
    # Cut before the fraction: SQLite rounds it, which would move .9995 into the next second.
    sqlite = "CAST(strftime('%%s', substr({}, 1, 19)) AS INTEGER)"
    postgresql = "(CASE WHEN isfinite({}) THEN floor(date_part('epoch', {}))::bigint END)"


class PlainHex(_PlainFunc):
    """A UUID as 32 hexadecimal digits, as Django keeps it in SQLite."""

    output_field = CharField()
    sqlite = "{}"
    postgresql = "replace(({})::text, '-', '')"


class IsDamaged(_PlainFunc):
    """Whether a number is NaN, infinite or no number at all; NULL counts as whole."""

    output_field = BooleanField()
    # In SQLite every text is greater than every number, in PostgreSQL NaN is than infinity.
    sqlite = "(coalesce({}, 0) NOT BETWEEN -1.79e308 AND 1.79e308)"
    postgresql = "(coalesce(abs(({})::numeric), 0) >= 'Infinity'::numeric)"


class Millionths(_PlainFunc):
    """A number times a million, as an integer."""

    output_field = BigIntegerField()
    sqlite = "CAST(round(({}) * 1000000.0) AS INTEGER)"
    postgresql = "round(({})::numeric * 1000000)::bigint"
