"""Slots that groups of candidates have at least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recommendations.engine.arranging.arrangement import Entrant
from recommendations.engine.arranging.capping import Room


def needed_slots(shares: Sequence[int], count: int) -> list[int]:
    """Return how many slots shares ask for.

    Parameters
    ----------
    shares : sequence of int, shape (n_shares,)
        Percent of the slots.
    count : int
        Slots.

    Returns
    -------
    list of int, shape (n_shares,)
        Rounded down.

    Examples
    --------
    >>> needed_slots([50, 34], 3)
    [1, 1]
    """
    return [percent * count // 100 for percent in shares]


def still_needed(needed: Sequence[int], groups: Sequence[bool]) -> list[int]:
    """Return what shares need after a candidate has got a slot.

    Parameters
    ----------
    needed : sequence of int, shape (n_shares,)
        Slots that they needed before.
    groups : sequence of bool, shape (n_shares,)
        Whether the candidate is in the group of each.

    Returns
    -------
    list of int, shape (n_shares,)
        Never below 0.

    Examples
    --------
    >>> still_needed([2, 1, 0], [True, False, True])
    [1, 1, 0]
    """
    return [need - 1 if need and each else need for need, each in zip(needed, groups, strict=True)]


class Served(NamedTuple):
    """How far shares can be met.

    Parameters
    ----------
    unmet : list of int, shape (n_shares,)
        Slots that they lack even so.
    slots : int
        Slots that it takes.

    Examples
    --------
    >>> Served(unmet=[0], slots=2).slots
    2
    """

    unmet: list[int]
    slots: int


def best_served(
    needed: Sequence[int], slots: int, members: Sequence[Entrant], room: Room
) -> Served:
    """Return how far shares are met if every slot that is left serves them.

    Parameters
    ----------
    needed : sequence of int, shape (n_shares,)
        Slots that they need.
    slots : int
        Slots that are left.
    members : sequence of Entrant
        Candidates that are left, those in no group need not be among them.
    room : Room
        What categories may still have; not changed.

    Returns
    -------
    Served
        Shares are served in their order, first by members that serve most of those that still
        need something.

    Examples
    --------
    >>> shelf = [Entrant("pot", 2.0, "", (True, False)), Entrant("tin", 1.0, "", (True, True))]
    >>> best_served([1, 1], 1, shelf, Room(None))
    Served(unmet=[0, 0], slots=1)
    """
    unmet, room, taken = list(needed), room.copy(), set[int]()
    for share in range(len(unmet)):
        if not unmet[share]:
            continue
        free = [
            (-n_served(unmet, one.groups), place)
            for place, one in enumerate(members)
            if one.groups[share] and place not in taken
        ]
        for _, place in sorted(free):
            if not unmet[share] or len(taken) == slots:
                break
            one = members[place]
            if room.allows(one.category):
                room.take(one.category)
                taken.add(place)
                unmet = still_needed(unmet, one.groups)
    return Served(unmet, len(taken))


def n_served(needed: Sequence[int], groups: Sequence[bool]) -> int:
    """Return how many shares that still need something a candidate serves.

    Parameters
    ----------
    needed : sequence of int, shape (n_shares,)
        Slots that they need.
    groups : sequence of bool, shape (n_shares,)
        Whether the candidate is in the group of each.

    Returns
    -------
    int
        0 to the number of shares.

    Examples
    --------
    >>> n_served([2, 0, 1], [True, True, False])
    1
    """
    served = 0
    for need, each in zip(needed, groups, strict=True):
        if need and each:
            served += 1
    return served
