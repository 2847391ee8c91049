from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from benchmarks.new_items import TEST_DAYS, growing_shop
from recommendations.engine.families.base import Size
from recommendations.engine.families.hybrid import FAMILY, model
from recommendations.engine.families.hybrid.blending import Weights, blended
from recommendations.engine.families.hybrid.model import FALLBACK, chosen_weights
from recommendations.engine.families.hybrid.validation import FOLDS, folds, gains, row_times
from recommendations.engine.history import order_history
from recommendations.engine.item_features import item_features
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.splits import split_by_time
from tests.recommendations.engine.families.trainings import rows_of, same_bytes, training_of
from tests.recommendations.engine.histories import lopsided

CONTENT = sparse.csr_matrix([[1.0, 0, 0], [0.6, 0.8, 0], [0, 0.6, 0.8], [0, 0, 1.0]])


def lists(rows: list[list[int]], scores: list[float] | None = None) -> NeighbourLists:
    items = np.array([item for row in rows for item in row], dtype=np.int32)
    nothing = np.zeros(len(items), dtype=np.uint32)
    return NeighbourLists(
        indptr=row_bounds(np.array([len(row) for row in rows])),
        items=items,
        scores=np.array(scores or [1.0] * len(items), dtype=np.float32),
        customers=nothing,
        baskets=nothing,
    )


# Customers 6, 2, 0 and kappa 2: evidence .75, .5, 0. The first row is item 0's.
CUSTOMERS = np.array([6, 2, 0])
BY_ORDERS = lists([[1], [0]], [0.25, 0.5])
BY_CONTENT = lists([[2, 1], [2]], [0.5, 0.125, 0.5])


def test_blend_by_rank_by_hand():
    # Evidence of the companion: item 2 is new, so that content alone ranks it, among all.
    weights = Weights(alpha=0.6, kappa=2)
    found = blended(BY_ORDERS, BY_CONTENT, CUSTOMERS, weights)
    of_one = 0.6 * 0.5 / 10 + 0.4 * 0.5 / 11
    assert found.toarray() == pytest.approx(
        np.array([[0, of_one, 0.4 / 10], [0.6 * 0.75 / 10, 0, 0.4 / 10]])
    )


def test_content_adds_to_what_orders_tell_before_ranks_are_given():
    # Both scaled to sum 1. By orders: items 1 and 2 have 0.25 and 0.75. By content times evidence:
    # 0.5 × 0.8 and 0.25 × 0.4, so 0.8 and 0.2. With β = 4 item 1 has 3.45, item 2 1.55.
    customers = np.array([6, 2, 2 / 3])
    by_orders, by_content = lists([[2, 1]], [0.75, 0.25]), lists([[1, 2]], [0.8, 0.4])
    weights = Weights(alpha=0.6, kappa=2, beta=4)
    found = blended(by_orders, by_content, customers, weights)
    assert found[0, 1] == pytest.approx(0.6 * 0.5 / 10 + 0.4 * 0.5 / 10)
    assert found[0, 2] == pytest.approx(0.6 * 0.25 / 11 + 0.4 * 0.75 / 11)
    without = blended(by_orders, by_content, customers, replace(weights, beta=0.0))
    assert without[0, 1] == pytest.approx(0.6 * 0.5 / 11 + 0.4 * 0.5 / 10)


def test_blend_by_score_by_hand():
    weights = Weights(alpha=0.6, kappa=2, beta=4, voice="score")
    found = blended(BY_ORDERS, BY_CONTENT, CUSTOMERS, weights)
    of_one = 0.6 * 0.5 * (0.25 + 4 * 0.5 * 0.125) + 0.4 * 0.5 * 0.125
    assert found.toarray() == pytest.approx(
        np.array([[0, of_one, 0.4 * 0.5], [0.6 * 0.75 * 0.5, 0, 0.4 * 0.5]])
    )


def test_equal_scores_give_the_smaller_item_the_better_rank():
    weights = Weights(alpha=1, kappa=1e-9)
    found = blended(lists([[2, 1]]), lists([[]]), np.array([9, 9, 9]), weights)
    assert found.toarray() == pytest.approx(np.array([[0, 1 / 10, 1 / 11]]))


def test_a_new_item_leans_on_content_alone():
    weights = Weights(alpha=0.9, kappa=1)
    found = blended(lists([[]]), lists([[2, 1]], [0.9, 0.1]), np.array([0, 50, 50]), weights)
    assert found[0, 2] > found[0, 1] > 0


def test_well_known_items_lean_on_behaviour():
    weights = Weights(alpha=0.5, kappa=1)
    found = blended(lists([[1]]), lists([[2]]), np.array([99, 99, 99]), weights)
    assert found[0, 1] > 90 * found[0, 2] > 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"alpha": 1.5, "kappa": 1}, "alpha must be 0 to 1, not 1.5"),
        ({"alpha": 0.5, "kappa": 0}, "kappa must be above 0, not 0"),
        ({"alpha": 0.5, "kappa": 1, "beta": -1}, "beta must be 0 or more, not -1"),
        ({"alpha": 0.5, "kappa": 1, "voice": "sum"}, "voice must be one of rank, score, not 'sum'"),
    ],
)
def test_wrong_weights_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Weights(**wrong)


def test_times_of_rows_that_are_customers():
    history = order_history(
        item_ids=[1, 2], baskets=[[0], [1], [0, 1]], at=[1, 5, 9], customers=[0, 1, 0]
    )
    baskets = training_of(history)
    assert row_times(baskets).tolist() == [1, 9, 5]
    merged = order_history(item_ids=[1, 2], baskets=[[0, 1], [1]], at=[9, 5], customers=[0, 1])
    customers = replace(baskets, matrix=training_of(merged).matrix)
    assert row_times(customers).tolist() == [9, 5]
    assert row_times(replace(baskets, history=None)) is None


def test_few_orders_are_weighed_by_the_fallback():
    training = replace(training_of(lopsided()), content=CONTENT)
    assert folds(training) == []
    fallback = {name: value for name, value in FALLBACK.items() if name != "part"}
    chosen = chosen_weights(training, FAMILY.start)
    assert chosen == (FALLBACK["part"], Weights(**fallback))


def test_given_weights_are_taken():
    training = replace(training_of(lopsided()), content=CONTENT)
    weights = {"alpha": 0.25, "kappa": 7.0, "beta": 2.0, "voice": "score"}
    given = {"part": "content", **weights}
    assert chosen_weights(training, given) == ("content", Weights(**weights))
    with pytest.raises(ValueError, match="lifts, content_complements, content, not 'brand'"):
        chosen_weights(training, {**given, "part": "brand"})


def test_evidence_is_counted_and_content_exempt_from_the_floor():
    # Customers 2 for ab and bc, 1 for ac and ad; the floor of 2 holds for behaviour.
    training = replace(training_of(lopsided(), min_customers=2), content=CONTENT)
    given = {"part": "content", "alpha": 0.5, "kappa": 1.0, "beta": 0.0, "voice": "rank"}
    found = FAMILY.fit(training, given).item_lists(9)
    # 3 is in 0's basket once, and alike to 2 alone: behaviour keeps it out of 0's list.
    assert rows_of(found) == [[1], [2, 0], [1, 3], [2]]
    assert found.customers.tolist() == [2, 2, 2, 2, 0, 0]


def choice_by(both: list[tuple[float, float]], monkeypatch) -> int:
    """Return which of several choices is made for its gains on new and on old items."""
    monkeypatch.setattr(model, "gains", lambda parts, fold, choices: np.array(both))
    tried = [{**FALLBACK, "alpha": number / 10} for number in range(len(both))]
    fitted: list[Any] = [(None, None)]
    return tried.index(model._best_choice(fitted, tried))


def test_the_choice_gains_on_new_and_on_old_items(monkeypatch):
    assert choice_by([(1.5, 0.95), (1.1, 1.05), (0.9, 1.3)], monkeypatch) == 1


def test_no_old_item_is_given_up_where_no_choice_is_a_bargain(monkeypatch):
    gains = [(2.0, 0.85), (0.89, 0.89), (0.1, 1.1), (0.3, 1.0), (0.4, 0.99)]
    assert choice_by(gains, monkeypatch) == 3
    assert choice_by([(2.0, 0.85), (0.1, 0.98)], monkeypatch) == 1


@pytest.fixture(scope="module")
def small_shop():
    shop = growing_shop(n_items=240, n_baskets=2_000, seed=3)
    train, _ = split_by_time(shop.history, holdout_days=TEST_DAYS)
    content = item_features(shop.facts).matrix
    return shop, replace(training_of(train), content=content)


@pytest.fixture(scope="module")
def fitted(small_shop):
    return FAMILY.fit(replace(small_shop[1], n_threads=1), FAMILY.start)


def test_weights_are_chosen_on_the_newest_orders(small_shop):
    assert len(folds(small_shop[1])) == FOLDS


def test_old_items_lose_nothing_where_content_tells_nothing(small_shop):
    _, training = small_shop
    noise = np.random.default_rng(0).normal(size=(training.n_items, 8))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    senseless = replace(training, content=sparse.csr_matrix(noise))
    part, weights = chosen_weights(senseless, FAMILY.start)
    gained = []
    for fold in folds(senseless):
        parts = model._parts(fold, [part], FAMILY.start)
        gained.append(gains(parts, fold, [(part, weights)])[0, 1])
    assert np.mean(gained) >= 0.99


def test_new_items_are_in_lists_and_have_lists(small_shop, fitted):
    shop, training = small_shop
    found = fitted.item_lists(10)
    unsold = training.matrix.item_baskets == 0
    assert unsold.sum() >= shop.is_new.sum() > 0
    assert np.diff(found.indptr)[unsold].min() > 0
    assert unsold[found.items].any()
    viewed = np.repeat(np.arange(len(found)), np.diff(found.indptr))
    assert np.any(unsold[found.items] & ~unsold[viewed])


def test_same_data_same_bits(small_shop, fitted):
    again = FAMILY.fit(replace(small_shop[1], n_threads=3), FAMILY.start)
    assert same_bytes(fitted.item_lists(20), again.item_lists(20))


def test_no_items():
    empty = order_history(item_ids=[], baskets=[], at=[], customers=[])
    training = replace(training_of(empty), content=sparse.csr_matrix((0, 2)))
    assert len(FAMILY.fit(training, FAMILY.start).item_lists(5)) == 0


def test_memory_is_said():
    size = Size(n_rows=1_000, n_items=1_000, n_lines=4_000, n_features=100)
    assert FAMILY.bytes_needed(size, FAMILY.start) > 0
