"""Who stands in a block, in which order, and why: worked by hand."""

from __future__ import annotations

import pytest

from recommendations.engine.arranging import Cause, Entrant, Unmet, arrange
from tests.recommendations.engine.arranging.shelves import causes, keys, left, shelf

TEAS = shelf(("a", 9, "tea"), ("b", 8, "tea"), ("c", 7, "tea"), ("d", 6, "cup"), ("e", 5, "pot"))
GROUPED = shelf(("a", 9), ("b", 8), ("c", 7), ("d", 6, "", "1"), ("e", 5, "", "1"), n_shares=1)


def test_without_rules_the_best_stand_in_order():
    found = arrange(TEAS, 3)
    assert keys(TEAS, found) == "abc"
    assert set(causes(TEAS, found).values()) == {Cause.SCORE}
    assert left(TEAS, found) == {"d": Cause.COUNT, "e": Cause.COUNT}


def test_no_slots_and_no_candidates_are_nothing():
    assert arrange([], 4).places == ()
    assert arrange(TEAS, 0).places == ()
    assert len(arrange(TEAS, 9).places) == 5


# ---------------------------------------------------------------- pins


def test_a_pin_stands_at_its_position():
    found = arrange(TEAS, 4, pins=[(3, 4)])
    assert keys(TEAS, found) == "abec"
    assert causes(TEAS, found)["e"] is Cause.PINNED
    assert left(TEAS, found) == {"d": Cause.COUNT}


def test_a_pin_stands_last_if_too_few_others_exist():
    assert keys(TEAS[:2], arrange(TEAS[:2], 4, pins=[(3, 0)])) == "ba"


def test_a_pin_beyond_the_last_slot_stands_last():
    assert keys(TEAS, arrange(TEAS, 3, pins=[(8, 4)])) == "abe"


def test_of_two_pins_at_one_position_the_first_keeps_it():
    assert keys(TEAS, arrange(TEAS, 4, pins=[(2, 4), (2, 3)])) == "aedb"
    assert keys(TEAS, arrange(TEAS, 3, pins=[(3, 4), (3, 3)])) == "ade"


def test_more_pins_than_slots_are_left_out():
    found = arrange(TEAS, 2, pins=[(1, 4), (1, 3), (1, 2)])
    assert keys(TEAS, found) == "ed"
    assert left(TEAS, found) == {"a": Cause.COUNT, "b": Cause.COUNT, "c": Cause.COUNT}


# ---------------------------------------------------------------- caps


def test_a_category_has_no_more_slots_than_its_cap():
    found = arrange(TEAS, 3, per_category=1)
    assert keys(TEAS, found) == "ade"
    assert left(TEAS, found) == {"b": Cause.CATEGORY_CAP, "c": Cause.CATEGORY_CAP}


def test_a_cap_leaves_slots_empty_rather_than_giving_way():
    found = arrange(TEAS, 5, per_category=2)
    assert keys(TEAS, found) == "abde"
    assert left(TEAS, found) == {"c": Cause.CATEGORY_CAP}


def test_what_would_have_had_no_slot_anyway_is_not_left_out_by_a_cap():
    assert left(TEAS, arrange(TEAS, 2, per_category=2))["c"] is Cause.COUNT


def test_no_category_is_never_capped():
    plain = shelf(("a", 9), ("b", 8), ("c", 7))
    assert keys(plain, arrange(plain, 3, per_category=1)) == "abc"


def test_pins_beat_caps_and_count_for_them():
    found = arrange(TEAS, 4, per_category=1, pins=[(4, 1), (2, 2)])
    assert keys(TEAS, found) == "dceb"
    assert left(TEAS, found) == {"a": Cause.CATEGORY_CAP}


# ---------------------------------------------------------------- shares


def test_a_share_brings_its_group_in_as_late_as_possible():
    found = arrange(GROUPED, 4, shares=[50])
    assert keys(GROUPED, found) == "abde"
    assert causes(GROUPED, found)["d"] is Cause.SHARE
    assert [place.share for place in found.places] == [None, None, 0, 0]
    assert left(GROUPED, found) == {"c": Cause.SHARE}
    assert found.left[0].share == 0


def test_a_share_is_rounded_down():
    assert keys(GROUPED, arrange(GROUPED, 3, shares=[66])) == "abd"
    assert keys(GROUPED, arrange(GROUPED, 3, shares=[67])) == "ade"


def test_a_block_that_has_its_share_anyway_stays_as_it_is():
    found = arrange(GROUPED, 5, shares=[40])
    assert keys(GROUPED, found) == "abcde"
    assert set(causes(GROUPED, found).values()) == {Cause.SCORE}


def test_a_share_that_cannot_be_met_is_told():
    found = arrange(GROUPED, 4, shares=[100])
    assert keys(GROUPED, found) == "abde"
    assert found.unmet == (Unmet(share=0, needed=4, given=2),)


def test_pins_count_for_shares():
    assert keys(GROUPED, arrange(GROUPED, 4, shares=[50], pins=[(1, 3)])) == "dabe"
    assert keys(GROUPED, arrange(GROUPED, 4, shares=[25], pins=[(1, 3)])) == "dabc"


def test_pins_beat_shares():
    found = arrange(GROUPED, 2, shares=[100], pins=[(1, 0), (2, 1)])
    assert keys(GROUPED, found) == "ab"
    assert found.unmet == (Unmet(share=0, needed=2, given=0),)


def test_caps_beat_shares():
    capped = shelf(("a", 9, "tea"), ("b", 8, "cup", "1"), ("c", 7, "cup", "1"), n_shares=1)
    found = arrange(capped, 3, shares=[67], per_category=1)
    assert keys(capped, found) == "ab"
    assert left(capped, found) == {"c": Cause.CATEGORY_CAP}
    assert found.unmet == (Unmet(share=0, needed=2, given=1),)


def test_a_share_keeps_the_last_room_of_its_category():
    # The better cup of no group would leave no room for the one that the share needs.
    capped = shelf(("a", 9, "cup"), ("b", 8, "tea"), ("c", 7, "cup", "1"), n_shares=1)
    found = arrange(capped, 2, shares=[50], per_category=1)
    assert keys(capped, found) == "bc"
    assert causes(capped, found)["b"] is Cause.SHARE


def test_earlier_shares_go_first():
    both = shelf(("a", 9), ("b", 8, "", "01"), ("c", 7, "", "10"), n_shares=2)
    found = arrange(both, 1, shares=[100, 100])
    assert keys(both, found) == "c"
    assert found.unmet == (Unmet(share=1, needed=1, given=0),)


def test_one_candidate_serves_several_shares():
    both = shelf(("a", 9), ("b", 8, "", "10"), ("c", 7, "", "01"), ("d", 6, "", "11"), n_shares=2)
    found = arrange(both, 2, shares=[50, 50])
    assert keys(both, found) == "ad"
    assert found.unmet == ()
    assert [place.share for place in found.places] == [None, 1]


# ---------------------------------------------------------------- diversity

ALIKE = [
    Entrant("a", 10.0, features=frozenset({"tea", "green"})),
    Entrant("b", 8.0, features=frozenset({"tea", "green"})),
    Entrant("c", 5.0, features=frozenset({"tea", "black"})),
    Entrant("d", 4.0, features=frozenset({"cup"})),
]


def test_diversity_is_maximal_marginal_relevance():
    # After a: b .5*.8 - .5*1 = -.1, c .5*.5 - .5/3 = .083, d .5*.4 = .2; then c again.
    found = arrange(ALIKE, 3, diversity=0.5)
    assert keys(ALIKE, found) == "adc"
    assert causes(ALIKE, found) == {
        "a": Cause.SCORE,
        "d": Cause.DIVERSITY,
        "c": Cause.DIVERSITY,
    }
    assert left(ALIKE, found) == {"b": Cause.DIVERSITY}


def test_a_little_diversity_changes_little():
    # b .9*.8 - .1 = .62 is still ahead of c .9*.5 - .1/3 = .42 and d .9*.4 = .36.
    assert keys(ALIKE, arrange(ALIKE, 3, diversity=0.1)) == "abc"


def test_who_comes_later_for_likeness_is_told_so():
    found = arrange(ALIKE, 4, diversity=0.5)
    assert keys(ALIKE, found) == "adcb"
    assert causes(ALIKE, found)["b"] is Cause.DIVERSITY


def test_unlike_a_pin_as_well():
    assert keys(ALIKE, arrange(ALIKE, 2, diversity=0.6, pins=[(2, 0)])) == "da"


def test_full_diversity_still_takes_the_earlier_of_equals():
    assert keys(ALIKE, arrange(ALIKE, 4, diversity=1)) == "adcb"


# ---------------------------------------------------------------- rotation

CLOSE = shelf(("a", 10), ("b", 9), ("c", 8), ("d", 2), ("e", 1.9))


def test_a_turn_moves_those_close_in_score():
    seed = next(seed for seed in range(50) if keys(CLOSE, arrange(CLOSE, 2, rotation=seed)) == "ca")
    found = arrange(CLOSE, 2, rotation=seed)
    assert causes(CLOSE, found) == {"c": Cause.ROTATION, "a": Cause.ROTATION}
    assert left(CLOSE, found) == {"b": Cause.ROTATION, "d": Cause.COUNT, "e": Cause.COUNT}


def test_who_keeps_the_place_has_it_by_score():
    seed = next(
        seed for seed in range(50) if keys(CLOSE, arrange(CLOSE, 3, rotation=seed)) == "acb"
    )
    assert causes(CLOSE, arrange(CLOSE, 3, rotation=seed))["a"] is Cause.SCORE


def test_diversity_does_not_undo_a_turn():
    unlike = [entrant._replace(features=frozenset({entrant.key})) for entrant in CLOSE]
    for seed in range(20):
        turned = arrange(unlike, 3, rotation=seed)
        assert arrange(unlike, 3, rotation=seed, diversity=0.3).order == turned.order


def test_pins_do_not_turn():
    assert all(arrange(CLOSE, 3, rotation=turn, pins=[(1, 4)]).order[0] == 4 for turn in range(20))


# ---------------------------------------------------------------- all at once, and what is refused


def test_all_rules_at_once():
    everything = [
        Entrant("a", 10.0, "tea", (False,), frozenset({"tea"})),
        Entrant("b", 9.5, "tea", (False,), frozenset({"tea", "red"})),
        Entrant("c", 9.0, "tea", (False,), frozenset({"tea"})),
        Entrant("d", 8.0, "cup", (False,), frozenset({"cup"})),
        Entrant("e", 1.0, "pot", (True,), frozenset({"pot"})),
        Entrant("f", 0.5, "tea", (False,), frozenset({"tea"})),
    ]
    found = arrange(
        everything, 4, pins=[(2, 5)], per_category=2, shares=[25], diversity=0.3, rotation=None
    )
    # f is pinned and a tea, so one tea may follow: that unlike f enough; e for the share.
    assert keys(everything, found) == "dfbe"
    assert causes(everything, found) == {
        "d": Cause.DIVERSITY,
        "f": Cause.PINNED,
        "b": Cause.DIVERSITY,
        "e": Cause.SCORE,
    }
    assert left(everything, found) == {"a": Cause.CATEGORY_CAP, "c": Cause.CATEGORY_CAP}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": -1}, "count must be at least 0, not -1"),
        ({"per_category": 0}, "per_category must be at least 1, not 0"),
        ({"shares": [101]}, "share must be 0 to 100 percent, not 101"),
        ({"shares": [10]}, "'a' has 0 groups for 1 shares"),
        ({"diversity": 30}, "diversity must be 0 to 1, not 30"),
        ({"pins": [(0, 1)]}, "position of a pin must be at least 1, not 0"),
        ({"pins": [(1, 5)]}, "pin must be an entrant, 0 to 4, not 5"),
        ({"pins": [(1, 2), (2, 2)]}, "pinned twice"),
        ({"entrants": shelf(("a", 2), ("a", 1))}, "Keys of entrants must differ"),
        ({"entrants": shelf(("a", 1), ("b", 2))}, "by falling score"),
        ({"entrants": shelf(("a", 0))}, "numbers above 0"),
    ],
)
def test_what_cannot_be_arranged_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        arrange(**{"entrants": TEAS, "count": 3, **arguments})
