"""The best of inner products: by hand, against float64, and whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommendations.engine.families import dense
from recommendations.engine.families.als import best
from recommendations.engine.families.als.best import best_products


def nothing_barred(left, right):
    return sparse.csr_matrix((len(left), len(right)))


def in_full(left, right, barred, k):
    """Every pair in float64, factor by factor."""
    scores = np.zeros((len(left), len(right)))
    for one, other in zip(left.T, right.T, strict=True):
        scores += np.outer(one, other)
    scores[barred.nonzero()] = 0.0
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.where(np.take_along_axis(scores, order, axis=1) > 0, order, -1)


@pytest.fixture
def near_ties():
    """Forty queries and 500 items, of which each hundred differ by less than float32 can tell."""
    rng = np.random.default_rng(0)
    shelves = np.repeat(rng.random((5, 24)), 100, axis=0)
    return rng.random((40, 24)), shelves * (1 + 1e-9 * rng.random((500, 1)))


def test_by_hand():
    left = np.array([[1.0, 0.0], [-1.0, 2.0], [0.0, 0.0]])
    right = np.array([[3.0, 1.0], [5.0, 0.0], [3.0, 2.0], [-2.0, -1.0]])
    barred = sparse.csr_matrix(([1.0], ([0], [1])), shape=(3, 4))
    # Products: 3 5 3 -2; -1 -5 1 0; nothing.
    expected = [[0, 2, -1], [2, -1, -1], [-1, -1, -1]]
    assert best_products(left, right, barred, 3).tolist() == expected
    with pytest.raises(ValueError, match="k must be at least 1"):
        best_products(left, right, barred, 0)


def test_nothing_there_is_nothing_found():
    left, right = np.ones((2, 3)), np.ones((0, 3))
    assert best_products(left, right, nothing_barred(left, right), 2).tolist() == [[-1, -1]] * 2


def test_what_rounding_leaves_of_nothing_is_nothing():
    left, right = np.array([[1.0, 1.0]]), np.array([[1.0, -1.0 + 1e-9], [1.0, -0.5]])
    assert best_products(left, right, nothing_barred(left, right), 2).tolist() == [[1, -1]]


@pytest.mark.parametrize("k", [1, 10, 150])
def test_float64_decides_between_what_float32_cannot_tell_apart(near_ties, k):
    left, right = near_ties
    barred = sparse.random(40, 500, density=0.1, random_state=1, format="csr")
    expected = in_full(left, right, barred, k)
    assert best_products(left, right, barred, k).tolist() == expected.tolist()


def test_few_near_ties_need_no_second_look(monkeypatch):
    rng = np.random.default_rng(2)
    left, right = rng.normal(size=(30, 16)), rng.normal(size=(400, 16))
    monkeypatch.setattr(best, "_best_above", pytest.fail)
    barred = nothing_barred(left, right)
    expected = in_full(left, right, barred, 10)
    assert best_products(left, right, barred, 10).tolist() == expected.tolist()


def test_neither_blocks_nor_threads_of_blas_leave_a_trace(near_ties, monkeypatch):
    left, right = near_ties
    barred = nothing_barred(left, right)
    whole = best_products(left, right, barred, 10)
    for rows, threads in ((1, 1), (3, 2), (7, 1)):
        monkeypatch.setattr(dense, "BLOCK_SCORES", rows * len(right))
        with threadpool_limits(threads, user_api="blas"):
            assert np.array_equal(best_products(left, right, barred, 10), whole)
    one_by_one = [best_products(left[[row]], right, barred[row], 10)[0] for row in range(40)]
    assert np.array_equal(one_by_one, whole)
