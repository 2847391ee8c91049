"""What a customer's next basket holds: own frequency, similar customers, companions, best sellers.

`FAMILY` blends them by weights, `RANKED` learns their order from the customers' newest baskets,
`FREQUENCY` is the yardstick: own frequency, then popularity.
"""

from recommendations.engine.families.next_basket.model import (
    FAMILY,
    FREQUENCY,
    RANKED,
    NextBasketModel,
)

__all__ = ["FAMILY", "FREQUENCY", "RANKED", "NextBasketModel"]
