from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from recommendations.engine import topk
from recommendations.engine.topk import top_k, top_k_product

tables = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    elements=st.integers(0, 4).map(float),
)


def test_by_hand():
    columns, values = top_k(sparse.csr_matrix([[1.0, 0, 5, 5], [0, 0, 0, 2], [0, 0, 0, 0]]), 2)
    assert columns.tolist() == [[2, 3], [3, -1], [-1, -1]]
    assert values.tolist() == [[5, 5], [2, 0], [0, 0]]


@given(tables, st.integers(1, 8))
def test_agrees_with_sorting_every_row(table, k):
    columns, values = top_k(sparse.csr_matrix(table), k)
    for row, line in enumerate(table):
        order = sorted(np.flatnonzero(line), key=lambda j: (-line[j], j))[:k]
        assert columns[row].tolist() == [*order, *[-1] * (k - len(order))]
        assert values[row, : len(order)].tolist() == line[order].tolist()


def test_blocks_do_not_show(monkeypatch):
    table = sparse.random(40, 30, density=0.5, format="csr", random_state=1)
    whole = top_k(table, 4)
    monkeypatch.setattr(topk, "_BLOCK_ENTRIES", 20)
    assert np.array_equal(top_k(table, 4)[0], whole[0])


@given(tables, tables, st.integers(1, 8), st.booleans())
def test_a_product_keeps_the_largest_of_each_row(left, right, k, portable):
    inner = min(left.shape[1], right.shape[0])
    left, right = left[:, :inner], right[:inner]
    found = top_k_product(
        sparse.csr_matrix(left), sparse.csr_matrix(right), k, portable=portable
    ).toarray()
    product = left @ right
    for ours, whole in zip(found, product, strict=True):
        best = np.sort(whole[whole > 0])[::-1][:k]
        assert np.sort(ours[ours > 0])[::-1] == pytest.approx(best)
        assert np.all((ours == 0) | (ours == whole))


@pytest.mark.parametrize("n_threads", [1, 2])
def test_both_paths_agree_on_real_values(n_threads):
    left = sparse.random(200, 80, density=0.2, format="csr", random_state=2)
    right = sparse.random(80, 150, density=0.2, format="csr", random_state=3)
    fast = top_k_product(left, right, 7, n_threads=n_threads)
    portable = top_k_product(left, right, 7, portable=True)
    assert fast.toarray() == pytest.approx(portable.toarray(), abs=1e-12)
    assert fast.nnz == 1400


def test_works_without_sparse_dot_topn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sparse_dot_topn", None)
    assert top_k_product(sparse.csr_matrix([[2.0]]), sparse.csr_matrix([[3.0]]), 1)[0, 0] == 6


def test_k_below_1_is_refused():
    one = sparse.csr_matrix([[1.0]])
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        top_k(one, 0)
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        top_k_product(one, one, 0)
