from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recommendations.engine.families.content.measures import likeness

VECTORS = hnp.arrays(np.float64, 4, elements=st.floats(-5, 5, width=16))


@pytest.mark.parametrize(
    ("a", "b", "cosine", "euclidean"),
    [
        # ‖a‖ = ‖b‖ = √50, aᵀb = 20, ‖a − b‖ = √60.
        ([3, 4, 5, 0, 0], [0, 0, 4, 5, 3], 0.4, 1 - 60**0.5 / (2 * 50**0.5)),
        # aᵀb = .35, squares .55 each, ‖a − b‖ = √.4.
        (
            [0.1, 0.2, 0.3, 0.4, 0.5],
            [0.5, 0.4, 0.3, 0.2, 0.1],
            0.35 / 0.55,
            1 - (0.1 / 0.55) ** 0.5,
        ),
        # Of unequal length: 5 and 3, four apart.
        ([3, 4, 0], [3, 0, 0], 0.6, 0.5),
        ([2, 0], [8, 0], 1.0, 0.4),
        ([1, 0], [-1, 0], -1.0, 0.0),
        ([0, 0], [3, 4], 0.0, 0.0),
        ([0, 0], [0, 0], 0.0, 0.0),
    ],
)
def test_by_hand(a, b, cosine, euclidean):
    assert likeness(a, b) == pytest.approx(cosine)
    assert likeness(a, b, "euclidean") == pytest.approx(euclidean)


@given(VECTORS, VECTORS)
def test_both_are_symmetric_and_bounded(a, b):
    for measure, lowest in (("cosine", -1.0), ("euclidean", 0.0)):
        found = likeness(a, b, measure)
        assert found == pytest.approx(likeness(b, a, measure), abs=1e-6)
        assert lowest - 1e-6 <= found <= 1 + 1e-6


@given(VECTORS.filter(lambda a: np.linalg.norm(a) > 0.1))
def test_a_vector_is_like_itself(a):
    assert likeness(a, a) == pytest.approx(1)
    assert likeness(a, a, "euclidean") == pytest.approx(1, abs=1e-6)


def test_an_unknown_measure_is_refused():
    with pytest.raises(ValueError, match="cosine, euclidean, not 'manhattan'"):
        likeness([1], [1], "manhattan")
