"""Lists that lean on orders where there are enough, and on content where there are not."""

from recommendations.engine.families.hybrid.model import FAMILY

__all__ = ["FAMILY"]
