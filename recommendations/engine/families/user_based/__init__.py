"""User-based collaborative filtering: similar customers, and what they bought.

`FAMILY` compares customers by cosine, `PEARSON` by correlation.
"""

from recommendations.engine.families.user_based.model import FAMILY, PEARSON, UserBasedModel
from recommendations.engine.families.user_based.nearest import nearest_rows

__all__ = ["FAMILY", "PEARSON", "UserBasedModel", "nearest_rows"]
