from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recommendations.engine.ids import IdMap

# Both kinds of look-up: keys close together use a table, keys far apart a search.
keys = st.one_of(
    hnp.arrays(np.int64, st.integers(0, 30), elements=st.integers(-50, 50)),
    hnp.arrays(np.int64, st.integers(0, 30), elements=st.integers(-(2**62), 2**62)),
    hnp.arrays("U3", st.integers(0, 30), elements=st.text("abc", max_size=3)),
)


def test_ascending_numbers_by_hand():
    id_map, positions = IdMap.ascending(np.array([40, -2, 40, 7]))
    assert id_map.keys.tolist() == [-2, 7, 40]
    assert positions.tolist() == [2, 0, 2, 1]


def test_first_appearance_by_hand():
    id_map, positions = IdMap.by_first_appearance(np.array(["tea", "mug", "tea", "pot"]))
    assert id_map.keys.tolist() == ["tea", "mug", "pot"]
    assert positions.tolist() == [0, 1, 0, 2]


@given(keys)
def test_every_key_comes_back(values):
    for number in (IdMap.ascending, IdMap.by_first_appearance):
        id_map, positions = number(values)
        assert id_map.keys[positions].tolist() == values.tolist()
        assert id_map.positions(values).tolist() == positions.tolist()


@given(keys)
def test_first_appearance_is_in_order(values):
    _, positions = IdMap.by_first_appearance(values)
    seen = list(dict.fromkeys(positions.tolist()))
    assert seen == list(range(len(seen)))


@given(keys, keys)
def test_unknown_keys_are_missing(known, asked):
    if known.dtype.kind != asked.dtype.kind:
        return
    id_map, _ = IdMap.ascending(known)
    found = id_map.positions(asked, missing=-7)
    assert [position == -7 for position in found.tolist()] == [
        value not in set(known.tolist()) for value in asked.tolist()
    ]


@pytest.mark.parametrize("asked", [[2**40, 5], [-(2**40), 5]])
def test_keys_far_out_of_range_are_missing(asked):
    assert IdMap(np.array([5, 6])).positions(np.array(asked)).tolist() == [-1, 0]


def test_a_key_given_twice_is_refused():
    with pytest.raises(ValueError, match=r"7.* is given twice"):
        IdMap(np.array([7, 8, 7]))


def test_two_axes_are_refused():
    with pytest.raises(ValueError, match="one axis, not 2"):
        IdMap(np.zeros((2, 2)))


def test_no_keys():
    id_map, positions = IdMap.ascending(np.array([], dtype=np.int64))
    assert len(id_map) == 0
    assert positions.tolist() == []
    assert id_map.positions(np.array([3])).tolist() == [-1]
