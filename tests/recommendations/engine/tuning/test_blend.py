from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.tuning import blended, filled


def test_ranks_are_added_up_by_hand():
    one = np.array([[3, 0, -1], [2, -1, -1]], dtype=np.int32)
    other = np.array([[0, 4, 3], [-1, -1, -1]], dtype=np.int32)
    # c = 1: of the first query 3 has .7/2 + .3/4, 0 has .7/3 + .3/2, and 4 has .3/3.
    found = blended([one, other], [0.7, 0.3], 4, n_items=5, rank_constant=1.0)
    assert found.tolist() == [[3, 0, 4, -1], [2, -1, -1, -1]]
    found = blended([one, other], [0.3, 0.7], 4, n_items=5, rank_constant=1.0)
    assert found.tolist()[0] == [0, 3, 4, -1]


def test_ties_go_to_the_smaller_item():
    one, other = np.array([[2, 1]], dtype=np.int32), np.array([[1, 2]], dtype=np.int32)
    assert blended([one, other], [0.5, 0.5], 2, n_items=3).tolist() == [[1, 2]]


def test_each_model_has_one_weight():
    one = np.array([[1]], dtype=np.int32)
    with pytest.raises(ValueError, match="2 models need as many weights"):
        blended([one, one], [1.0], 1, n_items=2)
    with pytest.raises(ValueError, match="weights of 0 or more"):
        blended([one], [-1.0], 1, n_items=2)


def test_places_left_empty_get_best_sellers():
    held = sparse.csr_matrix([[1.0, 0, 0, 0, 0], [0, 1.0, 0, 1.0, 1.0]])
    found = np.array([[4, -1, -1], [-1, -1, -1]], dtype=np.int32)
    best = np.array([4, 0, 3, 1], dtype=np.int32)
    assert filled(found, held, best).tolist() == [[4, 3, 1], [0, -1, -1]]
    assert found[1].tolist() == [-1, -1, -1], "what was given is not changed"
