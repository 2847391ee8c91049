"""Small shops for tests of upgrades: items by hand, orders by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recommendations.engine.history import order_history
from recommendations.engine.item_features import ItemFacts
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.upgrades.lists import Goods, upgrade_lists

DAY = 86_400

Order = tuple[int, int, Sequence[int]]
"""Customer, day, items."""


def goods(
    titles: Sequence[str],
    prices: Sequence[float],
    orders: Sequence[Order] = (),
    *,
    brand: str | Sequence[str] = "",
    category: str | Sequence[str] = "Shelf",
    currency: str | Sequence[str] = "EUR",
    cost: Mapping[int, float] | None = None,
    hidden: Sequence[int] = (),
) -> Goods:
    """Items in this order, and who ordered what when."""
    n_items = len(titles)

    def each(given: str | Sequence[str]) -> list[str]:
        return [given] * n_items if isinstance(given, str) else list(given)

    history = order_history(
        item_ids=list(range(10, 10 + n_items)),
        baskets=[sorted(items) for _, _, items in orders],
        at=[day * DAY for _, day, _ in orders],
        customers=[customer for customer, _, _ in orders],
    )
    costs = np.full(n_items, np.nan)
    for item, amount in (cost or {}).items():
        costs[item] = amount
    shown = np.ones(n_items, dtype=bool)
    shown[list(hidden)] = False
    return Goods(
        facts=ItemFacts(
            title=list(titles),
            description=[""] * n_items,
            category=each(category),
            brand=each(brand),
            price=np.array(prices, dtype=np.float64),
            currency=each(currency),
            attributes=[{}] * n_items,
        ),
        cost=costs,
        shown=shown,
        matrix=basket_matrix(history, as_of=0, half_life_days=None),
        basket_at=history.basket_at,
    )


def lists_of(goods: Goods, *, highest_ratio: float = 2.0, k: int = 10) -> NeighbourLists:
    """The upgrades of all items, from five customers on."""
    return upgrade_lists(goods, k=k, min_customers=5, highest_ratio=highest_ratio)


def of(lists: NeighbourLists, item: int) -> list[int]:
    """The upgrades of one item, best first."""
    found: list[int] = lists.items[lists.indptr[item] : lists.indptr[item + 1]].tolist()
    return found


def together(items: Sequence[int], n_customers: int, *, first: int = 0) -> list[Order]:
    """One order of all these items by each of so many customers."""
    return [(first + customer, 1, items) for customer in range(n_customers)]


def moves(before: int, after: int, n_customers: int, *, first: int = 0) -> list[Order]:
    """Customers who buy one item and a month later the other."""
    each = range(first, first + n_customers)
    orders: list[Order] = [(customer, 1, [before]) for customer in each]
    return orders + [(customer, 31, [after]) for customer in each]
