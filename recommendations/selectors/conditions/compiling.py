"""Rules asked in the database, with the answer that they give in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q
from django.utils import timezone

from recommendations.engine.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Context,
    ItemFacts,
    Not,
    Operator,
    Unknown,
)
from recommendations.engine.conditions.facts import read
from recommendations.engine.conditions.judging import judge
from recommendations.engine.conditions.matching import NOWHERE
from recommendations.engine.conditions.resolving import PlainTest, plain_test
from recommendations.models import Item
from recommendations.selectors.conditions.columns import (
    ALWAYS,
    NEVER,
    AgeColumn,
    AttributeColumn,
    BooleanColumn,
    Column,
    MarginColumn,
    MoneyColumn,
    TextColumn,
)

PRICE = MoneyColumn("price", "currency")

ITEM_COLUMNS: Mapping[str, Column] = {
    "key": TextColumn("key"),
    "title": TextColumn("title"),
    "category": TextColumn("category"),
    "brand": TextColumn("brand"),
    "price": PRICE,
    "currency": TextColumn("currency"),
    "age_days": AgeColumn("created_at"),
    "active": BooleanColumn("active"),
}
"""Fields of an item that its own table holds. Add ``margin``, ``stock`` and ``days_of_cover`` where
another table tells them; without a column a field is missing for every item."""

ATTRIBUTES = "attributes"


def compile_q(
    condition: Condition,
    context: Context = NOWHERE,
    *,
    now: datetime | None = None,
    columns: Mapping[str, Column] = ITEM_COLUMNS,
) -> Q:
    """Return the condition of a query over items that a rule is.

    It may be turned round, and joined with others: it is true or false for every row. ``now`` is
    what ages are counted to; None: this moment.
    """
    return _Compiler(context, now or timezone.now(), columns).q(condition, wanted=True)


def item_facts(
    item: Item, *, now: datetime | None = None, columns: Mapping[str, Column] = ITEM_COLUMNS
) -> ItemFacts:
    """Return what rules ask of an item in memory, without a query for columns of its own table."""
    now = now or timezone.now()
    facts: dict[str, Any] = {
        "cost" if isinstance(column, MarginColumn) else name: column.read(item, now)
        for name, column in columns.items()
    }
    attributes = item.attributes if isinstance(item.attributes, Mapping) else {}
    return ItemFacts(**facts, attributes=attributes)


class _Compiler:
    """Carries what is the same for all tests of a rule.

    ``not`` never reaches the database: where a rule must be false, its tests are asked whether
    they are false. So a NULL cannot turn into a yes by being turned round.
    """

    def __init__(self, context: Context, now: datetime, columns: Mapping[str, Column]) -> None:
        self.context = context
        self.now = now
        self.columns = columns

    def q(self, condition: Condition, *, wanted: bool) -> Q:
        """Return for which rows the condition is what is wanted; unknown is neither."""
        match condition:
            case AllOf(parts):
                return self._joined(parts, every=wanted, wanted=wanted)
            case AnyOf(parts):
                return self._joined(parts, every=not wanted, wanted=wanted)
            case Not(part):
                return self.q(part, wanted=not wanted)
        return self._test(condition, wanted=wanted)

    def _joined(self, parts: tuple[Condition, ...], *, every: bool, wanted: bool) -> Q:
        compiled = [self.q(part, wanted=wanted) for part in parts]
        return reduce(and_, compiled, ALWAYS) if every else reduce(or_, compiled, NEVER)

    def _test(self, test: Comparison, *, wanted: bool) -> Q:
        plain = plain_test(test, self.context)
        if isinstance(plain, Unknown):
            return NEVER
        if plain.field.scope != "item":
            outcome = judge(plain)(read(plain.field.name, None, self.context))
            return ALWAYS if outcome is wanted else NEVER
        column = self._column(plain)
        if plain.operator is Operator.EXISTS:
            exists = NEVER if column is None else column.exists()
            return exists if wanted else ~exists
        if column is None:
            return NEVER
        holds = column.holds(plain, self.now)
        return column.known(plain) & (holds if wanted is not plain.negated else ~holds)

    def _column(self, test: PlainTest) -> Column | None:
        _, name, *attribute = test.field.name.split(".", 2)
        if attribute:
            return AttributeColumn(ATTRIBUTES, attribute[0])
        return self.columns.get(name)
