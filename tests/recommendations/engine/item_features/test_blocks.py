from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.item_features.blocks import (
    NUMBER_BINS,
    PRICE_STEP,
    attribute_words,
    category_words,
    price_bands,
    shared_words,
    unit_rows,
)


def test_words_by_hand():
    # Of three items red is in two, tin in three, blue in one: ln(4/3) + 1 and ln(4/4) + 1.
    found = shared_words([["red", "tin"], ["tin", "red", "red"], ["blue", "tin"]]).toarray()
    red, tin = np.log(4 / 3) + 1, 1.0
    length = np.hypot(red, tin)
    wanted = [[red / length, tin / length], [red / length, tin / length], [0, 1]]
    assert found == pytest.approx(np.array(wanted))


def test_words_of_one_item_are_left_out():
    assert shared_words([["own"], []]).shape == (2, 0)
    assert shared_words([]).shape == (0, 0)


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("", []),
        ("Mugs", ["mugs"]),
        ("Home > Kitchen > Mugs", ["home", "home > kitchen", "home > kitchen > mugs"]),
        ("Home/Office", ["home/office"]),
        ("Home / Office", ["home", "home > office"]),
        ("A|B::C » D", ["a", "a > b", "a > b > c", "a > b > c > d"]),
        (" > Home > ", ["home"]),
    ],
)
def test_categories_are_paths(category, words):
    assert category_words(category) == words


def test_two_branches_of_one_name_differ():
    assert set(category_words("Men > Shoes")) & set(category_words("Women > Shoes")) == set()


def test_price_bands_by_hand():
    found = price_bands(np.array([1.0, np.sqrt(PRICE_STEP), PRICE_STEP]), ["EUR"] * 3).toarray()
    # The middle price lies half way between two bands.
    assert found == pytest.approx(np.array([[1, 0], [0.5**0.5, 0.5**0.5], [0, 1]]))


def test_currencies_are_never_mixed():
    price = np.array([5.0, 5.0, 5.0, 5.1])
    bands = price_bands(price, ["EUR", "USD", "", "EUR"])
    alike = (bands @ bands.T).toarray()
    assert [alike[0, 1], alike[0, 2], alike[1, 2], alike[1, 3]] == [0, 0, 0, 0]
    assert alike[0, 3] > 0.9


@pytest.mark.parametrize("price", [np.nan, 0.0, -3.0, np.inf])
def test_what_is_no_price_gives_an_empty_row(price):
    assert price_bands(np.array([price, 2.0]), ["EUR", "EUR"]).getnnz(axis=1)[0] == 0


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20))
def test_prices_in_proportion_are_alike_whatever_the_size(prices):
    price = np.array(prices)
    alone = price_bands(price, ["EUR"] * len(price))
    assert np.diff(alone.indptr).max() <= 2
    assert pytest.approx(np.ones(len(price))) == np.sqrt(alone.multiply(alone).sum(axis=1)).A1


def test_attributes_of_every_kind():
    found = attribute_words(
        [
            {
                "Colour": " Red ",
                "new": True,
                "none": None,
                "empty": "",
                "box": {"w": 2},
                "in": [1, "x"],
            }
        ]
    )
    assert found == [["colour=red", "new=true", "box.w=2", "in=1", "in=x"]]


def test_numbers_of_many_values_are_banded_evenly():
    numbers = np.random.default_rng(0).permutation(80).tolist()
    words = [words[0] for words in attribute_words([{"n": number} for number in numbers])]
    _, counts = np.unique(words, return_counts=True)
    assert len(counts) == NUMBER_BINS
    assert set(counts.tolist()) == {80 // NUMBER_BINS}


def test_unit_rows_keep_empty_ones():
    found = unit_rows(np.array([[0.0, 0.0], [3.0, 4.0], [-2.0, 0.0]])).toarray()
    assert found.tolist() == [[0.0, 0.0], [0.6, 0.8], [-1.0, 0.0]]
