"""How alike two candidates are."""

from __future__ import annotations

from collections.abc import Hashable, Set


def likeness(left: Set[Hashable], right: Set[Hashable]) -> float:
    """Return the share of features that two candidates have in common (Jaccard's index).

    Parameters
    ----------
    left, right : set
        Features of each, such as category, brand and attributes with their values.

    Returns
    -------
    float
        0 (nothing in common, or nothing known of one) to 1 (the same).

    Examples
    --------
    >>> likeness({"tea", "green", "Acme"}, {"tea", "black", "Acme"})
    0.5
    """
    common = len(left & right)
    return common / (len(left) + len(right) - common) if common else 0.0
