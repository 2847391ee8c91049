"""The Wilson-type discount of pairs with little evidence."""

from __future__ import annotations

from typing import Any

import numpy as np

from recommendations.engine._kernel.compiling import compiled


# `similarity.wilson_share` of one pair, written out again because numba's cache does not notice
# a change in another file; a test holds the two to the same bits.
def wilson_share(customers: Any, trials: Any, z: Any) -> Any:
    share = customers / trials
    centre = share + z * z / (2.0 * trials)
    spread = z * np.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials))
    return (centre - spread) / (1.0 + z * z / trials) / share


wilson_share = compiled(wilson_share)


def discount(customers: Any, left: Any, right: Any, z: Any) -> Any:
    """Return what is left of a cosine when both its shares shrink to their lower bounds."""
    return np.sqrt(wilson_share(customers, left, z) * wilson_share(customers, right, z))


discount = compiled(discount)
