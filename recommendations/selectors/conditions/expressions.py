"""SQL for what the ORM asks each database in another way, or inexactly."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, DecimalField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from recommendations.engine.conditions.syntax import Operator
from recommendations.engine.conditions.values import Type
from recommendations.selectors.conditions.texts import SQL, TextTest

COMPARISONS = {
    Operator.EQ: "=",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
}


class TwoDatabases(Func):
    """An expression that SQLite and PostgreSQL spell differently."""

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> SQL:
        """Refuse other databases instead of giving them SQL of another one."""
        msg = f"Rules are compiled for SQLite and PostgreSQL, not for {connection.vendor}."
        raise NotSupportedError(msg)

    def column(self, compiler: SQLCompiler, position: int = 0) -> str:
        """Return the SQL of a column that the expression reads, maybe several times."""
        sql, params = compiler.compile(self.get_source_expressions()[position])
        if params:
            msg = "Rules read columns, not expressions with parameters."
            raise ValueError(msg)
        return sql


class Exactly(TwoDatabases):
    """A number as the database's exact type; a field would round it to its own places."""

    def __init__(self, value: Decimal) -> None:
        super().__init__(output_field=DecimalField())
        self.value = f"{value:f}"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return a number: as a text it would be larger than every number."""
        return "CAST(%s AS NUMERIC)", (self.value,)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return a number of any length."""
        return "CAST(%s AS numeric)", (self.value,)


class Earns(TwoDatabases):
    """Whether the margin stands to a percentage as an operator says, without dividing."""

    output_field = BooleanField()

    def __init__(self, price: str, cost: str, operator: Operator, percent: Decimal) -> None:
        super().__init__(F(price), F(cost))
        self.sign, self.percent = COMPARISONS[operator], percent

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it in whole ten-thousandths: SQLite's own decimals are doubles."""
        price, cost = (
            f"CAST(ROUND({self.column(compiler, position)} * 10000) AS INTEGER)"
            for position in (0, 1)
        )
        return f"(10000 * ({price} - {cost}) {self.sign} %s * {price})", (int(100 * self.percent),)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it in exact numbers."""
        price, cost = self.column(compiler, 0), self.column(compiler, 1)
        sql = f"(100 * ({price} - {cost}) {self.sign} CAST(%s AS numeric) * {price})"
        return sql, (f"{self.percent:f}",)


class ColumnText(TwoDatabases):
    """Whether a column of text fulfils a test."""

    output_field = BooleanField()

    def __init__(self, path: str, test: TextTest) -> None:
        super().__init__(F(path))
        self.test = test

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it as SQLite asks texts."""
        return self.test.sqlite(self.column(compiler), connection)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it as PostgreSQL asks texts."""
        return self.test.postgresql(self.column(compiler))


class JsonExpression(TwoDatabases):
    """A question about one key of an object of JSON. It is true or false, never NULL.

    Of values of another type than the question's the answer means nothing: ask for the type too.

    Keys are looked up as they are: a path would read "0" as a position and fails at quotes, and
    old SQLite does not find letters beyond ASCII by it.
    """

    output_field = BooleanField()

    def __init__(self, path: str, key: str) -> None:
        super().__init__(F(path))
        self.key = key

    def sqlite(self, compiler: SQLCompiler, condition: str, tables: str = "") -> str:
        """Return whether an entry of the key fulfils a condition."""
        return (
            f"EXISTS(SELECT 1 FROM json_each({self.column(compiler)}) AS a{tables} "  # noqa: S608
            f"WHERE a.key = %s AND {condition})"
        )


class JsonType(JsonExpression):
    """Whether the value of a key is of one of some types."""

    SQLITE = {
        Type.TEXT: ("text",),
        Type.NUMBER: ("integer", "real"),
        Type.BOOLEAN: ("true", "false"),
        Type.TEXTS: ("array",),
    }
    POSTGRESQL = {
        Type.TEXT: "string",
        Type.NUMBER: "number",
        Type.BOOLEAN: "boolean",
        Type.TEXTS: "array",
    }

    def __init__(self, path: str, key: str, kind: Type) -> None:
        super().__init__(path, key)
        self.kind = kind

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it by the entry's own type."""
        names = self.SQLITE[self.kind]
        listed = ", ".join("%s" for _ in names)
        return self.sqlite(compiler, f"a.type IN ({listed})"), (self.key, *names)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it; a key that is not there has no type."""
        sql = f"COALESCE(jsonb_typeof({self.column(compiler)} -> %s::text) = %s::text, false)"
        return sql, (self.key, self.POSTGRESQL[self.kind])


class JsonExists(JsonExpression):
    """Whether the key has a value: not null, and no empty text."""

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it by the entry's own type."""
        there = "a.type <> 'null' AND NOT (a.type = 'text' AND a.value = '')"
        return self.sqlite(compiler, there), (self.key,)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it; a key that is not there is NULL, so neither of the two."""
        value = f"({self.column(compiler)} -> %s::text)"
        sql = f"""COALESCE({value} NOT IN ('null'::jsonb, '""'::jsonb), false)"""
        return sql, (self.key,)


class JsonText(JsonExpression):
    """Whether the value of a key, which is a text, fulfils a test."""

    def __init__(self, path: str, key: str, test: TextTest) -> None:
        super().__init__(path, key)
        self.test = test

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it."""
        found, params = self.test.sqlite("a.value", connection)
        return self.sqlite(compiler, found), (self.key, *params)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it."""
        found, params = self.test.postgresql(f"({self.column(compiler)} ->> %s::text)")
        return f"COALESCE({found}, false)", (self.key, *params)


class JsonNumber(JsonExpression):
    """Whether the value of a key, which is a number, stands to another as an operator says."""

    def __init__(self, path: str, key: str, operator: Operator, number: Decimal) -> None:
        super().__init__(path, key)
        self.sign, self.number = COMPARISONS[operator], f"{number:f}"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it; without the cast every number would be less than the other, a text."""
        found = f"a.value {self.sign} CAST(%s AS NUMERIC)"
        return self.sqlite(compiler, found), (self.key, self.number)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it as JSON compares: there is no cast that could fail at a text."""
        value = f"({self.column(compiler)} -> %s::text)"
        sql = f"COALESCE({value} {self.sign} to_jsonb(CAST(%s AS numeric)), false)"
        return sql, (self.key, self.number)


class JsonTrue(JsonExpression):
    """Whether the value of a key is true, or false."""

    def __init__(self, path: str, key: str, *, wanted: bool) -> None:
        super().__init__(path, key)
        self.wanted = "true" if wanted else "false"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it by the entry's type: its value would be 1, as of the number."""
        return self.sqlite(compiler, "a.type = %s"), (self.key, self.wanted)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it."""
        sql = f"COALESCE(({self.column(compiler)} -> %s::text) = CAST(%s AS jsonb), false)"
        return sql, (self.key, self.wanted)


class JsonHolds(JsonExpression):
    """Whether the value of a key is a list that holds a text or one of some numbers."""

    def __init__(
        self, path: str, key: str, text: TextTest | None = None, numbers: Iterable[Decimal] = ()
    ) -> None:
        super().__init__(path, key)
        self.text, self.numbers = text, tuple(f"{number:f}" for number in numbers)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> SQL:
        """Return it; what is no list is read as an empty one."""
        entries = ", json_each(CASE a.type WHEN 'array' THEN a.value ELSE '[]' END) AS e"
        if self.text:
            found, params = self.text.sqlite("e.value", connection)
            sql = self.sqlite(compiler, f"e.type = 'text' AND {found}", entries)
            return sql, (self.key, *params)
        listed = ", ".join("CAST(%s AS NUMERIC)" for _ in self.numbers)
        found = f"e.type IN ('integer', 'real') AND e.value IN ({listed})"
        return self.sqlite(compiler, found, entries), (self.key, *self.numbers)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> SQL:
        """Return it; what is no list is read as an empty one."""
        value = f"({self.column(compiler)} -> %s::text)"
        if self.text:
            found, params = self.text.postgresql("(e.v #>> '{}')")
            found = f"jsonb_typeof(e.v) = 'string' AND {found}"
        else:
            listed = ", ".join("to_jsonb(CAST(%s AS numeric))" for _ in self.numbers)
            found, params = f"e.v IN ({listed})", self.numbers
        sql = (
            "EXISTS(SELECT 1 FROM jsonb_array_elements("  # noqa: S608
            f"CASE jsonb_typeof{value} WHEN 'array' THEN {value} ELSE '[]'::jsonb END"
            f") AS e(v) WHERE {found})"
        )
        return sql, (self.key, self.key, *params)
