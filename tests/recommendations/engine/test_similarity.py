from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from scipy.stats import chi2_contingency

from recommendations.engine import similarity
from recommendations.engine.cooccurrence import cooccurrence, supported

# Five baskets of four items: ab, abc, ad, a, bc. No symmetry to hide a transposed matrix.
LOPSIDED = np.array(
    [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 1, 0]], dtype=float
)
N = 5
BY_BASKETS = {"support", "lift", "leverage", "log_likelihood_ratio"}
SYMMETRIC = ("support", "lift", "leverage", "jaccard", "cosine", "log_likelihood_ratio")

binary = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 6)),
    elements=st.sampled_from([0.0, 1.0]),
)


def measured(name, table):
    counts = cooccurrence(sparse.csr_matrix(table))
    extra = {"n_baskets": len(table)} if name in BY_BASKETS else {}
    return getattr(similarity, name)(counts, **extra).toarray()


def test_cooccurrence_by_hand():
    assert cooccurrence(sparse.csr_matrix(LOPSIDED)).toarray().tolist() == [
        [4, 2, 1, 1],
        [2, 3, 2, 0],
        [1, 2, 2, 0],
        [1, 0, 0, 1],
    ]


def test_weighted_cooccurrence_by_hand():
    weights = np.array([1, 0.5, 2, 4, 8])
    assert cooccurrence(sparse.csr_matrix(LOPSIDED), weights=weights).toarray().tolist() == [
        [7.5, 1.5, 0.5, 2],
        [1.5, 9.5, 8.5, 0],
        [0.5, 8.5, 8.5, 0],
        [2, 0, 0, 2],
    ]


R = np.sqrt
HAND = {
    "support": [[0, 0.4, 0.2, 0.2], [0.4, 0, 0.4, 0], [0.2, 0.4, 0, 0], [0.2, 0, 0, 0]],
    "confidence": [[0, 1 / 2, 1 / 4, 1 / 4], [2 / 3, 0, 2 / 3, 0], [1 / 2, 1, 0, 0], [1, 0, 0, 0]],
    "lift": [
        [0, 10 / 12, 5 / 8, 5 / 4],
        [10 / 12, 0, 10 / 6, 0],
        [5 / 8, 10 / 6, 0, 0],
        [5 / 4, 0, 0, 0],
    ],
    "leverage": [
        [0, 0.4 - 0.48, 0.2 - 0.32, 0.2 - 0.16],
        [0.4 - 0.48, 0, 0.4 - 0.24, 0],
        [0.2 - 0.32, 0.4 - 0.24, 0, 0],
        [0.2 - 0.16, 0, 0, 0],
    ],
    "jaccard": [
        [0, 2 / 5, 1 / 5, 1 / 4],
        [2 / 5, 0, 2 / 3, 0],
        [1 / 5, 2 / 3, 0, 0],
        [1 / 4, 0, 0, 0],
    ],
    "cosine": [
        [0, 2 / R(12), 1 / R(8), 1 / R(4)],
        [2 / R(12), 0, 2 / R(6), 0],
        [1 / R(8), 2 / R(6), 0, 0],
        [1 / R(4), 0, 0, 0],
    ],
}


@pytest.mark.parametrize("name", HAND)
def test_measures_by_hand(name):
    assert measured(name, LOPSIDED) == pytest.approx(np.array(HAND[name]))


def test_log_likelihood_by_hand():
    # b and c: together 2, only b 1, only c 0, neither 2, of 5.
    ln = np.log
    expected = 2 * (2 * ln(2 * 5 / (3 * 2)) + 1 * ln(1 * 5 / (3 * 3)) + 0 + 2 * ln(2 * 5 / (2 * 3)))
    assert measured("log_likelihood_ratio", LOPSIDED)[1, 2] == pytest.approx(expected)
    # The example of Dunning's own table, as in Mahout's tests: 10, 0, 0, 10.
    counts = sparse.csr_matrix([[10.0, 10.0], [10.0, 10.0]])
    assert similarity.log_likelihood_ratio(counts, n_baskets=20)[0, 1] == pytest.approx(27.72589)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((3, 4, 5, 0, 0), (0, 0, 4, 5, 3), 0.4),
        ((0.1, 0.2, 0.3, 0.4, 0.5), (0.5, 0.4, 0.3, 0.2, 0.1), 0.35 / 0.55),
    ],
)
def test_cosine_of_real_columns(left, right, expected):
    counts = cooccurrence(sparse.csr_matrix(np.array([left, right], dtype=float).T))
    assert similarity.cosine(counts).toarray() == pytest.approx(
        np.array([[0, expected], [expected, 0]])
    )


def dense(name, table):
    """Each formula once more, on the whole dense table."""
    n = len(table)
    both = table.T @ table
    count = table.sum(axis=0)
    left, right = count[:, np.newaxis], count[np.newaxis, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        result = {
            "support": both / n,
            "confidence": both / left,
            "lift": (both / n) / (left / n * right / n),
            "leverage": both / n - left / n * right / n,
            "jaccard": both / (left + right - both),
            "cosine": both / np.sqrt(left * right),
        }[name]
    result[both == 0] = 0
    np.fill_diagonal(result, 0)
    return result


@pytest.mark.parametrize("name", HAND)
@given(table=binary)
def test_measures_agree_with_the_dense_formula(name, table):
    assert measured(name, table) == pytest.approx(dense(name, table))


@given(table=binary)
def test_log_likelihood_agrees_with_scipy(table):
    found = measured("log_likelihood_ratio", table)
    for i, j in zip(*np.nonzero(table.T @ table), strict=True):
        if i == j:
            continue
        left, right = table[:, i], table[:, j]
        if left.all() or right.all():
            assert found[i, j] == pytest.approx(0, abs=1e-9)
            continue
        cells = [
            [(left * right).sum(), (left * (1 - right)).sum()],
            [((1 - left) * right).sum(), ((1 - left) * (1 - right)).sum()],
        ]
        expected = chi2_contingency(cells, correction=False, lambda_="log-likelihood").statistic
        assert found[i, j] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", SYMMETRIC)
@given(table=binary)
def test_symmetric_measures_are_symmetric(name, table):
    found = measured(name, table)
    assert found == pytest.approx(found.T)
    assert not found.diagonal().any()


@given(table=binary)
def test_ranges(table):
    assert measured("jaccard", table).max(initial=0) <= 1
    assert measured("cosine", table).max(initial=0) <= 1 + 1e-12
    assert measured("confidence", table).max(initial=0) <= 1
    assert measured("log_likelihood_ratio", table).min(initial=0) >= 0
    assert np.all(measured("jaccard", table) <= measured("cosine", table) + 1e-12)


@pytest.mark.parametrize(
    "name", ["jaccard", "cosine", "log_likelihood_ratio", "lift", "leverage", "confidence"]
)
def test_a_planted_pair_comes_first(name):
    rng = np.random.default_rng(3)
    table = (rng.random((3000, 30)) < 0.1).astype(float)
    table[:, 17] = np.where(rng.random(3000) < 0.8, table[:, 4], table[:, 17])
    counts = supported(cooccurrence(sparse.csr_matrix(table)), minimum=10)
    extra = {"n_baskets": 3000} if name in BY_BASKETS else {}
    found = getattr(similarity, name)(counts, **extra).toarray()
    assert found[4].argmax() == 17
    assert found[17].argmax() == 4


def test_bare_lift_loves_accidents_and_a_floor_cures_it():
    table = np.zeros((1000, 3))
    table[:400, [0, 1]] = 1
    table[400:500, 0] = 1
    table[0, 2] = 1
    counts = cooccurrence(sparse.csr_matrix(table))
    rare = similarity.lift(counts, n_baskets=1000).toarray()[1]
    assert rare.argmax() == 2
    floored = similarity.lift(supported(counts, minimum=5), n_baskets=1000).toarray()[1]
    assert floored.argmax() == 0


def test_a_floor_keeps_the_items_own_counts():
    counts = cooccurrence(sparse.csr_matrix(LOPSIDED))
    assert supported(counts, minimum=2).toarray().tolist() == [
        [4, 2, 0, 0],
        [2, 3, 2, 0],
        [0, 2, 2, 0],
        [0, 0, 0, 1],
    ]


def test_the_kernel_family():
    table = sparse.csr_matrix(LOPSIDED)
    sizes = LOPSIDED.sum(axis=1)
    n = LOPSIDED.sum(axis=0)
    plain = cooccurrence(table)
    halves = {"item_exponent": 0.5, "companion_exponent": 0.5}
    assert similarity.kernel(plain, n, **halves).toarray() == pytest.approx(
        similarity.cosine(plain).toarray()
    )
    # P3α with α = 1: two random steps, item → basket → item.
    steps = (LOPSIDED / n).T @ (LOPSIDED / sizes[:, np.newaxis])
    np.fill_diagonal(steps, 0)
    by_size = cooccurrence(table, weights=1 / sizes)
    walk = similarity.kernel(by_size, n, item_exponent=1.0, companion_exponent=0.0)
    assert walk.toarray() == pytest.approx(steps)
    damped = similarity.kernel(by_size, n, item_exponent=1.0, companion_exponent=0.7)
    assert damped.toarray() == pytest.approx(steps / n**0.7)


def test_shrinkage_by_hand():
    counts = cooccurrence(sparse.csr_matrix(LOPSIDED))
    found = similarity.shrunk(similarity.confidence(counts), counts, shrinkage=2.0).toarray()
    assert found[0].tolist() == pytest.approx([0, 1 / 4, 1 / 12, 1 / 12])
    assert found[2].tolist() == pytest.approx([1 / 6, 1 / 2, 0, 0])


@given(table=binary, shrinkage=st.floats(0, 100))
def test_shrinkage_only_lowers(table, shrinkage):
    counts = cooccurrence(sparse.csr_matrix(table))
    before = similarity.jaccard(counts)
    after = similarity.shrunk(before, counts, shrinkage=shrinkage)
    assert np.all(after.toarray() <= before.toarray() + 1e-12)


def test_wilson_by_hand():
    # Newcombe (1998), table I: 81 of 263 at 95 % gives 0.2553; 15 of 148 gives 0.0624.
    z = 1.959964
    found = similarity.wilson_lower_bound(np.array([81, 15, 0]), np.array([263, 148, 20]), z)
    assert found == pytest.approx([0.2553, 0.0624, 0.0], abs=5e-5)


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 5))
def test_wilson_lies_below_the_share(trials, share, z):
    successes = max(1, round(share * trials))
    found = similarity.wilson_share(np.array([successes]), np.array([trials]), z)[0]
    assert 0 < found <= 1 + 1e-12


@given(st.integers(1, 50), st.integers(1, 20), st.floats(0.1, 5))
def test_more_evidence_for_the_same_share_is_discounted_less(successes, times, z):
    trials = np.array([60, 60 * (times + 1)])
    found = similarity.wilson_share(np.array([successes, successes * (times + 1)]), trials, z)
    assert found[0] < found[1]


@pytest.mark.parametrize("name", [*HAND, "log_likelihood_ratio"])
def test_nothing_gives_nothing(name):
    assert measured(name, np.zeros((3, 2))).tolist() == [[0, 0], [0, 0]]
    assert measured(name, np.zeros((3, 0))).shape == (0, 0)


def test_wrong_arguments_are_refused():
    square = sparse.csr_matrix(np.eye(2))
    with pytest.raises(ValueError, match="its shape is 2 × 3"):
        similarity.cosine(sparse.csr_matrix((2, 3)))
    with pytest.raises(ValueError, match="n_baskets must be at least 1, not 0"):
        similarity.support(square, n_baskets=0)
    with pytest.raises(ValueError, match="need more than 3 baskets"):
        similarity.log_likelihood_ratio(sparse.csr_matrix([[3.0, 1.0], [1.0, 3.0]]), n_baskets=3)
    with pytest.raises(ValueError, match="shrinkage must be at least 0, not -1"):
        similarity.shrunk(square, square, shrinkage=-1)
    with pytest.raises(ValueError, match="differ"):
        similarity.shrunk(square, sparse.csr_matrix((3, 3)), shrinkage=1)
    with pytest.raises(ValueError, match="1 weights were given for 2 baskets"):
        cooccurrence(square, weights=np.ones(1))
