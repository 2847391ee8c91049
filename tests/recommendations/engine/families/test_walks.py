from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.engine.families.walks import P3ALPHA, RP3BETA, walk_lists
from recommendations.engine.matrices import basket_matrix
from tests.recommendations.engine.families.trainings import (
    dense_lists,
    history_of,
    random_ones,
    rows_of,
    training_of,
)
from tests.recommendations.engine.histories import DAY, histories, lopsided, with_basket

PATHS = [{"portable": False, "n_threads": 2}, {"portable": True}]


def dense_walk(table, decay, *, alpha, beta):
    """Two transition matrices to the power α, their product, and the damping: as published."""
    edges = decay[:, np.newaxis] * table
    with np.errstate(divide="ignore", invalid="ignore"):
        to_row = np.nan_to_num(edges / edges.sum(axis=0)).T
        to_item = table / table.sum(axis=1, keepdims=True)
        walks = (to_row**alpha * (edges.T > 0)) @ (to_item**alpha * (table > 0))
        walks = np.nan_to_num(walks / edges.sum(axis=0) ** beta)
    np.fill_diagonal(walks, 0)
    return walks


@pytest.mark.parametrize("path", PATHS)
def test_by_hand(path):
    # Baskets ab, abc, ad, a, bc. From a (4 baskets) to b: ¼·½ + ¼·⅓; from b (3) to a: ⅓·½ + ⅓·⅓.
    found = dense_lists(walk_lists(training_of(lopsided()).matrix, k=9, min_customers=1, **path))
    assert found == pytest.approx(
        np.array(
            [
                [0, 1 / 8 + 1 / 12, 1 / 12, 1 / 8],
                [1 / 6 + 1 / 9, 0, 1 / 9 + 1 / 6, 0],
                [1 / 6, 1 / 6 + 1 / 4, 0, 0],
                [1 / 2, 0, 0, 0],
            ]
        )
    )


@pytest.mark.parametrize("path", PATHS)
def test_popular_ends_are_damped(path):
    matrix = training_of(lopsided()).matrix
    plain = dense_lists(walk_lists(matrix, k=9, min_customers=1, **path))
    damped = dense_lists(walk_lists(matrix, k=9, min_customers=1, beta=1.0, **path))
    assert damped == pytest.approx(plain / np.array([4, 3, 2, 1]))
    # b leads from a by plain walks; d, bought once, when popularity counts in full.
    assert rows_of(walk_lists(matrix, k=1, min_customers=1, **path))[0] == [1]
    assert rows_of(walk_lists(matrix, k=1, min_customers=1, beta=1.0, **path))[0] == [3]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("alpha", [0.0, 0.4, 1.0, 1.7])
@pytest.mark.parametrize("beta", [0.0, 0.6])
@pytest.mark.parametrize("seed", [1, 2])
def test_agrees_with_the_dense_walk(path, alpha, beta, seed):
    table = random_ones(seed)
    matrix = training_of(history_of(table)).matrix
    found = walk_lists(matrix, k=99, min_customers=1, alpha=alpha, beta=beta, **path)
    wanted = dense_walk(table, np.ones(len(table)), alpha=alpha, beta=beta)
    assert dense_lists(found) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=40)
@given(history=histories(), alpha=st.floats(0, 2), beta=st.floats(0, 1.5))
def test_agrees_with_the_dense_walk_with_decay(path, history, alpha, beta):
    matrix = basket_matrix(history, as_of=1000 * DAY, half_life_days=200.0)
    found = walk_lists(matrix, k=99, min_customers=1, alpha=alpha, beta=beta, **path)
    wanted = dense_walk(
        matrix.baskets_items().toarray(), matrix.basket_decay, alpha=alpha, beta=beta
    )
    assert dense_lists(found) == pytest.approx(wanted, rel=1e-5, abs=1e-9)


@given(history=histories())
def test_plain_walks_are_probabilities(history):
    matrix = training_of(history).matrix
    sums = dense_lists(walk_lists(matrix, k=99, min_customers=1)).sum(axis=1)
    # What is missing to 1 are walks that come back to where they began.
    assert sums.max(initial=0) <= 1 + 1e-6


def test_a_wholesaler_neither_dominates_nor_slows():
    table = random_ones(3)
    history = history_of(table)
    wholesale = with_basket(history, list(range(23)), customer=len(table), at=0)
    without = RP3BETA.fit(training_of(history), {}).item_lists(99)
    capped = RP3BETA.fit(training_of(wholesale, max_row_items=22), {}).item_lists(99)
    let_in = RP3BETA.fit(training_of(wholesale), {}).item_lists(99)
    assert dense_lists(capped).tolist() == dense_lists(without).tolist()
    assert (dense_lists(let_in) > 0).sum() == 23 * 22 > (dense_lists(without) > 0).sum()


def test_parameters_of_the_two_families():
    training = training_of(lopsided())
    p3alpha = dense_lists(P3ALPHA.fit(training, {}).item_lists(9))
    rp3beta = dense_lists(RP3BETA.fit(training, {}).item_lists(9))
    assert rp3beta == pytest.approx(p3alpha / np.array([4, 3, 2, 1]) ** 0.5)
    assert P3ALPHA.fit(training, {"neighbours": 1, "depth": 1}).lists.indptr[-1] == 4


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"alpha": -0.1}, "alpha must be 0 to 2, not -0.1"),
        ({"alpha": 2.5}, "alpha must be 0 to 2, not 2.5"),
        ({"alpha": float("nan")}, "alpha"),
        ({"beta": -1.0}, "beta must be at least 0, not -1.0"),
        ({"k": 0}, "k must be 1 to"),
        ({"min_customers": 0}, "min_customers must be at least 1"),
    ],
)
def test_bad_parameters(bad, message):
    with pytest.raises(ValueError, match=message):
        walk_lists(training_of(lopsided()).matrix, **{"k": 5, **bad})
