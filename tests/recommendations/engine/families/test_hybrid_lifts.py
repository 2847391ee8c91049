from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.base import Query
from recommendations.engine.families.hybrid import lifts
from recommendations.engine.families.hybrid.lifts import fit_lifts, lift_map, together
from recommendations.engine.history import order_history
from tests.recommendations.engine.families.trainings import training_of
from tests.recommendations.engine.histories import lopsided

PHONE, CASE, PEN = np.eye(3)


def test_together_against_the_dense_product():
    matrix = training_of(lopsided()).matrix
    baskets = matrix.baskets_items().toarray()
    expected = baskets.T @ (matrix.basket_weight[:, np.newaxis] * baskets)
    np.fill_diagonal(expected, 0)
    chosen = np.array([3, 0, 2])
    assert together(matrix, chosen) == pytest.approx(expected[np.ix_(chosen, chosen)])


def test_one_feature_by_hand(monkeypatch):
    # Met 3, 3 and 2 of 8: by chance 2 (9 + 6 + 6) / 8 = 5.25 in all, and 8 is there.
    monkeypatch.setattr(lifts, "RIDGE", 1e-9)
    weight = np.array([[0.0, 2, 1], [2, 0, 1], [1, 1, 0]])
    assert lift_map(np.ones((3, 1)), weight) == pytest.approx(np.log([[8 / 5.25]]), rel=1e-4)


def test_the_ridge_is_met_where_the_gradient_is_nothing(monkeypatch):
    monkeypatch.setattr(lifts, "ROUNDS", 1)
    monkeypatch.setattr(lifts, "STEPS", 100)
    weight = np.array([[0.0, 2, 1], [2, 0, 1], [1, 1, 0]])
    (found,) = lift_map(np.ones((3, 1)), weight)[0]
    assert 5.25 * np.exp(found) - 8 + lifts.RIDGE * found == pytest.approx(0, abs=1e-3)


def test_features_that_tell_nothing_fade(monkeypatch):
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 2, 60)
    vectors = np.column_stack([np.eye(2)[kind], rng.normal(size=(60, 4)) / 2])
    weight = np.where(kind[:, np.newaxis] != kind, 2.0, 0.5) * rng.poisson(3.0, (60, 60))
    weight += weight.T
    np.fill_diagonal(weight, 0)
    found = np.abs(lift_map(vectors, weight))
    assert found[0, 1] > 0.3 > 4 * found[2:].max()
    monkeypatch.setattr(lifts, "ROUNDS", 1)
    assert found[2:].mean() < 0.8 * np.abs(lift_map(vectors, weight))[2:].mean()


def test_only_bought_items_are_learnt_from_and_new_ones_are_listed():
    history = order_history(
        item_ids=[1, 2, 3, 4, 5],
        baskets=[[0, 1], [0, 1], [0, 1], [2]],
        at=[0, 0, 0, 0],
        customers=[0, 1, 2, 3],
    )
    training = training_of(history)
    object.__setattr__(
        training, "content", sparse.csr_matrix([PHONE, CASE, PEN, CASE, np.zeros(3)])
    )
    model = fit_lifts(training)
    listed = model.lists_of(np.array([0, 4]), 9)
    assert listed.items.tolist() == [1, 3]
    assert np.diff(listed.indptr).tolist() == [2, 0]
    assert np.all((listed.scores > 0) & (listed.scores <= 1))
    held = sparse.csr_matrix([[1.0, 0, 0, 0, 0], [0, 1, 0, 1, 0]])
    assert model.recommend(Query(held=held), 2).tolist() == [[1, 3], [0, -1]]


def test_many_items_are_sampled(monkeypatch):
    monkeypatch.setattr(lifts, "MAX_ITEMS", 2)
    asked = []
    monkeypatch.setattr(lifts, "together", lambda matrix, items: asked.append(items) or np.eye(2))
    training = training_of(lopsided())
    object.__setattr__(training, "content", sparse.csr_matrix(np.eye(training.n_items)))
    fit_lifts(training)
    assert len(asked[0]) == 2
    assert np.all(np.diff(asked[0]) > 0)


def test_items_below_the_floor_are_not_learnt_from(monkeypatch):
    asked = []
    monkeypatch.setattr(lifts, "together", lambda matrix, items: asked.append(items) or np.eye(2))
    history = order_history(
        item_ids=[1, 2, 3], baskets=[[0, 1], [0, 1, 2]], at=[0, 0], customers=[0, 1]
    )
    training = training_of(history, min_customers=2)
    object.__setattr__(training, "content", sparse.csr_matrix(np.eye(3)))
    fit_lifts(training)
    assert asked[0].tolist() == [0, 1]


def test_no_pairs_no_lists():
    assert not lift_map(np.eye(3), np.zeros((3, 3))).any()
