"""A query for rows by primary key that Django compiles once and not for every page.

To turn a queryset into SQL takes longer than to run it: half of the time that live products cost.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, QuerySet
from django.db.models.sql import Query

MOST_KEYS = 256
"""Beyond it the query is built as usual: a block asks for a dozen, and each size is kept."""


class CompiledRows:
    """The rows of a queryset that has no parameters but the primary keys asked for.

    Related rows, annotations, deferred columns, prefetches and a router's choice of the database
    work as ever. What is kept is the text of the query, with the values it held when first asked.
    """

    def __init__(self, queryset: QuerySet[Any]) -> None:
        if queryset.query.is_sliced or queryset.query.combinator:
            raise ValueError("A sliced or combined queryset cannot be asked for further keys.")
        if queryset.query.select_for_update:
            raise ValueError("A queryset that locks rows cannot be kept: locks need a transaction.")
        self._queryset = queryset.order_by()
        self._made: dict[tuple[str, str, int], _CompiledQuery] = {}

    def __call__(self, pks: Sequence[Any]) -> list[Any]:
        """Return the rows of these primary keys, in no order."""
        rows = self._queryset.all()
        if not 0 < len(pks) <= MOST_KEYS:
            return list(rows.filter(pk__in=pks))
        # Every size would be a query to compile; a key that comes twice finds its row once.
        size = 1 << (len(pks) - 1).bit_length()
        try:
            rows.query = self._compiled(rows.db, size).asked([*pks, *[pks[-1]] * (size - len(pks))])
        except EmptyResultSet:
            return []
        return list(rows)

    def _compiled(self, alias: str, size: int) -> _CompiledQuery:
        # Two threads may make the same one at once: either will do.
        name = (alias, connections[alias].vendor, size)
        if name not in self._made:
            keys = [_Key(number) for number in range(size)]
            query: Any = self._queryset.filter(pk__in=keys).query
            self._made[name] = query.chain(_CompiledQuery).compile(alias)
        return self._made[name]


class _Key(Expression):
    """Stands for the key of a place until there is one."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class _CompiledQuery(Query):
    """A query whose compiler has done its work already."""

    _compiler: Any
    _sql: str
    _params: Sequence[Any]
    _keys: Sequence[Any] = ()

    def compile(self, alias: str) -> _CompiledQuery:
        """Make the text of the query for a database."""
        self._compiler = super().get_compiler(using=alias)
        self._sql, self._params = self._compiler.as_sql()
        self._compiler.connection = None  # it belongs to this thread, the text to all
        return self

    def asked(self, keys: Sequence[Any]) -> _CompiledQuery:
        """Return the query for these keys."""
        query = copy.copy(self)
        query._keys = keys
        return query

    def get_compiler(self, using: Any = None, *_others: Any, **_named: Any) -> Any:
        """Return a compiler that has compiled, for the connection of this thread."""
        compiler = copy.copy(self._compiler)
        compiler.query = self
        compiler.connection = connections[using]
        sql, params = self._sql, tuple(self._bound(compiler.connection))
        compiler.as_sql = lambda: (sql, params)
        return compiler

    def _bound(self, connection: Any) -> Iterator[Any]:
        field: Any = self.get_meta().pk
        for value in self._params:
            if isinstance(value, _Key):
                yield field.get_db_prep_value(self._keys[value.number], connection)
            else:
                yield value
