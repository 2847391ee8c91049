"""What every family whose answer is a list per item must keep, whatever it computes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.evidence import with_evidence
from recommendations.engine.families import graph_filter, item_based, kernel, walks
from recommendations.engine.families import ratings_similarity as ratings
from recommendations.engine.families.base import NotEnoughMemoryError, Query, Size
from recommendations.engine.history import order_history
from tests.recommendations.engine.families.trainings import (
    dense_lists,
    rows_of,
    same_bytes,
    training_of,
)
from tests.recommendations.engine.histories import DAY, random_history, with_basket

FAMILIES = {
    family.name: family
    for family in (
        kernel.FAMILY,
        kernel.BASKET_COSINE,
        walks.P3ALPHA,
        walks.RP3BETA,
        item_based.COSINE,
        item_based.TFIDF,
        item_based.BM25,
        item_based.JACCARD,
        item_based.LOG_LIKELIHOOD,
        ratings.ADJUSTED_COSINE,
        ratings.PEARSON,
        graph_filter.FAMILY,
    )
}
BY_COUNTS = {"adjusted_cosine", "pearson"}

every_family = pytest.mark.parametrize("name", FAMILIES)


def lists_of(name, training, **parameters):
    model = FAMILIES[name].fit(training, {**FAMILIES[name].start, **parameters})
    return model.item_lists(100)


@every_family
def test_no_pair_of_too_few_customers(name):
    history = random_history(seed=1, n_baskets=2_000, n_items=40)
    free = lists_of(name, training_of(history))
    floored = lists_of(name, training_of(history, min_customers=6))
    assert free.customers.min() < 6
    assert len(floored.items)
    assert floored.customers.min() >= 6
    counted = with_evidence(floored, training_of(history).matrix)
    assert same_bytes(counted, floored)


@every_family
def test_the_floor_holds_before_the_cut(name):
    # With room for one, the best of the supported pairs comes, not nothing in its place.
    history = random_history(seed=1, n_baskets=2_000, n_items=40)
    training = training_of(history, min_customers=6)
    whole = lists_of(name, training)
    short = lists_of(name, training, neighbours=1, depth=1)
    filled = np.diff(whole.indptr) > 0
    if name in BY_COUNTS:  # their floor on baskets comes on top of that on customers
        assert np.diff(short.indptr)[filled].mean() > 0.5
    else:
        assert short.items.tolist() == whole.items[whole.indptr[:-1][filled]].tolist()


@every_family
def test_old_orders_count_less(name):
    history = random_history(seed=2, n_baskets=1_500, n_items=30)
    settings = {"half_life_days": 20.0} if name in BY_COUNTS else {}
    plain = dense_lists(lists_of(name, training_of(history), **dict.fromkeys(settings)))
    decayed = dense_lists(lists_of(name, training_of(history, half_life_days=20.0), **settings))
    half = history.basket_at < np.median(history.basket_at)
    # The old half of the orders alone: with decay the lists are hardly about them.
    old = dense_lists(
        lists_of(name, training_of(_without(history, ~half)), **dict.fromkeys(settings))
    )
    assert _agreement(plain, old) > _agreement(decayed, old) + 0.05


def _without(history, baskets):
    kept = np.flatnonzero(~baskets)
    lines = np.split(history.line_item, np.cumsum(np.bincount(history.line_basket))[:-1])
    return order_history(
        item_ids=history.item_ids.tolist(),
        baskets=[lines[basket].tolist() for basket in kept],
        at=history.basket_at[kept].tolist(),
        customers=history.basket_customer[kept].tolist(),
    )


def _agreement(left, right):
    return np.corrcoef(left.ravel(), right.ravel())[0, 1]


@every_family
def test_a_wholesaler_changes_nothing(name):
    history = random_history(seed=3, n_baskets=1_500, n_items=50, n_customers=400)
    newest = int(history.basket_at.max())
    everything = with_basket(history, list(range(50)), customer=400, at=newest)
    without = lists_of(name, training_of(history), half_life_days=None)
    capped = lists_of(name, training_of(everything, max_row_items=45), half_life_days=None)
    assert same_bytes(without, capped)
    let_in = lists_of(name, training_of(everything), half_life_days=None)
    assert not same_bytes(without, let_in)


@every_family
def test_same_data_same_seed_same_lists_whatever_the_threads(name):
    history = random_history(seed=4, n_baskets=2_500)
    lists = [
        lists_of(name, training_of(history, half_life_days=90.0, n_threads=n)) for n in (1, 1, 3)
    ]
    assert len(lists[0].items)
    assert same_bytes(lists[0], lists[1])
    assert same_bytes(lists[0], lists[2])


@every_family
def test_ties_go_to_the_smaller_item(name):
    # Item 0 is met with 3, 1 and 2 by three customers each, who buy it twice and those once.
    baskets = [[0, 3], [0, 1], [0, 2]] * 3 + [[0]] * 9
    customers = [*range(9), *range(9)]
    history = order_history(
        item_ids=[5, 6, 7, 8, 9],
        baskets=[*baskets, [4]],
        at=[0] * 19,
        customers=[*customers, 9],
    )
    parameters = {"shrinkage": 0.0, "ideal_weight": 0.0, "documents": "items", "cosine": True}
    known = {key: parameters[key] for key in parameters if key in FAMILIES[name].start}
    first = rows_of(lists_of(name, training_of(history), **known))[0]
    if name not in BY_COUNTS:  # nobody buys 1 more than usual when buying 0 more than usual
        assert first == [1, 2, 3]


@every_family
def test_a_planted_pair_comes_first(name):
    rng = np.random.default_rng(5)
    # 17 is bought with 4, and as often: by customers who come once to nine times.
    baskets, customers = [], []
    for customer in range(500):
        likes = rng.random() < 0.3
        for _ in range(rng.integers(1, 10)):
            basket = set(rng.choice(25, 2, replace=False).tolist())
            if likes and rng.random() < 0.7:
                basket |= {4, 17}
            baskets.append(sorted(basket))
            customers.append(customer)
    history = order_history(
        item_ids=list(range(25)), baskets=baskets, at=[0] * len(baskets), customers=customers
    )
    lists = rows_of(lists_of(name, training_of(history, min_customers=3)))
    assert lists[4][0] == 17
    assert lists[17][0] == 4


@every_family
def test_recommendations_hold_nothing_barred(name):
    history = random_history(seed=6, n_baskets=1_200, n_items=20)
    model = FAMILIES[name].fit(training_of(history, min_customers=2), FAMILIES[name].start)
    rng = np.random.default_rng(6)
    held = sparse.csr_matrix((rng.random((40, 20)) < 0.15).astype(float))
    barred = sparse.csr_matrix((rng.random((40, 20)) < 0.5).astype(float))
    for query in (Query(held=held), Query(held=held, barred=barred)):
        found = model.recommend(query, 8)
        assert found.shape == (40, 8)
        assert (found >= 0).any()
        for row, without in zip(found, query.without.toarray(), strict=True):
            shown = row[row >= 0]
            assert (row[: len(shown)] >= 0).all()
            assert len(set(shown.tolist())) == len(shown)
            assert not without[shown].any()
    nothing = model.recommend(Query(held=sparse.csr_matrix((3, 20))), 4)
    assert nothing.tolist() == [[-1] * 4] * 3
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        model.recommend(Query(held=held), 0)


@every_family
@pytest.mark.parametrize("n_items", [1, 3])
def test_nothing_bought(name, n_items):
    history = order_history(item_ids=list(range(n_items)), baskets=[], at=[], customers=[])
    model = FAMILIES[name].fit(training_of(history), FAMILIES[name].start)
    assert rows_of(model.item_lists(5)) == [[]] * n_items
    assert model.recommend(Query(held=sparse.csr_matrix(np.ones((1, n_items)))), 1).tolist() == [
        [-1]
    ]


@every_family
def test_one_item_in_one_order(name):
    history = order_history(item_ids=[1, 2], baskets=[[0]], at=[3 * DAY], customers=[0])
    assert rows_of(lists_of(name, training_of(history))) == [[], []]


@every_family
def test_all_values_of_the_grid_can_be_fitted(name):
    family = FAMILIES[name]
    training = training_of(random_history(seed=7, n_baskets=600, n_items=25))
    assert family.grid.keys() <= family.start.keys()
    for parameter, values in family.grid.items():
        for value in values:
            model = family.fit(training, {**family.start, parameter: value})
            assert len(model.item_lists(5).items)


@every_family
def test_what_is_not_given_is_taken_from_the_start(name):
    training = training_of(random_history(seed=7, n_baskets=600, n_items=25))
    given = FAMILIES[name].fit(training, FAMILIES[name].start).item_lists(50)
    assert same_bytes(FAMILIES[name].fit(training, {}).item_lists(50), given)


@every_family
def test_the_memory_it_says_is_what_it_takes(name):
    history = random_history(seed=8, n_baskets=12_000, n_items=3_000, n_customers=5_000, mean=8.0)
    training = training_of(history)
    family = FAMILIES[name]
    family.fit(training_of(random_history(seed=8)), family.start)  # code is loaded
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    family.fit(training, family.start)
    taken = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    said = family.bytes_needed(Size.of(training), family.start)
    assert taken / 2 <= said <= 2 * taken
    with pytest.raises(NotEnoughMemoryError, match=f"{name} needs about"):
        family.check_memory(Size.of(training), family.start, limit_bytes=taken // 2)
