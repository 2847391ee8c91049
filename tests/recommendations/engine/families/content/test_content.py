from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.cooccurrence import cooccurrence
from recommendations.engine.families.base import MEBIBYTE, Query, Size
from recommendations.engine.families.content import COMPLEMENTS, FAMILY, SIMILAR
from recommendations.engine.families.content.complements import feature_map, inner_product
from recommendations.engine.families.content.measures import cosine, euclidean
from recommendations.engine.families.content.nearest import nearest
from recommendations.engine.families.content.vectors import Vectors
from recommendations.engine.history import order_history
from recommendations.engine.similarity import kernel
from tests.recommendations.engine.families.trainings import (
    history_of,
    random_ones,
    rows_of,
    same_bytes,
    training_of,
)
from tests.recommendations.engine.histories import lopsided, random_history


def random_content(seed: int, n_items: int = 60, n_features: int = 90) -> sparse.csr_matrix:
    """Some columns of nearly all items, most of few; a tenth of the items unknown."""
    rng = np.random.default_rng(seed)
    share = np.append(np.full(6, 0.9), np.full(n_features - 6, 0.015))
    table = rng.random((n_items, n_features)) * (rng.random((n_items, n_features)) < share)
    table[rng.random(n_items) < 0.1] = 0
    return sparse.csr_matrix(table)


@pytest.mark.parametrize("measure", [cosine, euclidean])
def test_nearest_agrees_with_the_dense_formula(measure):
    left, right = random_content(1, 45), random_content(2, 60)
    inner = (left @ right.T).toarray()
    lengths = [np.linalg.norm(rows.toarray(), axis=1) for rows in (left, right)]
    scores = np.where(inner > 0, measure(inner, lengths[0][:, np.newaxis], lengths[1]), -np.inf)
    barred = sparse.random(45, 60, 0.2, format="csr", random_state=3)
    scores[barred.nonzero()] = -np.inf
    found, values = nearest(left, Vectors.of(right), 7, barred=barred, measure=measure)
    for row in range(45):
        wanted = np.argsort(-scores[row], kind="stable")[:7]
        wanted = wanted[scores[row, wanted] > -np.inf]
        assert found[row, : len(wanted)].tolist() == wanted.tolist()
        assert values[row, : len(wanted)] == pytest.approx(scores[row, wanted], abs=2e-6)
        assert np.all(found[row, len(wanted) :] == -1)


def crowded_content(seed: int) -> sparse.csr_matrix:
    """Rows of length 1 of which many are as good as equal: float32 cannot tell their order."""
    rng = np.random.default_rng(seed)
    few = rng.normal(size=(5, 70)) + 1
    rows = few[rng.integers(0, 5, 200)] + 1e-5 * rng.normal(size=(200, 70))
    return sparse.csr_matrix(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.mark.parametrize("measure", [cosine, euclidean, inner_product])
@pytest.mark.parametrize("content", [random_content(4, 500), crowded_content(5)])
def test_neither_threads_nor_blocks_change_a_bit(monkeypatch, content, measure):
    vectors = Vectors.of(content)
    one = nearest(content, vectors, 9, measure=measure, n_threads=1)
    for rows_at_once, n_threads in ((7, 3), (1, 1)):
        monkeypatch.setattr(
            "recommendations.engine.families.content.nearest._BLOCK_SCORES",
            rows_at_once * len(vectors),
        )
        many = nearest(content, vectors, 9, measure=measure, n_threads=n_threads)
        assert one[0].tobytes() == many[0].tobytes()
        assert one[1].tobytes() == many[1].tobytes()


@pytest.mark.parametrize("measure", [cosine, euclidean, inner_product])
@pytest.mark.parametrize("portable", [False, True])
def test_what_float32_cannot_tell_is_told(measure, portable):
    rows = Vectors.of(crowded_content(6))
    table = rows.rows.toarray().astype(np.float64)
    exact = measure(table @ table.T, rows.length[:, np.newaxis], rows.length)
    found, values = nearest(rows.rows, rows, 30, measure=measure, portable=portable)
    largest = exact.max(axis=1, keepdims=True)
    unit = np.exp2(np.floor(np.log2(largest * (1 + 1e-6))) - 19)
    ordered = -np.sort(-np.rint(exact / unit), axis=1)[:, :30] * unit
    wanted = np.argsort(-np.rint(exact / unit), axis=1, kind="stable")[:, :30]
    assert values.tolist() == ordered.tolist()
    assert found.tolist() == wanted.tolist()


def test_ties_go_to_the_smaller_position():
    same = sparse.csr_matrix(np.tile(np.random.default_rng(0).random(40), (9, 1)))
    found, _ = nearest(same, Vectors.of(same), 4, barred=sparse.eye(9, format="csr"))
    assert found[0].tolist() == [1, 2, 3, 4]
    assert found[5].tolist() == [0, 1, 2, 3]


def test_nearest_of_nothing_and_bad_k():
    empty = Vectors.of(sparse.csr_matrix((0, 3)))
    assert nearest(sparse.csr_matrix((2, 3)), empty, 2)[0].tolist() == [[-1, -1], [-1, -1]]
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        nearest(sparse.csr_matrix((2, 3)), empty, 0)


# Items of lopsided(): baskets ab, abc, ad, a, bc. The fourth is nearest to the third.
CONTENT = sparse.csr_matrix([[1.0, 0, 0], [0.6, 0.8, 0], [0, 0.6, 0.8], [0, 0, 1.0]])


def similar(**parameters):
    return SIMILAR.fit(replace(training_of(lopsided()), content=CONTENT), parameters)


def test_lists_by_hand_with_true_evidence():
    lists = similar().item_lists(3)
    assert rows_of(lists) == [[1], [0, 2], [3, 1], [2]]
    assert lists.scores == pytest.approx([0.6, 0.6, 0.48, 0.8, 0.48, 0.8])
    # ab twice by two customers, bc twice by two, cd never: no floor keeps it out.
    assert lists.customers.tolist() == [2, 2, 2, 0, 2, 0]
    assert lists.baskets.tolist() == [2, 2, 2, 0, 2, 0]


def test_euclidean_lists_order_alike_and_score_otherwise():
    lists = similar(measure="euclidean").item_lists(3)
    assert rows_of(lists) == rows_of(similar().item_lists(3))
    wanted = [1 - np.sqrt((1 - score) / 2) for score in (0.6, 0.6, 0.48, 0.8, 0.48, 0.8)]
    assert lists.scores == pytest.approx(wanted, abs=1e-6)


def test_a_profile_is_the_weighted_mean():
    # Twice the first and once the third: (2, .6, .8); the second gets .6·2 + .8·.6, the last .8.
    query = Query(held=sparse.csr_matrix([[2.0, 0, 1.0, 0], [0, 0, 0, 0]]))
    assert similar().recommend(query, 3).tolist() == [[1, 3, -1], [-1, -1, -1]]
    repeats = Query(held=query.held, barred=sparse.csr_matrix((2, 4)))
    assert similar().recommend(repeats, 1)[0].tolist() == [0]


def test_lists_of_no_length():
    assert rows_of(similar().item_lists(0)) == [[], [], [], []]


@pytest.mark.parametrize("family", [SIMILAR, COMPLEMENTS])
def test_content_is_needed(family):
    assert family.needs == {"content"}
    with pytest.raises(ValueError, match=r"need Training\.content"):
        family.fit(training_of(lopsided()), family.start)
    with pytest.raises(ValueError, match="2 rows of content for 4 items"):
        family.fit(replace(training_of(lopsided()), content=CONTENT[:2]), family.start)


def test_the_family_of_the_package_is_similar():
    assert FAMILY is SIMILAR


def test_the_map_is_the_ridge_solution_on_all_pairs():
    table = random_ones(5)
    training = training_of(history_of(table), size_exponent=0.5)
    vectors = np.random.default_rng(6).random((table.shape[1], 4))
    counts = cooccurrence(training.matrix.baskets_items(), weights=table.sum(axis=1) ** -0.5)
    scores = kernel(counts, table.sum(axis=0), item_exponent=0.75, companion_exponent=0.5).toarray()
    np.fill_diagonal(scores, 0)
    gram = vectors.T @ vectors
    inverse = np.linalg.inv(gram + 0.2 * np.trace(gram) / 4 * np.eye(4))
    wanted = inverse @ vectors.T @ scores @ vectors @ inverse
    found = feature_map(vectors, training.matrix, ridge=0.2, exponents=(0.75, 0.5))
    assert found == pytest.approx(wanted, abs=1e-9)
    assert not np.allclose(found, found.T)


PHONES, CASES = 8, 6


def two_kinds(n_new: int = 2):
    """Phones are bought with cases and never with phones; the last of each kind is new."""
    kinds = [0] * (PHONES + n_new) + [1] * (CASES + n_new)
    rng = np.random.default_rng(0)
    phones, cases = np.arange(PHONES), PHONES + n_new + np.arange(CASES)
    baskets = [[int(rng.choice(phones)), int(rng.choice(cases))] for _ in range(60)]
    history = order_history(
        item_ids=list(range(len(kinds))), baskets=baskets, at=[0] * 60, customers=list(range(60))
    )
    return np.array(kinds), replace(
        training_of(history), content=sparse.csr_matrix(np.eye(2)[kinds])
    )


def test_new_items_go_with_the_other_kind():
    kinds, training = two_kinds()
    lists = COMPLEMENTS.fit(training, COMPLEMENTS.start).item_lists(5)
    for item, row in enumerate(rows_of(lists)):
        assert len(row) == 5
        assert set(kinds[row]) == {1 - kinds[item]}
    new_phone = PHONES
    assert training.matrix.item_baskets[new_phone] == 0
    assert any(new_phone in row for row in rows_of(COMPLEMENTS.fit(training, {}).item_lists(50)))


def test_similar_items_are_of_the_same_kind():
    kinds, training = two_kinds()
    for item, row in enumerate(rows_of(SIMILAR.fit(training, {}).item_lists(4))):
        assert set(kinds[row]) == {kinds[item]}


def test_items_of_few_customers_are_not_learnt_from():
    _, training = two_kinds()
    vectors = training.content.toarray()
    assert feature_map(vectors, training.matrix, ridge=0.1, min_customers=1).any()
    assert not feature_map(vectors, training.matrix, ridge=0.1, min_customers=61).any()


def test_a_shop_without_orders_has_no_complements():
    empty = order_history(item_ids=[1, 2, 3, 4], baskets=[], at=[], customers=[])
    training = replace(training_of(empty), content=CONTENT)
    assert rows_of(COMPLEMENTS.fit(training, {}).item_lists(3)) == [[], [], [], []]
    assert rows_of(SIMILAR.fit(training, {}).item_lists(1)) == [[1], [0], [3], [2]]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ridge": 0.0}, "ridge must be above 0"),
        ({"components": 0}, "components must be at least 1"),
    ],
)
def test_wrong_parameters_of_complements(wrong, message):
    with pytest.raises(ValueError, match=message):
        COMPLEMENTS.fit(two_kinds()[1], wrong)


@pytest.mark.parametrize("family", [SIMILAR, COMPLEMENTS])
def test_same_data_same_bits(family):
    table = random_ones(7)
    content = random_content(8, table.shape[1], 200)
    trainings = [
        replace(training_of(history_of(table), n_threads=n), content=content) for n in (1, 3)
    ]
    first, second = (
        family.fit(training, {**family.start, "components": 16}).item_lists(9)
        for training in trainings
    )
    assert same_bytes(first, second)


def test_memory_grows_with_items():
    for family in (SIMILAR, COMPLEMENTS):
        small, large = (
            family.bytes_needed(
                Size(n_rows=1, n_items=n, n_lines=10 * n, n_features=100), family.start
            )
            for n in (1_000, 100_000)
        )
        assert small < large < 1_500 * MEBIBYTE


@pytest.mark.parametrize("family", [SIMILAR, COMPLEMENTS])
def test_memory_is_about_what_is_said(family):
    n_items = 5_000
    content = sparse.csr_matrix(np.random.default_rng(0).random((n_items, 100), dtype=np.float32))
    history = random_history(seed=1, n_items=n_items, n_baskets=5_000)
    training = replace(training_of(history, n_threads=2), content=content)
    said = family.bytes_needed(Size.of(training), family.start)
    tracemalloc.start()
    family.fit(training, family.start).item_lists(50)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / 2.2 < said < 2.2 * peak, (said // MEBIBYTE, peak // MEBIBYTE)


@pytest.mark.parametrize("k", [1, 7, 60])
@pytest.mark.parametrize("measure", [cosine, euclidean, inner_product])
def test_numpy_alone_finds_the_same_to_the_bit(k, measure):
    rng = np.random.default_rng(k)
    dense = rng.normal(size=(50, 9)) * (rng.random((50, 9)) < 0.5)
    dense[7] = dense[3]  # a tie
    dense[11] = 0.0
    rows = sparse.csr_matrix(dense.astype(np.float32))
    barred = sparse.eye(50, format="csr")
    ours, plain = (
        nearest(rows, Vectors.of(rows), k, barred=barred, measure=measure, portable=portable)
        for portable in (False, True)
    )
    assert (ours[0] >= 0).any()
    assert ours[0].tobytes() == plain[0].tobytes()
    assert ours[1].tobytes() == plain[1].tobytes()
