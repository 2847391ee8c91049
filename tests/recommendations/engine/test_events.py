"""Ratings and looks as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.events import newest_of_customers, ratings, views

ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(1, 5), st.integers(0, 2)),
    max_size=30,
)


@given(ROWS, st.randoms())
def test_ratings_are_the_newest_in_any_order_of_rows(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    found = []
    for some in (rows, shuffled):
        columns: list[Any] = list(zip(*some, strict=True)) or [[], [], [], []]
        found.append(ratings(*columns, n_customers=5, n_items=4))
    assert found[0].fingerprint() == found[1].fingerprint()
    expected = {}
    for customer, item, value, _at in sorted(rows, key=lambda row: (row[3], row[2])):
        expected[customer, item] = value
    pairs = zip(found[0].customer.tolist(), found[0].item.tolist(), strict=True)
    assert dict(zip(pairs, found[0].value.tolist(), strict=True)) == expected
    assert found[0].matrix().nnz == len(expected)


@given(ROWS)
def test_views_are_the_first_looks(rows):
    looks = [(customer, item, at) for customer, item, _, at in rows]
    columns: list[Any] = list(zip(*looks, strict=True)) or [[], [], []]
    seen = views(*columns, n_customers=5, n_items=4)
    expected = {}
    for customer, item, _, at in rows:
        expected[customer, item] = min(at, expected.get((customer, item), at))
    pairs = zip(seen.customer.tolist(), seen.item.tolist(), strict=True)
    assert dict(zip(pairs, seen.at.tolist(), strict=True)) == expected


def test_what_is_known_at_a_moment():
    seen = views([0, 0, 1], [0, 1, 1], [3, 5, 5], n_customers=2, n_items=2)
    assert len(seen.until(4)) == 1
    assert seen.matrix(1).toarray().tolist() == [[1.0, 1.0]]
    told = ratings([0, 1], [0, 1], [5, 1], [3, 5], n_customers=2, n_items=2)
    assert (len(told.until(3)), len(told.after(3)), len(told.after(5))) == (1, 1, 0)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_absurdly_many_ratings_count_by_the_newest(most):
    told = ratings([0, 0, 0, 1], [0, 1, 2, 0], [1, 2, 3, 4], [9, 9, 2, 1], n_customers=2, n_items=3)
    few, left_out = newest_of_customers(told, most=most)
    assert few.value.tolist() == {1: [1.0, 4.0], 2: [1.0, 2.0, 4.0], 3: [1.0, 2.0, 3.0, 4.0]}[most]
    assert left_out == 3 - most


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"customer": [2]}, "Customers must be 0 to 1"),
        ({"item": [-1]}, "Items must be 0 to 1"),
        ({"value": [6]}, "Ratings must be 1.0 to 5.0"),
        ({"value": [np.nan]}, "Ratings must be 1.0 to 5.0"),
        ({"at": [1, 2]}, "1 customers, 1 items and 2 times"),
        ({"scale": (5.0, 1.0)}, "scale must be the lowest and a higher rating"),
    ],
)
def test_what_cannot_be_is_refused(wrong, words):
    columns = {"customer": [0], "item": [0], "value": [3], "at": [1], **wrong}
    with pytest.raises(ValueError, match=words):
        ratings(**columns, n_customers=2, n_items=2)


def test_at_least_one_rating_must_count():
    with pytest.raises(ValueError, match="most must be at least 1"):
        newest_of_customers(ratings([], [], [], [], n_customers=0, n_items=0), most=0)
