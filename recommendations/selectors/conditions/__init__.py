"""Rules of the merchant as conditions of a query over items, and items as facts for rules."""

from recommendations.selectors.conditions.columns import (
    AgeColumn,
    BooleanColumn,
    Column,
    MarginColumn,
    MoneyColumn,
    NumberColumn,
    TextColumn,
)
from recommendations.selectors.conditions.compiling import (
    ITEM_COLUMNS,
    PRICE,
    compile_q,
    item_facts,
)

__all__ = [
    "ITEM_COLUMNS",
    "PRICE",
    "AgeColumn",
    "BooleanColumn",
    "Column",
    "MarginColumn",
    "MoneyColumn",
    "NumberColumn",
    "TextColumn",
    "compile_q",
    "item_facts",
]
