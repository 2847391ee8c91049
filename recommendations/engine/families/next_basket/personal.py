"""How much each customer's own baskets say about each item they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.purchases import Purchases


def personal_frequency(
    bought: Purchases,
    *,
    n_groups: int = 7,
    within_decay: float = 0.9,
    group_decay: float = 0.7,
) -> NDArray[np.float64]:
    """Return the temporally weighted frequency of each (customer, item) pair.

    The n baskets of a customer fall, newest first, into g = min(n_groups, n) groups whose sizes
    differ by at most one. A basket counts within_decay ** (its place in the group, 0 the newest)
    / (size of the group) · group_decay ** (place of the group) / g: the personalised item
    frequency of Hu, He, Gao and Zhang (2020), Modeling personalized item frequency information
    for next-basket recommendation. One group and no decay give the plain share of baskets.

    Parameters
    ----------
    bought : Purchases
        The purchases.
    n_groups : int
        At least 1.
    within_decay, group_decay : float
        Above 0 to 1.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        Above 0 to 1, in the order of `bought.pair_item`.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.families.purchases import purchases
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[10, 20], baskets=[[0], [1], [1]], at=[0, 60, 90], customers=[0, 0, 0]
    ... )
    >>> personal_frequency(
    ...     purchases(history), n_groups=2, within_decay=0.5, group_decay=0.5
    ... ).tolist()
    [0.25, 0.375]
    """
    if n_groups < 1:
        raise ValueError(f"n_groups must be at least 1, not {n_groups}.")
    for name, decay in (("within_decay", within_decay), ("group_decay", group_decay)):
        if not 0 < decay <= 1:
            raise ValueError(f"{name} must be above 0 and at most 1, not {decay}.")
    n_baskets = bought.n_baskets[bought.line_customer]
    groups = np.minimum(n_groups, n_baskets)
    group = bought.line_age * groups // np.maximum(n_baskets, 1)
    # The first age of group j is the smallest a with a · groups // n_baskets == j.
    newest = -(-group * n_baskets // groups)
    size = -(-(group + 1) * n_baskets // groups) - newest
    weight = within_decay ** (bought.line_age - newest).astype(np.float64) / size
    return bought.sums(weight * group_decay ** group.astype(np.float64) / groups)
