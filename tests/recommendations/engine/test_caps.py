"""Large orders and customers, taken out as if they had never been there."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.caps import capped_history, part_of, without_large_rows
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix, without_baskets
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history


def matrix_of(history, **chosen):
    return basket_matrix(history, **{"as_of": 1000 * DAY, "half_life_days": 100.0, **chosen})


def test_large_rows_by_hand():
    # Baskets ab, abc, ad, a, bc, customer by customer: ab, ad, abc, a, bc.
    matrix = matrix_of(lopsided(), half_life_days=None)
    capped = without_large_rows(matrix, 2)
    assert capped.basket_position.tolist() == [0, 2, 3, 4]
    assert capped.item_baskets.tolist() == [3, 2, 1, 1]
    assert capped.item_weight.tolist() == [3, 2, 1, 1]
    assert capped.item_customers.tolist() == [2, 2, 1, 1]
    assert capped.left_out["rows too large"] == 1
    assert capped.left_out["lines in rows too large"] == 3
    assert without_large_rows(matrix, 3) is matrix


@given(history=histories(), most=st.integers(1, 8))
def test_a_capped_matrix_is_that_of_the_capped_history(history, most):
    # Each customer orders once, so that orders and customers are capped alike.
    history = dataclasses.replace(
        history,
        basket_customer=np.arange(history.n_baskets, dtype=np.int32),
        n_customers=history.n_baskets,
    )
    found = without_large_rows(matrix_of(history), most)
    wanted = matrix_of(capped_history(history, most))
    for field in dataclasses.fields(wanted):
        if field.name not in {"left_out", "item_weight"}:
            left, right = getattr(found, field.name), getattr(wanted, field.name)
            assert left.dtype == right.dtype
            assert left.tolist() == right.tolist(), field.name
    assert found.item_weight == pytest.approx(wanted.item_weight)


def test_large_orders_by_hand():
    history = lopsided()
    capped = capped_history(history, 2)
    assert capped.line_basket.tolist() == [2, 2, 3, 4, 4]
    assert capped.n_baskets == history.n_baskets
    # Customer 0 bought ab, then ad: only the newest order has no more than two items.
    assert capped_history(history, 3) is history


def test_a_customer_of_many_items_keeps_the_newest_orders():
    # Newest first: cd at 9, c at 7, bc at 5 (three by then), d at 3, a at 1.
    history = order_history(
        item_ids=[1, 2, 3, 4],
        baskets=[[0], [3], [1, 2], [2], [2, 3], [0, 1]],
        at=[1, 3, 5, 7, 9, 2],
        customers=[0, 0, 0, 0, 0, 1],
    )
    assert np.unique(capped_history(history, 2).line_basket).tolist() == [3, 4, 5]
    assert np.unique(capped_history(history, 3).line_basket).tolist() == [1, 2, 3, 4, 5]
    assert capped_history(history, 4) is history


@given(history=histories(), most=st.integers(1, 8))
def test_no_order_and_no_customer_has_more(history, most):
    capped = capped_history(history, most)
    customers = capped.basket_customer[capped.line_basket]
    for customer in range(capped.n_customers):
        assert len(np.unique(capped.line_item[customers == customer])) <= most


def test_bad_arguments():
    for capped in (
        lambda: without_large_rows(matrix_of(lopsided()), 0),
        lambda: capped_history(lopsided(), 0),
    ):
        with pytest.raises(ValueError, match="max_row_items must be at least 1, not 0"):
            capped()


def test_part_of_a_matrix_is_the_matrix_of_the_part():
    history = random_history(seed=3)
    newest = int(history.basket_at.max())
    whole = basket_matrix(history, as_of=newest, half_life_days=90.0, size_exponent=0.5)
    rows = np.random.default_rng(1).random(whole.n_baskets) < 0.6
    items = np.arange(whole.n_items) % 4 != 1
    part = part_of(whole, rows=rows, items=items)
    table = whole.baskets_items().toarray()[rows] * items
    filled = table.any(axis=1)
    assert part.baskets_items().toarray().tolist() == table[filled].tolist()
    assert part.basket_weight.tolist() == whole.basket_weight[rows][filled].tolist()
    assert part.basket_customer.tolist() == whole.basket_customer[rows][filled].tolist()
    assert part.item_baskets.tolist() == table.sum(axis=0).astype(int).tolist()
    assert part.item_customers.tolist() == (table.T @ _members(whole)[rows] > 0).sum(1).tolist()
    assert part.item_weight == pytest.approx(whole.basket_decay[rows] @ table)


def _members(matrix):
    return matrix.basket_customer[:, np.newaxis] == np.unique(matrix.basket_customer)


def test_rows_set_aside_are_left_out_of_a_part():
    matrix = matrix_of(lopsided())
    aside = without_baskets(matrix, matrix.basket_position == 1)
    everything = np.ones(5, dtype=bool), np.ones(4, dtype=bool)
    part = part_of(aside, rows=everything[0], items=everything[1])
    assert part.basket_position.tolist() == [0, 2, 3, 4]
