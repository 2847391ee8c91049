"""Tables, constraints and ``clean()``; no logic that needs another table."""

from recommendations.models.build import Build, BuildLease, Kind, Publication
from recommendations.models.item import Item
from recommendations.models.neighbours import NeighbourList, PopularList
from recommendations.models.placement import Exclusion, Pin, Placement

__all__ = [
    "Build",
    "BuildLease",
    "Exclusion",
    "Item",
    "Kind",
    "NeighbourList",
    "Pin",
    "Placement",
    "PopularList",
    "Publication",
]
