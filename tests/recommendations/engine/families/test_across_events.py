from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommendations.engine.events import views
from recommendations.engine.families.across_events import (
    FAMILY,
    across_events,
    fit_viewed_bought,
)
from recommendations.engine.families.base import Training
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbours import neighbours
from tests.recommendations.engine.families.trainings import (
    dense_lists,
    history_of,
    random_ones,
    rows_of,
    same_bytes,
)

# Five customers, three items: who looked and who bought. Neither is like the other.
SEEN = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 1, 0], [1, 0, 0]], dtype=float)
BOUGHT = np.array([[0, 0, 1], [0, 1, 1], [0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=float)


def lists_of(seen, bought, **parameters):
    given = {"k": 99, "min_customers": 1, **parameters}
    return across_events(sparse.csr_matrix(seen), sparse.csr_matrix(bought), **given)


def dense_scores(seen, bought, *, weight, a, c, z, floor):
    both = seen.T @ bought
    viewers, buyers = seen.sum(axis=0), bought.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = (seen.T @ (weight[:, np.newaxis] * bought)) / np.outer(
            (weight @ seen) ** a, (weight @ bought) ** c
        )
        for trials in (viewers[:, np.newaxis], buyers[np.newaxis, :]):
            p = both / trials
            centre = p + z * z / (2 * trials)
            spread = z * np.sqrt(p * (1 - p) / trials + z * z / (4 * trials**2))
            scores = scores * np.sqrt((centre - spread) / (1 + z * z / trials) / p)
    scores[both < floor] = 0
    np.fill_diagonal(scores, 0)
    return np.nan_to_num(scores)


def test_by_hand():
    # a is seen by 4 of whom 2 bought b and 2 bought c; b by 3: 1 bought a, 1 c; c by 1 who
    # bought b. Bought by: a 1, b 2, c 2.
    lists = lists_of(SEEN, BOUGHT)
    root = np.sqrt
    assert dense_lists(lists) == pytest.approx(
        np.array(
            [
                [0, 2 / root(8), 2 / root(8)],
                [1 / root(3), 0, 1 / root(6)],
                [0, 1 / root(2), 0],
            ]
        )
    )
    assert rows_of(lists) == [[1, 2], [0, 2], [1]]
    assert lists.customers.tolist() == lists.baskets.tolist() == [2, 2, 1, 1, 1]


def test_the_share_of_viewers_who_bought():
    lists = lists_of(SEEN, BOUGHT, item_exponent=1.0, companion_exponent=0.0)
    assert dense_lists(lists) == pytest.approx(
        np.array([[0, 1 / 2, 1 / 2], [1 / 3, 0, 1 / 3], [0, 1, 0]])
    )


def test_direction_matters():
    assert rows_of(lists_of(BOUGHT, SEEN)) != rows_of(lists_of(SEEN, BOUGHT))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("z", [0.0, 1.96])
@pytest.mark.parametrize(("a", "c"), [(0.5, 0.5), (1.0, 0.3)])
def test_agrees_with_the_dense_formula(seed, z, a, c):
    seen, bought = random_ones(seed), random_ones(seed + 10)
    weight = np.random.default_rng(seed).random(len(seen)) + 0.1
    found = lists_of(
        seen, bought, customer_weight=weight, item_exponent=a, companion_exponent=c,
        confidence_z=z, min_customers=4,
    )  # fmt: skip
    wanted = dense_scores(seen, bought, weight=weight, a=a, c=c, z=z, floor=4)
    assert dense_lists(found) == pytest.approx(wanted, abs=1e-6)


def test_the_same_events_on_both_sides_are_neighbours():
    table = random_ones(3)
    history = history_of(table)
    matrix = basket_matrix(history, as_of=0, half_life_days=None, size_exponent=0.0)
    direct = neighbours(matrix, k=9, min_customers=2, confidence_z=1.28)
    found = lists_of(table, table, k=9, min_customers=2, confidence_z=1.28)
    assert rows_of(found) == rows_of(direct)
    assert found.scores == pytest.approx(direct.scores)


@given(
    seen=st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=9),
    data=st.data(),
)
def test_evidence_is_true_and_enough(seen, data):
    looked = np.array(seen, dtype=float)
    bought = np.array(
        data.draw(st.lists(st.booleans(), min_size=looked.size, max_size=looked.size)), dtype=float
    ).reshape(looked.shape)
    lists = lists_of(looked, bought, min_customers=2)
    both = looked.T @ bought
    for item, (row, stop) in enumerate(zip(lists.indptr[:-1], lists.indptr[1:], strict=True)):
        companions = lists.items[row:stop]
        assert lists.customers[row:stop].tolist() == both[item, companions].tolist()
        assert item not in companions
    wanted = both - np.diag(np.diag(both))
    assert len(lists.items) == (wanted >= 2).sum()


def test_the_floor_comes_before_the_cut():
    # Item 1 is the closest companion of 0, but of one customer.
    seen = np.array([[1, 0, 0]] * 4, dtype=float)
    bought = np.array([[0, 1, 1], [0, 0, 1], [0, 0, 1], [0, 0, 0]], dtype=float)
    several = {"k": 1, "item_exponent": 0.0, "companion_exponent": 2.0}
    assert rows_of(lists_of(seen, bought, **several))[0] == [1]
    assert rows_of(lists_of(seen, bought, min_customers=2, **several))[0] == [2]


def test_crawlers_and_wholesalers_are_left_out():
    everything, something = np.ones((1, 23)), random_ones(6)[:1]
    seen, bought = random_ones(4), random_ones(5)
    plain = lists_of(seen, bought)
    for looked, took in ((everything, something), (something, everything)):
        more = np.vstack([seen, looked]), np.vstack([bought, took])
        assert same_bytes(lists_of(*more, max_customer_items=22), plain)
        assert not same_bytes(lists_of(*more), plain)


def test_a_customer_of_weight_0_is_no_evidence():
    weight = np.array([1, 1, 0, 1, 1.0])
    lists = lists_of(SEEN, BOUGHT, customer_weight=weight)
    assert same_bytes(lists, lists_of(SEEN[weight > 0], BOUGHT[weight > 0]))


def test_blocks_do_not_matter(monkeypatch):
    seen, bought = random_ones(7), random_ones(8)
    whole = lists_of(seen, bought, k=5)
    monkeypatch.setattr("recommendations.engine.families.across_events.PORTABLE_BLOCK", 40)
    assert same_bytes(lists_of(seen, bought, k=5), whole)


def test_values_do_not_matter_and_nothing_gives_nothing():
    assert same_bytes(lists_of(SEEN * 7, BOUGHT * 0.25), lists_of(SEEN, BOUGHT))
    assert rows_of(lists_of(np.zeros((4, 3)), np.zeros((4, 3)))) == [[], [], []]
    assert rows_of(lists_of(np.zeros((0, 3)), np.zeros((0, 3)))) == [[], [], []]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"bought": sparse.csr_matrix((5, 4))}, "same customers and items"),
        ({"k": 0}, "k must be 1 to 65535, not 0"),
        ({"min_customers": 0}, "at least 1, not 0 and 2000"),
        ({"max_customer_items": 0}, "at least 1, not 5 and 0"),
        ({"confidence_z": -1.0}, "confidence_z must be at least 0, not -1.0"),
        ({"customer_weight": np.ones(3)}, "customer_weight must be 5 numbers of 0 or more"),
        ({"customer_weight": -np.ones(5)}, "customer_weight must be 5 numbers of 0 or more"),
    ],
)
def test_bad_parameters(bad, message):
    given = {"seen": sparse.csr_matrix(SEEN), "bought": sparse.csr_matrix(BOUGHT), "k": 3}
    with pytest.raises(ValueError, match=message):
        across_events(**{**given, **bad})


DAY = 86_400


def looked_and_bought(looks, orders, **options):
    """Fit the family on (customer, item, day) looks and orders."""
    history = order_history(
        item_ids=[1, 2, 3],
        baskets=[[item] for _, item, _ in orders],
        at=[day * DAY for _, _, day in orders],
        customers=[customer for customer, _, _ in orders],
    )
    customers, items, days = zip(*looks, strict=True)
    training = Training(
        matrix=basket_matrix(history, as_of=100 * DAY, half_life_days=None),
        history=history,
        views=views(customers, items, np.array(days) * DAY, n_customers=9, n_items=3),
        min_customers=options.pop("min_customers", 1),
    )
    return fit_viewed_bought(training, {"confidence_z": 0.0, **options}).lists


def test_the_family_lists_what_lookers_bought_worked_by_hand():
    # Customers 0 and 1 looked at item 0; both bought item 1, and customer 2 did without looking.
    lists = looked_and_bought([(0, 0, 1), (1, 0, 1), (1, 2, 1)], [(0, 1, 5), (1, 1, 5), (2, 1, 5)])
    assert rows_of(lists) == [[1], [], [1]]
    assert lists.customers.tolist() == [2, 1]
    # Two of two lookers among three buyers, and one of one.
    assert lists.scores.tolist() == pytest.approx([2 / np.sqrt(2 * 3), 1 / np.sqrt(3)])


def test_a_look_after_the_last_order_led_to_nothing():
    orders = [(0, 1, 5), (1, 1, 5)]
    lists = looked_and_bought([(0, 0, 5), (1, 0, 6)], orders)
    assert (rows_of(lists), lists.customers.tolist()) == ([[1], [], []], [1])


def test_lookers_who_never_bought_and_too_few_buyers_tell_nothing():
    looks = [(0, 0, 1), (1, 0, 1), (7, 0, 1), (8, 0, 1)]
    orders = [(0, 1, 5), (1, 1, 5)]
    (score,) = looked_and_bought(looks, orders).scores.tolist()
    assert score == pytest.approx(1.0)
    assert rows_of(looked_and_bought(looks, orders, min_customers=3)) == [[], [], []]


def test_crawlers_are_left_out():
    looks = [(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 0, 1)]
    orders = [(0, 1, 5), (1, 1, 5)]
    assert looked_and_bought(looks, orders, max_customer_items=2).customers.tolist() == [1]


def test_customers_of_long_ago_count_less():
    looks = [(0, 0, 1), (1, 0, 1)]
    orders = [(0, 1, 10), (1, 2, 40)]
    lists = looked_and_bought(looks, orders, half_life_days=30.0, companion_exponent=0.0)
    assert rows_of(lists) == [[2, 1], [], []]
    ratio = lists.scores[1] / lists.scores[0]
    assert ratio == pytest.approx(0.5)


def test_the_family_needs_views():
    history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
    without = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None), history=history)
    with pytest.raises(ValueError, match="needs the history and views"):
        fit_viewed_bought(without, {})
    assert FAMILY.needs == {"history", "views"}
