from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix, without_baskets
from recommendations.engine.popularity import item_popularity, popular, popular_items
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history


def test_the_lopsided_history_by_hand():
    items, weights, customers = popular(lopsided(), as_of=4 * DAY, half_life_days=None, k=3)
    assert items.tolist() == [0, 1, 2]
    assert weights.tolist() == [3, 3, 2]
    assert customers.tolist() == [3, 3, 2]


def test_decay_takes_the_newest_basket_of_each_customer():
    items, weights, _ = popular(lopsided(), as_of=4 * DAY, half_life_days=1.0, k=9)
    # a: customer 0 on days 0 and 2, customer 1 on day 1, customer 2 on day 3.
    by_item = dict(zip(items.tolist(), weights.tolist(), strict=True))
    assert by_item == pytest.approx(
        {0: 1 / 4 + 1 / 8 + 1 / 2, 1: 1 / 16 + 1 / 8 + 1, 2: 9 / 8, 3: 1 / 4}
    )
    assert items.tolist() == [1, 2, 0, 3]


def test_buying_every_day_makes_nothing_popular():
    history = order_history(
        item_ids=[1, 2], baskets=[[0]] * 50 + [[1]] * 2, at=[0] * 52, customers=[0] * 50 + [1, 2]
    )
    assert popular(history, as_of=0, half_life_days=None, k=2)[0].tolist() == [1, 0]


@given(histories(), st.sampled_from([None, 1.0, 300.0]))
def test_agrees_with_counting_one_by_one(history, half_life_days):
    as_of = 1000 * DAY
    expected: dict[int, dict[int, float]] = {}
    for basket, item in zip(history.line_basket, history.line_item, strict=True):
        age = (as_of - history.basket_at[basket]) / DAY
        weight = 1.0 if half_life_days is None else 0.5 ** min(age / half_life_days, 60)
        seen = expected.setdefault(int(item), {})
        customer = int(history.basket_customer[basket])
        seen[customer] = max(weight, seen.get(customer, 0.0))
    items, weights, customers = popular(history, as_of=as_of, half_life_days=half_life_days, k=99)
    assert dict(zip(items.tolist(), weights, strict=True)) == pytest.approx(
        {item: sum(seen.values()) for item, seen in expected.items()}
    )
    assert customers.tolist() == [len(expected[item]) for item in items.tolist()]
    assert np.all(np.diff(weights) <= 0)


def test_baskets_set_aside_make_nothing_popular():
    history = random_history(seed=1)
    matrix = basket_matrix(history, as_of=0, half_life_days=None)
    nothing = without_baskets(matrix, np.ones(matrix.n_baskets, dtype=bool))
    assert not item_popularity(nothing).any()
    assert popular_items(nothing, k=3)[0].tolist() == []


def test_nothing_sold_is_nothing_popular():
    nobody = order_history(item_ids=[1, 2], baskets=[], at=[], customers=[])
    assert [part.tolist() for part in popular(nobody, as_of=0, half_life_days=None, k=3)] == [
        []
    ] * 3


def test_k_below_1_is_refused():
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        popular(lopsided(), as_of=0, half_life_days=None, k=0)
