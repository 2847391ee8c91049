from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.families.base import Query
from recommendations.engine.families.neural import COMPLETION, FAMILY
from recommendations.engine.families.neural.knowledge import COLUMNS, knowledge
from recommendations.engine.families.neural.model import NeuralModel
from recommendations.engine.history import OrderHistory, order_history, sorted_lines
from tests.recommendations.engine.families.trainings import training_of
from tests.recommendations.engine.histories import DAY, lopsided, random_history


def known_of(history, **changes):
    training = replace(training_of(history), **changes)
    return knowledge(training, training.matrix, history, depth=10)


def column(table, name):
    return table[:, COLUMNS.index(name)].tolist()


def test_columns_by_hand():
    # Customer 0 bought ab on day 1 and ad on day 3; the newest order is of day 5.
    known = known_of(lopsided())
    query = Query(
        held=sparse.csr_matrix([[1.0, 1.0, 0, 1.0], [0, 0, 1.0, 0]]),
        customers=np.array([0, -1], dtype=np.int32),
    )
    found = known.columns(query, np.array([0, 0, 0, 1]), np.array([0, 2, 3, 0]))
    assert column(found, "times bought by the customer") == pytest.approx(
        [np.log(3), 0, np.log(2), 0]
    )
    assert column(found, "share of the customer's baskets") == pytest.approx([1, 0, 0.5, 0])
    assert column(found, "days since bought") == pytest.approx([np.log(3), 0, np.log(3), 0])
    assert column(found, "ever bought") == [1, 0, 1, 0]
    assert column(found, "baskets of the customer") == pytest.approx([np.log(3)] * 3 + [0])
    assert column(found, "items held") == pytest.approx([np.log(4)] * 3 + [np.log(2)])
    # Distinct customers: a 3, c 2, d 1.
    assert column(found, "popularity") == pytest.approx(np.log([4, 3, 2, 4]))
    assert column(found, "content cosine") == [0, 0, 0, 0]


def test_scores_are_those_of_the_lists():
    known = known_of(lopsided())
    query = Query(held=sparse.csr_matrix([[1.0, 1.0, 0, 0]]))
    item = np.array([2, 3])
    found = known.columns(query, np.zeros(2, dtype=int), item)
    sums = known.similarity.toarray()[:2].sum(axis=0)
    assert np.exp(column(found, "score of the lists")) == pytest.approx(sums[item], rel=1e-3)
    assert column(found, "share of the best score") == pytest.approx(sums[item] / sums.max())
    assert column(found, "rank") == pytest.approx([np.log1p(np.argsort(np.argsort(-sums[item])))[n]
                                                   for n in range(2)])  # fmt: skip


def test_content_cosine():
    content = sparse.csr_matrix([[1.0, 0], [0, 1.0], [0.6, 0.8], [0, 0]])
    known = known_of(lopsided(), content=content)
    query = Query(held=sparse.csr_matrix([[2.0, 0, 0, 0]]))
    found = known.columns(query, np.zeros(4, dtype=int), np.arange(4))
    assert column(found, "content cosine") == pytest.approx([1, 0, 0.6, 0])


def test_trend_rises_with_late_sales():
    days = [0, 1, 2, 3, 100, 101]
    history = order_history(
        item_ids=[1, 2],
        baskets=[[0], [0], [0], [1], [1], [1]],
        at=[DAY * day for day in days],
        customers=list(range(6)),
    )
    # A third of all lines is recent: two of three of the second item, none of the first.
    assert known_of(history).trend == pytest.approx(np.log([1 / 2, 3 / 2]))


def test_candidates_hold_repeats_only_where_they_are_not_barred():
    known = known_of(lopsided())
    held = sparse.csr_matrix([[0, 0, 0, 1.0]])
    assert known.candidates(Query(held=held), 5).tolist() == [[0, -1, -1, -1, -1]]
    open_query = Query(held=held, barred=sparse.csr_matrix((1, 4)))
    assert known.candidates(open_query, 5).tolist() == [[0, 3, -1, -1, -1]]


@pytest.mark.parametrize("family", [FAMILY, COMPLETION])
def test_with_too_little_to_learn_from_the_lists_decide(family):
    model = family.fit(training_of(lopsided()), family.start)
    assert model.network is None
    found = model.recommend(Query(held=sparse.csr_matrix([[1.0, 0, 0, 0]])), 3)
    assert found.tolist() == [[1, 3, 2]]


@pytest.mark.parametrize("family", [FAMILY, COMPLETION])
def test_a_history_is_needed(family):
    assert family.needs == {"history"}
    with pytest.raises(ValueError, match=r"needs Training\.history"):
        family.fit(replace(training_of(lopsided()), history=None), family.start)


@pytest.mark.parametrize("family", [FAMILY, COMPLETION])
def test_no_orders(family):
    empty = order_history(item_ids=[1, 2], baskets=[], at=[], customers=[])
    model = family.fit(training_of(empty), family.start)
    assert model.recommend(Query(held=sparse.csr_matrix([[1.0, 0]])), 2).tolist() == [[-1, -1]]


def seasonal_history(seed: int) -> OrderHistory:
    """Every item is bought with every other, and of late only the odd ones sell on.

    Lists see no difference between odd and even companions; the trend does.
    """
    rng = np.random.default_rng(seed)
    n_baskets, n_items = 4_000, 40
    at = np.sort(rng.integers(0, 200 * DAY, n_baskets))
    late = at > 120 * DAY
    items = rng.integers(0, n_items, (n_baskets, 3))
    items[late] = items[late] // 2 * 2 + (rng.random((late.sum(), 3)) < 0.9)
    line_basket, line_item = sorted_lines(
        np.repeat(np.arange(n_baskets), 3), items.ravel(), n_items=n_items
    )
    return OrderHistory(
        item_ids=np.arange(n_items, dtype=np.int64),
        line_basket=line_basket,
        line_item=line_item,
        basket_at=at,
        basket_customer=rng.integers(0, 500, n_baskets).astype(np.int32),
        n_customers=500,
    )


@pytest.mark.parametrize("family", [FAMILY, COMPLETION])
def test_it_learns_what_lists_do_not_see(family):
    training = training_of(seasonal_history(0))
    model = family.fit(training, family.start)
    assert model.network is not None
    held = sparse.csr_matrix(np.eye(40))
    odd = model.recommend(Query(held=held), 5) % 2
    by_lists = replace(model, network=None).recommend(Query(held=held), 5) % 2
    assert odd.mean() > 0.9
    assert odd.mean() > by_lists.mean() + 0.1


@pytest.mark.parametrize("family", [FAMILY, COMPLETION])
def test_same_data_same_answers(family):
    history = random_history(seed=5, n_baskets=1_500, n_items=50, n_customers=200)
    held = sparse.csr_matrix(np.eye(50))
    answers = [
        family.fit(training_of(history, n_threads=n), family.start).recommend(Query(held=held), 10)
        for n in (1, 3)
    ]
    assert answers[0].tobytes() == answers[1].tobytes()


def test_answers_keep_to_the_contract():
    history = random_history(seed=6, n_baskets=1_500, n_items=50, n_customers=200)
    model = FAMILY.fit(training_of(history), FAMILY.start)
    held = sparse.random(70, 50, 0.1, format="csr", random_state=1)
    found = model.recommend(Query(held=held), 10)
    for row in range(70):
        items = found[row][found[row] >= 0].tolist()
        assert len(set(items)) == len(items)
        assert not set(items) & set(held[row].indices.tolist())
        assert found[row].tolist() == items + [-1] * (10 - len(items))


def test_probabilities_go_with_the_items():
    history = random_history(seed=6)
    model = COMPLETION.fit(training_of(history), COMPLETION.start)
    query = Query(held=sparse.eye(history.n_items, format="csr"))
    items, scores = model.scored(query, 7)
    assert np.array_equal(items, model.recommend(query, 7))
    assert (np.diff(scores, axis=1) <= 0).all()
    assert ((scores > 0) == (items >= 0)).all()
    untaught = NeuralModel(known=model.known, network=None)
    ranks = untaught.scored(query, 7)[1]
    found = untaught.recommend(query, 7) >= 0
    np.testing.assert_allclose(ranks, found / np.arange(1, 8))
