from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.history import order_history
from recommendations.engine.tuning import customer_matrix, shop_slice
from tests.recommendations.engine.histories import DAY, random_history


def shop():
    """Customers 0 and 1 are known before the last 28 days, 2 comes then for the first time."""
    return order_history(
        item_ids=[10, 20, 30, 40],
        baskets=[[0, 1], [1], [1, 3], [0, 1, 2], [2, 3], [3]],
        at=[0, DAY, 2 * DAY, 40 * DAY, 41 * DAY, 42 * DAY],
        customers=[0, 0, 1, 0, 2, 1],
    )


def test_new_items_of_customers_by_hand():
    held_out = shop_slice(shop(), "customer", holdout_days=28)
    asked = held_out.questions
    assert asked.query.customers.tolist() == [0]
    assert asked.query.held.toarray().tolist() == [[1, 1, 0, 0]]
    assert asked.query.without.toarray().tolist() == [[1, 1, 0, 0]]
    assert asked.wanted.toarray().tolist() == [[False, False, True, False]]
    assert held_out.training.history.n_baskets == 3
    assert held_out.training.matrix.customers_items().toarray().tolist() == [
        [1, 1, 0, 0],
        [0, 1, 0, 1],
    ]


def test_next_orders_by_hand():
    asked = shop_slice(shop(), "next_basket", holdout_days=28).questions
    assert asked.query.customers.tolist() == [0, 1]
    assert asked.wanted.toarray().astype(int).tolist() == [[1, 1, 1, 0], [0, 0, 0, 1]]
    assert asked.query.without.nnz == 0, "what was bought before may be bought again"


@pytest.mark.parametrize("question", ["item", "basket"])
def test_hidden_lines_tell_which_customers_are_known(question):
    held_out = shop_slice(shop(), question, holdout_days=28, seed=3)
    asked = held_out.questions
    assert asked.query.customers.tolist() == [0, -1]
    orders = np.array([[1, 1, 1, 0], [0, 0, 1, 1]])
    given, hidden = asked.query.held.toarray(), asked.wanted.toarray()
    assert hidden.sum(axis=1).tolist() == [1, 1]
    assert not (given.astype(bool) & hidden).any()
    if question == "basket":
        assert (given + hidden == orders).all()
    else:
        assert given.sum(axis=1).tolist() == [1, 1]
    assert held_out.training.matrix.n_baskets == 3


def test_a_customer_counts_once_and_at_the_time_of_the_newest_order():
    matrix = customer_matrix(shop(), as_of=42 * DAY, half_life_days=1.0, size_exponent=1.0)
    assert matrix.item_baskets.tolist() == [1, 2, 2, 2]
    assert matrix.basket_decay.tolist() == [0.25, 1.0, 0.5]
    assert matrix.basket_weight.tolist() == [0.25 / 3, 0.5, 0.25]


def test_nothing_of_what_is_asked_is_learnt_from():
    history = random_history(seed=5)
    held_out = shop_slice(history, "customer", holdout_days=60)
    newest = history.basket_at.max() - 60 * DAY
    assert held_out.training.history.basket_at.max() <= newest
    before = held_out.questions.query.held.toarray() > 0
    assert not (before & held_out.questions.wanted.toarray()).any()


def test_a_sample_is_the_same_again_and_keeps_rows_together():
    asked = shop_slice(random_history(seed=5), "basket", holdout_days=100, seed=1).questions
    first, again = asked.drawn(9, seed=4), asked.drawn(9, seed=4)
    assert len(first) == 9
    assert (first.query.held != again.query.held).nnz == 0
    rows = {
        (tuple(held), tuple(wanted), customer)
        for held, wanted, customer in zip(
            asked.query.held.toarray(),
            asked.wanted.toarray(),
            asked.query.customers.tolist(),
            strict=True,
        )
    }
    for held, wanted, customer in zip(
        first.query.held.toarray(),
        first.wanted.toarray(),
        first.query.customers.tolist(),
        strict=True,
    ):
        assert (tuple(held), tuple(wanted), customer) in rows
    assert asked.drawn(10_000, seed=4) is asked
    with pytest.raises(ValueError, match="most must be at least 1, not 0"):
        asked.drawn(0, seed=1)


@pytest.mark.parametrize("question", ["item", "basket", "customer", "next_basket"])
def test_an_empty_shop_asks_nothing(question):
    empty = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    held_out = shop_slice(empty, question, holdout_days=28)
    assert len(held_out.questions) == 0
    assert held_out.training.matrix.n_baskets == 0


def test_another_question_is_refused():
    with pytest.raises(ValueError, match="question must be item, basket, customer or next_basket"):
        shop_slice(shop(), "weather", holdout_days=28)
