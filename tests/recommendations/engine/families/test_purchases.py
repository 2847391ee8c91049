from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from recommendations.engine.families.purchases import purchases
from recommendations.engine.history import order_history
from tests.recommendations.engine.histories import DAY, histories


def three_customers():
    """Customer 0: ab, b, bd; customer 1 nothing; customer 2: d."""
    return order_history(
        item_ids=[1, 2, 3, 4],
        baskets=[[0, 1], [1, 3], [1], [3]],
        at=[0, 9 * DAY, 5 * DAY, 7 * DAY],
        customers=[0, 0, 0, 2],
    )


def test_pairs_and_ages_by_hand():
    bought = purchases(three_customers())
    assert bought.n_baskets.tolist() == [3, 0, 1]
    assert bought.customer_pairs.tolist() == [0, 3, 3, 4]
    assert bought.pair_item.tolist() == [0, 1, 3, 3]
    assert bought.pair_lines.tolist() == [0, 1, 4, 5, 6]
    assert bought.line_age.tolist() == [2, 2, 1, 0, 0, 0]
    assert (bought.line_at // DAY).tolist() == [0, 0, 5, 9, 9, 7]
    assert bought.item_customers().tolist() == [1, 1, 0, 2]


def test_later_orders_are_not_looked_at():
    early = purchases(three_customers(), as_of=5 * DAY)
    assert early.n_baskets.tolist() == [2, 0, 0]
    assert early.line_age.tolist() == [1, 1, 0]


def test_of_two_baskets_at_one_second_the_later_position_is_newer():
    history = order_history(item_ids=[1, 2], baskets=[[0], [1]], at=[5, 5], customers=[0, 0])
    assert purchases(history).line_age.tolist() == [1, 0]


def test_caps():
    history = three_customers()
    assert purchases(history, max_customer_baskets=1).pair_item.tolist() == [1, 3, 3]
    assert purchases(history, max_basket_items=1).pair_item.tolist() == [1, 3]
    with pytest.raises(ValueError, match="at least 1, not 0 items and 500 baskets"):
        purchases(history, max_basket_items=0)


@given(histories())
def test_lines_are_all_there_and_in_order(history):
    bought = purchases(history)
    assert len(bought.line_at) == history.n_lines
    assert bought.pair_lines[-1] == history.n_lines
    counts = np.zeros((bought.n_customers, history.n_items))
    np.add.at(counts, (history.basket_customer[history.line_basket], history.line_item), 1)
    assert np.array_equal(bought.matrix(np.diff(bought.pair_lines) * 1.0).toarray(), counts)
    for start, stop in zip(bought.pair_lines[:-1], bought.pair_lines[1:], strict=True):
        assert np.all(np.diff(bought.line_age[start:stop]) < 0)
        assert np.all(np.diff(bought.line_at[start:stop]) >= 0)
