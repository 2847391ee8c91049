"""Slots that groups of candidates have at least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    return [need - (need > 0 and each) for need, each in zip(needed, groups, strict=True)]


def least_unmet(
    needed: Sequence[int], slots: int, entrants: Iterable[Entrant], room: Room
) -> list[int]:
    """Return what shares would lack if every slot that is left served them.

    Parameters
    ----------
    needed : sequence of int, shape (n_shares,)
        Slots that they need.
    slots : int
        Slots that are left.
    entrants : iterable of Entrant
        Candidates that are left.
    room : Room
        What categories may still have; not changed.

    Returns
    -------
    list of int, shape (n_shares,)
        Slots. Shares are served in their order, first by candidates that serve most of those that
        follow.

    Examples
    --------
    >>> shelf = [Entrant("pot", 2.0, "", (True, False)), Entrant("tin", 1.0, "", (True, True))]
    >>> least_unmet([1, 1], 1, shelf, Room(None))
    [0, 0]
    """
    unmet = list(needed)
    room = room.copy()
    left = [one for one in entrants if any(one.groups)]
    for share in range(len(unmet)):
        members = [one for one in left if one.groups[share]]
        members.sort(key=lambda one: -_served(unmet, one.groups))
        for one in members:
            if not (unmet[share] and slots):
                break
            if room.allows(one.category):
                room.take(one.category)
                left.remove(one)
                unmet = still_needed(unmet, one.groups)
                slots -= 1
    return unmet


def _served(needed: Sequence[int], groups: Sequence[bool]) -> int:
    """Return how many shares that still need something a candidate serves."""
    return sum(need > 0 and each for need, each in zip(needed, groups, strict=True))
