"""What holds of every block, whatever the shelf and the rules."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.arranging import Cause, arrange, likeness
from tests.recommendations.engine.arranging.shelves import pins_of, shelves

counts = st.integers(0, 8)
percents = st.integers(0, 100)
shares_of_unity = st.floats(0, 1)


@given(entrants=shelves(n_shares=2), count=counts, data=st.data())
def test_a_block_holds_each_once_and_says_why(entrants, count, data):
    pins = data.draw(pins_of(entrants))
    cap = data.draw(st.one_of(st.none(), st.integers(1, 3)))
    rules = {
        "pins": pins,
        "per_category": cap,
        "shares": data.draw(st.tuples(percents, percents)),
        "diversity": data.draw(shares_of_unity),
        "rotation": data.draw(st.one_of(st.none(), st.integers(0, 99))),
    }
    found = arrange(entrants, count, **rules)
    assert found == arrange(entrants, count, **rules)
    out = [one.entrant for one in found.left]
    assert sorted(found.order + out) == list(range(len(entrants)))
    assert len(found.order) <= count
    _check_pins(entrants, found, pins, count)
    _check_caps(entrants, found, cap, count)


def _check_pins(entrants, found, pins, count):
    places = {place.entrant: slot for slot, place in enumerate(found.places, start=1)}
    pinned = {place.entrant for place in found.places if place.cause is Cause.PINNED}
    assert pinned == {entrant for _, entrant in pins[:count]}
    wanted = [min(position, count) for position, _ in pins[:count]]
    for (_, entrant), position in zip(pins, wanted, strict=False):
        if len(wanted) == 1:  # no other pin pushes it on
            behind = [slot for one, slot in places.items() if one not in pinned]
            assert places[entrant] == position or all(slot < places[entrant] for slot in behind)


def _check_caps(entrants, found, cap, count):
    by_category = Counter(entrants[one].category for one in found.order)
    pinned = Counter(
        entrants[place.entrant].category for place in found.places if place.cause is Cause.PINNED
    )
    for category, slots in by_category.items():
        if category and cap is not None:
            assert slots <= max(cap, pinned[category])
    if len(found.order) < count:  # empty slots only for want of anything that a cap allows
        for one in found.left:
            category = entrants[one.entrant].category
            assert one.cause is Cause.CATEGORY_CAP
            assert by_category[category] >= cap


@given(entrants=shelves(), count=counts)
def test_without_rules_the_order_stays(entrants, count):
    found = arrange(entrants, count)
    assert found.order == list(range(min(count, len(entrants))))
    assert {place.cause for place in found.places} <= {Cause.SCORE}
    assert {one.cause for one in found.left} <= {Cause.COUNT}


@given(entrants=shelves(n_shares=1), count=counts, percent=percents, data=st.data())
def test_one_share_is_met_if_candidates_and_caps_allow(entrants, count, percent, data):
    cap = data.draw(st.one_of(st.none(), st.integers(1, 3)))
    pins = data.draw(pins_of(entrants))
    diversity = data.draw(shares_of_unity)
    found = arrange(
        entrants, count, shares=[percent], per_category=cap, pins=pins, diversity=diversity
    )
    pinned = [entrant for _, entrant in pins[:count]]
    most = sum(entrants[one].groups[0] for one in pinned) + _most_others(
        entrants, count - len(pinned), {entrant for _, entrant in pins}, pinned, cap
    )
    given_slots = sum(entrants[one].groups[0] for one in found.order)
    assert given_slots >= min(percent * count // 100, most)
    assert bool(found.unmet) == (given_slots < percent * count // 100)


def _most_others(entrants, slots, not_these, pinned, cap):
    """Return how many members of the group the slots could hold at most."""
    room = Counter(entrants[one].category for one in pinned)
    most = 0
    for place, entrant in enumerate(entrants):
        capped = cap is not None and entrant.category and room[entrant.category] >= cap
        if entrant.groups[0] and place not in not_these and not capped:
            room[entrant.category] += 1
            most += 1
    return min(most, slots)


@given(entrants=shelves(n_shares=3, disjoint=True), count=counts, data=st.data())
def test_shares_of_disjoint_groups_are_met_in_their_order(entrants, count, data):
    shares = data.draw(st.tuples(percents, percents, percents))
    found = arrange(entrants, count, shares=shares, diversity=data.draw(shares_of_unity))
    slots = count
    for share, percent in enumerate(shares):
        members = sum(one.groups[share] for one in entrants)
        wanted = min(percent * count // 100, members, slots)
        assert sum(entrants[one].groups[share] for one in found.order) >= wanted
        slots -= wanted


@given(entrants=shelves(), count=counts, diversity=shares_of_unity)
def test_each_slot_has_the_highest_marginal_relevance(entrants, count, diversity):
    order = arrange(entrants, count, diversity=diversity).order
    for slot, chosen in enumerate(order):
        before = order[:slot]
        free = [one for one in range(len(entrants)) if one not in before]

        def relevance(one, before=before):
            near = [likeness(entrants[one].features, entrants[other].features) for other in before]
            worth = entrants[one].score / entrants[0].score
            return (1 - diversity) * worth - diversity * max(near, default=0)

        assert relevance(chosen) >= max(map(relevance, free)) - 1e-12


@given(entrants=shelves(), count=counts, seed=st.integers())
def test_a_turn_never_puts_a_poor_one_ahead(entrants, count, seed):
    order = arrange(entrants, count, rotation=seed).order
    for slot, chosen in enumerate(order):
        ahead = [one for one in range(len(entrants)) if one not in order[:slot]]
        assert 2 * entrants[chosen].score >= entrants[ahead[0]].score
