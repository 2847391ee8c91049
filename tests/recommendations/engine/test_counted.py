from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommendations.engine.cooccurrence import cooccurrence
from recommendations.engine.counted import KINDS, CountMeasure, counted_neighbours
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from recommendations.engine.similarity import jaccard, log_likelihood_ratio, shrunk
from tests.recommendations.engine.families.trainings import dense_lists, rows_of, same_bytes
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history

PATHS = [{"portable": False, "n_threads": 2}, {"portable": True}]


def matrix_of(history, **chosen):
    return basket_matrix(
        history, **{"as_of": 1000 * DAY, "half_life_days": None, "size_exponent": 0.0, **chosen}
    )


def measure_of(matrix, kind, **chosen):
    weight = matrix.item_weight
    total = float(matrix.basket_weight.sum())
    given = {"k": 50, "min_customers": 1, "left": weight, "right": weight, "total": total}
    return CountMeasure(kind=kind, **{**given, **chosen})


@pytest.mark.parametrize("path", PATHS)
def test_jaccard_by_hand(path):
    # Baskets ab, abc, ad, a, bc: counts a 4, b 3, c 2, d 1; ab 2, ac 1, ad 1, bc 2.
    matrix = matrix_of(lopsided())
    lists = counted_neighbours(matrix, measure_of(matrix, "jaccard"), **path)
    assert rows_of(lists) == [[1, 3, 2], [2, 0], [1, 0], [0]]
    assert lists.scores == pytest.approx(
        [2 / 5, 1 / 4, 1 / 5, 2 / 3, 2 / 5, 2 / 3, 1 / 5, 1 / 4], abs=1e-7
    )
    assert lists.baskets.tolist() == [2, 1, 1, 2, 2, 2, 1, 1]


@pytest.mark.parametrize("path", PATHS)
def test_shrinkage_by_hand(path):
    matrix = matrix_of(lopsided())
    measure = measure_of(matrix, "jaccard", shrinkage=2.0)
    assert dense_lists(counted_neighbours(matrix, measure, **path))[0] == pytest.approx(
        [0, 2 / 5 * 2 / 4, 1 / 5 * 1 / 3, 1 / 4 * 1 / 3]
    )


@pytest.mark.parametrize("path", PATHS)
def test_only_pairs_that_meet_more_than_by_chance_by_hand(path):
    # N = 5: ab meets 2 < 4·3/5 times, ac 1 < 4·2/5; ad 1 > 4·1/5 and bc 2 > 3·2/5.
    matrix = matrix_of(lopsided())
    lists = counted_neighbours(matrix, measure_of(matrix, "log_likelihood"), **path)
    assert rows_of(lists) == [[3], [2], [1], [0]]
    ln = np.log
    bc = 2 * (2 * ln(2 * 5 / (3 * 2)) + 1 * ln(1 * 5 / (3 * 3)) + 2 * ln(2 * 5 / (2 * 3)))
    assert lists.scores[1] == pytest.approx(bc, abs=1e-6)


@pytest.mark.parametrize("path", PATHS)
@given(history=histories(), shrinkage=st.sampled_from([0.0, 3.0]))
def test_agrees_with_the_measures_of_counts(path, history, shrinkage):
    matrix = matrix_of(history)
    counts = cooccurrence(matrix.baskets_items())
    wanted = {"jaccard": jaccard(counts)}
    if matrix.n_baskets:
        surprise = log_likelihood_ratio(counts, n_baskets=matrix.n_baskets).toarray()
        chance = np.outer(matrix.item_weight, matrix.item_weight) / matrix.n_baskets
        above = np.where(counts.toarray() > chance, surprise, 0.0)
        wanted["log_likelihood"] = sparse.csr_matrix(above)
    for kind, similarity in wanted.items():
        measure = measure_of(matrix, kind, shrinkage=shrinkage)
        found = dense_lists(counted_neighbours(matrix, measure, **path))
        assert found == pytest.approx(
            shrunk(similarity, counts, shrinkage=shrinkage).toarray(), rel=1e-5, abs=1e-7
        )


@settings(max_examples=50)
@given(
    history=histories(),
    kind=st.sampled_from(KINDS),
    half_life_days=st.sampled_from([None, 50.0]),
    shrinkage=st.sampled_from([0.0, 2.5]),
    k=st.integers(1, 4),
    min_customers=st.integers(1, 3),
)
def test_both_paths_agree(history, kind, half_life_days, shrinkage, k, min_customers):
    matrix = matrix_of(history, half_life_days=half_life_days)
    measure = measure_of(matrix, kind, shrinkage=shrinkage, k=k, min_customers=min_customers)
    compiled = counted_neighbours(matrix, measure, n_threads=1)
    portable = counted_neighbours(matrix, measure, portable=True)
    assert compiled.indptr.tolist() == portable.indptr.tolist()
    assert compiled.scores == pytest.approx(portable.scores, rel=1e-5, abs=1e-9)
    if kind != "log_likelihood":  # whose logarithms may differ in the last digit
        assert same_bytes(compiled, portable)


def test_a_product_without_shrinkage_is_what_neighbours_counts():
    matrix = matrix_of(random_history(seed=1, n_baskets=2_000), size_exponent=0.5)
    norm = matrix.item_weight**-0.5
    product = measure_of(matrix, "product", left=norm, right=norm, k=9, min_customers=3)
    assert same_bytes(counted_neighbours(matrix, product), neighbours(matrix, k=9, min_customers=3))


def test_threads_do_not_matter():
    matrix = matrix_of(random_history(seed=2, n_baskets=3_000), half_life_days=60.0)
    for kind in KINDS:
        measure = measure_of(matrix, kind, k=7, shrinkage=1.0)
        one, four = (counted_neighbours(matrix, measure, n_threads=n) for n in (1, 4))
        assert same_bytes(one, four)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"kind": "lift"}, "kind must be one of product, jaccard, log_likelihood, not lift"),
        ({"k": 0}, "k must be 1 to 65535, not 0"),
        ({"min_customers": 0}, "min_customers must be at least 1, not 0"),
        ({"shrinkage": -1.0}, "shrinkage must be at least 0, not -1.0"),
        ({"left": np.ones(3)}, "3 and 4 norms were given for 4 items"),
    ],
)
def test_bad_parameters(bad, message):
    matrix = matrix_of(lopsided())
    with pytest.raises(ValueError, match=message):
        counted_neighbours(matrix, replace(measure_of(matrix, "jaccard"), **bad))
