from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.engine.association_rules import frequent_itemsets, itemsets
from recommendations.engine.association_rules.itemsets import bytes_needed
from recommendations.engine.families.base import NotEnoughMemoryError
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix, without_baskets
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history

COLUMNS = ("items", "baskets", "customers", "weight")


def matrix_of(history, half_life_days=None):
    return basket_matrix(history, as_of=700 * DAY, half_life_days=half_life_days)


def as_dict(itemsets):
    return {
        tuple(items): (baskets, customers)
        for items, baskets, customers in zip(
            itemsets.items.tolist(),
            itemsets.baskets.tolist(),
            itemsets.customers.tolist(),
            strict=True,
        )
    }


def same_bytes(left, right) -> bool:
    return left.item_weight.tobytes() == right.item_weight.tobytes() and all(
        getattr(getattr(left, kind), name).tobytes()
        == getattr(getattr(right, kind), name).tobytes()
        for kind in ("pairs", "triples")
        for name in COLUMNS
    )


def counted_one_by_one(history, size, min_baskets, min_customers):
    """The definition, written without any of the code under test."""
    held: dict[tuple[int, ...], list[int]] = {}
    for basket in range(history.n_baskets):
        items = history.line_item[history.line_basket == basket].tolist()
        for itemset in combinations(items, size):
            held.setdefault(itemset, []).append(int(history.basket_customer[basket]))
    return {
        itemset: (len(customers), len(set(customers)))
        for itemset, customers in held.items()
        if len(customers) >= min_baskets and len(set(customers)) >= min_customers
    }


@pytest.mark.parametrize("portable", [False, True])
def test_the_lopsided_history_by_hand(portable):
    # Baskets ab, abc, ad, a, bc by customers 0, 1, 0, 2, 3.
    found = frequent_itemsets(
        matrix_of(lopsided()), min_baskets=1, min_customers=1, portable=portable
    )
    assert as_dict(found.pairs) == {(0, 1): (2, 2), (0, 2): (1, 1), (0, 3): (1, 1), (1, 2): (2, 2)}
    assert as_dict(found.triples) == {(0, 1, 2): (1, 1)}
    assert found.item_weight.tolist() == [4, 3, 2, 1]
    assert found.total == 5


@pytest.mark.parametrize("portable", [False, True])
def test_one_customer_who_comes_often_makes_no_pair(portable):
    history = order_history(
        item_ids=[1, 2, 3],
        baskets=[[0, 1, 2]] * 9 + [[0, 1]],
        at=[0] * 10,
        customers=[0] * 9 + [1],
    )
    found = frequent_itemsets(matrix_of(history), min_baskets=2, min_customers=2, portable=portable)
    assert as_dict(found.pairs) == {(0, 1): (10, 2)}
    assert as_dict(found.triples) == {}


def test_decay_weighs_the_sets_and_plain_counts_choose_them():
    history = order_history(
        item_ids=[1, 2], baskets=[[0, 1], [0, 1], [0]], at=[0, DAY, 3 * DAY], customers=[0, 1, 2]
    )
    matrix = basket_matrix(history, as_of=3 * DAY, half_life_days=1.0)
    found = frequent_itemsets(matrix, min_baskets=2, min_customers=2, decayed=True)
    assert as_dict(found.pairs) == {(0, 1): (2, 2)}
    assert found.pairs.weight.tolist() == [1 / 8 + 1 / 4]
    assert found.item_weight.tolist() == [1 / 8 + 1 / 4 + 1, 1 / 8 + 1 / 4]
    assert found.total == 1 / 8 + 1 / 4 + 1


@given(histories(), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_agrees_with_counting_one_by_one(history, min_baskets, min_customers, portable):
    asked = {"min_baskets": min_baskets, "min_customers": min_customers}
    found = frequent_itemsets(matrix_of(history), **asked, portable=portable)
    assert as_dict(found.pairs) == counted_one_by_one(history, 2, **asked)
    assert as_dict(found.triples) == counted_one_by_one(history, 3, **asked)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(1, 8), st.sampled_from([None, 90.0]))
def test_compiled_and_portable_give_the_same_bytes(seed, min_baskets, min_customers, half_life):
    matrix = matrix_of(random_history(seed=seed), half_life)
    asked = {"min_baskets": min_baskets, "min_customers": min_customers, "decayed": True}
    assert same_bytes(
        frequent_itemsets(matrix, **asked), frequent_itemsets(matrix, **asked, portable=True)
    )


def test_small_blocks_give_the_same_bytes(monkeypatch):
    matrix = matrix_of(random_history(seed=3))
    whole = frequent_itemsets(matrix, min_baskets=2, min_customers=2, portable=True)
    monkeypatch.setattr("recommendations.engine.association_rules._portable._BLOCK", 50)
    parts = frequent_itemsets(matrix, min_baskets=2, min_customers=2, portable=True)
    assert same_bytes(whole, parts)
    assert len(whole.triples) > 100


def test_threads_do_not_change_a_bit():
    matrix = matrix_of(random_history(seed=4), 30.0)
    one, four = (
        frequent_itemsets(matrix, min_baskets=2, min_customers=2, decayed=True, n_threads=n)
        for n in (1, 4)
    )
    assert same_bytes(one, four)


def test_without_numba_the_portable_path_serves(monkeypatch):
    matrix = matrix_of(random_history(seed=5))
    compiled = frequent_itemsets(matrix, min_baskets=2, min_customers=2)
    name = "recommendations.engine.association_rules"
    monkeypatch.setitem(sys.modules, f"{name}._kernel", None)
    monkeypatch.delattr(f"{name}._kernel", raising=False)
    assert itemsets._compiled_kernel() is None
    assert same_bytes(compiled, frequent_itemsets(matrix, min_baskets=2, min_customers=2))


@given(histories(), st.integers(1, 3))
def test_support_falls_as_sets_grow(history, min_baskets):
    found = frequent_itemsets(matrix_of(history), min_baskets=min_baskets, min_customers=1)
    pairs, triples = as_dict(found.pairs), as_dict(found.triples)
    for triple, (baskets, customers) in triples.items():
        for pair in combinations(triple, 2):
            assert pairs[pair][0] >= baskets
            assert pairs[pair][1] >= customers
    for pair, (baskets, _) in pairs.items():
        assert baskets <= found.item_weight[list(pair)].min()


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_baskets_is_irrelevant(history, random):
    places = list(range(history.n_baskets))
    random.shuffle(places)
    shuffled = order_history(
        item_ids=history.item_ids.tolist(),
        baskets=[history.line_item[history.line_basket == place].tolist() for place in places],
        at=history.basket_at[places].tolist(),
        customers=history.basket_customer[places].tolist(),
    )
    left, right = (
        frequent_itemsets(matrix_of(h), min_baskets=2, min_customers=1) for h in (history, shuffled)
    )
    assert same_bytes(left, right)


@pytest.mark.parametrize("portable", [False, True])
def test_baskets_set_aside_do_not_count(portable):
    matrix = without_baskets(matrix_of(lopsided()), np.array([True, False, False, False, False]))
    found = frequent_itemsets(matrix, min_baskets=1, min_customers=1, portable=portable)
    # Customer 0's first basket, ab, is gone.
    assert as_dict(found.pairs)[0, 1] == (1, 1)
    assert found.total == 4


@pytest.mark.parametrize("portable", [False, True])
def test_sets_of_three_can_be_left_out(portable):
    found = frequent_itemsets(
        matrix_of(lopsided()), min_baskets=1, min_customers=1, triples=False, portable=portable
    )
    assert (len(found.pairs), len(found.triples)) == (4, 0)


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("baskets", [[], [[0]], [[]]])
def test_too_little_gives_nothing(portable, baskets):
    history = order_history(
        item_ids=[1, 2], baskets=baskets, at=[0] * len(baskets), customers=[0] * len(baskets)
    )
    found = frequent_itemsets(matrix_of(history), min_baskets=1, min_customers=1, portable=portable)
    assert found.pairs.items.shape == (0, 2)
    assert found.triples.items.shape == (0, 3)


@pytest.mark.parametrize("portable", [False, True])
def test_more_than_fits_is_refused_with_its_size(portable):
    matrix = matrix_of(random_history(seed=1))
    asked = {"min_baskets": 2, "min_customers": 1, "portable": portable}
    found = frequent_itemsets(matrix, **asked)
    needed = bytes_needed(len(found.pairs), len(found.triples))
    frequent_itemsets(matrix, **asked, limit_bytes=needed)
    with pytest.raises(NotEnoughMemoryError, match="Ask for more baskets per set"):
        frequent_itemsets(matrix, **asked, limit_bytes=needed - 1)


def test_with_numba_nothing_is_stored_before_it_is_refused(monkeypatch):
    matrix = matrix_of(random_history(seed=1))
    stored = []
    empty = type(frequent_itemsets(matrix, min_baskets=9, min_customers=9).pairs).empty
    monkeypatch.setattr(
        "recommendations.engine.association_rules.itemsets.Itemsets.empty",
        lambda size, n=0: (stored.append(n), empty(size, n))[1],
    )
    with pytest.raises(NotEnoughMemoryError):
        frequent_itemsets(matrix, min_baskets=2, min_customers=1, limit_bytes=1000)
    assert stored == [0, 0]


@pytest.mark.parametrize("name", ["min_baskets", "min_customers"])
def test_minima_below_1_are_refused(name):
    asked = {"min_baskets": 1, "min_customers": 1, name: 0}
    with pytest.raises(ValueError, match=f"{name} must be at least 1, not 0"):
        frequent_itemsets(matrix_of(lopsided()), **asked)
