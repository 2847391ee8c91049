"""Which blends of the best models are tried, and what each would show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.tuning.asking import EQUAL, Asking
from recommendations.engine.tuning.blend import DEPTH_FACTOR, blended
from recommendations.engine.tuning.blend_family import BY_LISTS, BY_RANKS, BlendFamily
from recommendations.engine.tuning.mixing import mixed_lists
from recommendations.engine.tuning.racing import Racer
from recommendations.engine.tuning.reading import READ, rule_as_json
from recommendations.engine.tuning.serving import ListServing

MOST_PARTS = 4
"""Families of which blends are tried: the best so many."""

_WEIGHTS_OF_TWO = (0.2, 0.35, 0.5, 0.65, 0.8)


def blends_of(ranked: Sequence[Racer]) -> Iterator[tuple[tuple[Racer, ...], tuple[float, ...]]]:
    """Return the parts and weights of every blend that is tried: of two, then of three.

    Parameters
    ----------
    ranked : sequence of Racer
        Best first.

    Yields
    ------
    parts, weights
        Of the best families that found anything.

    Examples
    --------
    >>> list(blends_of([]))
    []
    """
    best = [racer for racer in ranked[:MOST_PARTS] if racer.mean > 0]
    for parts in [*combinations(best, 2), *combinations(best, 3)]:
        for weights in _weights(len(parts)):
            yield parts, weights


def best_blend(
    ranked: Sequence[Racer], asking: Asking, serving: ListServing | None
) -> Iterator[Racer]:
    """Return the best blend of two or three of the best families, if it beats them.

    Parameters
    ----------
    ranked : sequence of Racer
        At least one, best first.
    asking : Asking
        What they were asked.
    serving : ListServing, optional
        Where pages read lists.

    Yields
    ------
    Racer
        At most one.

    Examples
    --------
    >>> best_blend.__name__
    'best_blend'
    """
    best: Racer | None = None
    for parts, weights in blends_of(ranked):
        racer = _blend(parts, weights, asking, serving)
        if best is None or racer.mean > best.mean + EQUAL:
            best = racer
    # A blend costs what its parts cost together: it has to be better than the best of them.
    if best is not None and best.mean > ranked[0].mean + EQUAL:
        yield best


def _blend(
    parts: Sequence[Racer],
    weights: tuple[float, ...],
    asking: Asking,
    serving: ListServing | None,
) -> Racer:
    """Return what a blend finds, without a fit."""
    if serving is None:
        depth, n_items = asking.k * DEPTH_FACTOR, asking.training.n_items
        shown = fused(parts, weights, depth=depth, n_items=n_items)
    else:
        shown = asking.read(mixed(parts, weights, serving), serving.whole())
    return Racer(
        family=BlendFamily.of({part.family.name: part.family for part in parts}),
        parameters=blend_parameters(parts, weights, serving),
        scores=asking.scores(shown),
        shown=shown,
        seconds=sum(part.seconds for part in parts),
        storable=serving is not None,
        tried={"blend": 0.0},
    )


def blend_parameters(
    parts: Sequence[Racer], weights: Sequence[float], serving: ListServing | None
) -> dict[str, Any]:
    """Return a blend as a shop stores it, and as `chosen_model` fits it anew.

    Parameters
    ----------
    parts : sequence of Racer
        Its models.
    weights : sequence of float
        Of each.
    serving : ListServing, optional
        Where pages read lists.

    Returns
    -------
    dict
        As described at `BlendFamily`.

    Examples
    --------
    >>> blend_parameters([], [], None)
    {'by': 'ranks', 'weights': {}, 'models': {}}
    """
    chosen: dict[str, Any] = {
        "by": BY_RANKS if serving is None else BY_LISTS,
        "weights": {part.family.name: weight for part, weight in zip(parts, weights, strict=True)},
        "models": {part.family.name: dict(part.parameters) for part in parts},
    }
    if serving is None:
        return chosen
    for part in parts:
        # A part's own rule is in its votes, whether or not baskets are asked about.
        chosen["models"][part.family.name][READ] = rule_as_json(part.rule or serving.shares())
    chosen["length"] = serving.length
    if serving.summed:
        chosen[READ] = rule_as_json(serving.whole())
    return chosen


def mixed(parts: Sequence[Racer], weights: Sequence[float], serving: ListServing) -> NeighbourLists:
    """Return the lists of a blend.

    Parameters
    ----------
    parts : sequence of Racer
        With their lists.
    weights : sequence of float
        Of each.
    serving : ListServing
        How long lists are.

    Returns
    -------
    NeighbourLists
        As the blend's family makes them: parts by name.

    Raises
    ------
    ValueError
        If a part has no lists.

    Examples
    --------
    >>> mixed.__name__
    'mixed'
    """
    together = sorted(zip(parts, weights, strict=True), key=lambda pair: pair[0].family.name)
    lists = []
    for part, _ in together:
        if part.lists is None:
            raise ValueError(f"The lists of {part.family.name} were not kept.")
        lists.append((part.lists, part.rule or serving.shares()))
    return mixed_lists(lists, [weight for _, weight in together], k=serving.length)


def fused(
    parts: Sequence[Racer], weights: Sequence[float], *, depth: int, n_items: int
) -> NDArray[np.int32]:
    """Return what a blend of live models shows.

    Parameters
    ----------
    parts : sequence of Racer
        With what they have shown.
    weights : sequence of float
        Of each.
    depth : int
        Items wanted for each question.
    n_items : int
        Number of item positions.

    Returns
    -------
    ndarray of shape (n_questions, depth), int32
        As `blended`.

    Examples
    --------
    >>> fused.__name__
    'fused'
    """
    return blended([part.shown for part in parts], weights, depth, n_items=n_items)


def _weights(n: int) -> Iterator[tuple[float, ...]]:
    if n > 2:
        yield (1 / n,) * n
        yield (0.5, *(0.5 / (n - 1),) * (n - 1))
        return
    for weight in _WEIGHTS_OF_TWO:
        yield weight, 1 - weight
