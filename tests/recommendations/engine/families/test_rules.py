from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.cooccurrence import cooccurrence
from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.rules import FAMILY
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.similarity import lift
from tests.recommendations.engine.histories import DAY, lopsided, random_history


def training_of(history, *, half_life_days=None, **parameters):
    matrix = basket_matrix(history, as_of=700 * DAY, half_life_days=half_life_days)
    return Training(matrix=matrix, **parameters)


def test_the_lopsided_history_by_hand():
    # Baskets ab, abc, ad, a, bc: lift of ab 5/6, ac 5/8, ad 5/4, bc 5/3.
    model = FAMILY.fit(training_of(lopsided()), {"min_baskets": 1, "score": "lift"})
    assert model.lists.items.tolist() == [3, 1, 2, 2, 0, 1, 0, 0]
    assert model.lists.scores == pytest.approx(
        [5 / 4, 5 / 6, 5 / 8, 5 / 3, 5 / 6, 5 / 3, 5 / 8, 5 / 4]
    )
    assert model.lists.customers.tolist() == [1, 2, 1, 2, 2, 2, 1, 1]
    assert model.recommend(Query(held=sparse.csr_matrix([[1.0, 0, 0, 0]])), 2).tolist() == [[3, 1]]


def test_scores_are_those_of_the_measures():
    training = training_of(random_history(seed=1))
    lists = FAMILY.fit(training, {"min_baskets": 3, "score": "lift", "neighbours": 60}).lists
    counts = cooccurrence(training.matrix.baskets_items())
    dense = lift(counts, n_baskets=training.matrix.n_baskets).toarray()
    row = np.repeat(np.arange(60), np.diff(lists.indptr))
    assert lists.scores == pytest.approx(dense[row, lists.items], rel=1e-6)
    assert lists.baskets.min() == 3


def test_an_order_counts_by_its_age():
    training = training_of(random_history(seed=1), half_life_days=90.0)
    lists = FAMILY.fit(training, {"min_baskets": 3, "score": "lift", "neighbours": 60}).lists
    held, decay = training.matrix.baskets_items().toarray(), training.matrix.basket_decay
    counts = held.T @ (held * decay[:, np.newaxis])
    dense = counts * decay.sum() / np.outer(counts.diagonal(), counts.diagonal())
    row = np.repeat(np.arange(60), np.diff(lists.indptr))
    assert lists.scores == pytest.approx(dense[row, lists.items], rel=1e-6)


def test_pairs_of_few_customers_never_come_out():
    lists = FAMILY.fit(training_of(random_history(seed=1), min_customers=4), {}).item_lists(5)
    assert len(lists.items)
    assert lists.customers.min() >= 4


def test_every_value_of_the_grid_can_be_fitted_and_is_the_same_twice():
    training = training_of(random_history(seed=2))
    for name, values in FAMILY.grid.items():
        for value in values:
            one, two = (FAMILY.fit(training, {name: value}).item_lists(9) for _ in range(2))
            assert one.items.tobytes() == two.items.tobytes()
            assert one.scores.tobytes() == two.scores.tobytes()


def test_an_empty_shop_has_no_rules():
    model = FAMILY.fit(training_of(random_history(seed=1, n_baskets=0)), {})
    assert len(model.lists.items) == 0


@pytest.mark.parametrize("min_baskets", [3, 1000])
def test_memory_is_told_within_a_factor_of_two(min_baskets):
    history = random_history(seed=1, n_baskets=20_000, n_items=6_000, n_customers=5_000, mean=9)
    training = training_of(history, n_threads=1)
    parameters = {"min_baskets": min_baskets}
    FAMILY.fit(training, parameters)
    tracemalloc.start()
    FAMILY.fit(training, parameters)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 < FAMILY.bytes_needed(Size.of(training), parameters) / peak < 2
