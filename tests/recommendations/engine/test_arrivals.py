from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.arrivals import first_sold, most_recent, new_arrivals
from recommendations.engine.history import order_history
from tests.recommendations.engine.histories import DAY, lopsided, with_basket


def test_first_sold_by_hand():
    # Baskets ab, abc, ad, a, bc on days 0 to 4.
    assert first_sold(lopsided(), as_of=4 * DAY).tolist() == [0, 0, DAY, 2 * DAY]
    assert first_sold(lopsided(), as_of=DAY).tolist() == [0, 0, DAY, -1]


def test_rates_by_hand():
    # a: 3 customers in 4 days; b: 3 in 4; c: 2 in 3; d: 1 in 2. Groups ad, bc.
    rates = new_arrivals(lopsided(), as_of=4 * DAY, group=np.array([0, 1, 1, 0]), prior_days=2.0)
    overall = 9 / 13
    first, second = (4 + 2 * overall) / (6 + 2), (5 + 2 * overall) / (7 + 2)
    assert rates == pytest.approx(
        [(3 + 2 * first) / 6, (3 + 2 * second) / 6, (2 + 2 * second) / 5, (1 + 2 * first) / 4]
    )


def test_an_item_without_sales_stands_where_its_category_stands():
    history = order_history(
        item_ids=[1, 2, 3, 4],
        baskets=[[0]] * 20 + [[1]] * 2,
        at=[5 * DAY] * 22,
        customers=list(range(22)),
    )
    came = np.full(4, 5 * DAY)
    came[2:] = 10 * DAY  # this moment
    rates = new_arrivals(history, as_of=10 * DAY, arrived_at=came, group=np.array([0, 1, 0, 1]))
    assert rates[2] > rates[3] > 0
    assert rates[0] > rates[2]


def test_one_lucky_day_does_not_beat_a_good_week():
    # Twenty more items that nobody buys say what to expect.
    history = order_history(
        item_ids=list(range(22)),
        baskets=[[0], *[[1]] * 12],
        at=[0] * 13,
        customers=list(range(13)),
    )
    came = np.array([-DAY // 2] + [-8 * DAY] * 21)
    rates = new_arrivals(history, as_of=0, arrived_at=came)
    assert 1 / 0.5 > 12 / 8
    assert rates[1] > rates[0]


def test_what_is_old_or_not_there_yet_is_not_new():
    came = np.array([3 * DAY, 40 * DAY, 99 * DAY, -1])
    rates = new_arrivals(lopsided(), as_of=41 * DAY, arrived_at=came, max_age_days=30)
    # d was first sold on day 2: too long ago as well.
    assert (rates > 0).tolist() == [False, True, False, False]


def test_the_first_day_of_a_shop_shows_the_newest_first():
    nothing = order_history(item_ids=[1, 2, 3], baskets=[], at=[], customers=[])
    came = np.array([2 * DAY, 5 * DAY, -1])
    rates = new_arrivals(nothing, as_of=6 * DAY, arrived_at=came)
    assert rates[1] > rates[0] > 0 == rates[2]


def test_what_comes_later_is_not_looked_at():
    later = with_basket(lopsided(), [0, 1, 2, 3], customer=9, at=5 * DAY)
    assert (
        new_arrivals(lopsided(), as_of=4 * DAY).tolist()
        == new_arrivals(later, as_of=4 * DAY).tolist()
    )


def test_nothing_at_all_gives_nothing():
    nothing = order_history(item_ids=[], baskets=[], at=[], customers=[])
    assert new_arrivals(nothing, as_of=0).tolist() == []


@pytest.mark.parametrize("name", ["max_age_days", "prior_days"])
def test_days_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be above 0, not 0"):
        new_arrivals(lopsided(), as_of=0, **{name: 0})


def test_the_latest_goes_first_and_each_item_once():
    items, at = [5, 6, 5, 7, 8], [10, 20, 30, 20, 99]
    assert most_recent(items, at, as_of=50, k=9).tolist() == [5, 7, 6]
    assert most_recent(items, at, as_of=50, k=2).tolist() == [5, 7]
    assert most_recent(items, at, as_of=50, k=9, without=[7]).tolist() == [5, 6]
    assert most_recent(items, at, as_of=15, k=9).tolist() == [5]
    assert most_recent([], [], as_of=15, k=9).tolist() == []
    with pytest.raises(ValueError, match="2 items and 1 times"):
        most_recent([1, 2], [1], as_of=1, k=1)
