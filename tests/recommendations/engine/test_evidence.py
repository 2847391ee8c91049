from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.evidence import supported_only, with_evidence
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix, without_baskets
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds
from recommendations.engine.neighbours import neighbours
from tests.recommendations.engine.histories import DAY, histories, lopsided, random_history

PATHS = [{"n_threads": 1}, {"n_threads": 3}, {"portable": True}]


def matrix_of(history, **chosen):
    return basket_matrix(history, **{"as_of": 700 * DAY, "half_life_days": None, **chosen})


def lists_of(rows):
    """Lists of these items, scores falling, without evidence."""
    n = sum(map(len, rows))
    return NeighbourLists(
        indptr=row_bounds(np.array([len(row) for row in rows], dtype=np.int64)),
        items=np.array([item for row in rows for item in row], dtype=np.int32),
        scores=np.linspace(1, 0.5, n, dtype=np.float32),
        customers=np.zeros(n, dtype=np.uint32),
        baskets=np.zeros(n, dtype=np.uint32),
    )


def dense_evidence(history, i, j):
    holding = [
        basket
        for basket in range(history.n_baskets)
        if {i, j} <= set(history.line_item[history.line_basket == basket].tolist())
    ]
    return len({int(history.basket_customer[basket]) for basket in holding}), len(holding)


@pytest.mark.parametrize("path", PATHS)
def test_the_lopsided_history_by_hand(path):
    # Baskets ab, abc, ad, a, bc by customers 0, 1, 0, 2, 3; c and d never meet.
    lists = lists_of([[2, 1], [], [1, 3], [0]])
    counted = with_evidence(lists, matrix_of(lopsided()), **path)
    assert counted.customers.tolist() == [1, 2, 2, 0, 1]
    assert counted.baskets.tolist() == [1, 2, 2, 0, 1]
    assert counted.items.tolist() == lists.items.tolist()
    assert counted.scores.tolist() == lists.scores.tolist()


@pytest.mark.parametrize("path", PATHS)
def test_a_customer_counts_once(path):
    history = order_history(
        item_ids=[1, 2, 3],
        baskets=[[0, 1], [0, 1], [0, 1, 2], [0, 1]],
        at=[0, 1, 2, 3],
        customers=[5, 4, 5, 5],
    )
    counted = with_evidence(lists_of([[1, 2], [0], []]), matrix_of(history), **path)
    assert counted.customers.tolist() == [2, 1, 2]
    assert counted.baskets.tolist() == [4, 1, 4]


@pytest.mark.parametrize("path", PATHS)
@given(history=histories(), data=st.data())
def test_every_pair_of_any_history(path, history, data):
    n = history.n_items
    rows = data.draw(st.lists(st.lists(st.integers(0, n - 1), max_size=n), min_size=n, max_size=n))
    matrix = matrix_of(history)
    counted = with_evidence(lists_of(rows), matrix, **path)
    wanted = [dense_evidence(history, i, j) for i, row in enumerate(rows) for j in row]
    assert list(zip(counted.customers.tolist(), counted.baskets.tolist(), strict=True)) == wanted


@pytest.mark.parametrize("path", PATHS)
def test_it_is_the_evidence_that_neighbours_counts(path):
    history = random_history(seed=4, n_baskets=3000)
    lists = neighbours(matrix_of(history), k=20, min_customers=2)
    bare = replace(
        lists, customers=np.zeros_like(lists.customers), baskets=np.zeros_like(lists.baskets)
    )
    counted = with_evidence(bare, matrix_of(history), **path)
    for name in ("indptr", "items", "scores", "customers", "baskets"):
        assert getattr(counted, name).tobytes() == getattr(lists, name).tobytes()


@pytest.mark.parametrize("path", PATHS)
def test_parts_of_a_whole(path):
    history = random_history(seed=5)
    matrix = matrix_of(history)
    lists = neighbours(matrix, k=5, min_customers=1)
    part = neighbours(matrix, k=5, min_customers=1, start=20, stop=31)
    bare = replace(part, customers=np.zeros_like(part.customers))
    counted = with_evidence(bare, matrix, start=20, **path)
    assert (
        counted.customers.tolist() == lists.customers[lists.indptr[20] : lists.indptr[31]].tolist()
    )


@pytest.mark.parametrize("path", PATHS)
def test_baskets_set_aside_and_capped_do_not_count(path):
    lists = lists_of([[1], [], [], []])
    matrix = matrix_of(lopsided())
    aside = matrix.basket_position == 1
    assert with_evidence(lists, without_baskets(matrix, aside), **path).baskets.tolist() == [1]
    capped = matrix_of(lopsided(), max_basket_items=2)
    assert with_evidence(lists, capped, **path).baskets.tolist() == [1]
    newest = matrix_of(lopsided(), max_customer_baskets=1)
    assert with_evidence(lists, newest, **path).baskets.tolist() == [1]


def test_the_portable_path_in_many_blocks(monkeypatch):
    matrix = matrix_of(random_history(seed=6))
    lists = neighbours(matrix, k=9, min_customers=1)
    monkeypatch.setattr("recommendations.engine.evidence.PORTABLE_BLOCK", 50)
    bare = replace(lists, baskets=np.zeros_like(lists.baskets))
    assert with_evidence(bare, matrix, portable=True).baskets.tolist() == lists.baskets.tolist()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_listed_and_nothing_bought(path):
    nothing = matrix_of(order_history(item_ids=[1, 2], baskets=[], at=[], customers=[]))
    assert with_evidence(NeighbourLists.empty(2), nothing, **path).items.tolist() == []
    assert with_evidence(lists_of([[1], []]), nothing, **path).customers.tolist() == [0]


def test_positions_that_are_none():
    matrix = matrix_of(lopsided())
    with pytest.raises(ValueError, match="Rows 0 to 5 were given for 4 items"):
        with_evidence(NeighbourLists.empty(5), matrix)
    with pytest.raises(ValueError, match="Rows 3 to 5"):
        with_evidence(NeighbourLists.empty(2), matrix, start=3)
    with pytest.raises(ValueError, match="must be 0 to 3, not 0 to 4"):
        with_evidence(lists_of([[0, 4], [], [], []]), matrix)


def test_pairs_below_the_floor_fall_out():
    lists = replace(
        lists_of([[3, 1, 2], [], [0]]), customers=np.array([5, 4, 6, 4], dtype=np.uint32)
    )
    kept = supported_only(lists, min_customers=5)
    assert kept.indptr.tolist() == [0, 2, 2, 2]
    assert kept.items.tolist() == [3, 2]
    assert kept.customers.tolist() == [5, 6]
    assert supported_only(lists, min_customers=0).items.tolist() == lists.items.tolist()
    assert len(supported_only(NeighbourLists.empty(2), min_customers=5)) == 2
    with pytest.raises(ValueError, match="at least 0, not -1"):
        supported_only(lists, min_customers=-1)
