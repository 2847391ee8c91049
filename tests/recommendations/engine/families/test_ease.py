"""EASE: the closed form, the regression on candidates, lists."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.ease import FAMILY, ease_weights, fit_ease, local
from recommendations.engine.families.ease.dense import weighted_gram
from recommendations.engine.families.ease.local import local_ease
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from tests.recommendations.engine.histories import histories, lopsided, random_history

EXACT = {"candidates": 0, "size_exponent": 0.5, "l2": 2.0}


def matrix_of(history, **options):
    as_of = int(history.basket_at.max()) if history.n_baskets else 0
    return basket_matrix(history, as_of=as_of, **{"half_life_days": 300.0, **options})


def dense_gram(matrix):
    rows = matrix.baskets_items().toarray()
    return rows.T @ np.diag(matrix.basket_weight) @ rows


def dense_ease(gram, l2):
    """Steck's closed form as it stands in the paper."""
    inverse = np.linalg.inv(gram + l2 * np.eye(len(gram)))
    weights = np.eye(len(gram)) - inverse @ np.diag(1 / np.diag(inverse))
    np.fill_diagonal(weights, 0.0)
    return weights


def dense_regression(gram, candidates, l2):
    """Each column regressed on its own candidates, with LAPACK."""
    weights = np.zeros_like(gram)
    for target, items in enumerate(candidates):
        square = gram[np.ix_(items, items)] + l2 * np.eye(len(items))
        weights[items, target] = np.linalg.solve(square, gram[items, target])
    return weights


def candidates_of(lists):
    return [lists.items[lists.indptr[r] : lists.indptr[r + 1]] for r in range(len(lists))]


def test_weights_worked_by_hand():
    # G + I = [[3, 1], [1, 2]]; its inverse is [[2, -1], [-1, 3]] / 5.
    weights = ease_weights(np.array([[2.0, 1.0], [1.0, 1.0]], order="F"), 1.0)

    np.testing.assert_allclose(weights, [[0.0, 1 / 3], [1 / 2, 0.0]])


def test_the_gram_matrix_is_weighted_by_row():
    matrix = matrix_of(random_history(seed=1))
    learnt = np.array([2, 5, 40])

    gram = weighted_gram(matrix, learnt)

    np.testing.assert_allclose(gram, dense_gram(matrix)[np.ix_(learnt, learnt)], atol=1e-12)


@pytest.mark.parametrize("n_items", [1, 2, 60, 600])
def test_equals_the_closed_formula(n_items):
    rng = np.random.default_rng(n_items)
    rows = (rng.random((150, n_items)) < 0.1).astype(float)
    gram = rows.T @ np.diag(rng.random(150)) @ rows

    weights = ease_weights(np.asfortranarray(gram), 1.5)

    np.testing.assert_allclose(weights, dense_ease(gram, 1.5), atol=1e-9)


def test_equals_rectools():
    ease = pytest.importorskip("rectools.models.ease")
    dataset = pytest.importorskip("rectools.dataset")
    pandas = pytest.importorskip("pandas")
    matrix = matrix_of(random_history(seed=4), half_life_days=None, size_exponent=0.0)
    pairs = matrix.baskets_items().tocoo()
    table = pandas.DataFrame(
        {"user_id": pairs.row, "item_id": pairs.col, "weight": 1.0, "datetime": "2024-01-01"}
    )
    data = dataset.Dataset.construct(table)
    theirs = ease.EASEModel(regularization=3.0).fit(data)

    order = data.item_id_map.external_ids.astype(int)
    ours = ease_weights(weighted_gram(matrix, order), 3.0)

    np.testing.assert_allclose(ours, theirs.weight, atol=1e-6)


def test_a_fit_recommends_by_the_closed_formula():
    matrix = matrix_of(random_history(seed=2))
    held = matrix.baskets_items()[:50]

    found = fit_ease(Training(matrix=matrix), EXACT).recommend(Query(held=held), 7)

    scores = held @ dense_ease(dense_gram(matrix), 2.0)
    scores[held.nonzero()] = 0.0
    best = np.argsort(-scores, axis=1, kind="stable")[:, :7]
    expected = np.where(np.take_along_axis(scores, best, axis=1) > 0, best, -1)
    assert np.array_equal(found, expected)


def test_with_every_item_a_candidate_it_is_ease():
    # Every pair is bought together, so no item is without the others as candidates.
    rng = np.random.default_rng(0)
    baskets = [list(range(9)), *(rng.choice(9, 3, replace=False).tolist() for _ in range(80))]
    history = order_history(
        item_ids=list(range(9)), baskets=baskets, at=[0] * 81, customers=list(range(81))
    )
    matrix = matrix_of(history, size_exponent=0.5)

    model = local_ease(matrix, l2=1.5, candidates=8, min_customers=1)

    np.testing.assert_allclose(
        model.pairs.matrix(9).toarray(), dense_ease(dense_gram(matrix), 1.5), atol=1e-6
    )


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("head", [0, 7, 4096])
@pytest.mark.parametrize("min_customers", [1, 3])
def test_equals_the_dense_regression_on_candidates(portable, head, min_customers, monkeypatch):
    # Every pair is counted, so that what is known of G is all of it.
    monkeypatch.setattr(local, "PAIRS_PER_CANDIDATE", 100)
    monkeypatch.setattr(local, "HEAD_ITEMS", head)
    matrix = matrix_of(random_history(seed=5))

    model = local_ease(
        matrix, l2=1.0, candidates=12, min_customers=min_customers, portable=portable
    )

    candidates = candidates_of(neighbours(matrix, k=12, min_customers=min_customers))
    expected = dense_regression(dense_gram(matrix), candidates, 1.0)
    # G and the weights are kept in single precision.
    np.testing.assert_allclose(model.pairs.matrix(60).toarray(), expected, atol=1e-6)
    assert (model.pairs.scores < 0).any()


def test_candidates_not_known_among_each_other_do_no_harm(monkeypatch):
    monkeypatch.setattr(local, "PAIRS_PER_CANDIDATE", 1)
    monkeypatch.setattr(local, "HEAD_ITEMS", 0)
    matrix = matrix_of(random_history(seed=6, n_baskets=2_000))
    models = [
        local_ease(matrix, l2=5.0, candidates=15, min_customers=1, portable=portable)
        for portable in (False, True)
    ]

    assert np.isfinite(models[0].pairs.scores).all()
    np.testing.assert_allclose(models[0].pairs.scores, models[1].pairs.scores, atol=1e-5)


def test_negative_weights_count_and_ties_go_to_the_smaller_item():
    pairs = neighbours(matrix_of(lopsided()), k=3, min_customers=1)
    model = local.LocalEase(
        pairs=type(pairs)(
            indptr=np.array([0, 3, 4, 4, 4]),
            items=np.array([1, 2, 3, 2], dtype=np.int32),
            scores=np.array([0.5, 0.7, 0.5, -0.3], dtype=np.float32),
            customers=np.ones(4, dtype=np.uint32),
            baskets=np.ones(4, dtype=np.uint32),
        )
    )
    held = sparse.csr_matrix([[1.0, 0, 0, 0], [1.0, 1.0, 0, 0], [0, 1.0, 0, 0]])

    found = model.recommend(Query(held=held), 3)

    assert found.tolist() == [[2, 1, 3], [3, 2, -1], [-1, -1, -1]]
    assert model.item_lists(2).items.tolist() == [2, 1]


@pytest.mark.parametrize("candidates", [0, 20])
def test_lists_hold_supported_pairs_alone(candidates):
    matrix = matrix_of(random_history(seed=7))
    training = Training(matrix=matrix, min_customers=4)

    lists = fit_ease(training, {**EXACT, "candidates": candidates}).item_lists(5)

    pairs = neighbours(matrix, k=60, min_customers=1)
    counted = sparse.csr_matrix((pairs.customers, pairs.items, pairs.indptr)).toarray()
    rows = np.repeat(np.arange(60), np.diff(lists.indptr))
    assert np.array_equal(lists.customers, counted[rows, lists.items])
    assert lists.customers.min() >= 4
    assert lists.scores.min() > 0
    assert np.diff(lists.indptr).max() == 5


def test_weights_are_the_same_to_the_bit_whatever_the_threads_of_blas():
    rows = sparse.random(900, 600, 0.02, format="csr", random_state=0)
    gram = (rows.T @ rows).toarray()
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(ease_weights(np.asfortranarray(gram.copy()), 5.0))
    assert found[0].tobytes() == found[1].tobytes()


@pytest.mark.parametrize("candidates", [0, 10])
def test_threads_and_repetition_change_nothing(candidates):
    matrix = matrix_of(random_history(seed=8))
    held = matrix.baskets_items()
    models = [
        fit_ease(Training(matrix=matrix, n_threads=n), {**EXACT, "candidates": candidates})
        for n in (1, 3, 3)
    ]

    found = [model.recommend(Query(held=held), 10) for model in models]
    lists = [model.item_lists(10) for model in models]

    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[1], found[2])
    assert np.array_equal(lists[0].items, lists[1].items)
    assert np.array_equal(lists[0].scores, lists[1].scores)


@pytest.mark.parametrize("candidates", [0, 3])
@settings(max_examples=20, deadline=None)
@given(history=histories())
def test_whatever_the_history_nothing_held_comes_back(candidates, history):
    matrix = matrix_of(history)
    model = fit_ease(Training(matrix=matrix), {"candidates": candidates, "l2": 0.5})
    held = matrix.baskets_items()

    found = model.recommend(Query(held=held), 3)

    for row in range(len(found)):
        items = found[row][found[row] >= 0]
        assert not np.isin(items, held.indices[held.indptr[row] : held.indptr[row + 1]]).any()
    assert len(model.item_lists(2)) == history.n_items


@pytest.mark.parametrize(
    "wrong", [{"l2": 0.0}, {"l2": 0.0, "candidates": 0}, {"candidates": -1}]
)  # fmt: skip
def test_wrong_parameters_are_named(wrong):
    name = "candidates" if wrong.get("candidates") == -1 else "l2"
    with pytest.raises(ValueError, match=name):
        fit_ease(Training(matrix=matrix_of(lopsided())), wrong)


def test_every_value_of_the_grid_is_a_parameter():
    assert set(FAMILY.grid) <= set(FAMILY.start)


@pytest.mark.parametrize("candidates", [0, 20])
def test_memory_is_about_what_is_said_beforehand(candidates, monkeypatch):
    monkeypatch.setattr(local, "HEAD_ITEMS", 400)
    history = random_history(seed=9, n_items=1_000, n_baskets=8_000, n_customers=8_000)
    training = Training(matrix=matrix_of(history), min_customers=2, n_threads=1)
    chosen = {**FAMILY.start, "candidates": candidates}
    fit_ease(training, chosen)

    tracemalloc.start()
    fit_ease(training, chosen)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert 0.5 < peak / FAMILY.bytes_needed(Size.of(training), chosen) < 2
