from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.metrics import NOTHING, hits, ranking_report, relevant_items


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
    recalls, precisions, ndcgs, hit = [], [], [], []
    for shown, wanted in users:
        if not wanted:
            continue
        found = [item in wanted for item in shown]
        recalls.append(sum(found) / len(wanted))
        precisions.append(sum(found) / 3)
        hit.append(any(found))
        gained = sum(1 / math.log2(place + 2) for place, good in enumerate(found) if good)
        best = sum(1 / math.log2(place + 2) for place in range(min(3, len(wanted))))
        ndcgs.append(gained / best)

    def mean(values):
        return sum(values) / len(values) if values else 0.0

    assert report.recall == pytest.approx(mean(recalls))
    assert report.precision == pytest.approx(mean(precisions))
    assert report.ndcg == pytest.approx(mean(ndcgs))
    assert report.hit_rate == pytest.approx(mean(hit))
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
    }


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
