"""Which items are bought together more often than chance would have it, as rules."""

from recommendations.engine.association_rules.itemsets import (
    FrequentItemsets,
    Itemsets,
    frequent_itemsets,
)
from recommendations.engine.association_rules.rules import (
    MEASURES,
    AssociationRules,
    association_rules,
    rule_lists,
)

__all__ = [
    "MEASURES",
    "AssociationRules",
    "FrequentItemsets",
    "Itemsets",
    "association_rules",
    "frequent_itemsets",
    "rule_lists",
]
