"""The merchant's one rule language: filters, boosts, who may use a coupon, and segments.

``parse`` and ``loads`` read a rule or say what is wrong with it; ``matches`` asks it in memory and
``recommendations.selectors.conditions`` in the database, with the same answer; ``words`` reads it
out. What it can say, and what missing values mean: ``docs/rules.md``.
"""

from recommendations.engine.conditions.facts import (
    BasketFacts,
    Context,
    CustomerFacts,
    ItemFacts,
    PageFacts,
)
from recommendations.engine.conditions.faults import ConditionError, Fault
from recommendations.engine.conditions.fields import AUDIENCE, SCHEMA, Field, Schema
from recommendations.engine.conditions.matching import (
    Verdict,
    fields_of,
    matches,
    outcome_of,
    verdict,
)
from recommendations.engine.conditions.reading import VERSION, loads, parse
from recommendations.engine.conditions.resolving import Unknown
from recommendations.engine.conditions.syntax import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FieldValue,
    Not,
    Operator,
    ShareOf,
)
from recommendations.engine.conditions.values import Money, Type
from recommendations.engine.conditions.words import Point, Speech, outline, words
from recommendations.engine.conditions.writing import document, dumps

__all__ = [
    "AUDIENCE",
    "EVERYTHING",
    "SCHEMA",
    "VERSION",
    "AllOf",
    "AnyOf",
    "BasketFacts",
    "Comparison",
    "Condition",
    "ConditionError",
    "Context",
    "CustomerFacts",
    "Fault",
    "Field",
    "FieldValue",
    "ItemFacts",
    "Money",
    "Not",
    "Operator",
    "PageFacts",
    "Point",
    "Schema",
    "ShareOf",
    "Speech",
    "Type",
    "Unknown",
    "Verdict",
    "document",
    "dumps",
    "fields_of",
    "loads",
    "matches",
    "outcome_of",
    "outline",
    "parse",
    "verdict",
    "words",
]
