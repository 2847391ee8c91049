from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.cooccurrence import cooccurrence
from recommendations.engine.families.kernel import BASKET_COSINE, FAMILY
from recommendations.engine.families.walks import P3ALPHA, RP3BETA
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from recommendations.engine.similarity import kernel
from tests.recommendations.engine.families.trainings import (
    dense_lists,
    history_of,
    random_ones,
    rows_of,
    same_bytes,
    table_of,
    training_of,
)
from tests.recommendations.engine.histories import lopsided, random_history


def lists_of(training, **parameters):
    return FAMILY.fit(training, {**FAMILY.start, **parameters}).item_lists(99)


def test_cosine_by_hand():
    # Baskets ab, abc, ad, a, bc: counts a 4, b 3, c 2, d 1.
    found = dense_lists(lists_of(training_of(lopsided()), size_exponent=0.0))
    root = np.sqrt
    assert found == pytest.approx(
        np.array(
            [
                [0, 2 / root(12), 1 / root(8), 1 / root(4)],
                [2 / root(12), 0, 2 / root(6), 0],
                [1 / root(8), 2 / root(6), 0, 0],
                [1 / root(4), 0, 0, 0],
            ]
        )
    )


@pytest.mark.parametrize("g", [0.0, 0.7, 1.25])
@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1.0, 0.0), (0.25, 0.8)])
def test_agrees_with_the_dense_formula(g, a, b):
    table = random_ones(1)
    training = training_of(history_of(table))
    found = lists_of(training, size_exponent=g, item_exponent=a, companion_exponent=b)
    counts = cooccurrence(training.matrix.baskets_items(), weights=table.sum(axis=1) ** -g)
    wanted = kernel(counts, table.sum(axis=0), item_exponent=a, companion_exponent=b)
    assert dense_lists(found) == pytest.approx(wanted.toarray(), abs=1e-6)
    assert table_of(training).tolist() == table.tolist()


def test_the_size_exponent_of_the_matrix_is_replaced():
    history = random_history(seed=1)
    built = [training_of(history, half_life_days=90.0, size_exponent=g) for g in (0.0, 1.0)]
    assert same_bytes(lists_of(built[0]), lists_of(built[1]))
    newest = int(history.basket_at.max())
    matrix = basket_matrix(history, as_of=newest, half_life_days=90.0, size_exponent=0.75)
    direct = neighbours(matrix, k=50, min_customers=1, confidence_z=1.28)
    assert same_bytes(lists_of(built[0], size_exponent=0.75, confidence_z=1.28), direct)


def test_the_discount_puts_evidence_first():
    training = training_of(random_history(seed=2, n_baskets=3_000))
    bold, careful = (lists_of(training, confidence_z=z).first(1) for z in (0.0, 2.6))
    assert careful.customers.mean() > bold.customers.mean()


def test_walks_are_points_of_the_kernel():
    training = training_of(random_history(seed=3))
    walk = {"size_exponent": 1.0, "item_exponent": 1.0, "companion_exponent": 0.0}
    assert same_bytes(lists_of(training, **walk), P3ALPHA.fit(training, {}).item_lists(50))
    damped = {**walk, "companion_exponent": 0.5}
    assert same_bytes(lists_of(training, **damped), RP3BETA.fit(training, {}).item_lists(50))
    assert same_bytes(lists_of(training), BASKET_COSINE.fit(training, {}).item_lists(50))


def test_lists_are_as_long_as_is_added_up():
    training = training_of(random_history(seed=4, n_baskets=3_000))
    model = FAMILY.fit(training, {"neighbours": 5, "depth": 20})
    assert np.diff(model.lists.indptr).max() == 20
    assert model.depth == 20
    assert max(map(len, rows_of(model.item_lists(5)))) == 5


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"size_exponent": 2.1}, "size_exponent must be 0 to 2, not 2.1"),
        ({"confidence_z": -1.0}, "confidence_z must be at least 0"),
        ({"neighbours": 0, "depth": 0}, "k must be 1 to"),
    ],
)
def test_bad_parameters(bad, message):
    with pytest.raises(ValueError, match=message):
        lists_of(training_of(lopsided()), **bad)
