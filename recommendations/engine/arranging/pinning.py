"""Slots of what a merchant pinned."""

from __future__ import annotations

from collections.abc import Sequence


def pinned_slots(pins: Sequence[tuple[int, int]], count: int) -> dict[int, int]:
    """Return which slot each pin has.

    Parameters
    ----------
    pins : sequence of (position, entrant)
        Positions from 1, in the order in which they are served.
    count : int
        Slots.

    Returns
    -------
    dict of int to int
        Entrants by slot, from 0. A pin whose slot is taken has the next free one behind it, or
        else the last free one; one beyond the last slot counts as at the last. Pins beyond the
        count have none.

    Examples
    --------
    >>> pinned_slots([(2, 7), (2, 8), (9, 6), (9, 5)], 4)
    {1: 7, 2: 8, 3: 6, 0: 5}
    """
    slots: dict[int, int] = {}
    for position, entrant in pins[:count]:
        wanted = min(position, count) - 1
        behind = (slot for slot in range(wanted, count) if slot not in slots)
        before = (slot for slot in range(wanted - 1, -1, -1) if slot not in slots)
        slot = next(behind, None)
        slots[next(before) if slot is None else slot] = entrant
    return slots
