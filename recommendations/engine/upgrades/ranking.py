"""The order of upgrades: the chance that a shopper takes the step × what the shop earns by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.upgrades.needs import Relation

PRIOR_CUSTOMERS = 50.0
"""Customers that the prior chance stands for: of an item bought by more, its own steps weigh
more."""

ELASTICITY = 3.0
"""How fast the chance falls with the price, (price / upgrade's price) to this power: twice the
price, an eighth of the chance. Above 1, or the dearest would always be best."""

STRENGTH = {
    Relation.SAME_NAME: 1.0,
    Relation.SAME_KIND: 0.5,
    Relation.ONE_NEED: 0.25,
    Relation.LEARNED: 0.25,
}
"""How likely a step is, by how it is known to meet the need, before anybody took it. What is
likest in description keeps all of it, what is not alike at all half, but for a ladder's steps."""

WOULD_STAY = 0.5
"""Share of those asked who would have bought the item itself: what it earns is lost with a step."""


def chances(
    moved: NDArray[np.int64],
    customers: NDArray[np.int64],
    ratio: NDArray[np.floating],
    relation: NDArray[np.integer],
    likeness: NDArray[np.floating],
) -> NDArray[np.float64]:
    """Return the chance of each step.

    The mean of a beta-binomial posterior: (moved + κ · prior) / (customers + κ). The prior is the
    shop's own share of steps, higher where the need is surely the same and the price is near.

    Parameters
    ----------
    moved : ndarray of shape (n_pairs,), int64
        Distinct customers who took the step; 0 where they are too few to count on.
    customers : ndarray of shape (n_pairs,), int64
        Distinct customers who could take it: they bought the item or looked at it.
    ratio : ndarray of shape (n_pairs,), float64
        Price of the upgrade by that of the item, above 1.
    relation : ndarray of shape (n_pairs,), integer
        A `Relation` each.
    likeness : ndarray of shape (n_pairs,), float64
        Cosine of what the two are, 0 where nothing is known.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        Above 0 and below 1.

    Examples
    --------
    >>> both = np.array([0, 0]), np.array([0, 0])
    >>> near, far = chances(*both, np.array([1.2, 1.9]), np.array([1, 1]), np.array([0.9, 0.9]))
    >>> bool(near > far)
    True
    """
    strength = np.array([0.0, *STRENGTH.values()])[relation]
    likest = np.clip(likeness, 0.0, 1.0)
    alike = np.where(relation == Relation.SAME_NAME, 1.0, (1 + likest) / 2)
    weight = strength * alike * ratio.astype(np.float64) ** -ELASTICITY
    usual = (moved.sum() + 1) / (customers.sum() + 100)
    prior = usual * weight / (weight.mean() if len(weight) else 1.0)
    prior = np.minimum(prior, 0.5)
    return np.asarray((moved + PRIOR_CUSTOMERS * prior) / (customers + PRIOR_CUSTOMERS))


def earnings(price: NDArray[np.floating], cost: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what a sale of each item earns.

    Parameters
    ----------
    price : ndarray of shape (n_items,), float64
        NaN where unknown.
    cost : ndarray of shape (n_items,), float64
        In the currency of the price, NaN where unknown: the usual share of the price stands in,
        and nothing where no cost is known, so that differences of price decide.

    Returns
    -------
    ndarray of shape (n_items,), float64
        NaN where the price is; below 0 for what is sold at a loss.

    Examples
    --------
    >>> earnings(np.array([10.0, 20.0, 30.0]), np.array([5.0, np.nan, 15.0])).tolist()
    [5.0, 10.0, 15.0]
    >>> earnings(np.array([10.0, 20.0]), np.array([np.nan, np.nan])).tolist()
    [10.0, 20.0]
    """
    known = np.isfinite(cost) & (np.nan_to_num(price) > 0)
    return np.where(known, price - cost, price * (1 - usual_cost_share(price, cost)))


def usual_cost_share(price: NDArray[np.floating], cost: NDArray[np.floating]) -> float:
    """Return the share of the price that what is sold costs the shop: the median of what is known.

    Parameters
    ----------
    price, cost : ndarray of shape (n_items,), float64
        As in `earnings`.

    Returns
    -------
    float
        0 where no cost is known.

    Examples
    --------
    >>> usual_cost_share(np.array([10.0, 20.0, 10.0]), np.array([5.0, np.nan, 7.0]))
    0.6
    """
    known = np.isfinite(cost) & (np.nan_to_num(price) > 0)
    return float(np.median(cost[known] / price[known])) if known.any() else 0.0


def gains(earned: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the shop gains by each step that is taken.

    Parameters
    ----------
    earned : ndarray of shape (n_pairs,), float64
        What the item earns.
    other : ndarray of shape (n_pairs,), float64
        What the upgrade earns.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        0 where nothing is gained.

    Examples
    --------
    >>> gains(np.array([10.0, 10.0]), np.array([16.0, 4.0])).tolist()
    [11.0, 0.0]
    """
    return np.maximum(other - WOULD_STAY * earned, 0.0)
