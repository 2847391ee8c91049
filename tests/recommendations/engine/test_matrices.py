from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from recommendations.engine.history import order_history
from recommendations.engine.matrices import BasketMatrix, basket_matrix, without_baskets
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history


def plain(history, **changes):
    parameters = {
        "as_of": 4 * DAY,
        "half_life_days": None,
        "max_basket_items": 100,
        "max_customer_baskets": 100,
        "size_exponent": 0.0,
    }
    return basket_matrix(history, **{**parameters, **changes})


def test_the_lopsided_matrix_by_hand():
    matrix = plain(lopsided())
    # Customers 0, 0, 1, 2, 3: baskets ab, ad, abc, a, bc.
    assert matrix.baskets_items().toarray().tolist() == [
        [1, 1, 0, 0],
        [1, 0, 0, 1],
        [1, 1, 1, 0],
        [1, 0, 0, 0],
        [0, 1, 1, 0],
    ]
    assert matrix.customers_items().toarray().tolist() == [
        [1, 1, 0, 1],
        [1, 1, 1, 0],
        [1, 0, 0, 0],
        [0, 1, 1, 0],
    ]
    assert matrix.basket_customer.tolist() == [0, 0, 1, 2, 3]
    assert matrix.basket_position.tolist() == [0, 2, 1, 3, 4]
    assert matrix.item_baskets.tolist() == [4, 3, 2, 1]
    assert matrix.item_customers.tolist() == [3, 3, 2, 1]
    assert matrix.item_weight.tolist() == [4.0, 3.0, 2.0, 1.0]


def test_weights_by_hand():
    matrix = plain(lopsided(), half_life_days=2.0, size_exponent=1.0)
    # Ages 4, 2, 3, 1, 0 days; sizes 2, 2, 3, 1, 2.
    decay = [0.25, 0.5, 2**-1.5, 2**-0.5, 1.0]
    assert matrix.basket_decay == pytest.approx(decay)
    assert matrix.basket_weight == pytest.approx(
        [part / size for part, size in zip(decay, [2, 2, 3, 1, 2], strict=True)]
    )
    assert matrix.item_weight == pytest.approx(
        [decay[0] + decay[1] + decay[2] + decay[3], decay[0] + decay[2] + 1, decay[2] + 1, 0.5]
    )


def test_orders_after_the_moment_have_age_0():
    matrix = plain(lopsided(), as_of=0, half_life_days=1.0)
    assert matrix.basket_decay.tolist() == [1.0] * 5


def test_a_very_old_order_keeps_a_weight_to_divide_by():
    matrix = plain(lopsided(), as_of=10**9, half_life_days=0.001)
    assert (matrix.basket_weight > 0).all()
    assert np.isfinite(1 / matrix.item_weight).all()


def test_a_basket_too_large_is_left_out_and_reported():
    matrix = plain(lopsided(), max_basket_items=2)
    assert matrix.item_baskets.tolist() == [3, 2, 1, 1]
    assert matrix.left_out["baskets too large"] == 1
    assert matrix.left_out["lines in baskets too large"] == 3


def test_only_the_newest_baskets_of_a_customer_count():
    matrix = plain(lopsided(), max_customer_baskets=1)
    assert matrix.basket_position.tolist() == [2, 1, 3, 4]
    assert matrix.left_out["baskets beyond the newest of a customer"] == 1
    assert matrix.left_out["lines in baskets beyond the newest of a customer"] == 2


def test_of_two_baskets_at_one_second_the_later_position_is_newer():
    history = order_history(item_ids=[1, 2], baskets=[[0], [1]], at=[7, 7], customers=[0, 0])
    assert plain(history, max_customer_baskets=1).basket_position.tolist() == [1]


def test_a_basket_without_lines_does_not_count():
    history = order_history(item_ids=[1], baskets=[[], [0]], at=[0, 0], customers=[0, 1])
    assert plain(history).basket_position.tolist() == [1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"half_life_days": 0}, "half_life_days must be above 0 or None, not 0"),
        ({"half_life_days": float("nan")}, "half_life_days must be above 0"),
        ({"max_basket_items": 0}, "max_basket_items must be at least 1, not 0"),
        ({"max_customer_baskets": 0}, "max_customer_baskets must be at least 1, not 0"),
        ({"size_exponent": 3}, "size_exponent must be 0 to 2, not 3"),
        ({"size_exponent": float("nan")}, "size_exponent must be 0 to 2"),
    ],
)
def test_parameters_out_of_range_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        plain(lopsided(), **changes)


def dense(matrix: BasketMatrix):
    return matrix.baskets_items().toarray()


@given(histories())
def test_counts_agree_with_the_dense_matrix(history):
    matrix = plain(history)
    table = np.zeros((history.n_baskets, history.n_items))
    table[history.line_basket, history.line_item] = 1
    kept = table[matrix.basket_position]
    assert dense(matrix).tolist() == kept.tolist()
    assert matrix.item_baskets.tolist() == table.sum(axis=0).tolist()
    customers = np.zeros((history.n_customers, history.n_items))
    np.maximum.at(customers, history.basket_customer, table)
    assert matrix.item_customers.tolist() == customers.sum(axis=0).tolist()
    assert sorted(matrix.basket_position) == [b for b in range(len(table)) if table[b].any()]


@given(histories())
def test_both_directions_hold_the_same_lines(history):
    matrix = plain(history)
    by_item = np.zeros((matrix.n_baskets, matrix.n_items))
    for rank, item in enumerate(matrix.item_by_rank):
        baskets = matrix.rank_baskets[matrix.rank_indptr[rank] : matrix.rank_indptr[rank + 1]]
        assert np.all(np.diff(baskets.astype(np.int64)) > 0)
        by_item[baskets, item] = 1
    assert by_item.tolist() == dense(matrix).tolist()
    assert np.all(np.diff(matrix.item_baskets[matrix.item_by_rank]) <= 0)
    assert matrix.rank_by_item[matrix.item_by_rank].tolist() == list(range(matrix.n_items))


@given(histories())
def test_caps_keep_the_newest(history):
    matrix = plain(history, max_customer_baskets=2)
    sizes = np.bincount(history.line_basket, minlength=history.n_baskets)
    for customer in range(history.n_customers):
        filled = [
            b
            for b in range(history.n_baskets)
            if history.basket_customer[b] == customer and sizes[b]
        ]
        newest = sorted(filled, key=lambda b: (history.basket_at[b], b))[-2:]
        kept = matrix.basket_position[matrix.basket_customer == customer]
        assert sorted(kept) == sorted(newest)


def test_baskets_set_aside_count_for_nothing_but_customers():
    history = random_history(seed=3)
    matrix = plain(history, half_life_days=90.0, as_of=700 * DAY, size_exponent=0.5)
    aside = matrix.basket_position % 3 == 0
    rest = without_baskets(matrix, aside)
    table = dense(matrix)[~aside]
    assert rest.item_baskets.tolist() == table.sum(axis=0).tolist()
    assert rest.item_weight == pytest.approx(matrix.basket_decay[~aside] @ table)
    assert (rest.basket_weight == 0).tolist() == aside.tolist()
