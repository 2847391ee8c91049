from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recommendations.engine.families.base import ListModel, Query
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from recommendations.engine.tuning import materialised, materialised_lists
from tests.recommendations.engine.histories import random_history


def matrix_of(history):
    return basket_matrix(history, as_of=int(history.basket_at.max()), half_life_days=None)


@pytest.fixture
def matrix():
    """Items 0 and 1 share three customers' baskets, 0 and 2 two, 3 stands alone."""
    history = order_history(
        item_ids=[10, 20, 30, 40],
        baskets=[[0, 1], [0, 1], [0, 1, 2], [0, 2], [3]],
        at=[0] * 5,
        customers=[0, 1, 2, 3, 4],
    )
    return matrix_of(history)


class Ranking:
    """A model that gives everybody the same order, and says nothing of how good it is."""

    def __init__(self, order):
        self.order = order
        self.asked = []

    def recommend(self, query: Query, k):
        self.asked.append(query)
        table = np.full((len(query), k), -1, dtype=np.int32)
        for row in range(len(query)):
            held = query.held[row].indices
            found = [item for item in self.order if item not in held][:k]
            table[row, : len(found)] = found
        return table


class Scored(Ranking):
    """The same, which knows the worth of each item."""

    def scored(self, query, k):
        found = self.recommend(query, k)
        return found, np.where(found >= 0, 0.9 - 0.1 * found, 0.0)


def rows(lists):
    return [lists.items[a:b].tolist() for a, b in pairwise(lists.indptr.tolist())]


def test_each_item_is_asked_about_alone_and_by_nobody(matrix):
    model = Ranking([2, 1, 0, 3])
    lists = materialised_lists(model, matrix, k=2)
    assert rows(lists) == [[2, 1], [2, 0], [1, 0], [2, 1]]
    (query,) = model.asked
    assert query.held.toarray().tolist() == np.eye(4).tolist()
    assert query.customers is None
    assert lists.scores[:2].tolist() == [1.0, 0.5], "reciprocal ranks"


def test_evidence_is_counted_and_the_floor_costs_no_place(matrix):
    model = Ranking([3, 2, 1, 0])
    every = materialised_lists(model, matrix, k=3)
    assert dict(zip(every.items[:3].tolist(), every.customers[:3].tolist(), strict=True)) == {
        3: 0, 2: 2, 1: 3,
    }  # fmt: skip
    # Asked for one entry and no more, item 0 would have none: its first has no customer.
    floored = materialised_lists(model, matrix, k=1, min_customers=3)
    assert rows(floored) == [[1], [0], [], []]
    assert floored.customers.tolist() == [3, 3]


def test_a_models_own_scores_are_kept(matrix):
    lists = materialised_lists(Scored([1, 2, 3, 0]), matrix, k=2)
    np.testing.assert_allclose(lists.scores[:2], [0.8, 0.7], rtol=1e-6)


def test_a_model_of_lists_keeps_its_own_above_the_floor():
    matrix = matrix_of(random_history(seed=4))
    own = neighbours(matrix, k=30, min_customers=1)
    lists = materialised_lists(ListModel(lists=own), matrix, k=5, min_customers=2)
    assert lists.customers.min() >= 2
    assert np.diff(lists.indptr).max() == 5
    for row, (ours, theirs) in enumerate(zip(rows(lists), rows(own), strict=True)):
        bounds = slice(own.indptr[row], own.indptr[row + 1])
        enough = (own.customers[bounds] >= 2).tolist()
        kept = [item for item, good in zip(theirs, enough, strict=True) if good]
        assert ours == kept[: len(ours)], "the order stays"


def test_blocks_of_items_change_nothing(monkeypatch):
    matrix = matrix_of(random_history(seed=5))
    model = Ranking(list(range(matrix.n_items)))
    whole = materialised_lists(model, matrix, k=4)
    monkeypatch.setattr(materialised, "_BLOCK_ITEMS", 3)
    parts = materialised_lists(model, matrix, k=4)
    for name in ("indptr", "items", "scores", "customers", "baskets"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name
    assert len(model.asked) > 2


def test_a_list_of_nothing_is_refused(matrix):
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        materialised_lists(Ranking([0]), matrix, k=0)
