from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.packing import MAX_LENGTH, pack, pack_many, unpack

entries = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1),
        st.floats(width=32, allow_nan=False),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
    ),
    max_size=12,
)


def columns(rows):
    items, scores, customers, baskets = zip(*rows, strict=True) if rows else ((), (), (), ())
    return (
        np.array(items, dtype=np.int64),
        np.array(scores, dtype=np.float32),
        np.array(customers, dtype=np.uint32),
        np.array(baskets, dtype=np.uint32),
    )


def test_the_bytes_by_hand():
    data = pack([258], [1.0], [3], [4])
    body = bytes.fromhex("0201000000000000 0000803f 03000000 04000000")
    assert data[:4] == bytes([1, 0, 1, 0])
    assert data[8:] == body


@given(entries)
def test_what_is_packed_comes_back(rows):
    stored = unpack(pack(*columns(rows)))
    for ours, theirs in zip(
        (stored.items, stored.scores, stored.customers, stored.baskets), columns(rows), strict=True
    ):
        assert ours.tolist() == theirs.tolist()
    assert len(stored) == len(rows)


@given(st.lists(entries, max_size=5))
def test_many_are_packed_as_each_is(lists):
    parts = [columns(rows) for rows in lists]
    joined = [np.concatenate([part[n] for part in parts] or [columns([])[n]]) for n in range(4)]
    indptr = np.cumsum([0, *(len(rows) for rows in lists)])
    assert pack_many(indptr, *joined) == [pack(*part) for part in parts]


@given(entries, st.data())
def test_any_flipped_bit_is_noticed(rows, data):
    packed = bytearray(pack(*columns(rows)))
    bit = data.draw(st.integers(0, 8 * len(packed) - 1))
    packed[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(ValueError, match="packed list"):
        unpack(packed)


@given(entries, st.data())
def test_cut_and_grown_bytes_are_noticed(rows, data):
    packed = pack(*columns(rows))
    cut = data.draw(st.integers(0, len(packed) - 1))
    for damaged in (packed[:cut], packed + b"\0"):
        with pytest.raises(ValueError, match="packed list"):
            unpack(damaged)


def test_random_bytes_are_noticed():
    rng = np.random.default_rng(5)
    for length in range(60):
        with pytest.raises(ValueError, match="packed list"):
            unpack(rng.bytes(length))


def test_postgres_gives_a_memoryview():
    assert unpack(memoryview(pack([7], [0.5], [5], [6]))).items.tolist() == [7]


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one length, not 2, 1, 1, 1"):
        pack([1, 2], [1.0], [1], [1])


def test_a_list_that_is_too_long_is_refused():
    long = np.zeros(MAX_LENGTH + 1)
    with pytest.raises(ValueError, match="allowed are 0 to 65535"):
        pack(long, long, long, long)


@pytest.mark.parametrize("indptr", [[], [1, 1], [0, 2]])
def test_bounds_that_do_not_fit_are_refused(indptr):
    with pytest.raises(ValueError, match="indptr must go from 0 to 1"):
        pack_many(np.array(indptr, dtype=np.int64), [7], [0.5], [5], [6])


def test_bounds_that_go_back_are_refused():
    with pytest.raises(ValueError, match="A list of -1 was given"):
        pack_many(np.array([0, 1, 0, 1]), [7], [0.5], [5], [6])
