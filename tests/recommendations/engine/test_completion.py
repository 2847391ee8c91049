from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from recommendations.engine import completion
from recommendations.engine.completion import (
    basket_completion,
    best_candidates,
    complete,
    holdout_metric,
    score_basket,
)
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from recommendations.engine.splits import split_by_time
from tests.recommendations.engine.histories import DAY, histories, random_history


def lists_of(history, *, k=20, min_customers=1, as_of=700 * DAY):
    matrix = basket_matrix(history, as_of=as_of, half_life_days=None)
    return neighbours(matrix, k=k, min_customers=min_customers)


def planted(*, n_baskets=600, seed=3):
    """Pairs (0, 1), (2, 3) … that always go together, one pair and one stranger per basket."""
    rng = np.random.default_rng(seed)
    baskets = []
    for _ in range(n_baskets):
        pair = int(rng.integers(0, 10))
        baskets.append([2 * pair, 2 * pair + 1, 20 + int(rng.integers(0, 30))])
    return order_history(
        item_ids=list(range(50)),
        baskets=baskets,
        at=[n * DAY // 6 for n in range(n_baskets)],
        customers=list(range(n_baskets)),
    )


def test_a_basket_by_hand():
    lists = [([5, 6, 7], [0.5, 0.4, 0.1]), ([6, 1, 5], [0.3, 0.9, 0.1])]
    items, scores = score_basket(lists, [1, 2])
    assert items.tolist() == [6, 5, 7]
    assert scores == pytest.approx([0.7, 0.6, 0.1])


def test_weights_of_the_basket_by_hand():
    lists = [([5, 6], [0.5, 0.4]), ([6, 5], [0.3, 0.1])]
    items, scores = score_basket(lists, [1, 2], weights=[2.0, 0.0])
    assert items.tolist() == [5, 6]
    assert scores == pytest.approx([1.0, 0.8])


def test_ties_go_to_the_smaller_item():
    assert score_basket([([9, 4, 7], [0.5, 0.5, 0.5])], [1])[0].tolist() == [4, 7, 9]


def test_an_empty_basket_has_no_candidates():
    items, scores = score_basket([], [])
    assert items.tolist() == scores.tolist() == []


def test_one_list_per_item_is_needed():
    with pytest.raises(ValueError, match="1 lists, 2 items and 2 weights"):
        score_basket([([1], [1.0])], [1, 2])
    with pytest.raises(ValueError, match="60 lists were given for 3 items"):
        complete(lists_of(random_history(seed=1)), sparse.csr_matrix((1, 3)), 2)


@given(histories())
@settings(deadline=None)
def test_many_baskets_are_scored_as_each_is(history):
    lists = lists_of(history, k=4)
    queries = basket_matrix(history, as_of=0, half_life_days=None).baskets_items()
    found = complete(lists, queries, 3)
    for row in range(queries.shape[0]):
        held = queries.indices[queries.indptr[row] : queries.indptr[row + 1]]
        own = [
            (lists.items[a:b], lists.scores[a:b].astype(np.float64))
            for a, b in zip(lists.indptr[held], lists.indptr[held + 1], strict=True)
        ]
        items, scores = score_basket(own, held)
        # Sums in another order may differ in the last bit, so near ties may swap.
        expected = dict(zip(items.tolist(), scores.tolist(), strict=True))
        shown = [item for item in found[row].tolist() if item >= 0]
        assert len(shown) == min(3, len(items))
        assert [expected[item] for item in shown] == pytest.approx(scores[: len(shown)].tolist())


@pytest.mark.parametrize("block", [7, 2_000])
def test_the_portable_path_gives_the_same_items(monkeypatch, block):
    monkeypatch.setattr(completion, "_BLOCK_QUERIES", block)
    history = random_history(seed=4)
    similarity = lists_of(history).matrix(history.n_items)
    queries = basket_matrix(history, as_of=0, half_life_days=None).baskets_items()
    queries.data = np.random.default_rng(1).random(len(queries.data))
    # A weight of 0 says nothing, and still keeps its item out.
    queries.data[::5] = 0.0
    found = best_candidates(queries, similarity, queries, 5)
    portable = best_candidates(queries, similarity, queries, 5, portable=True)
    assert found.tolist() == portable.tolist()
    assert (found >= 0).mean() > 0.9


def test_k_below_1_is_refused():
    one = sparse.csr_matrix([[1.0]])
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        best_candidates(one, one, one, 0)


@pytest.mark.parametrize(
    "shapes", [((2, 3), (4, 5), (2, 5)), ((2, 3), (3, 5), (2, 4)), ((2, 3), (3, 5), (1, 5))]
)
def test_matrices_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError, match="do not fit together"):
        best_candidates(*(sparse.csr_matrix(shape) for shape in shapes), 1)


def test_what_the_basket_holds_is_never_recommended():
    history = random_history(seed=4)
    queries = basket_matrix(history, as_of=0, half_life_days=None).baskets_items()
    found = complete(lists_of(history), queries, 10)
    held = queries.toarray()
    for row, items in enumerate(found):
        assert not held[row, items[items >= 0]].any()


def test_planted_companions_are_completed():
    train, test = split_by_time(planted(), holdout_days=20)
    report = basket_completion(lists_of(train), test, k=1, seed=1)
    assert report.n_queries == test.n_baskets
    # Two of three lines can be known; the third is a stranger.
    assert 0.55 < report.hit_rate < 0.75
    assert report.recall == report.hit_rate
    assert report.hits == round(report.hit_rate * report.n_queries)


def test_shuffled_labels_find_nothing():
    history = planted()
    rng = np.random.default_rng(0)
    baskets = rng.integers(0, 50, (600, 3)).tolist()
    shuffled = order_history(
        item_ids=list(range(50)),
        baskets=baskets,
        at=history.basket_at.tolist(),
        customers=list(range(600)),
    )
    train, _ = split_by_time(shuffled, holdout_days=20)
    _, test = split_by_time(history, holdout_days=20)
    assert basket_completion(lists_of(train), test, k=1, seed=1).hit_rate < 0.15


def test_a_scorer_is_asked_the_same_questions():
    _, test = split_by_time(planted(), holdout_days=20)
    asked = []

    def nothing(queries, k):
        asked.append(queries.toarray())
        return np.full((queries.shape[0], k), -1)

    report = basket_completion(nothing, test, k=3, seed=1, max_baskets=9)
    assert (report.n_queries, report.hits, report.coverage) == (9, 0, 0.0)
    assert asked[0].sum(axis=1).tolist() == [2.0] * 9
    basket_completion(nothing, test, k=3, seed=1, max_baskets=9, single=True)
    assert asked[1].sum(axis=1).tolist() == [1.0] * 9
    assert np.all(asked[1] <= asked[0])


def test_no_held_out_baskets():
    nobody = order_history(item_ids=[1, 2], baskets=[], at=[], customers=[])
    assert basket_completion(lists_of(nobody), nobody).n_queries == 0


MEASURE: dict[str, Any] = {"min_customers": 2, "confidence_z": 0.0}


def test_the_cheap_metric_is_that_of_a_training_set_apart():
    history = planted()
    matrix = basket_matrix(history, as_of=int(history.basket_at.max()), half_life_days=60.0)
    cheap = holdout_metric(
        history, matrix, holdout_days=20, max_queries=10**6, k=3, seed=2, **MEASURE
    )
    train, test = split_by_time(history, holdout_days=20)
    apart = basket_matrix(train, as_of=int(history.basket_at.max()), half_life_days=60.0)
    lists = neighbours(apart, k=40, **MEASURE)
    assert cheap == basket_completion(lists, test, k=3, seed=2)
    assert cheap.n_queries > 50


def test_the_cheap_metric_learns_nothing_from_what_it_asks():
    # The pair (50, 51) is bought in held-out orders only.
    history = planted()
    late = history.basket_at.max() + np.arange(1, 41) * 600
    baskets = [
        history.line_item[history.line_basket == b].tolist() for b in range(history.n_baskets)
    ]
    grown = order_history(
        item_ids=list(range(52)),
        baskets=[*baskets, *[[50, 51]] * 40],
        at=[*history.basket_at.tolist(), *late.tolist()],
        customers=list(range(640)),
    )
    matrix = basket_matrix(grown, as_of=int(late[-1]), half_life_days=None)
    report = holdout_metric(grown, matrix, holdout_days=1, max_queries=1000, **MEASURE)
    assert report.n_queries >= 40
    assert report.hits <= report.n_queries - 40


def test_the_cheap_metric_without_held_out_pairs():
    history = order_history(item_ids=[1, 2], baskets=[[0], [1]], at=[0, 9], customers=[0, 1])
    matrix = basket_matrix(history, as_of=9, half_life_days=None)
    assert holdout_metric(history, matrix, holdout_days=1, max_queries=5).n_queries == 0


def test_only_the_first_of_each_list_add_up():
    lists = [([5, 6], [0.5, 0.4]), ([7, 6], [0.5, 0.4])]
    assert score_basket(lists, [1, 2])[0].tolist() == [6, 5, 7]
    assert score_basket(lists, [1, 2], depth=1)[0].tolist() == [5, 7]
    with pytest.raises(ValueError, match="depth must be at least 1, not 0"):
        score_basket(lists, [1, 2], depth=0)


def test_the_depth_of_many_baskets_is_that_of_one():
    history = random_history(seed=4, n_baskets=2000)
    lists = lists_of(history, k=40)
    queries = basket_matrix(history, as_of=0, half_life_days=None).baskets_items()
    by_default = complete(lists, queries, 5)
    assert by_default.tolist() == complete(lists, queries, 5, depth=completion.DEPTH).tolist()
    assert by_default.tolist() == complete(lists.first(completion.DEPTH), queries, 5).tolist()
    assert by_default.tolist() != complete(lists, queries, 5, depth=40).tolist()
    # Someone who asks for more than the usual depth gets it.
    assert (complete(lists, queries[:5], 30) >= 0).sum() > 50
