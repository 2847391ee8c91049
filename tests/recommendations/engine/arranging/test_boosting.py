"""Scores of several lists on one scale, times the merchant's factors."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.arranging import BOOST_LIMIT, boosted

scores = st.one_of(st.none(), st.floats(0.001, 1000), st.just(math.nan), st.just(-1.0))


def levels(given_scores, steps=()):
    return [one.level for one in sorted(boosted(given_scores, (), steps))]


def order(found):
    return [one.entrant for one in found]


def test_the_scores_of_one_list_stay_as_they_are():
    assert levels([8.0, 6.0, 0.5]) == [8.0, 6.0, 0.5]


def test_ranks_alone_fall_as_one_over_rank():
    assert levels([None, None, None, None]) == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])


def test_a_list_goes_on_below_the_one_before_it():
    # Two cosines, then customers: 0.4 is at rank 2, so the first of the rest has 0.4 * 2/3.
    found = levels([0.6, 0.4, 300, 150], [0, 0, 1, 1])
    assert found == pytest.approx([0.6, 0.4, 0.8 / 3, 0.4 / 3])


def test_candidates_without_a_score_go_on_below_those_with_one():
    assert levels([0.6, None, 0.4, 0.2]) == pytest.approx([0.6, 0.3, 0.2, 0.1])


@pytest.mark.parametrize("nothing", [None, 0.0, -3.0, math.nan, math.inf])
def test_what_is_no_score_counts_as_a_rank(nothing):
    assert levels([3.0, nothing]) == [3.0, 1.5]


def test_a_score_above_the_one_before_counts_as_that_one():
    assert levels([2.0, 5.0, 1.0]) == [2.0, 2.0, 1.0]


def test_factors_multiply():
    found = boosted([1.0, 0.5, 0.25], [(0.5,), (2.0, 1.5), ()])
    assert order(found) == [1, 0, 2]
    assert [one.factor for one in found] == [3.0, 0.5, 1.0]
    assert [one.score for one in found] == [1.5, 0.5, 0.25]


def test_all_factors_together_are_capped():
    found = boosted([1.0, 0.5], [(0.1, 0.1), (4.0, 4.0)])
    assert [one.factor for one in found] == [5.0, 0.2]
    assert BOOST_LIMIT == 5


def test_factors_that_cancel_out_are_not_capped_one_by_one():
    assert boosted([1.0], [(10.0, 0.1)])[0].factor == pytest.approx(1)


def test_ties_stay_as_given():
    assert order(boosted([1.0, 0.5, 0.5], [(), (2.0,), (2.0,)])) == [0, 1, 2]


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf])
def test_a_factor_that_is_none_is_refused(factor):
    with pytest.raises(ValueError, match="factor must be a number above 0"):
        boosted([1.0], [(factor,)])


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="2 scores, 1 factors and 0 steps"):
        boosted([1.0, 0.5], [()])
    with pytest.raises(ValueError, match="1 scores, 0 factors and 2 steps"):
        boosted([1.0], (), [0, 1])


def test_nothing_boosted_is_nothing():
    assert boosted([]) == []


@given(given_scores=st.lists(scores, max_size=20), data=st.data())
def test_without_factors_the_order_stays(given_scores, data):
    n = len(given_scores)
    steps = sorted(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    found = boosted(given_scores, (), steps)
    assert order(found) == list(range(n))
    assert all(one.score > 0 for one in found)


@given(data=st.data(), given_scores=st.lists(scores, min_size=1, max_size=20))
def test_nothing_moves_by_more_than_the_limit(given_scores, data):
    one_each = st.lists(st.floats(0.01, 100), max_size=3)
    n = len(given_scores)
    factors = data.draw(st.lists(one_each, min_size=n, max_size=n))
    found = boosted(given_scores, factors)
    assert sorted(order(found)) == list(range(n))
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert one.score == one.level * one.factor
        assert 1 / BOOST_LIMIT <= one.factor <= BOOST_LIMIT
