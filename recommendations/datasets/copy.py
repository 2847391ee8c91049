"""Reads a scan from PostgreSQL by COPY in binary form: no Python object is made per row.

A row of COPY costs the client as much as a row of a cursor. So the rows of some thousand pages
are strung together inside the database, column by column, and arrive as one row of large binary
fields that NumPy reads as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import Query
from numpy.typing import NDArray

from recommendations.datasets.scans import Column, Scan, Values

BLOCK_PAGES: Final = 2048
"""Pages per block: 16 MiB of table, at most some 600,000 rows."""

_HEADER: Final = 19  # signature, flags and the length of an extension that nobody writes
_ROW: Final = 2  # number of fields
_LENGTH: Final = 4


def can_copy(connection: BaseDatabaseWrapper, scan: Scan) -> bool:
    """Tell whether a scan can be read this way: one plain table of a PostgreSQL database.

    A join would be done again for each block, and a view has no pages.
    """
    if not (connection.vendor == "postgresql" and _has_copy(connection) and scan.is_one_table()):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relkind IN ('r', 'm') AND NOT relhassubclass FROM pg_class"
            " WHERE oid = %s::regclass",
            [_table(connection, scan)],
        )
        return bool(cursor.fetchone() == (True,))


def read_copy(connection: BaseDatabaseWrapper, scan: Scan) -> Iterator[list[Values]]:
    """Yield the columns of one block of pages after another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int",
            [_table(connection, scan)],
        )
        (n_pages,) = cursor.fetchone()
        for first, stop in pairwise([*range(0, n_pages, BLOCK_PAGES), n_pages]):
            statement = _statement(connection, scan, first, stop)
            if statement is None:
                return
            fields = _fields(cursor, statement)
            if fields[0] is not None:  # else no row of these pages meets the condition
                yield _columns(scan.columns, fields)


def _has_copy(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the driver is psycopg 3: the older one has another way of copying."""
    driver: Any = connection.Database  # type: ignore[attr-defined]
    return int(driver.__version__.partition(".")[0]) >= 3


def _table(connection: BaseDatabaseWrapper, scan: Scan) -> str:
    return connection.ops.quote_name(scan.model._meta.db_table)


def _statement(connection: BaseDatabaseWrapper, scan: Scan, first: int, stop: int) -> str | None:
    """Return the COPY of one block, or None if no row can meet the condition."""
    ctid = f"{_table(connection, scan)}.ctid"
    pages = f"{ctid} >= '({first},0)'::tid AND {ctid} < '({stop},0)'::tid"
    query: Query = scan.queryset().extra(where=[pages]).query  # noqa: S610 - two integers
    try:
        sql, parameters = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    names = [f"c{number}" for number in range(len(scan.columns))]
    strung = ", ".join(
        _strung(column, name) for column, name in zip(scan.columns, names, strict=True)
    )
    statement = (
        f"COPY (SELECT {strung} FROM ({sql}) AS block ({', '.join(names)}))"  # noqa: S608
        " TO STDOUT (FORMAT BINARY)"
    )
    operations: Any = connection.ops
    return str(operations.compose_sql(statement, parameters))  # COPY itself takes none


def _strung(column: Column, name: str) -> str:
    """Return the SQL of one field, or of two for texts: their lengths, and all of them in a row."""
    if not column.is_text:
        return f"string_agg(int8send({name}), '')"
    encoded = f"convert_to({name}, 'UTF8')"
    lengths = f"string_agg(int4send(coalesce(octet_length({encoded}), -1)), '')"
    return f"{lengths}, string_agg(coalesce({encoded}, ''), '')"


def _fields(cursor: Any, statement: str) -> list[memoryview | None]:
    """Return the fields of the only row."""
    with cursor.copy(statement) as copy:
        data = memoryview(b"".join(copy))
    fields: list[memoryview | None] = []
    at = _HEADER + _ROW
    for _ in range(int.from_bytes(data[_HEADER:at], "big")):
        length = int.from_bytes(data[at : at + _LENGTH], "big", signed=True)
        at += _LENGTH
        fields.append(None if length < 0 else data[at : at + length])
        at += max(length, 0)
    return fields


def _columns(columns: tuple[Column, ...], fields: list[memoryview | None]) -> list[Values]:
    left = iter(fields)
    return [
        _texts(_integers(next(left), ">i4"), next(left))
        if column.is_text
        else _integers(next(left), ">i8")
        for column in columns
    ]


def _integers(field: memoryview | None, dtype: str) -> NDArray[np.int64]:
    return np.frombuffer(field or b"", dtype=dtype).astype(np.int64)


def _texts(lengths: NDArray[np.int64], field: memoryview | None) -> list[str | None]:
    blob = bytes(field or b"")
    ends = np.cumsum(np.maximum(lengths, 0))
    texts: list[str | None] = [None] * len(lengths)
    # Most rows of a column of guests' addresses are empty.
    for row in np.flatnonzero(lengths >= 0).tolist():
        end = int(ends[row])
        texts[row] = blob[end - int(lengths[row]) : end].decode()
    return texts
