from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.splits import (
    hidden_lines,
    newest_baskets,
    only_baskets,
    split_by_time,
)
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history


def test_the_newest_days_are_held_out():
    train, test = split_by_time(lopsided(), holdout_days=2)
    # Days 0 to 4: the order exactly two days old is still learned from.
    assert train.basket_at.tolist() == [0, DAY, 2 * DAY]
    assert test.basket_at.tolist() == [3 * DAY, 4 * DAY]
    assert test.line_item.tolist() == [0, 1, 2]
    assert test.line_basket.tolist() == [0, 1, 1]


@given(histories(), st.floats(0.5, 900))
def test_nothing_is_lost_and_nothing_is_in_both(history, days):
    train, test = split_by_time(history, holdout_days=days)
    assert train.n_baskets + test.n_baskets == history.n_baskets
    assert train.n_lines + test.n_lines == history.n_lines
    assert train.item_ids.tolist() == test.item_ids.tolist() == history.item_ids.tolist()
    assert train.n_customers == test.n_customers == history.n_customers
    if train.n_baskets and test.n_baskets:
        assert train.basket_at.max() < test.basket_at.min()


def test_only_the_chosen_baskets_stay():
    history = only_baskets(lopsided(), np.array([False, True, False, False, True]))
    assert history.line_basket.tolist() == [0, 0, 0, 1, 1]
    assert history.line_item.tolist() == [0, 1, 2, 1, 2]
    assert history.basket_customer.tolist() == [1, 3]


@given(histories(), st.integers(0, 2**32))
def test_every_basket_of_two_asks_for_one_of_its_items(history, seed):
    queries = hidden_lines(history, seed=seed)
    asked = {}
    for n, basket in enumerate(queries.basket.tolist()):
        given_items = queries.items[queries.indptr[n] : queries.indptr[n + 1]].tolist()
        assert queries.hidden[n] not in given_items
        asked[basket] = sorted([*given_items, int(queries.hidden[n])])
    expected = {
        basket: history.line_item[history.line_basket == basket].tolist()
        for basket in range(history.n_baskets)
    }
    assert asked == {basket: items for basket, items in expected.items() if len(items) > 1}


def test_a_seed_hides_the_same_lines_and_another_hides_others():
    history = random_history(seed=1)
    first = hidden_lines(history, seed=5)
    assert first.hidden.tolist() == hidden_lines(history, seed=5).hidden.tolist()
    assert first.hidden.tolist() != hidden_lines(history, seed=6).hidden.tolist()


def test_every_place_can_be_hidden():
    history = random_history(seed=1, n_baskets=3000)
    queries = hidden_lines(history, seed=5)
    first_given = queries.items[queries.indptr[:-1]]
    last_given = queries.items[queries.indptr[1:] - 1]
    before, after = queries.hidden < first_given, queries.hidden > last_given
    # With about five lines a basket each place is drawn about every fifth time.
    assert 0.15 < before.mean() < 0.45
    assert 0.15 < after.mean() < 0.45


def test_a_sample_asks_the_same_questions():
    history = random_history(seed=1)
    whole, sample = hidden_lines(history, seed=5), hidden_lines(history, seed=5, max_queries=50)
    assert len(sample) == 50
    hidden = dict(zip(whole.basket.tolist(), whole.hidden.tolist(), strict=True))
    assert all(
        hidden[basket] == item
        for basket, item in zip(sample.basket.tolist(), sample.hidden.tolist(), strict=True)
    )


def test_single_items_come_from_the_rest():
    queries = hidden_lines(random_history(seed=1), seed=5)
    single = queries.single(seed=5)
    given_items = queries.matrix(60).toarray()
    assert len(single.items) == len(queries)
    assert all(given_items[n, item] for n, item in enumerate(single.items.tolist()))
    assert single.matrix(60).sum() == len(queries)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="holdout_days must be above 0, not 0"):
        split_by_time(lopsided(), holdout_days=0)
    with pytest.raises(ValueError, match="holdout_days must be above 0, not nan"):
        newest_baskets(lopsided(), holdout_days=float("nan"))
    with pytest.raises(ValueError, match="2 choices were given for 5 baskets"):
        only_baskets(lopsided(), np.array([True, False]))
    with pytest.raises(ValueError, match="max_queries must be at least 1, not 0"):
        hidden_lines(lopsided(), seed=0, max_queries=0)
