"""A family in the race of `tune`, what the race may use, and how a grid is climbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.base import Family, Fitted, ListModel
from recommendations.engine.families.whole_basket import BasketRule
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.tuning.fitting import DEPTH
from recommendations.engine.tuning.report import Remark

DEPTHS = (5, 10, 20, 50, 100, 200, 400)
"""Entries of each list that are tried for models of lists; they cost no fit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What a search may use. A fit that has begun is not broken off.

    Parameters
    ----------
    seconds : float, optional
        On the clock. A search that the clock ends may choose otherwise on a faster machine.
    fits : int, optional
        Models fitted in all, each family's start in any case; the same on every machine.
    limit_bytes : int, optional
        Memory that one fit may need; a family that needs more is not started.

    Examples
    --------
    >>> Budget(seconds=60.0).limit_bytes is None
    True
    """

    seconds: float | None = None
    fits: int | None = None
    limit_bytes: int | None = None


@dataclass(kw_only=True, slots=True)
class Racer:
    """A family in the race: what was tried and the best of it.

    Examples
    --------
    >>> family = Family(name="one", fit=lambda t, p: None, bytes_needed=lambda s, p: 0)
    >>> Racer(family=family).mean
    0.0
    """

    family: Family
    tried: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    scores: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    shown: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))
    lists: NeighbourLists | None = None
    """What pages would read of it; kept of the best families alone."""
    shown_first: NDArray[np.int32] | None = None
    """What pages show before what its lists say, where they do."""
    rule: BasketRule | None = None
    seconds: float = 0.0
    read_by_depth: bool = True
    storable: bool = False
    note: Remark | None = None

    @property
    def grid(self) -> list[tuple[str, Sequence[Any]]]:
        """The parameters to be searched, and their values."""
        values = self.family.grid.items()
        return [entry for entry in values if entry[0] != DEPTH or not self.read_by_depth]

    @property
    def mean(self) -> float:
        """The best so far in the metric that decides."""
        return mean_of(self.scores)


def mean_of(scores: NDArray[np.float64]) -> float:
    """Return the mean over all questions.

    Parameters
    ----------
    scores : ndarray of shape (n_questions,), float64
        Of each question.

    Returns
    -------
    float
        0 without questions.

    Examples
    --------
    >>> mean_of(np.array([0.0, 1.0])), mean_of(np.zeros(0))
    (0.5, 0.0)
    """
    return float(scores.mean()) if len(scores) else 0.0


def deepest(family: Family, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with the largest depth: lists may be read to any depth up to it.

    Parameters
    ----------
    family : Family
        Of the parameters.
    parameters : mapping
        Of a fit.

    Returns
    -------
    dict
        The same where the family tunes no depth.

    Examples
    --------
    >>> lists = Family(
    ...     name="one", fit=lambda t, p: None, bytes_needed=lambda s, p: 0, grid={"depth": (5, 50)}
    ... )
    >>> deepest(lists, {"depth": 5})
    {'depth': 50}
    """
    if DEPTH not in family.grid:
        return dict(parameters)
    return {**parameters, DEPTH: max(family.grid[DEPTH])}


def depths_of(model: Fitted, family: Family) -> list[int]:
    """Return the depths that differ, ascending; none for a model that is not read by depth.

    Parameters
    ----------
    model : Fitted
        Of the family.
    family : Family
        What it tunes.

    Returns
    -------
    list of int
        Up to the first that reads the longest list whole.

    Examples
    --------
    >>> family = Family(name="one", fit=lambda t, p: None, bytes_needed=lambda s, p: 0)
    >>> depths_of(ListModel(lists=NeighbourLists.empty(2)), family)
    [5]
    """
    if not isinstance(model, ListModel) or (DEPTH in family.start and DEPTH not in family.grid):
        return []
    longest = int(np.diff(model.lists.indptr).max(initial=0))
    depths = sorted(family.grid.get(DEPTH, DEPTHS))
    shorter = [depth for depth in depths if depth < longest]
    return depths[: len(shorter) + 1]


def directions(values: Sequence[Any], current: Any) -> list[list[Any]]:
    """Return the values above the current one, upwards, and those below, downwards.

    Parameters
    ----------
    values : sequence
        Of a grid, ascending.
    current : object
        The best so far.

    Returns
    -------
    list of list
        Each value by itself where they have no order.

    Examples
    --------
    >>> directions((1, 2, 3, 4), 2)
    [[3, 4], [1]]
    """
    if not ordered(values, current):
        return [[value] for value in values]
    place = list(values).index(current)
    return [list(values[place + 1 :]), list(values[:place][::-1])]


def ordered(values: Sequence[Any], current: Any) -> bool:
    """Return whether one can climb from the current value: names and switches have no order.

    Parameters
    ----------
    values : sequence
        Of a grid.
    current : object
        The best so far.

    Returns
    -------
    bool
        False where it is none of them.

    Examples
    --------
    >>> ordered((1, 2), 1), ordered(("a", "b"), "a")
    (True, False)
    """
    return current in values and not isinstance(current, str | bool)
