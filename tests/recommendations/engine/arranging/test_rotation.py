"""Turns: whose, how often, and that they stay as they are for the length of one."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest

from recommendations.engine.arranging import rotated, turn
from tests.recommendations.engine.arranging.shelves import shelf

SHELF = shelf(("a", 8), ("b", 6), ("c", 4), ("d", 1))


def leaders(n_turns):
    return Counter(SHELF[rotated(SHELF, seed)[0]].key for seed in range(n_turns))


def test_the_better_lead_on_more_days():
    # Chances as scores among a, b and c: 8, 6 and 4 of 18.
    found = leaders(3000)
    assert found["a"] == pytest.approx(3000 * 8 / 18, abs=150)
    assert found["b"] == pytest.approx(3000 * 6 / 18, abs=150)
    assert found["c"] == pytest.approx(3000 * 4 / 18, abs=150)
    assert found["d"] == 0


def test_a_turn_is_the_same_all_day():
    assert rotated(SHELF, 739000) == rotated(list(SHELF), 739000)
    assert len({tuple(rotated(SHELF, day)) for day in range(30)}) > 3


def test_two_placements_turn_apart():
    assert any(
        rotated(SHELF, f"home {day}") != rotated(SHELF, f"basket {day}") for day in range(10)
    )


def test_who_sells_out_does_not_shuffle_the_others():
    even = shelf(*((key, 1.0) for key in "abcdefgh"))
    without = [entrant for entrant in even if entrant.key != "d"]
    for seed in range(30):
        before = [even[one].key for one in rotated(even, seed) if even[one].key != "d"]
        assert [without[one].key for one in rotated(without, seed)] == before


def test_nothing_turns_to_nothing():
    assert rotated([], 7) == []


def test_a_day_and_an_hour_are_turns_of_the_shop_s_own_time():
    east = datetime.timezone(datetime.timedelta(hours=8))
    before = datetime.datetime(2026, 11, 23, 23, 59, tzinfo=east)
    after = before + datetime.timedelta(minutes=1)
    assert turn(after, "daily") - turn(before, "daily") == 1
    assert turn(after, "hourly") - turn(before, "hourly") == 1
    assert turn(before.replace(hour=0), "daily") == turn(before, "daily")
    assert turn(before.replace(minute=0), "hourly") == turn(before, "hourly")


def test_another_period_is_refused():
    with pytest.raises(ValueError, match="period must be 'daily' or 'hourly', not 'weekly'"):
        turn(datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC), "weekly")
