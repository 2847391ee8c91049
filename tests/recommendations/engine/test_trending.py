from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recommendations.engine.history import OrderHistory, order_history, sorted_lines
from recommendations.engine.packing import pack_many, unpack
from recommendations.engine.trending import (
    WindowCounts,
    group_lists,
    trend_scores,
    trends,
    window_counts,
)
from tests.recommendations.engine.histories import DAY, histories, lopsided, with_basket

WEEK = 7 * DAY


def weekly_shop(seed, *, weeks=9, orders_a_week=900, growth=1.0, riser=1.0, n_items=120):
    """Zipf-shaped orders of one to five items; the last week may grow, and item 40 may rise."""
    rng = np.random.default_rng(seed)
    orders = np.full(weeks, orders_a_week)
    orders[-1] = round(orders_a_week * growth)
    week = np.repeat(np.arange(weeks), orders)
    shares = 1 / (np.arange(n_items) + 5.0)
    sizes = rng.integers(1, 6, len(week))
    lines = np.repeat(np.arange(len(week)), sizes)
    items = rng.choice(n_items, len(lines), p=shares / shares.sum())
    # Whoever orders in the last week takes the riser so much more often.
    extra = np.flatnonzero(
        (week == weeks - 1) & (rng.random(len(week)) < (riser - 1) * 3 * shares[40] / shares.sum())
    )
    line_basket, line_item = sorted_lines(
        np.append(lines, extra), np.append(items, np.full(len(extra), 40)), n_items=n_items
    )
    at = week * WEEK + rng.integers(1, WEEK + 1, len(week))
    return OrderHistory(
        item_ids=np.arange(n_items, dtype=np.int64),
        line_basket=line_basket,
        line_item=line_item,
        basket_at=at,
        basket_customer=rng.integers(0, 2_000, len(week)).astype(np.int32),
        n_customers=2_000,
    )


def shuffled(history, seed):
    """The same orders at times that say nothing about what was bought."""
    return OrderHistory(
        item_ids=history.item_ids,
        line_basket=history.line_basket,
        line_item=history.line_item,
        basket_at=np.random.default_rng(seed).permutation(history.basket_at),
        basket_customer=history.basket_customer,
        n_customers=history.n_customers,
    )


def test_a_window_by_hand():
    # Baskets ab, abc, ad, a, bc on days 0 to 4 by customers 0, 1, 0, 2, 3.
    counts = window_counts(lopsided(), since=0, until=3 * DAY)
    assert counts.customers.tolist() == [3, 1, 1, 1]
    assert counts.baskets.tolist() == [3, 1, 1, 1]
    assert (counts.n_customers, counts.n_baskets) == (3, 3)
    whole = window_counts(lopsided(), since=-1, until=4 * DAY)
    assert whole.customers.tolist() == [3, 3, 2, 1]
    assert whole.baskets.tolist() == [4, 3, 2, 1]


@given(histories(), st.integers(-1, 1000 * DAY), st.integers(-1, 1000 * DAY))
def test_windows_agree_with_counting_one_by_one(history, since, until):
    inside = [
        (int(item), int(history.basket_customer[basket]), int(basket))
        for basket, item in zip(history.line_basket, history.line_item, strict=True)
        if since < history.basket_at[basket] <= until
    ]
    counts = window_counts(history, since=since, until=until)
    for item in range(history.n_items):
        own = [line for line in inside if line[0] == item]
        assert counts.customers[item] == len({line[1] for line in own})
        assert counts.baskets[item] == len(own)
    assert counts.n_customers == len({line[1] for line in inside})
    assert counts.n_baskets == len({line[2] for line in inside})


def test_trends_by_hand():
    # Item 0: 3 of 4 recent purchases, one of them twice; before, 1 of 2 and 1 of 3 in a day each.
    history = order_history(
        item_ids=[1, 2],
        baskets=[[0], [1], [0], [1], [1], [0], [0], [0], [1], [0]],
        at=[1] * 2 + [DAY + 1] * 3 + [2 * DAY + 1] * 5,
        customers=[0, 1, 0, 1, 2, 0, 1, 2, 3, 2],
    )
    found = trends(
        history, as_of=3 * DAY, recent_days=1, baseline_periods=2, min_customers=1, confidence=0.9
    )
    assert found.recent.customers.tolist() == [3, 1]
    assert found.baseline_customers.tolist() == [2, 3]
    assert (found.recent.n_purchases, found.n_baseline_purchases, found.n_periods) == (4, 5, 2)
    assert found.ratio == pytest.approx([(3 / 4) / (2 / 5), (1 / 4) / (3 / 5)])


def test_interval_and_chance_are_those_of_scipy():
    history = weekly_shop(1, riser=3.0)
    found = trends(history, as_of=9 * WEEK, confidence=0.9)
    now, before = found.recent.customers, found.baseline_customers
    n, m = found.recent.n_purchases, found.n_baseline_purchases
    for item in range(history.n_items):
        test = stats.binomtest(
            int(now[item]), int(now[item] + before[item]), n / (n + m), alternative="greater"
        )
        assert found.p_value[item] == pytest.approx(test.pvalue, abs=1e-9)
        both = stats.binomtest(int(now[item]), int(now[item] + before[item]), n / (n + m))
        ends = both.proportion_ci(0.9, method="exact")
        assert found.lower[item] == pytest.approx(ends.low / (1 - ends.low) * m / n)
        assert found.upper[item] == pytest.approx(ends.high / (1 - ends.high) * m / n)
        assert found.lower[item] <= found.ratio[item] <= found.upper[item]


def test_noise_does_not_trend():
    history = weekly_shop(2)
    runs = [trends(shuffled(history, seed), as_of=9 * WEEK) for seed in range(60)]
    assert np.mean([run.trending.any() for run in runs]) <= 0.05
    # Nor does any item look rarer by chance than it is.
    assert np.mean([run.p_value <= 0.05 for run in runs]) <= 0.05
    assert np.mean([run.lower > 1 for run in runs]) <= 0.025


@pytest.mark.parametrize("seed", range(5))
def test_three_times_as_many_is_a_trend(seed):
    found = trends(weekly_shop(seed, riser=3.0), as_of=9 * WEEK)
    assert found.trending[40]
    assert trend_scores(found).argmax() == 40
    assert found.lower[40] > 1
    assert found.trending.sum() <= 3


@pytest.mark.parametrize("growth", [0.4, 3.0])
def test_the_shops_own_growth_makes_nothing_trend(growth):
    found = [trends(weekly_shop(seed, growth=growth), as_of=9 * WEEK) for seed in range(20)]
    assert sum(bool(run.trending.any()) for run in found) <= 2
    assert np.median([np.median(run.ratio) for run in found]) == pytest.approx(1, abs=0.1)


def test_a_bot_makes_nothing_trend():
    history = weekly_shop(3)
    for minute in range(60):
        history = with_basket(history, [100], customer=1999, at=9 * WEEK - minute * 60)
    assert not trends(history, as_of=9 * WEEK).trending[100]


def test_what_comes_later_is_not_looked_at():
    history = weekly_shop(4)
    later = with_basket(history, [1, 2, 3], customer=5, at=9 * WEEK + 1)
    one, two = (trends(h, as_of=9 * WEEK) for h in (history, later))
    assert one.ratio.tobytes() == two.ratio.tobytes()
    assert one.p_value.tobytes() == two.p_value.tobytes()


def test_a_new_item_trends_once_enough_customers_bought_it():
    history = weekly_shop(5, n_items=120)
    new = np.arange(121, dtype=np.int64)
    history = OrderHistory(
        item_ids=new,
        line_basket=history.line_basket,
        line_item=history.line_item,
        basket_at=history.basket_at,
        basket_customer=history.basket_customer,
        n_customers=history.n_customers,
    )
    for customer in range(40):
        history = with_basket(history, [120], customer=customer, at=9 * WEEK)
    found = trends(history, as_of=9 * WEEK)
    assert found.trending[120]
    assert np.isinf(found.ratio[120])
    assert np.isfinite(found.lower[120])
    assert not trends(history, as_of=9 * WEEK, min_customers=41).trending[120]


def test_a_young_shop_has_no_baseline_and_no_trend():
    history = weekly_shop(6, weeks=1)
    found = trends(history, as_of=WEEK)
    assert found.n_periods == 0
    assert not found.trending.any()
    assert found.p_value.tolist() == [1.0] * history.n_items
    two = trends(weekly_shop(6, weeks=3), as_of=3 * WEEK)
    assert two.n_periods == 2


def test_an_empty_history_has_no_trend():
    nothing = order_history(item_ids=[1, 2], baskets=[], at=[], customers=[])
    found = trends(nothing, as_of=0)
    assert found.trending.tolist() == [False, False]
    assert found.ratio.tolist() == [0, 0]


def test_each_group_has_its_own_list_ready_to_be_packed():
    counts = WindowCounts(
        customers=np.array([5, 9, 7, 9, 1]),
        baskets=np.array([6, 9, 8, 20, 1]),
        n_customers=30,
        n_baskets=40,
    )
    group = np.array([2, 0, 2, 0, -1])
    lists = group_lists(group, counts.customers.astype(float), counts, n_groups=3, k=2)
    assert lists.indptr.tolist() == [0, 2, 2, 4]
    assert lists.items.tolist() == [1, 3, 2, 0]  # the tie of 1 and 3 goes to the smaller
    packed = pack_many(
        lists.indptr, lists.items.astype(np.int64), lists.scores, lists.customers, lists.baskets
    )
    assert unpack(packed[2]).items.tolist() == [2, 0]
    assert unpack(packed[2]).baskets.tolist() == [8, 6]
    with pytest.raises(ValueError, match="Groups must be -1 to 1, not -1 to 2"):
        group_lists(group, counts.customers.astype(float), counts, n_groups=2, k=2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recent_days", 0.0),
        ("baseline_periods", 0),
        ("min_customers", 0),
        ("confidence", 1.0),
        ("false_discovery_rate", 0.0),
    ],
)
def test_parameters_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .*not {value}"):
        trends(lopsided(), as_of=0, **{name: value})
