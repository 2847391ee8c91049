"""How far shares can be met from what is left."""

from __future__ import annotations

from recommendations.engine.arranging.capping import Room
from recommendations.engine.arranging.sharing import best_served
from tests.recommendations.engine.arranging.shelves import shelf

BOTH = shelf(("a", 3, "tea", "11"), ("b", 2, "tea", "01"), ("c", 1, "cup", "10"), n_shares=2)


def test_one_that_serves_both_counts_for_both_and_once_for_each():
    assert best_served([1, 2], 3, BOTH[:1], Room(None)) == ([0, 1], 1)


def test_no_more_slots_are_used_than_there_are():
    assert best_served([2, 2], 2, BOTH, Room(None)) == ([0, 1], 2)


def test_full_categories_serve_nobody_and_nothing_is_taken_from_their_room():
    room = Room(1)
    assert best_served([2, 2], 3, BOTH, room) == ([0, 1], 2)
    assert room.left("tea") == 1
