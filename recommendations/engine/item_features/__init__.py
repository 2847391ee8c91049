"""What items are, as numbers: one row of features per item, for models that compare by it."""

from recommendations.engine.item_features.facts import ItemFacts
from recommendations.engine.item_features.features import (
    DEFAULT_WEIGHTS,
    ItemFeatures,
    item_features,
)

__all__ = ["DEFAULT_WEIGHTS", "ItemFacts", "ItemFeatures", "item_features"]
