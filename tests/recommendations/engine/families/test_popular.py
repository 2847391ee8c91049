from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families import popular
from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.popular import FAMILY, RECENT, TRENDING, ranked
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.popularity import popular as popular_of
from tests.recommendations.engine.histories import lopsided, random_history, with_basket

EVERYBODY = Query(held=sparse.csr_matrix((1, 4)))


def training_of(history, half_life_days=None, min_customers=1):
    as_of = int(history.basket_at.max(initial=0))
    matrix = basket_matrix(history, as_of=as_of, half_life_days=half_life_days)
    return Training(matrix=matrix, history=history, min_customers=min_customers)


def test_best_sellers_by_hand():
    # Distinct customers of a, b, c, d: 3, 3, 2, 1.
    model = FAMILY.fit(training_of(lopsided()), {})
    assert model.recommend(EVERYBODY, 5).tolist() == [[0, 1, 2, 3, -1]]
    enough = FAMILY.fit(training_of(lopsided(), min_customers=2), {})
    assert enough.recommend(EVERYBODY, 5).tolist() == [[0, 1, 2, -1, -1]]


def test_best_sellers_are_those_of_popular():
    history = random_history(seed=1)
    items, weights, _ = popular_of(
        history, as_of=int(history.basket_at.max()), half_life_days=90.0, k=99
    )
    model = FAMILY.fit(training_of(history, 90.0), {})
    assert model.items.tolist() == items.tolist()
    assert model.scores == pytest.approx(weights)


def test_recent_best_sellers_by_hand():
    # Days 3 and 4: a, bc.
    model = RECENT.fit(training_of(lopsided()), {"days": 2})
    assert model.items.tolist() == [0, 1, 2]
    assert RECENT.fit(training_of(lopsided()), {"days": 1}).items.tolist() == [1, 2]
    with pytest.raises(ValueError, match="days must be above 0, not 0"):
        RECENT.fit(training_of(lopsided()), {"days": 0})


def test_what_rises_is_recommended():
    history = random_history(seed=1, n_baskets=3_000, n_customers=900)
    newest = int(history.basket_at.max())
    for customer in range(60):
        history = with_basket(history, [33], customer=customer, at=newest)
    model = TRENDING.fit(training_of(history, min_customers=5), {"recent_days": 14})
    assert model.items.tolist() == [33]


def test_windows_need_the_history():
    training = Training(matrix=training_of(lopsided()).matrix)
    for family in (RECENT, TRENDING):
        assert family.needs == {"history"}
        with pytest.raises(ValueError, match="need the history of orders"):
            family.fit(training, {})


def test_nobody_is_offered_what_they_are_without(monkeypatch):
    monkeypatch.setattr(popular, "_BLOCK_QUERIES", 7)
    rng = np.random.default_rng(1)
    model = ranked(rng.random(50) * (rng.random(50) < 0.8))
    without = sparse.random(30, 50, density=0.4, random_state=rng, format="csr")
    found = model.recommend(Query(held=sparse.csr_matrix((30, 50)), barred=without), 12)
    for row in range(30):
        expected = [i for i in model.items.tolist() if i not in set(without[row].indices)]
        expected += [-1] * 12
        assert found[row].tolist() == expected[:12]


def test_empty_and_wrong_input():
    empty = random_history(seed=1, n_baskets=0)
    for family in (FAMILY, RECENT, TRENDING):
        model = family.fit(training_of(empty), {})
        query = Query(held=sparse.csr_matrix((2, empty.n_items)))
        assert model.recommend(query, 2).tolist() == [[-1, -1]] * 2
    assert model.recommend(Query(held=sparse.csr_matrix((0, empty.n_items))), 2).shape == (0, 2)
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        model.recommend(query, 0)


@pytest.mark.parametrize("family", [FAMILY, RECENT, TRENDING])
def test_every_value_of_the_grid_can_be_fitted_and_is_the_same_twice(family):
    training = training_of(random_history(seed=2))
    for name, values in {**family.grid, "": [None]}.items():
        for value in values:
            one, two = (family.fit(training, {name: value} if name else {}) for _ in range(2))
            assert one.scores.tobytes() == two.scores.tobytes()
            assert one.items.tobytes() == two.items.tobytes()


@pytest.mark.parametrize("family", [FAMILY, RECENT, TRENDING])
def test_memory_is_told_within_a_factor_of_two(family):
    history = random_history(seed=1, n_baskets=20_000, n_items=6_000, n_customers=5_000, mean=9)
    training = training_of(history)
    parameters = {"days": 1000} if family is RECENT else {}
    parameters = {"recent_days": 1000} if family is TRENDING else parameters
    tracemalloc.start()
    family.fit(training, parameters)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 < family.bytes_needed(Size.of(training), parameters) / peak < 2
