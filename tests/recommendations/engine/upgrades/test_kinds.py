"""Kinds and grades, learnt from titles in no language."""

from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.upgrades.kinds import grade_words, kinds
from recommendations.engine.upgrades.names import name_words, same_name


def learnt(titles, brands, *, category=None, price=None, apart=True) -> list[set[str]]:
    names = [name_words(title, brand) for title, brand in zip(titles, brands, strict=True)]
    places = np.zeros(len(titles), dtype=int) if category is None else np.array(category)
    prices = np.arange(1.0, len(titles) + 1) if price is None else np.array(price, dtype=float)
    found = kinds(names, brands, places, prices, apart=lambda _pairs: apart)
    return [set(kind) for kind in found]


def test_words_of_two_brands_name_a_kind_and_those_of_one_a_line() -> None:
    titles = ["A Alder Lamp", "A Alder Desk", "B Cedar Lamp", "B Dale Desk"]
    assert learnt(titles, ["A", "A", "B", "B"]) == [{"lamp"}, {"desk"}, {"lamp"}, {"desk"}]


def test_each_category_has_its_own_kinds() -> None:
    titles = ["Alder Lamp", "Cedar Lamp"]
    assert learnt(titles, ["A", "B"], category=[0, 1]) == [set(), set()]


def test_unknown_brands_tell_of_no_kind() -> None:
    assert learnt(["Alder Lamp", "Cedar Lamp"], ["", ""]) == [set(), set()]


def test_sizes_are_no_kinds() -> None:
    titles = ["Alder Lamp 15W", "Cedar Lamp 15W"]
    assert learnt(titles, ["A", "B"]) == [{"lamp"}, {"lamp"}]


def test_a_grade_is_no_kind() -> None:
    titles = ["Alder Lamp", "Alder Lamp Plus", "Cedar Lamp", "Cedar Lamp Plus"]
    brands = ["A", "A", "B", "B"]
    assert learnt(titles, brands) == [{"lamp"}] * 4
    cheaper = learnt(titles, brands, price=[5, 4, 3, 2])
    assert cheaper == [{"lamp"}, {"lamp", "plus"}] * 2, "a grade is dearer"
    with_it = learnt(titles, brands, apart=False)
    assert with_it == [{"lamp"}, {"lamp", "plus"}] * 2, "what is bought with it is none"


def test_a_word_added_once_is_no_grade() -> None:
    names = [("alder", "lamp"), ("alder", "lamp", "plus")]
    once = grade_words(names, ["A"] * 2, np.zeros(2, int), np.array([1.0, 2.0]), apart=bool)
    assert once == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Alder Laptop", "Alder Laptop Pro", True),
        ("Alder Laptop Plus", "Alder Laptop Pro", True),
        ("Alder Laptop", "Cedar Laptop", False),
        ("Laptop", "Laptop Pro", False),  # one word names a kind
        ("Aurora 3 128 GB", "Aurora 3 256 GB", True),
        ("", "", False),
        ("台灯 甲", "台灯 乙", True),
    ],
)
def test_names_of_one_ladder(one: str, other: str, same: bool) -> None:
    assert same_name(name_words(one, ""), name_words(other, "")) is same
    assert same_name(name_words(other, ""), name_words(one, "")) is same
