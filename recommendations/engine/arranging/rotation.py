"""Turns among candidates that are close in score."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from hashlib import blake2b
from heapq import heappop, heappush
from typing import Final, Literal

from recommendations.engine.arranging.arrangement import Entrant

Period = Literal["daily", "hourly"]

CLOSE: Final = 0.5
"""A candidate may take the place of one whose score is at most twice its own: with less, the lists
of most models hardly turn; with more, shoppers would often see what they hardly want."""


def turn(at: datetime.datetime, period: Period) -> int:
    """Return the number of the turn that a moment falls into.

    Parameters
    ----------
    at : datetime
        In the shop's time, so that a day begins when it begins for the shop.
    period : "daily" or "hourly"
        How long a turn lasts.

    Returns
    -------
    int
        The next day, or hour, has the next number.

    Raises
    ------
    ValueError
        If the period is neither.

    Examples
    --------
    >>> noon = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
    >>> turn(noon + datetime.timedelta(hours=13), "daily") - turn(noon, "daily")
    1
    """
    if period not in {"daily", "hourly"}:
        raise ValueError(f"period must be 'daily' or 'hourly', not {period!r}.")
    day = at.toordinal()
    return day if period == "daily" else 24 * day + at.hour


def rotated(entrants: Sequence[Entrant], seed: int | str) -> list[int]:
    """Return candidates in the order of one turn.

    Each place goes to one of those left whose score is at least half of the best one left, drawn
    with chances as their scores (without replacement, by exponential keys: Efraimidis and
    Spirakis, *Weighted random sampling with a reservoir*, Information Processing Letters 97,
    2006). So a block shows something else each day, better candidates lead on more days than
    lesser ones, and a poor one never stands in front of a good one, which a merchant would not
    forgive. The key of a candidate depends on nothing but itself and the seed: when another one
    sells out, the rest stay as they are.

    Parameters
    ----------
    entrants : sequence of Entrant
        By falling score.
    seed : int or str
        Names the turn; one that also names the placement lets two placements turn apart.

    Returns
    -------
    list of int
        Positions of the entrants.

    Examples
    --------
    >>> shelf = [Entrant("tea", 9.0), Entrant("mug", 8.0), Entrant("tin", 1.0)]
    >>> rotated(shelf, 2), rotated(shelf, 3)
    ([0, 1, 2], [1, 0, 2])
    """
    taken = [False] * len(entrants)
    close: list[tuple[float, int]] = []  # who may take the next place, the shortest wait first
    order: list[int] = []
    best = end = 0
    while len(order) < len(entrants):
        while taken[best]:
            best += 1
        least = CLOSE * entrants[best].score
        while end < len(entrants) and entrants[end].score >= least:
            heappush(close, (_wait(entrants[end], seed), end))
            end += 1
        _, chosen = heappop(close)
        taken[chosen] = True
        order.append(chosen)
    return order


def _wait(entrant: Entrant, seed: int | str) -> float:
    """Return an exponential waiting time with the score as its rate: the shortest is first."""
    digest = blake2b(f"{seed}\n{entrant.key}".encode(), digest_size=8).digest()
    uniform = (int.from_bytes(digest) + 1) / 2**64  # above 0, at most 1
    return -math.log(uniform) / entrant.score
