"""Who moved up and who bought both: by hand, and against a slow count of random orders."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from recommendations.engine.events import views
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.upgrades import journeys as module
from recommendations.engine.upgrades.journeys import Journeys
from tests.recommendations.engine.histories import random_history
from tests.recommendations.engine.upgrades.shops import DAY, goods


def journeys(orders) -> Journeys:
    shop = goods(["a", "b", "c"], [1, 2, 3], orders)
    return Journeys(shop.matrix, shop.basket_at)


BOTH = np.array([1, 2])


@pytest.mark.parametrize(
    ("orders", "moved"),
    [
        ([(0, 1, [0]), (0, 2, [1])], [1, 0]),
        ([(0, 2, [0]), (0, 1, [1])], [0, 0]),  # came from it
        ([(0, 1, [0, 1])], [0, 0]),  # took both
        ([(0, 1, [0]), (0, 1, [1])], [0, 0]),  # at one moment nobody knows which came first
        ([(0, 1, [0]), (0, 2, [1]), (0, 3, [0])], [0, 0]),  # went back
        ([(0, 1, [0]), (0, 2, [0, 1])], [0, 0]),
        ([(0, 1, [0]), (0, 2, [1]), (0, 3, [1])], [1, 0]),  # a customer counts once
        ([(0, 1, [0]), (1, 2, [1])], [0, 0]),  # somebody else
        ([(0, 1, [0]), (0, 2, [1, 2]), (1, 5, [0]), (1, 6, [2])], [1, 2]),
    ],
)
def test_moved_up(orders, moved: list[int]) -> None:
    assert journeys(orders).moved_up(0, BOTH).tolist() == moved


def test_shared_baskets_and_whose_they_are() -> None:
    asked = journeys([(0, 1, [0, 1]), (0, 2, [0, 1, 2]), (1, 1, [0, 1]), (2, 1, [1, 2])])
    baskets, customers = asked.shared(0, BOTH)
    assert (baskets.tolist(), customers.tolist()) == ([3, 1], [2, 1])


def test_a_customer_of_very_many_items_moves_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [(0, 1, [0]), (0, 2, [1]), (0, 3, [2])]
    assert journeys(orders).moved_up(0, BOTH).tolist() == [1, 1]
    monkeypatch.setattr(module, "MOST_ITEMS", 2)
    assert journeys(orders).moved_up(0, BOTH).tolist() == [0, 0]


def looked(orders, looks) -> Journeys:
    """Orders of three items, and looks as (customer, item, day)."""
    shop = goods(["a", "b", "c"], [1, 2, 3], orders)
    who, what, day = zip(*looks, strict=True)
    seen = views(who, what, [one * DAY for one in day], n_customers=9, n_items=3)
    return Journeys(shop.matrix, shop.basket_at, seen)


@pytest.mark.parametrize(
    ("orders", "looks", "moved", "came"),
    [
        ([(0, 5, [1])], [(0, 0, 1)], [1, 0], 1),
        ([(0, 5, [1])], [(0, 0, 9)], [0, 0], 1),  # looked at it afterwards
        ([(0, 5, [1])], [(3, 0, 1)], [0, 0], 0),  # somebody who never bought anything
        ([(0, 2, [0]), (0, 1, [1])], [(0, 0, 0)], [0, 0], 1),  # looked, and bought it in the end
        ([(0, 5, [1]), (2, 1, [0]), (2, 2, [1, 2])], [(0, 0, 1)], [2, 1], 2),
    ],
)
def test_who_looked_at_one_and_bought_the_other(orders, looks, moved, came) -> None:
    asked = looked(orders, looks)
    assert asked.moved_up(0, BOTH).tolist() == moved
    assert asked.came[0] == came


def test_who_looks_at_everything_chooses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    orders, looks = [(0, 5, [1])], [(0, 0, 1), (0, 2, 1)]
    assert looked(orders, looks).moved_up(0, BOTH).tolist() == [1, 0]
    monkeypatch.setattr(module, "MOST_LOOKED_AT", 1)
    assert looked(orders, looks).moved_up(0, BOTH).tolist() == [0, 0]


def slowly(history: OrderHistory, item: int) -> tuple[list[int], list[int], list[int]]:
    """Moved up, shared baskets and shared customers, order by order."""
    held = defaultdict(set)
    for basket, what in zip(history.line_basket, history.line_item, strict=True):
        held[int(basket)].add(int(what))
    times = defaultdict(lambda: defaultdict(list))
    baskets, customers = [0] * history.n_items, defaultdict(set)
    for basket, things in held.items():
        who = int(history.basket_customer[basket])
        for thing in things:
            times[who][thing].append(int(history.basket_at[basket]))
            if item in things:
                baskets[thing] += 1
                customers[thing].add(who)
    moved = [
        sum(
            1
            for bought in times.values()
            if item in bought and other in bought and min(bought[other]) > max(bought[item])
        )
        for other in range(history.n_items)
    ]
    return moved, baskets, [len(customers[other]) for other in range(history.n_items)]


@pytest.mark.parametrize("seed", [1, 2])
def test_as_a_slow_count_says(seed: int) -> None:
    history = random_history(seed=seed)
    asked = Journeys(basket_matrix(history, as_of=0, half_life_days=None), history.basket_at)
    others = np.arange(history.n_items)
    for item in (0, 7, 33):
        moved, baskets, customers = slowly(history, item)
        assert asked.moved_up(item, others).tolist() == moved
        shared = asked.shared(item, others)
        assert (shared[0].tolist(), shared[1].tolist()) == (baskets, customers)
        assert sum(moved) > 20, "there is something to count"
