from __future__ import annotations

import pytest

from recommendations.engine.families.base import Size
from recommendations.engine.families.registry import FAMILIES, QUESTIONS, families_for


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_says_what_it_needs_at_its_start_and_at_every_value_of_its_grid(name):
    family = FAMILIES[name]
    assert family.name == name
    size = Size(n_rows=1_000, n_items=500, n_lines=9_000, n_features=50)
    points = [
        {**family.start, parameter: value}
        for parameter, values in family.grid.items()
        for value in values
    ]
    for parameters in [dict(family.start), *points]:
        assert 0 < family.bytes_needed(size, parameters) < 2**30
    assert set(family.grid) <= set(family.start)
    assert family.needs <= {"history", "content"}


def test_every_family_answers_a_question():
    assert {name for names in QUESTIONS.values() for name in names} == set(FAMILIES)
    for names in QUESTIONS.values():
        assert len(set(names)) == len(names)


def test_families_that_need_no_more_than_pairs():
    for question in QUESTIONS:
        for family in families_for(question, only_pairs=True):
            assert not family.needs
    with pytest.raises(ValueError, match="question must be one of item, basket"):
        families_for("weather")
