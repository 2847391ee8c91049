from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommendations.engine.completion import score_basket
from recommendations.engine.families import whole_basket
from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.whole_basket import (
    FAMILY,
    BasketRule,
    WholeBasketModel,
    complete_basket,
    recency_weights,
)
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from tests.recommendations.engine.histories import DAY, random_history

PLAIN = BasketRule(depth=10, exponent=1.0, norm=0.0, overlap=0.0)


def matrix_of(history):
    return basket_matrix(history, as_of=700 * DAY, half_life_days=None)


def training_of(seed=1, **parameters):
    return Training(matrix=matrix_of(random_history(seed=seed)), **parameters)


def baskets(rng, n_queries, n_items):
    """Weighted baskets of every size, an empty one among them."""
    held = sparse.random(n_queries, n_items, density=0.12, random_state=rng, format="csr")
    held.data = rng.choice([0.25, 0.5, 1.0], held.nnz)
    return sparse.vstack([held, sparse.csr_matrix((1, n_items))]).tocsr()


def test_by_hand():
    # List of 1: 3 → .4, 2 → .2, 4 → .2; list of 2: 4 → .1. Item 2 is in the basket.
    lists = [([3, 2, 4], [0.4, 0.2, 0.2]), ([4], [0.1])]
    rule = BasketRule(depth=3, exponent=2.0, norm=0.5, overlap=0.5)
    items, scores = complete_basket(lists, [1, 2], [1.0, 0.6], rule=rule)
    # Half of the best entry of 1's list is item 2, which weighs .6.
    first = 1 / (1 + 0.5 * 0.6 * 0.5)
    total = np.sqrt(0.16 + 0.04 + 0.04)
    assert items.tolist() == [3, 4]
    assert scores == pytest.approx(
        [first * 0.16 / total, first * 0.04 / total + 0.6 * 0.01 / np.sqrt(0.01)]
    )


def test_two_that_say_the_same_do_not_outvote_one_that_says_something_else():
    # 1 and 2 are near-duplicates: each heads the other's list, and both want 8; 3 wants 9 a
    # little more than either, and less than both together.
    lists = [([2, 8], [0.9, 0.5]), ([1, 8], [0.9, 0.5]), ([9], [0.7])]
    alike = BasketRule(depth=5, exponent=1.0, norm=0.0, overlap=0.0)
    assert complete_basket(lists, [1, 2, 3], rule=alike)[0].tolist() == [8, 9]
    marginal = BasketRule(depth=5, exponent=1.0, norm=0.0, overlap=1.0)
    assert complete_basket(lists, [1, 2, 3], rule=marginal)[0].tolist() == [9, 8]


def test_many_weak_matches_do_not_outweigh_a_strong_one():
    lists = [([9], [0.3])] + [([8], [0.1])] * 4
    query = [1, 2, 3, 4, 5]
    assert complete_basket(lists, query, rule=PLAIN)[0].tolist() == [8, 9]
    squared = BasketRule(exponent=2.0, norm=0.0, overlap=0.0)
    assert complete_basket(lists, query, rule=squared)[0].tolist() == [9, 8]


def test_a_loud_list_does_not_speak_for_the_basket():
    lists = [([6, 7, 8], [0.5, 0.5, 0.5]), ([9], [0.4])]
    assert complete_basket(lists, [1, 2], rule=PLAIN)[0].tolist() == [6, 7, 8, 9]
    normed = BasketRule(exponent=1.0, norm=1.0, overlap=0.0)
    assert complete_basket(lists, [1, 2], rule=normed)[0].tolist() == [9, 6, 7, 8]


def test_the_last_event_counts_most():
    lists = [([8], [0.5]), ([8], [0.5]), ([9], [0.5])]
    assert complete_basket(lists, [1, 2, 3])[0][0] == 8
    assert complete_basket(lists, [1, 2, 3], recency_weights(3))[0][0] == 9
    # The same events in another order end elsewhere.
    other = [lists[2], lists[0], lists[1]]
    assert complete_basket(other, [3, 1, 2], recency_weights(3))[0][0] == 8


def test_recency_by_hand():
    assert recency_weights(3).tolist() == pytest.approx([1 / 9, 1 / 4, 1])
    assert recency_weights(2, power=0).tolist() == [1, 1]
    assert len(recency_weights(0)) == 0
    with pytest.raises(ValueError, match="power must be 0 or more, not -1"):
        recency_weights(2, power=-1)


@given(st.integers(0, 1000))
def test_the_plain_rule_is_the_plain_sum(seed):
    rng = np.random.default_rng(seed)
    query = rng.choice(30, 6, replace=False)
    lists = [
        (rng.choice(30, 12, replace=False), np.sort(rng.random(12))[::-1] + 0.01) for _ in query
    ]
    weights = rng.random(6) + 0.1
    items, scores = complete_basket(lists, query, weights, rule=PLAIN)
    expected_items, expected_scores = score_basket(lists, query, weights, depth=10)
    by_item = dict(zip(expected_items.tolist(), expected_scores.tolist(), strict=True))
    assert dict(zip(items.tolist(), scores.tolist(), strict=True)) == pytest.approx(by_item)


@given(st.integers(0, 1000), st.permutations(range(5)))
def test_the_order_of_the_basket_is_irrelevant_without_weights(seed, order):
    rng = np.random.default_rng(seed)
    query = rng.choice(20, 5, replace=False)
    lists = [(rng.choice(20, 8, replace=False), np.sort(rng.random(8))[::-1]) for _ in query]
    left = complete_basket(lists, query)
    right = complete_basket([lists[place] for place in order], query[list(order)])
    as_dict = [dict(zip(*(part.tolist() for part in side), strict=True)) for side in (left, right)]
    assert as_dict[0] == pytest.approx(as_dict[1])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("overlap", [0.0, 0.7])
def test_many_at_once_are_the_same_as_one_by_one(seed, overlap, monkeypatch):
    monkeypatch.setattr(whole_basket, "_BLOCK_LINES", 50)
    matrix = matrix_of(random_history(seed=seed))
    model = WholeBasketModel(
        lists=neighbours(matrix, k=15, min_customers=1), rule=BasketRule(depth=9, overlap=overlap)
    )
    held = baskets(np.random.default_rng(seed), 40, matrix.n_items)
    found = model.recommend(Query(held=held), 6)
    lists = model.lists
    for row, answer in enumerate(found):
        items = held.indices[held.indptr[row] : held.indptr[row + 1]]
        weights = held.data[held.indptr[row] : held.indptr[row + 1]]
        stored = [slice(lists.indptr[i], lists.indptr[i + 1]) for i in items]
        one, scores = complete_basket(
            [(lists.items[at], lists.scores[at]) for at in stored], items, weights, rule=model.rule
        )
        answer = answer[answer >= 0]
        assert len(answer) == min(6, len(one))
        by_item = dict(zip(one.tolist(), scores.tolist(), strict=True))
        assert [by_item[item] for item in answer.tolist()] == pytest.approx(scores[: len(answer)])
        assert not np.isin(answer, items).any()


def test_what_is_barred_is_not_recommended_and_repeats_can_be_allowed():
    model = FAMILY.fit(training_of(), {})
    held = baskets(np.random.default_rng(1), 30, 60)
    barred = baskets(np.random.default_rng(2), 30, 60)
    found = model.recommend(Query(held=held, barred=barred), 10)
    for row, answer in enumerate(found):
        assert not np.isin(
            answer, barred.indices[barred.indptr[row] : barred.indptr[row + 1]]
        ).any()
    repeats = model.recommend(Query(held=held, barred=sparse.csr_matrix(held.shape)), 10)
    assert any(np.isin(repeats[row], held[row].indices).any() for row in range(30))


def test_pairs_of_few_customers_never_come_out():
    model = FAMILY.fit(training_of(min_customers=4), {})
    assert len(model.lists.items)
    assert model.item_lists(5).customers.min() >= 4


def test_the_same_twice_and_on_any_number_of_threads():
    held = baskets(np.random.default_rng(3), 30, 60)
    answers = [
        FAMILY.fit(training_of(n_threads=n), {}).recommend(Query(held=held), 10).tobytes()
        for n in (1, 1, 3)
    ]
    assert len(set(answers)) == 1


def test_an_empty_shop_and_an_empty_basket_give_nothing():
    empty = random_history(seed=1, n_baskets=0)
    model = FAMILY.fit(Training(matrix=matrix_of(empty)), {})
    held = sparse.csr_matrix(np.eye(60))
    assert np.all(model.recommend(Query(held=held), 3) == -1)
    assert [len(part) for part in complete_basket([], [])] == [0, 0]
    assert [len(part) for part in complete_basket([([], [])], [1])] == [0, 0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("depth", 0), ("exponent", 0.0), ("norm", 1.5), ("overlap", -0.1), ("overlap", np.inf)],
)
def test_values_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .*not {value}"):
        BasketRule(**{name: value})


def test_lists_items_and_weights_must_match():
    with pytest.raises(ValueError, match="1 lists, 2 items and 2 weights"):
        complete_basket([([1], [1.0])], [1, 2])


def test_every_value_of_the_grid_can_be_fitted():
    training = training_of()
    for name, values in FAMILY.grid.items():
        for value in values:
            assert len(FAMILY.fit(training, {name: value}).item_lists(3)) == 60


def test_memory_is_told_within_a_factor_of_two():
    history = random_history(seed=1, n_baskets=20_000, n_items=6_000, n_customers=5_000, mean=9)
    training = Training(matrix=matrix_of(history), n_threads=1)
    query = Query(held=baskets(np.random.default_rng(1), 20, 6_000))
    FAMILY.fit(training_of(), {}).recommend(Query(held=baskets(np.random.default_rng(1), 2, 60)), 1)
    tracemalloc.start()
    FAMILY.fit(training, {}).recommend(query, 10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 < FAMILY.bytes_needed(Size.of(training), {}) / peak < 2
