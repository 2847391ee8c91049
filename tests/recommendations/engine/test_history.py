from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given

from recommendations.engine.history import OrderHistory, order_history, sorted_lines
from tests.recommendations.engine.histories import histories, lopsided

I32 = np.int32


def test_counts_of_the_lopsided_history():
    history = lopsided()
    assert (history.n_items, history.n_baskets, history.n_lines, history.n_customers) == (
        4,
        5,
        10,
        4,
    )
    assert history.line_item.tolist() == [0, 1, 0, 1, 2, 0, 3, 0, 1, 2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"line_item": np.array([0, 9], dtype=I32)}, "line_item holds 9; allowed are 0 to 1"),
        ({"line_item": np.array([-1, 1], dtype=I32)}, "line_item holds -1; allowed are 0 to 1"),
        ({"line_basket": np.array([0, 5], dtype=I32)}, "line_basket holds 5; allowed are 0 to 0"),
        ({"basket_customer": np.array([4], dtype=I32)}, "basket_customer holds 4"),
        ({"line_item": np.array([1, 0], dtype=I32)}, "line 1 is not"),
        ({"line_item": np.array([1, 1], dtype=I32)}, "line 1 is not"),
        ({"line_item": np.array([0, 1])}, "line_item must be int32 with one axis, not int64"),
        ({"line_item": np.array([0], dtype=I32)}, "2 line baskets and 1 line items"),
        ({"basket_at": np.array([], dtype=np.int64)}, "0 basket times and 1 basket customers"),
        ({"item_ids": np.array([7, 7])}, "item_ids must be strictly ascending"),
        ({"item_ids": np.array([8, 7])}, "item_ids must be strictly ascending"),
    ],
)
def test_a_wrong_history_is_refused(changes, message):
    history = order_history(item_ids=[5, 6], baskets=[[0, 1]], at=[0], customers=[0])
    with pytest.raises(ValueError, match=message):
        replace(history, **changes)


def test_baskets_must_ascend():
    history = lopsided()
    with pytest.raises(ValueError, match="line 2 is not"):
        replace(history, line_basket=history.line_basket[::-1].copy())


def test_fingerprint_changes_with_every_array():
    history = lopsided()
    seen = {history.fingerprint()}
    for field in fields(OrderHistory):
        column = getattr(history, field.name)
        if field.name in ("left_out", "line_basket", "line_item"):
            continue
        changed = replace(
            history,
            **{field.name: column + 1 if field.name != "basket_customer" else column[::-1].copy()},
        )
        seen.add(changed.fingerprint())
    shifted = order_history(
        item_ids=[10, 20, 30, 40],
        baskets=[[0, 1], [0, 1, 2], [0, 2], [0], [1, 2]],
        at=history.basket_at.tolist(),
        customers=history.basket_customer.tolist(),
    )
    seen.add(shifted.fingerprint())
    assert len(seen) == 6


def test_fingerprint_is_of_the_data_alone():
    first, again = lopsided(), lopsided()
    assert first.fingerprint() == replace(again, left_out={"no product": 3}).fingerprint()


def test_fingerprint_is_the_same_for_ever():
    assert lopsided().fingerprint() == "df3a000339d7da8773359ae2edc5fbac"


@given(histories())
def test_lines_in_any_order_give_the_same_history(history):
    shuffled = np.random.default_rng(1).permutation(np.repeat(np.arange(history.n_lines), 2))
    baskets, items = sorted_lines(
        history.line_basket[shuffled], history.line_item[shuffled], n_items=history.n_items
    )
    assert baskets.tolist() == history.line_basket.tolist()
    assert items.tolist() == history.line_item.tolist()


def test_an_empty_history():
    empty = order_history(item_ids=[], baskets=[], at=[], customers=[])
    assert (empty.n_items, empty.n_baskets, empty.n_lines, empty.n_customers) == (0, 0, 0, 0)
