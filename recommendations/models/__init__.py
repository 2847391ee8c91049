"""Tables, constraints and ``clean()``; no logic that needs another table."""

from recommendations.models.build import Build, BuildLease, Kind, Publication, Question
from recommendations.models.choice import Comparison, ModelChoice
from recommendations.models.customers import CustomerList
from recommendations.models.feedback import Feedback
from recommendations.models.item import Item
from recommendations.models.ladder import LadderStep
from recommendations.models.merchandising import Merchandising, SlotShare
from recommendations.models.neighbours import NeighbourList, PopularList
from recommendations.models.pins import Exclusion, Pin, PlacementPin
from recommendations.models.placement import Placement, PlacementStep, Strategy
from recommendations.models.rules import PairRules

__all__ = [
    "Build",
    "BuildLease",
    "Comparison",
    "CustomerList",
    "Exclusion",
    "Feedback",
    "Item",
    "Kind",
    "LadderStep",
    "Merchandising",
    "ModelChoice",
    "NeighbourList",
    "PairRules",
    "Pin",
    "Placement",
    "PlacementPin",
    "PlacementStep",
    "PopularList",
    "Publication",
    "Question",
    "SlotShare",
    "Strategy",
]
