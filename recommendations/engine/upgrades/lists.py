"""The upgrades of every item of a shop, best first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.events import Views
from recommendations.engine.item_features import ItemFacts, item_features
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.upgrades.apart import Complements
from recommendations.engine.upgrades.journeys import Journeys
from recommendations.engine.upgrades.needs import Needs
from recommendations.engine.upgrades.ranking import chances, earnings, gains

LIKENESS = {"text": 1.5, "attributes": 1.0, "embedding": 1.5}
"""What makes two items of a kind alike. Neither brand nor price: an upgrade may change both."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Goods:
    """What is known of a shop's items and of who bought them.

    Parameters
    ----------
    facts : ItemFacts
        Of n_items items.
    cost : ndarray of shape (n_items,), float64
        What the shop pays for one, in the currency of its price; NaN where unknown.
    shown : ndarray of shape (n_items,), bool
        Whether an item is shown by itself.
    matrix : BasketMatrix
        Baskets × items.
    basket_at : ndarray of shape (n_history_baskets,), int64
        When each basket of the history was ordered.
    views : Views, optional
        Who looked at what, customers as in the history.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> Goods.__slots__[:2]
    ('facts', 'cost')
    """

    facts: ItemFacts
    cost: NDArray[np.float64]
    shown: NDArray[np.bool_]
    matrix: BasketMatrix
    basket_at: NDArray[np.int64]
    views: Views | None = None

    def __post_init__(self) -> None:
        lengths = {len(self.facts), len(self.cost), len(self.shown), self.matrix.n_items}
        if len(lengths) > 1:
            raise ValueError(f"Facts, costs and orders are of {sorted(lengths)} items.")


def upgrade_lists(
    goods: Goods,
    *,
    k: int,
    min_customers: int,
    highest_ratio: float,
    lowest_ratio: float = 1.0,
    seed: int = 0,
) -> NeighbourLists:
    """Return the dearer items that meet the same need as each item.

    Parameters
    ----------
    goods : Goods
        A shop of n_items items.
    k : int
        Longest list, 1 or more.
    min_customers : int
        Distinct customers from which steps and shared baskets count: what fewer did changes
        neither order nor evidence.
    highest_ratio, lowest_ratio : float
        An upgrade costs more than `lowest_ratio` and at most `highest_ratio` times the item.
    seed : int
        Of the features that tell how much alike two items are.

    Returns
    -------
    NeighbourLists
        A row per item. Scores are the chance of the step × what the shop gains by it, in units of
        the currency; ties go to the smaller item. Both counts are the distinct customers who moved
        up, 0 where they are fewer than `min_customers`.

    Raises
    ------
    ValueError
        If the band of prices holds no dearer price, or `k` is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[], at=[], customers=[])
    >>> facts = ItemFacts(
    ...     title=["Alder Laptop", "Alder Laptop Plus"], description=["", ""],
    ...     category=["Computers"] * 2, brand=["Quillmar"] * 2, price=np.array([600.0, 800.0]),
    ...     currency=["EUR"] * 2, attributes=[{}, {}],
    ... )
    >>> goods = Goods(
    ...     facts=facts, cost=np.full(2, np.nan), shown=np.ones(2, dtype=bool),
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None),
    ...     basket_at=history.basket_at,
    ... )
    >>> found = upgrade_lists(goods, k=3, min_customers=5, highest_ratio=2.0)
    >>> found.indptr.tolist(), found.items.tolist()
    ([0, 1, 1], [1])
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    if not 1.0 <= lowest_ratio < highest_ratio:
        raise ValueError(
            f"The band of prices must go from 1 or more upwards, not from {lowest_ratio} to"
            f" {highest_ratio}."
        )
    journeys = Journeys(goods.matrix, goods.basket_at, goods.views)
    needs = Needs(
        facts=goods.facts,
        shown=goods.shown,
        complements=Complements(journeys, min_customers),
        lowest_ratio=lowest_ratio,
        highest_ratio=highest_ratio,
    )
    row, item, relation, moved = _steps(needs)
    moved = np.where(moved >= min_customers, moved, 0)
    price = goods.facts.price
    chance = chances(
        moved,
        journeys.came[row],
        price[item] / price[row],
        relation,
        _likeness(goods.facts, row, item, seed),
    )
    earned = earnings(price, goods.cost)
    score = chance * gains(earned[row], earned[item])
    order = np.lexsort((item, -score, row))
    row, item = row[order], item[order]
    movers = moved[order].astype(np.uint32)
    lists = NeighbourLists(
        indptr=row_bounds(np.bincount(row, minlength=len(goods.facts))),
        items=item.astype(np.int32),
        scores=score[order].astype(np.float32),
        customers=movers,
        baskets=movers,
    )
    return lists.first(k)


def _steps(
    needs: Needs,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8], NDArray[np.int64]]:
    """Return every (item, upgrade) with how it is known and who took it."""
    found = [needs.of(item) for item in range(len(needs.facts))]
    nothing = np.zeros(0, dtype=np.int64)
    row = np.repeat(np.arange(len(found)), [len(items) for items, _, _ in found])
    item = np.concatenate([nothing, *(items for items, _, _ in found)])
    relation = np.concatenate([nothing.astype(np.int8), *(known for _, known, _ in found)])
    return row, item, relation, np.concatenate([nothing, *(moved for _, _, moved in found)])


def _likeness(
    facts: ItemFacts, row: NDArray[np.int64], item: NDArray[np.int64], seed: int
) -> NDArray[np.float64]:
    """Return the cosine of what the items of each pair are."""
    features = item_features(facts, weights=LIKENESS, seed=seed).matrix
    if not len(row):
        return np.zeros(0)
    return np.asarray(features[row].multiply(features[item]).sum(axis=1), dtype=np.float64).ravel()
