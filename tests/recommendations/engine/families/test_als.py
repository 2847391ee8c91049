"""Implicit-feedback ALS: half-steps, loss, folding in, lists."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from recommendations.engine.families.als import (
    FAMILY,
    Weighting,
    factorised,
    fit_als,
    half_step,
    loss,
)
from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history

WEIGHTING = Weighting(alpha=7.0, l2=0.8, frequency_exponent=0.6)


def matrix_of(history, **options):
    as_of = int(history.basket_at.max()) if history.n_baskets else 0
    return basket_matrix(history, as_of=as_of, **{"half_life_days": 200.0, **options})


def random_entries(seed: int = 0, shape: tuple[int, int] = (23, 11)) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    dense = rng.random(shape) * (rng.random(shape) < 0.3)
    dense[4] = 0.0
    return sparse.csr_matrix(dense)


def dense_half_step(entries, other, weighting):
    """The normal equations of Hu, Koren and Volinsky, row by row over every cell."""
    cells, stored = entries.toarray(), entries.toarray() > 0
    confidence = 1 + weighting.alpha * cells
    sums = confidence.sum(axis=1)
    l2 = weighting.l2 * (sums / sums.mean()) ** weighting.frequency_exponent
    rows = []
    for row in range(len(cells)):
        square = other.T @ np.diag(confidence[row]) @ other + l2[row] * np.eye(other.shape[1])
        rows.append(np.linalg.solve(square, other.T @ (confidence[row] * stored[row])))
    return np.array(rows)


@pytest.mark.parametrize("portable", [False, True])
def test_a_half_step_equals_the_dense_normal_equations(portable):
    entries = random_entries()
    other = np.random.default_rng(1).normal(size=(11, 5))

    solved = half_step(entries, other, WEIGHTING, portable=portable)

    np.testing.assert_allclose(solved, dense_half_step(entries, other, WEIGHTING), atol=1e-9)
    assert not solved[4].any()


@pytest.mark.parametrize("portable", [False, True])
def test_conjugate_gradients_arrive_where_cholesky_does(portable):
    entries = random_entries()
    other = np.random.default_rng(1).normal(size=(11, 5))

    exact = half_step(entries, other, WEIGHTING)
    stepped = half_step(entries, other, WEIGHTING, steps=12, portable=portable)

    np.testing.assert_allclose(stepped, exact, atol=1e-8)
    assert np.abs(half_step(entries, other, WEIGHTING, steps=1) - exact).max() > 1e-3


def test_a_half_step_worked_by_hand():
    # One factor, y = (1, 2), alpha 3: row (1, 0) has c = (4, 1), so x = 4 / (4 + 4 + l2).
    entries = sparse.csr_matrix([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])

    rows = half_step(entries, np.array([[1.0], [2.0]]), Weighting(alpha=3.0, l2=2.0))

    np.testing.assert_allclose(rows[:, 0], [4 / 10, 0.0, 8 / (1 + 16 + 2)])


def test_a_half_step_equals_implicit():
    implicit = pytest.importorskip("implicit.cpu._als")
    entries = random_entries(shape=(40, 17))
    other = np.random.default_rng(1).normal(size=(17, 6))
    # There a stored value is the whole confidence.
    whole = entries.copy()
    whole.data = 1 + WEIGHTING.alpha * whole.data
    theirs = np.zeros((40, 6))

    implicit._least_squares(
        other.T @ other,
        whole.indptr.astype(np.int32),
        whole.indices.astype(np.int32),
        whole.data.astype(np.float32),
        theirs,
        other,
        0.8,
        1,
    )
    ours = half_step(entries, other, Weighting(alpha=7.0, l2=0.8))

    # It takes confidences in single precision.
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_the_loss_never_rises(steps):
    entries = random_entries(shape=(60, 25))
    losses = [
        loss(entries, factorised(entries, WEIGHTING, n_factors=6, iterations=n, steps=steps),
             WEIGHTING)
        for n in range(1, 9)
    ]  # fmt: skip

    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(losses))
    assert losses[-1] < 0.95 * losses[0]


def test_the_loss_is_that_of_the_dense_sum():
    entries = random_entries()
    factors = factorised(entries, WEIGHTING, n_factors=3, iterations=2)
    cells = entries.toarray()
    error = (cells > 0) - factors.rows @ factors.items.T
    dense = ((1 + 7.0 * cells) * error**2).sum()
    dense += (WEIGHTING.row_l2(entries)[:, np.newaxis] * factors.rows**2).sum()
    dense += (WEIGHTING.row_l2(entries.T.tocsr())[:, np.newaxis] * factors.items**2).sum()

    assert loss(entries, factors, WEIGHTING) == pytest.approx(dense, rel=1e-12)


def test_seed_and_threads():
    entries = random_entries(shape=(300, 80))
    options = {"n_factors": 8, "iterations": 3}
    first = factorised(entries, WEIGHTING, seed=4, n_threads=1, **options)

    again = factorised(entries, WEIGHTING, seed=4, n_threads=3, **options)
    portable = factorised(entries, WEIGHTING, seed=4, portable=True, **options)
    other = factorised(entries, WEIGHTING, seed=5, **options)

    assert np.array_equal(first.items, again.items)
    np.testing.assert_allclose(first.items, portable.items, atol=1e-8)
    assert not np.array_equal(first.items, other.items)


def two_shelves():
    """Items 0-3 are bought together, items 4-6 are; nobody buys from both shelves."""
    rng = np.random.default_rng(0)
    baskets = [
        [0, *rng.choice([1, 2, 3], 2, replace=False)] if n % 2
        else [4, int(rng.choice([5, 6]))]
        for n in range(60)
    ]  # fmt: skip
    return order_history(
        item_ids=list(range(8)), baskets=baskets, at=[DAY * n for n in range(60)],
        customers=[n % 20 for n in range(60)],
    )  # fmt: skip


def test_a_query_is_answered_from_its_own_shelf():
    training = Training(matrix=matrix_of(two_shelves()), min_customers=2)
    model = fit_als(training, {"factors": 2, "l2": 0.1})
    held = sparse.csr_matrix(([1.0, 1.0, 1.0], ([0, 0, 1], [1, 2, 5])), shape=(3, 8))

    found = model.recommend(Query(held=held), 2)

    assert set(found[0].tolist()) == {0, 3}
    assert found[1, 0] in {4, 6}
    assert found[2].tolist() == [-1, -1]


def test_folding_in_a_row_learnt_from_gives_its_factors():
    matrix = matrix_of(random_history(seed=2), half_life_days=None)
    model = fit_als(Training(matrix=matrix), {"factors": 4, "iterations": 60, "steps": 0})
    rows = matrix.baskets_items()[:, model.learnt]

    folded = model.folded_in(rows)

    expected = dense_half_step(rows, model.items, model.weighting)
    np.testing.assert_allclose(folded, expected, atol=1e-9)


def test_barred_items_do_not_come_and_repeats_may():
    training = Training(matrix=matrix_of(two_shelves()))
    model = fit_als(training, {"factors": 2, "l2": 0.1})
    held = sparse.csr_matrix(([1.0], ([0], [0])), shape=(1, 8))

    anything = model.recommend(Query(held=held, barred=sparse.csr_matrix((1, 8))), 4)
    without = model.recommend(Query(held=held, barred=held), 4)

    assert 0 in anything[0]
    assert 0 not in without[0]


def test_lists_hold_supported_pairs_alone_by_cosine():
    matrix = matrix_of(random_history(seed=3))
    model = fit_als(Training(matrix=matrix, min_customers=4), {"factors": 5, "iterations": 4})

    lists = model.item_lists(6)

    counted = neighbours(matrix, k=60, min_customers=4)
    unit = np.zeros((60, 5))
    unit[model.learnt] = model.items / np.linalg.norm(model.items, axis=1, keepdims=True)
    for item in range(60):
        pairs = slice(counted.indptr[item], counted.indptr[item + 1])
        companions = np.sort(counted.items[pairs])
        cosines = (unit[companions] @ unit[item]).astype(np.float32)
        order = np.argsort(-cosines, kind="stable")
        best = [j for j in order if cosines[j] > 0][:6]
        here = slice(lists.indptr[item], lists.indptr[item + 1])
        np.testing.assert_allclose(lists.scores[here], cosines[best], atol=1e-6)
    assert lists.customers.min() >= 4
    assert np.all(lists.baskets >= lists.customers)


@settings(max_examples=25, deadline=None)
@given(histories())
def test_whatever_the_history_nothing_held_comes_back(history):
    matrix = matrix_of(history)
    model = fit_als(Training(matrix=matrix), {"factors": 2, "iterations": 2})
    held = matrix.baskets_items()

    found = model.recommend(Query(held=held), 3)

    for row in range(len(found)):
        items = found[row][found[row] >= 0]
        assert not np.isin(items, held.indices[held.indptr[row] : held.indptr[row + 1]]).any()
        assert len(np.unique(items)) == len(items)
    assert len(model.item_lists(2)) == history.n_items


def test_items_of_too_few_customers_are_not_learnt():
    model = fit_als(Training(matrix=matrix_of(lopsided()), min_customers=2), {"factors": 2})

    assert model.learnt.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "wrong", [{"factors": 0}, {"iterations": 0}, {"alpha": 0.0}, {"l2": -1.0}, {"steps": -1}]
)
def test_wrong_parameters_are_named(wrong):
    name = next(iter(wrong)).replace("factors", "n_factors")
    with pytest.raises(ValueError, match=name):
        fit_als(Training(matrix=matrix_of(lopsided())), wrong)


def test_every_value_of_the_grid_is_a_parameter():
    assert set(FAMILY.grid) <= set(FAMILY.start)


def test_memory_is_about_what_is_said_beforehand():
    history = random_history(seed=9, n_items=2_000, n_baskets=6_000, n_customers=6_000)
    training = Training(matrix=matrix_of(history), n_threads=1)
    chosen = {**FAMILY.start, "iterations": 1, "steps": 1}
    fit_als(Training(matrix=matrix_of(lopsided())), chosen)  # code is loaded
    held = training.matrix.baskets_items()

    tracemalloc.start()
    model = fit_als(training, chosen)
    model.recommend(Query(held=held), 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert 0.5 < peak / FAMILY.bytes_needed(Size.of(training), chosen) < 2
