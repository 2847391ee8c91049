from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommendations.engine.families.base import ListModel, Query, Training
from recommendations.engine.families.graph_filter import (
    FAMILY,
    START,
    GraphFilter,
    ideal_filter,
)
from tests.recommendations.engine.families.trainings import (
    dense_lists,
    history_of,
    random_ones,
    training_of,
)
from tests.recommendations.engine.histories import lopsided, random_history

WHOLE = {"neighbours": 99, "depth": 99}


def normalised(table):
    return table / np.sqrt(np.outer(table.sum(axis=1), table.sum(axis=0)))


def dense_filter(table, held, *, ideal_weight, n_factors):
    """As published: r (R̃ᵀR̃ + α D^-½ Ū Ūᵀ D^½), without an item's path to itself."""
    edges = normalised(table)
    linear = edges.T @ edges
    np.fill_diagonal(linear, 0)
    vectors = np.linalg.svd(edges, full_matrices=False)[2][:n_factors]
    root = np.sqrt(table.sum(axis=0))
    ideal = (vectors / root).T @ (vectors * root)
    return held @ (linear + ideal_weight * ideal)


def test_the_linear_filter_by_hand():
    # Baskets ab, abc, ad, a, bc: Σ 1/|b| / √(n_i n_j).
    model = FAMILY.fit(training_of(lopsided()), {"ideal_weight": 0.0})
    assert isinstance(model, ListModel)
    root = np.sqrt
    assert dense_lists(model.item_lists(9)) == pytest.approx(
        np.array(
            [
                [0, (1 / 2 + 1 / 3) / root(12), 1 / 3 / root(8), 1 / 2 / root(4)],
                [(1 / 2 + 1 / 3) / root(12), 0, (1 / 3 + 1 / 2) / root(6), 0],
                [1 / 3 / root(8), (1 / 3 + 1 / 2) / root(6), 0, 0],
                [1 / 2 / root(4), 0, 0, 0],
            ]
        )
    )


@pytest.mark.parametrize("shape", [(70, 23), (15, 40)])
@pytest.mark.parametrize("ideal_weight", [0.3, 2.0])
def test_agrees_with_the_dense_filter(shape, ideal_weight):
    table = random_ones(1, *shape)
    parameters = {"ideal_weight": ideal_weight, "n_factors": 6, **WHOLE}
    model = FAMILY.fit(training_of(history_of(table)), parameters)
    held = (np.random.default_rng(2).random((9, shape[1])) < 0.2).astype(float)
    wanted = dense_filter(table, held, ideal_weight=ideal_weight, n_factors=6)
    assert model.scores(sparse.csr_matrix(held)) == pytest.approx(wanted, abs=1e-6)


def test_recommendations_are_the_best_of_the_dense_filter():
    table = random_ones(3)
    model = FAMILY.fit(training_of(history_of(table)), {"n_factors": 4, **WHOLE})
    held = (np.random.default_rng(4).random((12, 23)) < 0.2).astype(float)
    wanted = dense_filter(table, held, ideal_weight=START["ideal_weight"], n_factors=4)
    wanted[held > 0] = -np.inf
    best = np.argsort(-wanted, axis=1, kind="stable")[:, :5]
    found = model.recommend(Query(held=sparse.csr_matrix(held)), 5)
    assert found.tolist() == np.where(np.take_along_axis(wanted, best, 1) > 0, best, -1).tolist()


def test_blocks_of_queries_do_not_matter(monkeypatch):
    model = FAMILY.fit(training_of(history_of(random_ones(5))), {})
    query = Query(held=sparse.csr_matrix(random_ones(6, n_rows=31)))
    whole = model.recommend(query, 6)
    monkeypatch.setattr("recommendations.engine.families.graph_filter._BLOCK_SCORES", 50)
    assert model.recommend(query, 6).tolist() == whole.tolist()


def test_ties_go_to_the_smaller_item():
    thin = np.ones((4, 1))
    model = GraphFilter(
        linear=ListModel(lists=FAMILY.fit(training_of(lopsided()), {}).item_lists(0)),
        into=thin,
        out_of=np.array([[0.5, 0.7, 0.5, 0.5]]),
    )
    query = Query(held=sparse.csr_matrix([[1.0, 0, 0, 0]]), barred=sparse.csr_matrix((1, 4)))
    assert model.recommend(query, 3).tolist() == [[1, 0, 2]]


def test_time_decay_weighs_the_rows():
    history = random_history(seed=7, n_items=20)
    matrix = training_of(history, half_life_days=100.0).matrix
    into, out_of = ideal_filter(matrix, n_factors=5, min_customers=1, seed=0)
    edges = np.sqrt(matrix.basket_decay)[:, np.newaxis] * matrix.baskets_items().toarray()
    sold = matrix.item_weight > 0
    sizes = np.diff(matrix.basket_indptr)
    edges = edges[:, sold] / np.sqrt(np.outer(sizes, matrix.item_weight[sold]))
    vectors = np.linalg.svd(edges, full_matrices=False)[2][:5]
    root = np.sqrt(matrix.item_weight[sold])
    wanted = (vectors / root).T @ (vectors * root)
    assert (into @ out_of)[np.ix_(sold, sold)] == pytest.approx(wanted, abs=1e-8)


def test_items_of_too_few_customers_are_not_learnt_from():
    history = random_history(seed=8, n_baskets=300, n_items=40)
    free = FAMILY.fit(training_of(history), {})
    floored = FAMILY.fit(training_of(history, min_customers=25), {})
    rare = training_of(history).matrix.item_customers < 25
    assert rare.any()
    query = Query(held=sparse.csr_matrix(np.eye(40)), barred=sparse.csr_matrix((40, 40)))
    shown = free.recommend(query, 40), floored.recommend(query, 40)
    assert np.isin(np.flatnonzero(rare), shown[0]).any()
    assert not np.isin(np.flatnonzero(rare), shown[1]).any()
    assert not floored.into[rare].any()
    assert not floored.out_of[:, rare].any()


def test_same_seed_same_vectors_whatever_the_threads():
    matrix = training_of(random_history(seed=9, n_baskets=3_000, n_items=300)).matrix
    found = []
    for threads in (1, 2, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(ideal_filter(matrix, n_factors=20, min_customers=1, seed=3))
    for into, out_of in found[1:]:
        assert into.tobytes() == found[0][0].tobytes()
        assert out_of.tobytes() == found[0][1].tobytes()


def test_few_rows_and_few_items():
    for table in (np.ones((1, 5)), np.ones((5, 1)), np.ones((2, 2))):
        into, out_of = ideal_filter(
            training_of(history_of(table)).matrix, n_factors=9, min_customers=1, seed=0
        )
        assert into.shape == out_of.T.shape == (table.shape[1], min(table.shape) - 1)


def test_directions_that_are_not_there_are_not_made_up():
    table = np.repeat(random_ones(1, 3, 8), 5, axis=0)
    into, out_of = ideal_filter(
        training_of(history_of(table)).matrix, n_factors=6, min_customers=1, seed=0
    )
    vectors = np.linalg.svd(normalised(table), full_matrices=False)[2][:3]
    root = np.sqrt(table.sum(axis=0))
    assert into.shape == (8, 3)
    assert into @ out_of == pytest.approx((vectors / root).T @ (vectors * root), abs=1e-9)


def test_the_ideal_filter_reaches_beyond_the_pairs():
    # Two halves of a shop that one customer joins: a is not met with d, but close to it.
    table = np.array([[1, 1, 0, 0]] * 5 + [[0, 0, 1, 1]] * 5 + [[0, 1, 1, 0]] * 4, dtype=float)
    training = training_of(history_of(table))
    query = Query(held=sparse.csr_matrix([[1.0, 0, 0, 0]]))
    linear = FAMILY.fit(training, {"ideal_weight": 0.0}).recommend(query, 3)
    both = FAMILY.fit(training, {"ideal_weight": 1.0, "n_factors": 1}).recommend(query, 3)
    assert linear.tolist() == [[1, -1, -1]]
    assert set(both[0].tolist()) == {1, 2, 3}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"n_factors": 0}, "n_factors must be at least 1, not 0"),
        ({"ideal_weight": -0.5}, "ideal_weight must be at least 0, not -0.5"),
    ],
)
def test_bad_parameters(bad, message):
    with pytest.raises(ValueError, match=message):
        FAMILY.fit(Training(matrix=training_of(lopsided()).matrix), bad)
