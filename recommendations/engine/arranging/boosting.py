"""Scores of candidates from several lists, times the merchant's boosts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

BOOST_LIMIT: Final = 5.0
"""All rules together raise a score at most by this, or lower it: a merchant steers, but a model's
best answer stays ahead of one that is five times as unlikely."""


class Boosted(NamedTuple):
    """A candidate after the merchant's boosts.

    Parameters
    ----------
    entrant : int
        Its position among the candidates given.
    score : float
        ``level * factor``, by which it is ordered.
    level : float
        Its score before, comparable across lists.
    factor : float
        Product of its factors, capped to [1/5, 5]; 1 without any.

    Examples
    --------
    >>> Boosted(entrant=0, score=1.0, level=0.5, factor=2.0).factor
    2.0
    """

    entrant: int
    score: float
    level: float
    factor: float


def boosted(
    scores: Sequence[float | None],
    factors: Sequence[Iterable[float]] = (),
    steps: Sequence[int] = (),
) -> list[Boosted]:
    """Return candidates by score times the product of their factors.

    The order given is that of the strategies, and without factors it stays. Scores say how far
    apart the candidates of one list are. Lists count in different units (a cosine, customers), so
    that a list which follows another is scaled to go on below it: to the last candidate before, at
    rank r, its first stands as r to r + 1. A candidate without a score stands so to the one before
    it, so that a list of ranks alone is 1, 1/2, 1/3, … (Zipf's law, which the popularity of
    products roughly follows).

    Parameters
    ----------
    scores : sequence of float or None, shape (n_candidates,)
        Best first, as the strategies order them. None, not a number, or 0 and below: only the
        rank is known. A score above that of the candidate before it counts as that one's.
    factors : sequence of iterables of float, shape (n_candidates,), optional
        Those of the rules that hit each candidate: above 1 boosts, below 1 buries. None hit if not
        given.
    steps : sequence of int, shape (n_candidates,), optional
        Which list each comes from; one list if not given.

    Returns
    -------
    list of Boosted
        By falling score; ties as given.

    Raises
    ------
    ValueError
        If the lengths differ, or a factor is not a number above 0.

    Examples
    --------
    The second is twice as likely after a boost; the third, of another list, comes behind.

    >>> [tuple(one) for one in boosted([0.5, 0.25, 90], [(), (4,), ()], [0, 0, 1])]
    ... # doctest: +NORMALIZE_WHITESPACE
    [(1, 1.0, 0.25, 4.0), (0, 0.5, 0.5, 1.0),
     (2, 0.16666666666666666, 0.16666666666666666, 1.0)]
    """
    n = len(scores)
    if (factors and len(factors) != n) or (steps and len(steps) != n):
        raise ValueError(f"{n} scores, {len(factors)} factors and {len(steps)} steps were given.")
    levels = _levels(scores, steps or (0,) * n)
    products = [_product(each) for each in factors] if factors else [1.0] * n
    entries = [
        Boosted(entrant, level * factor, level, factor)
        for entrant, (level, factor) in enumerate(zip(levels, products, strict=True))
    ]
    entries.sort(key=lambda entry: -entry.score)
    return entries


def _levels(scores: Sequence[float | None], steps: Sequence[int]) -> list[float]:
    """Return scores on one falling scale."""
    levels: list[float] = []
    level = scale = 0.0
    run: int | None = None
    for rank, (score, step) in enumerate(zip(scores, steps, strict=True)):
        below = level * rank / (rank + 1) if rank else 1.0
        if score is None or not 0 < score < math.inf:
            level, run = below, None
        elif step == run:
            level = min(score * scale, level)
        else:
            scale = below / score if rank else 1.0
            level, run = score * scale, step
        levels.append(level)
    return levels


def _product(factors: Iterable[float]) -> float:
    """Return the product of the factors, capped."""
    product = 1.0
    for factor in factors:
        if not 0 < factor < math.inf:
            raise ValueError(f"A factor must be a number above 0, not {factor!r}.")
        product *= factor
    return min(max(product, 1 / BOOST_LIMIT), BOOST_LIMIT)
