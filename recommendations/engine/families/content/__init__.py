"""Families that compare items by what they are, so that an item without orders has a list too."""

from recommendations.engine.families.content.complements import COMPLEMENTS
from recommendations.engine.families.content.similar import SIMILAR

FAMILY = SIMILAR

__all__ = ["COMPLEMENTS", "FAMILY", "SIMILAR"]
