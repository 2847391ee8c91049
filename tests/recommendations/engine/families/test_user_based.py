from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import cosine_similarity

from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.user_based import (
    FAMILY,
    PEARSON,
    nearest_rows,
)
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from tests.recommendations.engine.histories import DAY, random_history

RATINGS = np.array(
    [
        [5.0, 3.0, 0.0, 1.0, 0.0],
        [4.0, 0.0, 2.0, 1.0, 0.0],
        [1.0, 5.0, 4.0, 0.0, 0.0],
        [0.0, 4.0, 5.0, 0.0, 2.0],
    ]
)


def lopsided_ratings(seed, shape=(40, 17), share=0.4):
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, shape) * (rng.random(shape) < share)
    return sparse.csr_matrix(values.astype(float))


def expected_rows(similarity, k, itself):
    """The k best of each dense row by score, then position; overlap is a finite entry."""
    result = []
    for row, values in enumerate(similarity):
        order = np.lexsort((np.arange(len(values)), -values))
        result.append([n for n in order.tolist() if values[n] > 0 and n != itself[row]][:k])
    return result


def rows_of(found):
    return [
        found.indices[a:b].tolist()
        for a, b in zip(found.indptr[:-1], found.indptr[1:], strict=True)
    ]


@pytest.mark.parametrize("portable", [False, True])
def test_euclidean_against_the_dense_formula(portable):
    rng = np.random.default_rng(5)
    rows = sparse.random(30, 12, 0.3, format="csr", random_state=rng)
    queries = sparse.random(7, 12, 0.3, format="csr", random_state=rng) * 3
    apart = np.linalg.norm(queries.toarray()[:, np.newaxis] - rows.toarray(), axis=2)
    shares = (queries @ rows.T).toarray() > 0
    found = nearest_rows(queries, rows, 4, measure="euclidean", portable=portable)
    for query in range(7):
        expected = np.sort(apart[query][shares[query]])[:4]
        entries = slice(*found.indptr[query : query + 2])
        assert apart[query][found.indices[entries]] == pytest.approx(expected)
        assert found.data[entries] == pytest.approx(1 / (1 + expected))


@pytest.mark.parametrize("portable", [False, True])
def test_cosine_and_pearson_by_hand(portable):
    rows = sparse.csr_matrix([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0]])
    query = sparse.csr_matrix([[1.0, 1.0, 0.0, 0.0]])
    cosine = nearest_rows(query, rows, 3, portable=portable)
    assert cosine.indices.tolist() == [0, 2, 1]
    assert cosine.data == pytest.approx([1.0, 2 / np.sqrt(6), 1 / np.sqrt(2)])
    # Phi of {a, b} and {a}: (1·4 − 2·1) / √(2·2 · 1·3) = 1/√3; of {a, b} and {a, b, c} the same.
    pearson = nearest_rows(query, rows, 3, measure="pearson", portable=portable)
    assert pearson.indices.tolist() == [0, 1, 2], "ties go to the smaller row"
    assert pearson.data == pytest.approx([1.0, 1 / np.sqrt(3), 1 / np.sqrt(3)])


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("measure", ["cosine", "pearson"])
def test_the_dense_formula_on_random_rows(measure, portable):
    rows = lopsided_ratings(1)
    queries = lopsided_ratings(2, shape=(23, 17))
    both = np.vstack([queries.toarray(), rows.toarray()])
    dense = cosine_similarity(both) if measure == "cosine" else np.corrcoef(both)
    dense = dense[:23, 23:] * ((queries @ rows.T).toarray() > 0)
    found = nearest_rows(queries, rows, 7, measure=measure, portable=portable)
    values = np.where(dense > 0, dense, 0.0)
    for row, (got, order) in enumerate(
        zip(rows_of(found), expected_rows(values.round(12), 7, np.full(23, -1)), strict=True)
    ):
        assert values[row, got] == pytest.approx(values[row, order], abs=1e-9)
        assert found[row, got].toarray().ravel() == pytest.approx(values[row, got], abs=1e-9)


@pytest.mark.filterwarnings("ignore:Method expects CSR input")
def test_implicit_finds_the_same_customers():
    nearest_neighbours = pytest.importorskip("implicit").nearest_neighbours
    rows = lopsided_ratings(3, shape=(60, 25))
    theirs = nearest_neighbours.CosineRecommender(K=61)
    theirs.fit(rows.T.tocsr(), show_progress=False)
    ours = nearest_rows(rows, rows, 60).toarray()
    assert ours == pytest.approx(theirs.similarity.toarray(), abs=1e-6)


def test_threads_and_the_portable_path_change_nothing():
    rows = lopsided_ratings(4, shape=(200, 30)).sign()
    found = [
        nearest_rows(rows, rows, 5, itself=np.arange(200), n_threads=threads, portable=portable)
        for threads, portable in ((1, False), (3, False), (1, True))
    ]
    for other in found[1:]:
        assert rows_of(other) == rows_of(found[0])
        assert other.data == pytest.approx(found[0].data, abs=1e-12)
    assert found[0].data.tobytes() == found[1].data.tobytes()


def test_a_row_that_is_the_same_everywhere_correlates_with_nobody():
    rows = sparse.csr_matrix(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]]))
    assert nearest_rows(rows, rows, 2, measure="pearson").nnz == 1
    assert nearest_rows(sparse.csr_matrix((2, 3)), rows, 2).nnz == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k must be at least 1, not 0"),
        ({"k": 1, "measure": "jaccard"}, "cosine, pearson, euclidean, not 'jaccard'"),
        ({"k": 1, "rows": sparse.csr_matrix((2, 4))}, "3 columns and rows 4"),
    ],
)
def test_wrong_arguments(arguments, message):
    rows = arguments.pop("rows", sparse.csr_matrix((2, 3)))
    with pytest.raises(ValueError, match=message):
        nearest_rows(sparse.csr_matrix((1, 3)), rows, **arguments)


def training_of(history, **options):
    matrix = basket_matrix(history, as_of=700 * DAY, half_life_days=None)
    return Training(matrix=matrix, history=history, **options)


def test_weighted_average_of_what_similar_customers_bought():
    history = order_history(
        item_ids=[1, 2, 3, 4],
        baskets=[[0, 1], [0, 2], [3], [0], [1]],
        at=[0] * 5,
        customers=[0, 1, 1, 2, 2],
    )
    model = FAMILY.fit(training_of(history), {"n_neighbours": 5})
    # The query {b}: customers 0 and 2 are alike by 1/√2 each; both bought a.
    query = Query(held=sparse.csr_matrix([[0.0, 1.0, 0.0, 0.0]]))
    assert model.scores(query).toarray()[0] == pytest.approx([1.0, 1.0, 0.0, 0.0])
    assert model.recommend(query, 3).tolist() == [[0, -1, -1]]
    # The query {a}: 1/√2 of 0, 1/√3 of 1, 1/√2 of 2.
    query = Query(held=sparse.csr_matrix([[1.0, 0.0, 0.0, 0.0]]))
    two, three = 1 / np.sqrt(2), 1 / np.sqrt(3)
    total = 2 * two + three
    assert model.scores(query).toarray()[0] == pytest.approx(
        [1.0, 2 * two / total, three / total, three / total]
    )
    assert model.recommend(query, 3).tolist() == [[1, 2, 3]]


def test_a_customer_is_no_neighbour_of_himself():
    history = order_history(
        item_ids=[1, 2, 3], baskets=[[0, 1], [0, 2]], at=[0, 0], customers=[3, 5]
    )
    model = FAMILY.fit(training_of(history), {"n_neighbours": 1})
    held = sparse.csr_matrix([[1.0, 1.0, 0.0]])
    assert model.recommend(Query(held=held), 1).tolist() == [[-1]]
    known = Query(held=held, customers=np.array([3], dtype=np.int32))
    assert model.recommend(known, 1).tolist() == [[2]]
    stranger = Query(held=held, customers=np.array([99], dtype=np.int32))
    assert model.recommend(stranger, 1).tolist() == [[-1]]


@pytest.mark.parametrize("family", [FAMILY, PEARSON])
def test_items_of_few_customers_are_recommended_to_nobody(family):
    history = random_history(seed=8)
    training = training_of(history, min_customers=12)
    held = training.matrix.customers_items()
    found = family.fit(training, family.start).recommend(Query(held=held), 10)
    shown = np.unique(found[found >= 0])
    assert len(shown)
    assert training.matrix.item_customers[shown].min() >= 12
    assert (training.matrix.item_customers < 12).any()
    assert not any(np.isin(row[row >= 0], held[n].indices).any() for n, row in enumerate(found))


@pytest.mark.parametrize("family", [FAMILY, PEARSON])
def test_the_same_answer_twice_and_on_any_threads(family):
    history = random_history(seed=9)
    held = training_of(history).matrix.customers_items()
    found = [
        family.fit(training_of(history, n_threads=n), family.start).recommend(Query(held=held), 5)
        for n in (1, 1, 3)
    ]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_empty_history_and_wrong_parameters():
    history = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    query = Query(held=sparse.csr_matrix([[1.0]]))
    assert FAMILY.fit(training_of(history), {}).recommend(query, 2).tolist() == [[-1, -1]]
    with pytest.raises(ValueError, match="n_neighbours must be at least 1, not 0"):
        FAMILY.fit(training_of(history), {"n_neighbours": 0})


@pytest.mark.parametrize("family", [FAMILY])
def test_memory_is_about_what_is_said(family):
    history = random_history(
        seed=10, n_baskets=40_000, n_items=2_000, n_customers=10_000, mean=12.0
    )
    training = training_of(history, n_threads=2)
    held = training.matrix.customers_items()
    family.fit(training, family.start).recommend(Query(held=held[:100]), 10)
    tracemalloc.start()
    family.fit(training, family.start).recommend(Query(held=held), 10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    said = family.bytes_needed(Size.of(training), family.start)
    assert peak / 2 < said < peak * 2
