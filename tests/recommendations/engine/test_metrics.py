from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import mean_squared_error
from sklearn.metrics.pairwise import cosine_similarity

from recommendations.engine.metrics import (
    NOTHING,
    diversity,
    hits,
    mean_absolute_error,
    novelty,
    ranking_report,
    relevant_items,
    revenue,
    root_mean_squared_error,
)


def test_three_users_by_hand():
    # User 0 wants 1, 4 and 5 and gets 4 in place 2; user 1 wants 0 and gets it first;
    # user 2 wants nothing and does not count.
    relevant = relevant_items([[1, 4, 5], [0], []], n_items=8)
    report = ranking_report([[2, 4], [0, 3], [6, 7]], relevant)
    second = 1 / math.log2(3)
    assert report.n_users == 2
    assert report.recall == pytest.approx((1 / 3 + 1) / 2)
    assert report.precision == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert report.ndcg == pytest.approx((second / (1 + second) + 1) / 2)
    assert report.hit_rate == 1.0
    assert report.coverage == 6 / 8


def test_f1_mrr_and_map_of_three_users_by_hand():
    relevant = relevant_items([[1, 4, 5], [0], []], n_items=8)
    report = ranking_report([[4, 2, 5], [3, 0, 1], [6, 7, 1]], relevant)
    assert report.f1 == pytest.approx((2 * 2 / (3 + 3) + 2 * 1 / (3 + 1)) / 2)
    assert report.mrr == pytest.approx((1 + 1 / 2) / 2)
    assert report.map == pytest.approx(((1 + 2 / 3) / 3 + (1 / 2) / 1) / 2)


def test_novelty_by_hand():
    # Of 16 customers 8, 1 and none bought them: 1, 4 and 4 bits.
    customers = np.array([8, 1, 0])
    assert novelty([[0, 1], [2, NOTHING]], customers, n_customers=16) == pytest.approx(3)
    report = ranking_report([[0, 1]], relevant_items([[0]], n_items=3), item_customers=customers)
    assert report.novelty == pytest.approx((0 + 3) / 2), "8 is the most that bought one item"


def test_diversity_is_that_of_all_pairs_of_a_list():
    rng = np.random.default_rng(4)
    vectors = rng.random((9, 5)) * (rng.random((9, 5)) < 0.6)
    vectors[7] = 0
    table = np.array([[0, 3, 7, 8], [5, 2, 1, NOTHING], [6, NOTHING, NOTHING, NOTHING]])
    cosines = cosine_similarity(vectors)
    expected = []
    for shown in ([0, 3, 7, 8], [5, 2, 1]):
        pairs = [cosines[a, b] for a in shown for b in shown if a != b]
        expected.append(1 - np.mean(pairs))
    assert diversity(table, sparse.csr_matrix(vectors)) == pytest.approx(np.mean(expected))
    assert diversity([[3, NOTHING]], sparse.csr_matrix(vectors)) == 0.0


def test_revenue_never_adds_two_currencies():
    wanted = relevant_items([[0, 1, 3], [2]], n_items=5)
    prices = np.array([10.0, 30.0, 7.0, np.nan, 99.0])
    found = revenue([[1, 4, 3], [2, 0, 1]], wanted, prices, ["EUR", "EUR", "JPY", "EUR", "EUR"])
    assert (found["EUR"].found, found["EUR"].wanted, found["EUR"].share) == (30.0, 40.0, 0.75)
    assert (found["JPY"].found, found["JPY"].wanted) == (7.0, 7.0)
    report = ranking_report([[1, 4, 3], [2, 0, 1]], wanted, prices=prices)
    assert report.revenue is not None
    assert list(report.revenue) == [""]
    assert report.revenue[""] == pytest.approx(37 / 47)


@pytest.mark.parametrize(
    ("prices", "currencies", "message"),
    [
        ([1.0], None, "Each of the 2 items must have one price"),
        ([1.0, 2.0], ["EUR"], "Each of the 2 items must have one price and one currency"),
        ([1.0, -2.0], None, "must be 0 or more, not -2.0"),
    ],
)
def test_wrong_prices_are_refused(prices, currencies, message):
    with pytest.raises(ValueError, match=message):
        revenue([[0]], relevant_items([[0]], n_items=2), np.array(prices), currencies)


def test_errors_of_ratings():
    predicted, given_ = [4.0, 2.5, 1.0], [5.0, 2.0, 1.0]
    assert root_mean_squared_error(predicted, given_) == pytest.approx(
        mean_squared_error(given_, predicted) ** 0.5
    )
    assert mean_absolute_error(predicted, given_) == pytest.approx(0.5)
    assert root_mean_squared_error([], []) == mean_absolute_error([], []) == 0.0
    with pytest.raises(ValueError, match="predictions were given for"):
        root_mean_squared_error([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        mean_absolute_error([float("nan")], [1.0])


def test_places_left_empty_are_misses():
    relevant = relevant_items([[0]], n_items=3)
    report = ranking_report([[0, NOTHING, NOTHING, NOTHING]], relevant)
    assert (report.recall, report.precision, report.ndcg) == (1.0, 0.25, 1.0)
    assert ranking_report([[NOTHING]], relevant).hit_rate == 0.0


def test_recall_counts_all_relevant_items_also_beyond_k():
    relevant = relevant_items([[0, 1, 2, 3]], n_items=9)
    report = ranking_report([[0, 1]], relevant)
    assert report.recall == 0.5
    # NDCG compares with the best that k places can hold.
    assert report.ndcg == 1.0


def test_coverage_can_be_of_fewer_items():
    report = ranking_report([[0, 1]], relevant_items([[0]], n_items=9), n_items=4)
    assert report.coverage == 0.5


cases = st.integers(1, 12).flatmap(
    lambda n_items: st.lists(
        st.tuples(
            st.lists(st.integers(0, n_items - 1), unique=True, min_size=3, max_size=3)
            if n_items >= 3
            else st.just([NOTHING] * 3),
            st.sets(st.integers(0, n_items - 1)),
        ),
        min_size=1,
        max_size=6,
    ).map(lambda users: (n_items, users))
)


@given(cases)
def test_agrees_with_counting_one_by_one(case):
    n_items, users = case
    recommended = [shown for shown, _ in users]
    report = ranking_report(
        recommended, relevant_items([sorted(wanted) for _, wanted in users], n_items=n_items)
    )
    recalls, precisions, ndcgs, hit, f1s, firsts, averages = [], [], [], [], [], [], []
    for shown, wanted in users:
        if not wanted:
            continue
        found = [item in wanted for item in shown]
        recalls.append(sum(found) / len(wanted))
        precisions.append(sum(found) / 3)
        hit.append(any(found))
        both = recalls[-1] + precisions[-1]
        f1s.append(2 * recalls[-1] * precisions[-1] / both if both else 0.0)
        firsts.append(1 / (found.index(True) + 1) if any(found) else 0.0)
        at_hits = [sum(found[: n + 1]) / (n + 1) for n, good in enumerate(found) if good]
        averages.append(sum(at_hits) / min(3, len(wanted)))
        gained = sum(1 / math.log2(place + 2) for place, good in enumerate(found) if good)
        best = sum(1 / math.log2(place + 2) for place in range(min(3, len(wanted))))
        ndcgs.append(gained / best)

    def mean(values):
        return sum(values) / len(values) if values else 0.0

    assert report.recall == pytest.approx(mean(recalls))
    assert report.precision == pytest.approx(mean(precisions))
    assert report.ndcg == pytest.approx(mean(ndcgs))
    assert report.hit_rate == pytest.approx(mean(hit))
    assert report.f1 == pytest.approx(mean(f1s))
    assert report.mrr == pytest.approx(mean(firsts))
    assert report.map == pytest.approx(mean(averages))
    shown_at_all = {item for shown in recommended for item in shown} - {NOTHING}
    assert report.coverage == pytest.approx(len(shown_at_all) / n_items)


def test_no_users():
    report = ranking_report(np.zeros((0, 3), dtype=int), relevant_items([], n_items=4))
    assert report.as_json() == {
        "n_users": 0,
        "recall": 0.0,
        "precision": 0.0,
        "ndcg": 0.0,
        "hit_rate": 0.0,
        "coverage": 0.0,
        "f1": 0.0,
        "mrr": 0.0,
        "map": 0.0,
    }
    everything = ranking_report(
        np.zeros((0, 3), dtype=int),
        relevant_items([], n_items=2),
        item_customers=np.array([3, 0]),
        vectors=sparse.csr_matrix((2, 5)),
        prices=np.array([1.0, 2.0]),
    )
    assert (everything.novelty, everything.diversity, everything.revenue) == (0.0, 0.0, {"": 0.0})


@pytest.mark.parametrize(
    ("recommended", "message"),
    [
        ([[0, 1], [0, 1]], "2 recommendations were given for 1 users"),
        ([[0, 9]], "must be -1 to 2, not 9"),
        ([[0, -2]], "must be -1 to 2"),
        ([[1, 1]], "recommended twice"),
    ],
)
def test_wrong_recommendations_are_refused(recommended, message):
    with pytest.raises(ValueError, match=message):
        hits(recommended, relevant_items([[0]], n_items=3))
