from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.matrices import basket_matrix, without_baskets
from recommendations.engine.reweighting import (
    row_sizes,
    with_row_weight,
    with_size_exponent,
)
from tests.recommendations.engine.histories import DAY, histories, lopsided


def matrix_of(history, **chosen):
    return basket_matrix(history, **{"as_of": 1000 * DAY, "half_life_days": 100.0, **chosen})


@given(history=histories(), built=st.floats(0, 2), wanted=st.floats(0, 2))
def test_another_size_exponent_is_as_if_built_with_it(history, built, wanted):
    found = with_size_exponent(matrix_of(history, size_exponent=built), wanted)
    assert (
        found.basket_weight.tolist()
        == matrix_of(history, size_exponent=wanted).basket_weight.tolist()
    )


def test_rows_set_aside_stay_so():
    matrix = matrix_of(lopsided())
    aside = matrix.basket_position == 1
    for changed in (
        with_size_exponent(without_baskets(matrix, aside), 1.0),
        with_row_weight(without_baskets(matrix, aside), np.full(5, 7.0)),
    ):
        assert (changed.basket_weight == 0).tolist() == aside.tolist()


def test_sizes_by_hand():
    # Baskets ab, abc, ad, a, bc, customer by customer: ab, ad, abc, a, bc.
    assert row_sizes(matrix_of(lopsided())).tolist() == [2, 2, 3, 1, 2]


def test_bad_arguments():
    matrix = matrix_of(lopsided())
    with pytest.raises(ValueError, match="size_exponent must be 0 to 2, not -1"):
        with_size_exponent(matrix, -1)
    with pytest.raises(ValueError, match="3 weights were given for 5 rows"):
        with_row_weight(matrix, np.ones(3))
