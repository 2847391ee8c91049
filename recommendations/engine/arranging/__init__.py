"""Which of the candidates stand in a block, in which order, and why.

``boosted`` orders candidates by score and the merchant's boosts; ``arrange`` puts as many as a
block has slots in order: pins, shares of slots, caps per category, diversity and rotation. What
goes before what: pins beat caps, caps beat shares, shares beat diversity and rotation.
"""

from recommendations.engine.arranging.arrangement import (
    Arrangement,
    Cause,
    Entrant,
    Left,
    Place,
    Unmet,
)
from recommendations.engine.arranging.boosting import BOOST_LIMIT, Boosted, boosted
from recommendations.engine.arranging.filling import arrange
from recommendations.engine.arranging.likeness import likeness
from recommendations.engine.arranging.rotation import Period, rotated, turn

__all__ = [
    "BOOST_LIMIT",
    "Arrangement",
    "Boosted",
    "Cause",
    "Entrant",
    "Left",
    "Period",
    "Place",
    "Unmet",
    "arrange",
    "boosted",
    "likeness",
    "rotated",
    "turn",
]
