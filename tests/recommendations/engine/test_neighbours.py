from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.engine.cooccurrence import cooccurrence
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix, without_baskets
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import available_threads, neighbours, neighbours_of
from recommendations.engine.similarity import kernel, wilson_share
from tests.recommendations.engine.histories import (
    DAY,
    histories,
    lopsided,
    random_history,
    with_basket,
)

MEASURES = [
    {"size_exponent": 0.0},
    {"size_exponent": 0.5, "half_life_days": 90.0},
    {"size_exponent": 1.0, "item_exponent": 1.0, "companion_exponent": 0.0},
    {"size_exponent": 1.0, "item_exponent": 1.0, "companion_exponent": 0.6, "confidence_z": 1.28},
]
MATRIX_PARAMETERS = ("size_exponent", "half_life_days", "max_basket_items", "max_customer_baskets")


def matrix_of(history, **measure):
    chosen = {name: measure[name] for name in MATRIX_PARAMETERS if name in measure}
    return basket_matrix(history, **{"as_of": 700 * DAY, "half_life_days": None, **chosen})


def lists_of(history, *, k=10, min_customers=1, portable=False, n_threads=1, **measure):
    rest = {name: value for name, value in measure.items() if name not in MATRIX_PARAMETERS}
    return neighbours(
        matrix_of(history, **measure),
        k=k,
        min_customers=min_customers,
        portable=portable,
        n_threads=n_threads,
        **rest,
    )


def rows(lists: NeighbourLists):
    """Each row as (items, customers, baskets), which must agree exactly."""
    return [
        (
            lists.items[a:b].tolist(),
            lists.customers[a:b].tolist(),
            lists.baskets[a:b].tolist(),
        )
        for a, b in zip(lists.indptr[:-1], lists.indptr[1:], strict=True)
    ]


def same_bytes(left: NeighbourLists, right: NeighbourLists) -> bool:
    return all(
        getattr(left, name).tobytes() == getattr(right, name).tobytes()
        for name in ("indptr", "items", "scores", "customers", "baskets")
    )


def dense_scores(
    history,
    *,
    min_customers,
    item_exponent=0.5,
    companion_exponent=0.5,
    confidence_z=0.0,
    **measure,
):
    """The formula of `neighbours` on dense arrays, written without any of its code."""
    matrix = matrix_of(history, **measure)
    x = matrix.baskets_items().toarray()
    u = matrix.customers_items().toarray()
    counts = x.T @ (matrix.basket_weight[:, np.newaxis] * x)
    # A customer counts for a pair only with one basket that holds both.
    customers = np.zeros_like(counts)
    for customer in np.unique(matrix.basket_customer):
        own = x[matrix.basket_customer == customer]
        customers += (own.T @ own > 0).astype(float)
    n = matrix.basket_decay @ x
    m = u.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = counts / np.outer(n**item_exponent, n**companion_exponent)
        discounts = [
            [
                np.sqrt(
                    wilson(c, m[i], confidence_z)
                    / (c / m[i])
                    * wilson(c, m[j], confidence_z)
                    / (c / m[j])
                )
                if c
                else 0.0
                for j, c in enumerate(line)
            ]
            for i, line in enumerate(customers)
        ]
    scores = scores * np.array(discounts)
    scores[customers < max(min_customers, 1)] = 0
    np.fill_diagonal(scores, 0)
    return np.nan_to_num(scores), customers, x.T @ x


def wilson(c, n, z):
    p = c / n
    return (p + z * z / (2 * n) - z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (
        1 + z * z / n
    )


@pytest.mark.parametrize("portable", [False, True])
def test_the_lopsided_history_by_hand(portable):
    lists = lists_of(lopsided(), size_exponent=0.0, portable=portable)
    # Baskets ab, abc, ad, a, bc: counts a 4, b 3, c 2, d 1; ab 2, ac 1, ad 1, bc 2.
    assert rows(lists) == [
        ([1, 3, 2], [2, 1, 1], [2, 1, 1]),
        ([2, 0], [2, 2], [2, 2]),
        ([1, 0], [2, 1], [2, 1]),
        ([0], [1], [1]),
    ]
    root = np.sqrt
    assert lists.scores == pytest.approx(
        [
            2 / root(12),
            1 / root(4),
            1 / root(8),
            2 / root(6),
            2 / root(12),
            2 / root(6),
            1 / root(8),
            1 / root(4),
        ]
    )


@pytest.mark.parametrize("portable", [False, True])
def test_customers_are_counted_not_baskets(portable):
    history = order_history(
        item_ids=[1, 2, 3],
        baskets=[[0, 1]] * 6 + [[0, 2]] * 2,
        at=[0] * 8,
        customers=[0, 1, 0, 1, 0, 0, 2, 3],
    )
    lists = lists_of(history, size_exponent=0.0, portable=portable)
    assert rows(lists)[0] == ([1, 2], [2, 2], [6, 2])
    assert rows(lists_of(history, min_customers=3, portable=portable))[0] == ([], [], [])


@pytest.mark.parametrize("portable", [False, True])
def test_two_baskets_of_one_customer_are_no_pair(portable):
    history = order_history(item_ids=[1, 2], baskets=[[0], [1]], at=[0, 0], customers=[0, 0])
    assert rows(lists_of(history, portable=portable)) == [([], [], []), ([], [], [])]


@pytest.mark.parametrize("portable", [False, True])
def test_ties_go_to_the_smaller_position(portable):
    # 9 companions of item 4 with the same counts, of which 3 fit.
    history = order_history(
        item_ids=list(range(10)),
        baskets=[[4, j] for j in range(10)],
        at=[0] * 10,
        customers=list(range(10)),
    )
    lists = lists_of(history, k=3, portable=portable)
    assert rows(lists)[4][0] == [0, 1, 2]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("min_customers", [1, 3])
def test_agrees_with_the_dense_formula(measure, portable, min_customers):
    history = random_history(seed=7)
    lists = lists_of(history, k=12, min_customers=min_customers, portable=portable, **measure)
    scores, customers, baskets = dense_scores(history, min_customers=min_customers, **measure)
    for item in range(history.n_items):
        entries = slice(lists.indptr[item], lists.indptr[item + 1])
        found = lists.items[entries]
        best = np.sort(scores[item])[::-1][: len(found)]
        assert lists.scores[entries] == pytest.approx(scores[item][found], rel=1e-6)
        assert scores[item][found] == pytest.approx(best, rel=1e-9)
        assert len(found) == min(12, np.count_nonzero(scores[item]))
        assert lists.customers[entries].tolist() == customers[item][found].tolist()
        assert lists.baskets[entries].tolist() == baskets[item][found].tolist()


@given(
    histories(),
    st.sampled_from(MEASURES),
    st.integers(1, 4),
    st.integers(1, 3),
)
@settings(deadline=None)
def test_the_portable_path_gives_the_same_lists(history, measure, k, min_customers):
    compiled = lists_of(history, k=k, min_customers=min_customers, **measure)
    portable = lists_of(history, k=k, min_customers=min_customers, portable=True, **measure)
    assert rows(compiled) == rows(portable)
    assert compiled.scores == pytest.approx(portable.scores, rel=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_portable_path_gives_the_same_bytes_on_a_larger_history(measure):
    history = random_history(seed=11, n_baskets=3000, n_items=300, n_customers=700)
    measure = {**measure, "min_customers": 3, "k": 20}
    assert same_bytes(lists_of(history, **measure), lists_of(history, portable=True, **measure))


@pytest.mark.parametrize("cut", [[], [1], [7, 8, 30], list(range(1, 300))])
def test_chunks_and_threads_do_not_change_a_bit(cut):
    history = random_history(seed=2, n_baskets=2000, n_items=300, n_customers=500)
    matrix = matrix_of(history, size_exponent=0.5, half_life_days=200.0)
    whole = neighbours(matrix, k=9, min_customers=2, confidence_z=1.0, n_threads=1)
    bounds = [0, *cut, 300]
    parts = [
        neighbours(
            matrix, k=9, min_customers=2, confidence_z=1.0, n_threads=3, start=start, stop=stop
        )
        for start, stop in pairwise(bounds)
    ]
    assert same_bytes(NeighbourLists.joined(parts), whole)
    assert len(whole.items) > 1000


def test_chosen_items_get_the_rows_they_have_in_the_whole():
    matrix = matrix_of(random_history(seed=5))
    whole = rows(neighbours(matrix, k=5, min_customers=1))
    assert rows(neighbours_of(matrix, np.array([9, 0, 33]), k=5, min_customers=1)) == [
        whole[9],
        whole[0],
        whole[33],
    ]


@given(histories())
@settings(deadline=None)
def test_what_holds_for_every_list(history):
    lists = lists_of(history, k=3, min_customers=2)
    for item in range(history.n_items):
        entries = slice(lists.indptr[item], lists.indptr[item + 1])
        found = lists.items[entries].tolist()
        assert len(found) <= 3
        assert item not in found
        assert len(set(found)) == len(found)
        assert np.all(np.diff(lists.scores[entries]) <= 0)
        assert np.all(lists.scores[entries] > 0)
        assert np.all(lists.customers[entries] >= 2)
        assert np.all(lists.baskets[entries] >= lists.customers[entries])


@given(histories())
@settings(deadline=None)
def test_a_cosine_is_at_most_1_and_symmetric(history):
    lists = lists_of(history, k=10, size_exponent=0.0)
    scores = lists.matrix(history.n_items).toarray()
    assert scores.max(initial=0) <= 1 + 1e-6
    assert scores == pytest.approx(scores.T)


def test_the_family_is_the_kernel_of_similarity():
    history = random_history(seed=13)
    matrix = matrix_of(history, size_exponent=1.0)
    lists = neighbours(matrix, k=60, min_customers=1, item_exponent=1.0, companion_exponent=0.7)
    counts = cooccurrence(matrix.baskets_items(), weights=matrix.basket_weight)
    expected = kernel(counts, matrix.item_weight, item_exponent=1.0, companion_exponent=0.7)
    assert lists.matrix(history.n_items).toarray() == pytest.approx(expected.toarray(), rel=1e-6)


def test_the_compiled_discount_is_wilson_share_to_the_bit():
    from recommendations.engine import _kernel

    trials = np.arange(1, 80, dtype=np.float64)
    for z in (0.0, 1.28, 2.576):
        for n in trials:
            successes = np.arange(1, n + 1)
            expected = wilson_share(successes, np.full(len(successes), n), z)
            assert [_kernel.wilson_share(c, n, z) for c in successes] == expected.tolist()


def three_of_three_against_400_of_1000():
    """Item 0 is bought by 2,000; item 1 by 3, always with it; item 2 by 1,000, 400 with it."""
    return order_history(
        item_ids=[1, 2, 3],
        baskets=[[0, 1]] * 3 + [[0, 2]] * 400 + [[2]] * 600 + [[0]] * 1597,
        at=[0] * 2600,
        customers=list(range(2600)),
    )


def test_three_of_three_does_not_beat_400_of_1000():
    history = three_of_three_against_400_of_1000()
    by_share = {"size_exponent": 0.0, "item_exponent": 0.0, "companion_exponent": 1.0}
    assert rows(lists_of(history, **by_share))[0][0] == [1, 2]
    # The interval at 99 % on both shares.
    assert rows(lists_of(history, confidence_z=2.576, **by_share))[0][0] == [2, 1]


def test_planted_companions_are_found():
    rng = np.random.default_rng(4)
    n_items = 200
    companions = {item: item + 100 for item in range(100)}
    shares = 1 / (np.arange(n_items) + 5.0)
    baskets = []
    for _ in range(8000):
        basket = set(rng.choice(n_items, rng.integers(1, 5), p=shares / shares.sum()).tolist())
        basket |= {companions[i] for i in list(basket) if i in companions and rng.random() < 0.3}
        baskets.append(sorted(basket))
    history = order_history(
        item_ids=list(range(n_items)), baskets=baskets, at=[0] * 8000, customers=list(range(8000))
    )
    lists = lists_of(history, k=5, min_customers=5, confidence_z=1.28)
    found = sum(companion in rows(lists)[item][0] for item, companion in companions.items())
    assert found >= 95
    first = sum(rows(lists)[item][0][:1] == [companion] for item, companion in companions.items())
    assert first >= 80


def test_one_huge_order_changes_nothing():
    history = random_history(seed=6, n_baskets=2000, n_items=400)
    hostile = with_basket(history, list(range(400)), customer=history.n_customers, at=700 * DAY)
    caps = {"max_basket_items": 100, "min_customers": 2, "confidence_z": 1.28}
    assert same_bytes(lists_of(history, **caps), lists_of(hostile, **caps))
    # Without the cap it would have.
    caps["max_basket_items"] = 400
    assert not same_bytes(lists_of(history, **caps), lists_of(hostile, **caps))


def test_a_huge_order_costs_nothing():
    n_items = 20_000
    history = random_history(seed=8, n_baskets=20_000, n_items=n_items, n_customers=9000)
    hostile = with_basket(history, list(range(n_items)), customer=9000, at=700 * DAY)

    def seconds(orders):
        spent = []
        for _ in range(3):
            started = time.thread_time()
            lists_of(orders, k=20, min_customers=2)
            spent.append(time.thread_time() - started)
        return min(spent)

    seconds(history)
    # 20,000² pairs would take hundreds of times as long as the million of the history.
    assert seconds(hostile) < 2 * seconds(history)


def test_a_bot_cannot_make_a_pair():
    history = random_history(seed=9)
    before = rows(lists_of(history, k=60, min_customers=5))
    item = next(item for item in range(60) if before[item][0])
    stranger = next(other for other in range(60) if other not in {item, *before[item][0]})
    hostile = history
    for n in range(200):
        hostile = with_basket(
            hostile, [item, stranger], customer=history.n_customers, at=700 * DAY + n
        )
    assert stranger not in rows(lists_of(hostile, k=60, min_customers=5))[item][0]


def test_a_bot_weighs_at_most_its_newest_baskets():
    history = random_history(seed=9)
    bot = history.n_customers
    few, many = history, history
    for n in range(50):
        many = with_basket(many, [0, 1], customer=bot, at=700 * DAY + n)
    for n in range(40, 50):
        few = with_basket(few, [0, 1], customer=bot, at=700 * DAY + n)
    caps = {"max_customer_baskets": 10, "min_customers": 2}
    assert same_bytes(lists_of(many, **caps), lists_of(few, **caps))


@pytest.mark.parametrize("portable", [False, True])
def test_baskets_set_aside_make_no_pairs(portable):
    history = random_history(seed=21)
    matrix = matrix_of(history)
    rest = without_baskets(matrix, matrix.basket_position % 2 == 0)
    lists = neighbours(rest, k=60, min_customers=1, portable=portable)
    table = matrix.baskets_items().toarray()[matrix.basket_position % 2 == 1]
    counts = table.T @ table
    np.fill_diagonal(counts, 0)
    assert lists.baskets.sum() == counts.sum()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"k": 0}, "k must be 1 to 65535, not 0"),
        ({"min_customers": 0}, "min_customers must be at least 1, not 0"),
        ({"confidence_z": -1.0}, "confidence_z must be at least 0, not -1.0"),
        ({"confidence_z": float("nan")}, "confidence_z must be at least 0"),
        ({"start": 3, "stop": 2}, "ascending within 0 to 4, not 3 and 2"),
        ({"stop": 5}, "ascending within 0 to 4, not 0 and 5"),
        ({"start": -1}, "ascending within 0 to 4, not -1 and 4"),
    ],
)
def test_parameters_out_of_range_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        neighbours(matrix_of(lopsided()), **{"k": 3, **changes})


@pytest.mark.parametrize("items", [[4], [-1]])
def test_items_out_of_range_are_refused(items):
    with pytest.raises(ValueError, match="Item positions must be 0 to 3"):
        neighbours_of(matrix_of(lopsided()), np.array(items), k=3)


@pytest.mark.parametrize("portable", [False, True])
def test_nothing_gives_nothing(portable):
    nobody = order_history(item_ids=[1, 2], baskets=[], at=[], customers=[])
    assert rows(lists_of(nobody, portable=portable)) == [([], [], []), ([], [], [])]
    nothing = order_history(item_ids=[], baskets=[], at=[], customers=[])
    assert rows(lists_of(nothing, portable=portable)) == []


def test_one_item_only_gives_an_empty_list():
    history = order_history(item_ids=[1], baskets=[[0]] * 9, at=[0] * 9, customers=list(range(9)))
    assert rows(lists_of(history)) == [([], [], [])]


def test_joining_no_parts_gives_no_rows():
    assert len(NeighbourLists.joined([])) == 0


def test_the_portable_path_is_taken_where_numba_is_missing(monkeypatch):
    # None in sys.modules makes the import fail, as on a machine without numba.
    monkeypatch.setitem(sys.modules, "recommendations.engine._kernel", None)
    monkeypatch.delattr("recommendations.engine._kernel", raising=False)
    assert rows(lists_of(lopsided(), size_exponent=0.0))[0][0] == [1, 3, 2]


def test_reading_lists_does_not_load_numba():
    code = (
        "import sys; import recommendations.engine.neighbours, recommendations.engine.packing,"
        " recommendations.engine.completion; sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_at_least_one_thread():
    assert available_threads() >= 1
