"""Reads declared paths of one model through Django's cursor: the portable way, and the reference.

No model instance, Decimal or datetime is made. Integers and times arrive as int64 arrays, text
keys as lists, both in chunks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from django.core.exceptions import EmptyResultSet, FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, F, Field, Model, Q
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from recommendations.adapters.declarations import Path
from recommendations.datasets.expressions import BIG_NULL, EpochSeconds, PlainHex

Kind: TypeAlias = Literal["integer", "text", "uuid", "time"]
Values: TypeAlias = NDArray[np.int64] | list[str | None]

CHUNK_ROWS: Final = 100_000
"""Rows per chunk: large enough that what is done once per chunk does not count, small enough to
stay in the processor's cache."""

MIXED_ROWS: Final = 20_000
"""The same where texts are read: more rows at once only give the garbage collector work."""

FETCH_ROWS: Final = 20_000
"""Rows that a server-side cursor fetches in one go."""


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One thing to read. A missing integer or time reads as ``NULL``, a missing text as None."""

    path: Path
    kind: Kind

    @property
    def is_text(self) -> bool:
        """Whether values come as Python texts instead of an array."""
        return self.kind in {"text", "uuid"}


@dataclasses.dataclass(frozen=True, slots=True)
class Scan:
    """Columns of the rows of one model that meet a condition."""

    model: type[Model]
    columns: tuple[Column, ...]
    condition: Q = dataclasses.field(default_factory=Q)

    def queryset(self) -> Any:
        """Return the query set of rows as tuples of integers and texts."""
        named = {
            f"crosssell_{number}": _sql_value(column) for number, column in enumerate(self.columns)
        }
        # The base manager: the shop says what counts in ``counted``, not by hiding rows.
        rows = self.model._base_manager.filter(self.condition).order_by()
        return rows.annotate(**named).values_list(*named)

    def is_one_table(self) -> bool:
        """Tell whether rows come straight from the model's table, without a join or a group."""
        query = self.queryset().query
        n_tables = sum(uses > 0 for uses in query.alias_refcount.values())
        return n_tables <= 1 and not query.group_by and not query.distinct

    def statement(self, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[Any]] | None:
        """Return the SQL and its parameters, or None if no row can meet the condition."""
        try:
            return self.queryset().query.get_compiler(connection=connection).as_sql()  # type: ignore[no-any-return]
        except EmptyResultSet:
            return None


def read_portable(connection: BaseDatabaseWrapper, scan: Scan) -> Iterator[list[Values]]:
    """Yield the columns of one chunk of rows after another."""
    statement = scan.statement(connection)
    if statement is None:
        return
    # On PostgreSQL a server-side cursor: an ordinary one would hold all rows in memory at once.
    with connection.chunked_cursor() as cursor, connection.wrap_database_errors:
        cursor.execute(*statement)
        # The driver's own cursor: Django's wrapper costs a call per row.
        rows = cursor.cursor
        if hasattr(rows, "itersize"):
            rows.itersize = FETCH_ROWS
        if any(column.is_text for column in scan.columns):
            yield from _mixed_chunks(iter(rows), scan.columns)
        else:
            yield from _integer_chunks(iter(rows), len(scan.columns))


def _integer_chunks(rows: Iterator[tuple[int, ...]], width: int) -> Iterator[list[Values]]:
    # Row by row into the array: each tuple is free again at once, which is faster than a list
    # of them, and as fast as throwing the rows away.
    values = chain.from_iterable(rows)
    while len(flat := np.fromiter(islice(values, width * CHUNK_ROWS), np.int64)):
        yield list(flat.reshape(-1, width).T)


def _mixed_chunks(
    rows: Iterator[tuple[Any, ...]], columns: Sequence[Column]
) -> Iterator[list[Values]]:
    while chunk := list(islice(rows, MIXED_ROWS)):
        yield [
            [row[number] for row in chunk]
            if column.is_text
            else np.fromiter((row[number] for row in chunk), np.int64, len(chunk))
            for number, column in enumerate(columns)
        ]


def output_field(model: type[Model], path: Path) -> Field[Any, Any] | None:
    """Return the field that says of which type a path is, or None where Django cannot tell."""
    expression = F(path) if isinstance(path, str) else path
    query = model._base_manager.annotate(crosssell_probe=expression).query
    try:
        found: Any = query.annotations["crosssell_probe"].output_field
    except FieldError:
        return None
    while isinstance(found, models.ForeignKey):
        found = found.target_field
    field: Field[Any, Any] = found
    return field


def column(model: type[Model], path: Path) -> Column:
    """Return the column of a key: an integer, a UUID, or whatever else as text."""
    field = output_field(model, path)
    if isinstance(field, models.IntegerField):  # AutoField is one
        return Column(path, "integer")
    if isinstance(field, models.UUIDField):
        return Column(path, "uuid")
    if isinstance(field, models.CharField | models.TextField):
        return Column(path, "text")
    # The stubs know no plain BaseExpression here; Django does.
    value: Any = F(path) if isinstance(path, str) else path
    return Column(Cast(value, CharField()), "text")


def _sql_value(column: Column) -> Any:
    path = F(column.path) if isinstance(column.path, str) else column.path
    match column.kind:
        case "integer":
            return Coalesce(path, BIG_NULL, output_field=models.BigIntegerField())
        case "uuid":
            return PlainHex(path)
        case "text":
            return path
        case _:
            return Coalesce(EpochSeconds(path), BIG_NULL, output_field=models.BigIntegerField())
