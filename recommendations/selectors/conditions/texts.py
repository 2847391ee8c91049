"""What a text is asked in SQL, without regard to capital letters."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from recommendations.engine.conditions.patterns import folded_text, pattern, unfolded
from recommendations.engine.conditions.resolving import PlainTest
from recommendations.engine.conditions.syntax import TEXT_SEARCH

SQL = tuple[str, tuple[Any, ...]]
"""A piece of SQL and its parameters."""


@dataclasses.dataclass(frozen=True)
class TextTest:
    """What a text is asked: whether it is one of some, or whether an expression is found in it."""

    texts: tuple[str, ...] = ()
    expression: str = ""

    @classmethod
    def of(cls, test: PlainTest) -> TextTest:
        """Return what a test of a rule asks, without regard to capital letters."""
        texts = tuple(str(value) for value in test.values)
        if test.operator in TEXT_SEARCH:
            return cls(expression=pattern(test.operator, texts[0], exact=test.field.exact))
        return cls(texts=tuple(sorted({folded_text(text) for text in texts})))

    def sqlite(self, value: str, connection: BaseDatabaseWrapper) -> SQL:
        """Return it; REGEXP is Python's own search there, and the fold is ours."""
        if self.expression:
            return f"{value} REGEXP %s", (self.expression,)
        # Here and not when the connection opens: it may have opened before this module was read.
        connection.ensure_connection()
        connection.connection.create_function(FOLD, 1, _fold, deterministic=True)
        listed = ", ".join("%s" for _ in self.texts)
        return f"{FOLD}({value}) IN ({listed})", self.texts

    def postgresql(self, value: str) -> SQL:
        """Return it; by the collation "C" ``lower`` folds ASCII alone."""
        if self.expression:
            return f"{value} ~ %s::text", (self.expression,)
        letters = unfolded(self.texts)
        listed = ", ".join("%s::text" for _ in self.texts)
        sql = f'translate(lower({value} COLLATE "C"), %s::text, %s::text) IN ({listed})'
        return sql, ("".join(letters), "".join(letters.values()), *self.texts)


FOLD = "crosssell_fold"
"""Name of our function on a connection to SQLite, whose own ``lower`` folds ASCII alone. Calls of
its ``replace`` within each other, one a letter, overflow its parser at about thirty."""


def _fold(value: object) -> str | None:
    return folded_text(value) if isinstance(value, str) else None
