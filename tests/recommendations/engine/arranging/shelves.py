"""Shelves to arrange: some by hand, and any by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from recommendations.engine.arranging import Entrant


def shelf(*entrants, n_shares=0):
    """Return entrants of (key, score[, category[, groups]]); groups as a text such as "01"."""
    return [_entrant(*entrant, n_shares=n_shares) for entrant in entrants]


def _entrant(key, score, category="", groups="", *, n_shares):
    return Entrant(key, score, category, tuple(one == "1" for one in groups.ljust(n_shares, "0")))


def keys(entrants, arrangement):
    """Return the keys that have slots, by slot."""
    return "".join(str(entrants[one].key) for one in arrangement.order)


def causes(entrants, arrangement):
    """Return why each stands where it stands."""
    return {entrants[one.entrant].key: one.cause for one in arrangement.places}


def left(entrants, arrangement):
    """Return why each other one has no slot."""
    return {entrants[one.entrant].key: one.cause for one in arrangement.left}


@st.composite
def shelves(draw, *, n_shares=0, disjoint=False):
    """Return up to a dozen entrants, many of them alike."""
    scores = draw(st.lists(st.floats(0.01, 100), max_size=12))
    entrants = []
    for key, score in enumerate(sorted(scores, reverse=True)):
        if disjoint:
            member = draw(st.integers(-1, n_shares - 1))
            groups = tuple(share == member for share in range(n_shares))
        else:
            groups = tuple(draw(st.booleans()) for _ in range(n_shares))
        category = draw(st.sampled_from(["", "tea", "cup", "tin"]))
        features = draw(st.frozensets(st.sampled_from("abcd"), max_size=3))
        entrants.append(Entrant(key, score, category, groups, features))
    return entrants


@st.composite
def pins_of(draw, entrants):
    """Return pins of some of the entrants, at any positions."""
    pinned = (
        draw(st.lists(st.sampled_from(range(len(entrants))), unique=True, max_size=3))
        if (entrants)
        else []
    )
    return [(draw(st.integers(1, 8)), one) for one in pinned]
