from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.item_based import (
    BM25,
    COSINE,
    JACCARD,
    LOG_LIKELIHOOD,
    TFIDF,
)
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

SEEDS = [1, 2, 3]
BY_ITEMS = {"documents": "items", "cosine": False}


def similarity_of(family, table, **parameters):
    model = family.fit(training_of(history_of(table)), {"neighbours": 99, **parameters})
    return dense_lists(model.item_lists(99))


def implicit_similarity(name, table, **parameters):
    """All pairs as `implicit` computes them, without the diagonal."""
    peers = pytest.importorskip("implicit.nearest_neighbours")
    model = getattr(peers, name)(K=table.shape[1], num_threads=1, **parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own conversion from COO to CSR
        model.fit(sparse.csr_matrix(table), show_progress=False)
    found = model.similarity.toarray()
    np.fill_diagonal(found, 0)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_cosine_is_that_of_implicit(seed):
    table = random_ones(seed)
    found = similarity_of(COSINE, table)
    assert found == pytest.approx(implicit_similarity("CosineRecommender", table), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_tfidf_is_that_of_implicit(seed):
    table = random_ones(seed)
    found = similarity_of(TFIDF, table)
    assert found == pytest.approx(implicit_similarity("TFIDFRecommender", table), abs=1e-6)
    # It is not the plain cosine under another name.
    assert np.abs(found - similarity_of(COSINE, table)).max() > 0.01


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (100.0, 0.8), (0.5, 0.0)])
def test_bm25_of_items_as_documents_is_that_of_implicit(seed, k1, b):
    table = random_ones(seed)
    found = similarity_of(BM25, table, k1=k1, length_share=b, **BY_ITEMS)
    peer = implicit_similarity("BM25Recommender", table, K1=k1, B=b)
    assert found == pytest.approx(peer, rel=1e-6, abs=1e-6)


def test_where_implicit_counts_items_that_nobody_has():
    # Its N and its mean length are over all columns, ours over items in any row: a catalogue
    # that grows by what is not sold yet must not change what is known of the rest.
    table = random_ones(1)
    longer = np.hstack([table, np.zeros((len(table), 9))])
    n = table.shape[1]
    ours = similarity_of(BM25, longer, **BY_ITEMS)
    assert ours[:n, :n] == pytest.approx(similarity_of(BM25, table, **BY_ITEMS))
    assert not ours[n:].any()
    theirs = implicit_similarity("BM25Recommender", longer)
    assert np.abs(theirs[:n, :n] - ours[:n, :n]).max() > 0.01


@pytest.mark.parametrize("weights", ["cosine", "tfidf", "bm25", "bm25 product"])
def test_rows_count_by_their_time_decay(weights):
    training = training_of(random_history(seed=6, n_items=25), half_life_days=80.0)
    table, decay = table_of(training), training.matrix.basket_decay
    assert decay.min() < 0.1
    sizes, n_rows = table.sum(axis=1), table.sum(axis=0)
    factor = np.ones(len(table)), np.ones(25)
    if weights == "tfidf":
        factor = np.log(25 / (1 + sizes)), factor[1]
    elif weights != "cosine":
        length = 0.25 + 0.75 * sizes / sizes.mean()
        factor = 2.2 / (1.2 * length + 1), np.log((len(table) + 1) / (n_rows + 1))
    vectors = np.sqrt(decay)[:, np.newaxis] * table * np.outer(*factor)
    wanted = vectors.T @ vectors
    if weights != "bm25 product":
        wanted /= np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    np.fill_diagonal(wanted, 0)
    family = {"cosine": COSINE, "tfidf": TFIDF}.get(weights, BM25)
    product = {"cosine": False} if weights == "bm25 product" else {}
    found = dense_lists(family.fit(training, {**product, "neighbours": 99}).item_lists(99))
    assert found == pytest.approx(wanted, rel=1e-5, abs=1e-6)


def dense_bm25(table, *, k1, share, cosine):
    """Rows as documents, each weight once more by itself."""
    length = 1 - share + share * table.sum(axis=1) / table.sum(axis=1).mean()
    idf = np.log((len(table) + 1) / (table.sum(axis=0) + 1))
    weighted = table * (k1 + 1) / (k1 * length[:, np.newaxis] + table) * idf
    found = weighted.T @ weighted
    if cosine:
        norm = np.sqrt(np.diag(found))
        found = found / np.outer(norm, norm)
    np.fill_diagonal(found, 0)
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("cosine", [True, False])
@pytest.mark.parametrize(("k1", "share"), [(1.2, 0.75), (100.0, 1.0)])
def test_bm25_of_rows_as_documents(seed, cosine, k1, share):
    table = random_ones(seed)
    parameters = {"documents": "rows", "k1": k1, "length_share": share, "cosine": cosine}
    wanted = dense_bm25(table, k1=k1, share=share, cosine=cosine)
    assert similarity_of(BM25, table, **parameters) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_bm25_of_items_as_documents_by_cosine():
    # A factor of the item alone cancels out: what is left is the weighting of TF-IDF.
    table = random_ones(1)
    found = similarity_of(BM25, table, documents="items", cosine=True)
    assert found == pytest.approx(similarity_of(TFIDF, table), abs=1e-6)


def test_tfidf_by_hand():
    # Baskets ab, abc, ad, a, bc; 4 items: idf of a basket of n is ln(4 / (1 + n)).
    one, two, three = (np.log(4 / (1 + n)) ** 2 for n in (1, 2, 3))
    three = max(three, 1e-12)
    square = {"a": 2 * two + three + one, "b": 2 * two + three, "c": two + three, "d": two}
    found = dense_lists(TFIDF.fit(training_of(lopsided()), {}).item_lists(9))
    root = np.sqrt
    assert found[0] == pytest.approx(
        [
            0,
            (two + three) / root(square["a"] * square["b"]),
            three / root(square["a"] * square["c"]),
            two / root(square["a"] * square["d"]),
        ],
        abs=1e-6,
    )
    assert found[1, 2] == pytest.approx((two + three) / root(square["b"] * square["c"]))


def test_a_row_that_weighs_nothing_is_evidence_all_the_same():
    # Basket abc has 3 of 4 items: its idf is 0, yet a and c were bought together.
    lists = TFIDF.fit(training_of(lopsided()), {}).item_lists(9)
    assert rows_of(lists)[0] == [3, 1, 2]
    assert lists.baskets[:3].tolist() == [1, 2, 1]


@pytest.mark.parametrize("family", [JACCARD, LOG_LIKELIHOOD], ids=lambda family: family.name)
def test_measures_are_the_best_of_all_pairs(family):
    # One place in each list, and it is that of the whole ranking.
    training = training_of(random_history(seed=4, n_baskets=2_000))
    whole = family.fit(training, {}).item_lists(1)
    assert same_bytes(family.fit(training, {"neighbours": 1, "depth": 1}).lists, whole)


def test_shrinkage_puts_evidence_first():
    training = training_of(random_history(seed=5, n_baskets=2_000))
    for family in (COSINE, TFIDF, BM25, JACCARD):
        bold, careful = (
            family.fit(training, {"shrinkage": shrinkage}).item_lists(1)
            for shrinkage in (0.0, 20.0)
        )
        assert careful.baskets.mean() > bold.baskets.mean()


def test_shrinkage_by_hand():
    found = dense_lists(COSINE.fit(training_of(lopsided()), {"shrinkage": 3.0}).item_lists(9))
    root = np.sqrt
    assert found[0] == pytest.approx(
        [0, 2 / root(12) * 2 / 5, 1 / root(8) / 4, 1 / root(4) / 4], abs=1e-6
    )


@pytest.mark.parametrize(
    ("family", "bad", "message"),
    [
        (BM25, {"k1": -1.0}, "k1 must be at least 0 and length_share 0 to 1, not -1.0"),
        (BM25, {"length_share": 1.5}, "length_share 0 to 1, not 1.2 and 1.5"),
        (BM25, {"documents": "baskets"}, "documents must be items or rows, not baskets"),
        (COSINE, {"shrinkage": -1.0}, "shrinkage must be at least 0, not -1.0"),
        (JACCARD, {"shrinkage": float("nan")}, "shrinkage must be at least 0"),
    ],
)
def test_bad_parameters(family, bad, message):
    with pytest.raises(ValueError, match=message):
        family.fit(training_of(lopsided()), bad)
