"""Squared-loss factorisation of explicit ratings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.rating_factors import (
    bias_only,
    mean_only,
    rating_factors,
    rmse,
)

SCALE = (1.0, 5.0)


def planted(*, seed: int = 3, n_users: int = 300, n_items: int = 120, rank: int = 3):
    """Ratings of low rank with little noise, most of them to learn from, the rest held out."""
    rng = np.random.default_rng(seed)
    exact = 3 + rng.normal(0, 0.3, (n_users, 1)) + rng.normal(0, 0.3, n_items)
    exact = exact + rng.normal(0, 0.7, (n_users, rank)) @ rng.normal(0, 0.7, (rank, n_items))
    ratings = np.clip(exact + rng.normal(0, 0.05, exact.shape), *SCALE)
    drawn = rng.random(exact.shape)
    parts = [np.where(chosen, ratings, 0.0) for chosen in (drawn < 0.4, drawn > 0.9)]
    return [sparse.csr_matrix(part) for part in parts]


def test_recovers_a_planted_low_rank_matrix():
    train, test = planted()

    mean = rmse(mean_only(train, scale=SCALE), test)
    bias = rmse(bias_only(train, scale=SCALE, l2=0.01), test)
    factors = rmse(rating_factors(train, scale=SCALE, n_factors=3, l2=0.01), test)

    assert bias < 0.97 * mean
    assert factors < 0.25 * bias


def test_biases_of_a_rating_worked_by_hand():
    # Mean 4; user a rated 5 and 3, user b rated 4. One half-step each, items at zero:
    # b_a = (1 - 1) / (2 + 2 l2) = 0, b_b = 0; items: b_0 = (1 + 0) / (2 + 2), b_1 = -1 / (1 + 1).
    ratings = sparse.csr_matrix([[5.0, 3.0, 0.0], [4.0, 0.0, 0.0]])

    model = bias_only(ratings, scale=SCALE, l2=1.0, iterations=1)

    assert model.mean == 4.0
    np.testing.assert_allclose(model.users[:, 0], [0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(model.items[:, 0], [0.25, -0.5, 0.0], atol=1e-12)
    np.testing.assert_allclose(model.predicted([0, 1], [1, 2]), [3.5, 4.0])


def test_a_side_solved_equals_its_normal_equations():
    train, _ = planted(n_users=12, n_items=7)
    model = rating_factors(train, scale=SCALE, n_factors=2, l2=0.3, iterations=4)

    # The items were solved last, with the users that the model holds.
    dense, known = train.toarray(), train.toarray() > 0
    for item in range(7):
        raters = known[:, item]
        design = np.column_stack([np.ones(raters.sum()), model.users[raters, 1:]])
        wanted = dense[raters, item] - model.mean - model.users[raters, 0]
        square = design.T @ design + 0.3 * raters.sum() * np.eye(3)
        np.testing.assert_allclose(
            model.items[item], np.linalg.solve(square, design.T @ wanted), atol=1e-9
        )


def test_predictions_stay_within_the_scale():
    train, test = planted()
    pairs = test.tocoo()

    predicted = rating_factors(train, scale=(1.0, 5.0), n_factors=8, l2=1e-3).predicted(
        pairs.row, pairs.col
    )

    assert predicted.min() >= 1.0
    assert predicted.max() == 5.0


def test_portable_and_threads_and_seed():
    train, _ = planted(n_users=40, n_items=30)
    models = [
        rating_factors(train, scale=SCALE, n_factors=4, seed=5, **options)
        for options in ({"n_threads": 1}, {"n_threads": 3}, {"portable": True})
    ]

    assert np.array_equal(models[0].users, models[1].users)
    assert np.array_equal(models[0].items, models[1].items)
    np.testing.assert_allclose(models[0].items, models[2].items, atol=1e-7)
    other = rating_factors(train, scale=SCALE, n_factors=4, seed=6)
    assert not np.array_equal(models[0].items, other.items)


def test_a_stored_zero_is_a_rating():
    ratings = sparse.csr_matrix((np.array([0.0, 2.0]), ([0, 0], [0, 1])), shape=(1, 3))

    assert mean_only(ratings, scale=(0, 4)).mean == 1.0


def test_no_ratings_give_the_middle_of_the_scale():
    empty = sparse.csr_matrix((2, 3))

    model = rating_factors(empty, scale=(1, 5))

    assert model.predicted([0, 1], [0, 2]).tolist() == [3.0, 3.0]
    assert mean_only(empty, scale=(1, 5)).predicted([1], [1]).tolist() == [3.0]
    assert rmse(model, empty) == 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": (5, 1)}, "scale"),
        ({"scale": (1, 4)}, "Ratings must be 1 to 4"),
        ({"n_factors": -1}, "n_factors"),
        ({"l2": 0.0}, "l2"),
        ({"iterations": 0}, "iterations"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        rating_factors(sparse.csr_matrix([[5.0, 1.0]]), **{"scale": (1, 5), **options})
