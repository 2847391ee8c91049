"""What customers did with single items: ratings that they gave, and products that they looked at.

Customers are positions as in `OrderHistory`, and go on behind its last for those who never bought.
"""

from __future__ import annotations

from recommendations.engine.events.newest import newest_of_customers, newest_of_pairs
from recommendations.engine.events.rated import Ratings, ratings
from recommendations.engine.events.viewed import Views, views

__all__ = [
    "Ratings",
    "Views",
    "newest_of_customers",
    "newest_of_pairs",
    "ratings",
    "views",
]
