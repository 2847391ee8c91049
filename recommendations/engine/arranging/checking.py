"""Arguments of an arrangement that make no sense."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from recommendations.engine.arranging.arrangement import Entrant


def check_arguments(
    entrants: Sequence[Entrant],
    count: int,
    *,
    pins: Sequence[tuple[int, int]],
    per_category: int | None,
    shares: Sequence[int],
    diversity: float,
) -> None:
    """Refuse what cannot be arranged.

    Parameters
    ----------
    entrants, count, pins, per_category, shares, diversity
        Those of `arrange`.

    Raises
    ------
    ValueError
        If one is out of range.

    Examples
    --------
    >>> check_arguments([], -1, pins=[], per_category=None, shares=[], diversity=0)
    Traceback (most recent call last):
    ...
    ValueError: count must be at least 0, not -1.
    """
    if count < 0:
        raise ValueError(f"count must be at least 0, not {count}.")
    if per_category is not None and per_category < 1:
        raise ValueError(f"per_category must be at least 1, not {per_category}.")
    for percent in shares:
        if not 0 <= percent <= 100:
            raise ValueError(f"A share must be 0 to 100 percent, not {percent}.")
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity must be 0 to 1, not {diversity}.")
    _check_pins(pins, len(entrants))
    _check_entrants(entrants, {entrant for _, entrant in pins}, len(shares))


def _check_pins(pins: Sequence[tuple[int, int]], n_entrants: int) -> None:
    for position, entrant in pins:
        if position < 1:
            raise ValueError(f"The position of a pin must be at least 1, not {position}.")
        if not 0 <= entrant < n_entrants:
            raise ValueError(f"A pin must be an entrant, 0 to {n_entrants - 1}, not {entrant}.")
    if len({entrant for _, entrant in pins}) < len(pins):
        raise ValueError(f"An entrant is pinned twice: {list(pins)}.")


def _check_entrants(entrants: Sequence[Entrant], pinned: set[int], n_shares: int) -> None:
    if len({entrant.key for entrant in entrants}) < len(entrants):
        raise ValueError("Keys of entrants must differ.")
    for entrant in entrants:
        if len(entrant.groups) != n_shares:
            raise ValueError(
                f"{entrant.key!r} has {len(entrant.groups)} groups for {n_shares} shares."
            )
    scores = [one.score for place, one in enumerate(entrants) if place not in pinned]
    if not all(0 < score < math.inf for score in scores):
        raise ValueError("Scores must be numbers above 0.")
    if any(before < after for before, after in pairwise(scores)):
        raise ValueError("Entrants must be given by falling score.")
