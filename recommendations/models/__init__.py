"""Tables, constraints and ``clean()``; no logic that needs another table."""

from recommendations.models.build import Build, BuildLease, Kind, Publication, Question
from recommendations.models.choice import Comparison, ModelChoice
from recommendations.models.customers import CustomerList
from recommendations.models.item import Item
from recommendations.models.neighbours import NeighbourList, PopularList
from recommendations.models.placement import Exclusion, Pin, Placement
from recommendations.models.rules import PairRules

__all__ = [
    "Build",
    "BuildLease",
    "Comparison",
    "CustomerList",
    "Exclusion",
    "Item",
    "Kind",
    "ModelChoice",
    "NeighbourList",
    "PairRules",
    "Pin",
    "Placement",
    "PopularList",
    "Publication",
    "Question",
]
