from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from scipy.stats import pearsonr

from recommendations.engine.families.base import Training
from recommendations.engine.families.ratings_similarity import (
    ADJUSTED_COSINE,
    PEARSON,
    bought_counts,
    ratings_neighbours,
)
from recommendations.engine.history import order_history
from tests.recommendations.engine.families.trainings import (
    dense_lists,
    rows_of,
    same_bytes,
    training_of,
)
from tests.recommendations.engine.histories import DAY, lopsided, random_history

# Stars of five customers for four items; 0 is not rated. No symmetry in it.
STARS = np.array(
    [
        [5, 3, 4, 0],
        [1, 2, 0, 5],
        [4, 4, 5, 2],
        [2, 0, 1, 4],
        [0, 1, 2, 0],
    ],
    dtype=float,
)

stars = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 9), st.integers(1, 6)),
    elements=st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.5, 5.0]),
)


def similarity_of(table, centre, **parameters):
    given = {"k": 99, "min_customers": 1, **parameters}
    return dense_lists(ratings_neighbours(sparse.csr_matrix(table), centre=centre, **given))


def dense_similarity(table, centre):
    """Pair by pair over those who rated both."""
    n_items = table.shape[1]
    found = np.zeros((n_items, n_items))
    for i in range(n_items):
        for j in range(n_items):
            both = (table[:, i] != 0) & (table[:, j] != 0)
            if i == j or not both.any():
                continue
            left, right = table[both, i], table[both, j]
            if centre == "customer":
                means = [row[row != 0].mean() for row in table[both]]
                left, right = left - means, right - means
            else:
                left, right = left - left.mean(), right - right.mean()
            length = np.sqrt((left**2).sum() * (right**2).sum())
            found[i, j] = max((left * right).sum() / length, 0.0) if length > 1e-9 else 0.0
    return found


def test_adjusted_cosine_by_hand():
    # Means of the customers: 4, 8/3, 15/4, 7/3, 3/2. Items 0 and 2 by customers 0, 2 and 3:
    left = np.array([5 - 4, 4 - 15 / 4, 2 - 7 / 3])
    right = np.array([4 - 4, 5 - 15 / 4, 1 - 7 / 3])
    expected = (left @ right) / np.sqrt((left @ left) * (right @ right))
    found = similarity_of(STARS, "customer")
    assert found[0, 2] == pytest.approx(expected, abs=1e-6)
    # Items 0 and 3, by customers 1, 2 and 3, disagree: they are no companions.
    assert found[0, 3] == 0


def test_pearson_by_hand():
    # Items 0 and 1 by customers 0, 1 and 2: 5 1 4 and 3 2 4, each with its own mean over them.
    left, right = np.array([5, 1, 4]) - 10 / 3, np.array([3, 2, 4]) - 3
    expected = (left @ right) / np.sqrt((left @ left) * (right @ right))
    found = similarity_of(STARS, "item")
    assert found[0, 1] == pytest.approx(expected, abs=1e-6)
    assert found[1, 0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("centre", ["customer", "item"])
@given(table=stars)
def test_agrees_with_the_dense_formula(centre, table):
    assert similarity_of(table, centre) == pytest.approx(dense_similarity(table, centre), abs=1e-6)


def test_pearson_is_that_of_scipy():
    rng = np.random.default_rng(1)
    table = np.where(rng.random((60, 12)) < 0.6, rng.normal(3, 1.5, (60, 12)), 0.0)
    found = similarity_of(table, "item")
    for i in range(12):
        for j in range(12):
            both = (table[:, i] != 0) & (table[:, j] != 0)
            if i != j:
                expected = pearsonr(table[both, i], table[both, j]).statistic
                assert found[i, j] == pytest.approx(max(expected, 0), abs=1e-6)


def test_a_rating_of_zero_is_a_rating():
    entries = np.array([0.0, 1.0, 2.0, 0.0, 1.0, 2.0])
    rows, columns = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1])
    lists = ratings_neighbours(
        sparse.csr_matrix((entries, (rows, columns))), centre="item", k=5, min_customers=3
    )
    assert rows_of(lists) == [[1], [0]]
    assert lists.scores == pytest.approx([1, 1])


def test_the_scale_of_an_item_does_not_matter_to_pearson():
    table = np.where(STARS > 0, 1e6 + STARS, 0.0)
    table[:, 1] = np.where(STARS[:, 1] > 0, STARS[:, 1] * 1e-3, 0.0)
    assert similarity_of(table, "item") == pytest.approx(dense_similarity(STARS, "item"), abs=1e-5)


def test_the_taste_of_a_customer_does_not_matter_to_the_adjusted_cosine():
    grumpy = np.where(STARS > 0, STARS - np.array([[0.5], [0], [1], [0.25], [-3]]), 0.0)
    assert similarity_of(grumpy, "customer") == pytest.approx(similarity_of(STARS, "customer"))


def test_shrinkage_and_floor_count_those_who_rated_both():
    plain = similarity_of(STARS, "item")
    shrunk = similarity_of(STARS, "item", shrinkage=2.0)
    assert shrunk[0, 1] == pytest.approx(plain[0, 1] * 3 / 5)
    # Turned round, item 3 agrees with item 1, but customers 1 and 2 alone rated both.
    turned = STARS.copy()
    turned[:, 3] = np.where(STARS[:, 3] > 0, 6 - STARS[:, 3], 0)
    for floor, listed in ((2, [2, 3, 0]), (3, [2, 0])):
        lists = ratings_neighbours(
            sparse.csr_matrix(turned), centre="item", k=9, min_customers=floor
        )
        assert sorted(rows_of(lists)[1]) == sorted(listed)
        assert lists.customers.min() == floor


def test_the_best_and_ties():
    table = np.array([[1, 1, 1, 9], [2, 2, 2, 1], [3, 3, 3, 8]], dtype=float)
    lists = ratings_neighbours(sparse.csr_matrix(table), centre="item", k=1, min_customers=3)
    assert rows_of(lists) == [[1], [0], [0], []]


@pytest.mark.parametrize("centre", ["customer", "item"])
def test_blocks_do_not_matter(centre, monkeypatch):
    rng = np.random.default_rng(2)
    table = np.where(rng.random((80, 30)) < 0.3, rng.integers(1, 6, (80, 30)), 0).astype(float)
    ratings = sparse.csr_matrix(table)
    whole = ratings_neighbours(ratings, centre=centre, k=7, min_customers=2)
    monkeypatch.setattr("recommendations.engine.families.ratings_similarity._BLOCK_MEETINGS", 60)
    assert same_bytes(ratings_neighbours(ratings, centre=centre, k=7, min_customers=2), whole)


def test_nothing_rated():
    for shape in ((0, 3), (2, 3), (2, 0)):
        assert len(ratings_neighbours(sparse.csr_matrix(shape), centre="item", k=3)) == shape[1]


def test_counts_by_hand():
    history = order_history(
        item_ids=[1, 2, 3],
        baskets=[[0, 1], [1], [0], [0, 1, 2]],
        at=[0, 10 * DAY, 10 * DAY, 10 * DAY],
        customers=[0, 0, 1, 2],
    )
    counts = bought_counts(history, half_life_days=10.0, max_row_items=2)
    assert counts.toarray().tolist() == [[0.5, 1.5, 0.0], [1.0, 0.0, 0.0]]


def test_similarity_of_counts_is_that_of_ratings():
    history = random_history(seed=1, n_baskets=1_500, n_items=20)
    counts = bought_counts(history, half_life_days=None, max_row_items=99)
    for family, centre in ((ADJUSTED_COSINE, "customer"), (PEARSON, "item")):
        parameters = {"half_life_days": None, "shrinkage": 0.0, "neighbours": 99}
        found = dense_lists(family.fit(training_of(history), parameters).item_lists(99))
        wanted = dense_similarity(counts.toarray(), centre)
        # All pairs of these met in a basket at some time, but for a few.
        assert found[found > 0] == pytest.approx(wanted[found > 0], abs=1e-6)
        assert (found > 0).sum() > 0.9 * (wanted > 0).sum()


def test_where_everybody_buys_once_there_is_nothing_to_compare():
    assert rows_of(ADJUSTED_COSINE.fit(training_of(lopsided()), {}).item_lists(9))[1] == []
    once = order_history(item_ids=[1, 2], baskets=[[0, 1]] * 3, at=[0] * 3, customers=[0, 1, 2])
    for family in (ADJUSTED_COSINE, PEARSON):
        assert rows_of(family.fit(training_of(once), {}).item_lists(9)) == [[], []]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"centre": "basket"}, "centre must be customer or item, not basket"),
        ({"k": 0}, "k and min_customers must be at least 1, not 0 and 5"),
        ({"min_customers": 0}, "must be at least 1, not 3 and 0"),
        ({"shrinkage": -1.0}, "shrinkage must be at least 0, not -1.0"),
    ],
)
def test_bad_parameters(bad, message):
    with pytest.raises(ValueError, match=message):
        ratings_neighbours(sparse.csr_matrix(STARS), **{"centre": "item", "k": 3, **bad})


def test_counts_need_a_history():
    with pytest.raises(ValueError, match="needs the history"):
        PEARSON.fit(Training(matrix=training_of(lopsided()).matrix), {})
    assert "history" in PEARSON.needs & ADJUSTED_COSINE.needs
