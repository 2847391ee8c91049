"""Whether a candidate build may replace the published one: facts in, verdict out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildFacts:
    """What the gate knows of one build. All of it is plain JSON.

    Parameters
    ----------
    lines, baskets : int
        (Basket, item) pairs and non-empty baskets that were read.
    sold_items : int
        Items in at least one basket.
    listed_items : int
        Items with at least one companion.
    damaged_lines : int
        Lines that could not be counted because a value in them was damaged, such as an amount
        that is no number.
    queries, hits : int
        Held-out queries asked, and those answered with the hidden item.
    overlap : float or None
        How much of the published lists the candidate's lists kept, see `list_overlap`. None
        where nothing was published, or nothing is shared.

    Examples
    --------
    >>> facts = BuildFacts(lines=50, baskets=10, sold_items=8, listed_items=6)
    >>> facts.coverage, facts.hit_rate
    (0.75, None)
    """

    lines: int
    baskets: int
    sold_items: int
    listed_items: int
    damaged_lines: int = 0
    queries: int = 0
    hits: int = 0
    overlap: float | None = None

    @property
    def coverage(self) -> float:
        """Share of sold items that have a list; 0 where nothing was sold."""
        return self.listed_items / self.sold_items if self.sold_items else 0.0

    @property
    def hit_rate(self) -> float | None:
        """Share of queries answered with the hidden item; None without queries."""
        return self.hits / self.queries if self.queries else None

    def as_json(self) -> dict[str, Any]:
        """Return the facts as a build row stores them.

        Returns
        -------
        dict
            Field names and plain numbers; `from_json` reads it back.

        Examples
        --------
        >>> facts = BuildFacts(lines=5, baskets=1, sold_items=5, listed_items=0)
        >>> BuildFacts.from_json(facts.as_json()) == facts
        True
        """
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the facts that `as_json` gave; names of other versions are passed over.

        Parameters
        ----------
        stored : mapping
            At least lines, baskets, sold_items and listed_items.

        Returns
        -------
        BuildFacts
            As stored.

        Raises
        ------
        ValueError
            If one of the four is missing.

        Examples
        --------
        >>> BuildFacts.from_json({"lines": 5})
        Traceback (most recent call last):
        ...
        ValueError: Stored facts must name lines, baskets, sold_items, listed_items; given: lines.
        """
        needed = ("lines", "baskets", "sold_items", "listed_items")
        if not set(needed) <= set(stored):
            raise ValueError(
                f"Stored facts must name {', '.join(needed)}; given: {', '.join(sorted(stored))}."
            )
        known = set(cls.__dataclass_fields__)
        return cls(**{name: value for name, value in stored.items() if name in known})


@dataclass(frozen=True, kw_only=True, slots=True)
class GateLimits:
    """How much worse than the published build a candidate may be.

    Parameters
    ----------
    min_volume_share : float
        Lines and baskets, as a share of the published build's.
    min_coverage_share : float
        Coverage, as a share of the published build's.
    min_metric_share : float
        Hit rate, as a share of the published build's; refused only if *surely* lower.
    min_overlap : float
        Share of the published lists that must remain.
    max_damaged_share : float
        Damaged lines, as a share of all lines.
    confidence_z : float
        Standard errors by which the hit rate must fall short to be surely lower. The default
        3.09 refuses one sound build in 1,000.

    Raises
    ------
    ValueError
        If a share is not 0 to 1, or `confidence_z` is negative.

    Examples
    --------
    >>> GateLimits(min_overlap=3)
    Traceback (most recent call last):
    ...
    ValueError: min_overlap must be 0 to 1, not 3.
    """

    min_volume_share: float = 0.7
    min_coverage_share: float = 0.7
    min_metric_share: float = 0.8
    min_overlap: float = 0.3
    max_damaged_share: float = 0.01
    confidence_z: float = 3.09

    def __post_init__(self) -> None:
        for name in (
            "min_volume_share",
            "min_coverage_share",
            "min_metric_share",
            "min_overlap",
            "max_damaged_share",
        ):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must be 0 to 1, not {share}.")
        if not self.confidence_z >= 0:
            raise ValueError(f"confidence_z must be at least 0, not {self.confidence_z}.")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate is refused.

    Parameters
    ----------
    code : str
        One of `REASONS`; stable, to be put into words elsewhere.
    parameters : mapping of str to number
        The figures, plain JSON.

    Examples
    --------
    >>> Reason("no_lists").parameters
    {}
    """

    code: str
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The gate's decision.

    Parameters
    ----------
    accepted : bool
        Whether the candidate may be published.
    reasons : tuple of Reason
        All reasons against it; empty if accepted.

    Examples
    --------
    >>> Verdict(accepted=True, reasons=()).accepted
    True
    """

    accepted: bool
    reasons: tuple[Reason, ...] = ()


REASONS = {
    "no_orders": "No order was read.",
    "one_item": "All orders hold one and the same item.",
    "no_lists": "No item has a companion.",
    "damaged_lines": "Too many lines are damaged: damaged, lines, share, limit.",
    "fewer_lines": "Far fewer lines than published: given, published, share, limit.",
    "fewer_baskets": "Far fewer baskets than published: given, published, share, limit.",
    "lower_coverage": "Far fewer items have a list: given, published, limit (shares).",
    "lists_changed": "The lists have little in common with those published: overlap, limit.",
    "lower_hit_rate": "Held-out orders are answered worse: given, published, limit (hit rates), "
    "queries.",
    "fewer_ratings": "Far fewer ratings than published: given, published, share, limit.",
    "higher_rmse": "Held-out ratings are foretold worse: given, published.",
}
"""Every code, with what it means and its parameters."""


def judge(
    candidate: BuildFacts, published: BuildFacts | None, *, limits: GateLimits | None = None
) -> Verdict:
    """Return whether the candidate may replace the published build, and all that speaks against.

    Parameters
    ----------
    candidate : BuildFacts
        The finished build.
    published : BuildFacts or None
        The build in use; None for the first one, which is only checked for being degenerate.
    limits : GateLimits, optional
        The limits; the defaults if not given.

    Returns
    -------
    Verdict
        Reasons in the order of `REASONS`. The same data built again is always accepted.

    Examples
    --------
    >>> published = BuildFacts(lines=900, baskets=300, sold_items=50, listed_items=40)
    >>> halved = BuildFacts(lines=450, baskets=150, sold_items=50, listed_items=36)
    >>> [reason.code for reason in judge(halved, published).reasons]
    ['fewer_lines', 'fewer_baskets']
    >>> judge(published, published).accepted
    True
    """
    limits = limits or GateLimits()
    reasons = [*_degenerate(candidate, limits)]
    if published is not None:
        reasons += _shrunk(candidate, published, limits)
        reasons += _drifted(candidate, limits)
        reasons += _worse(candidate, published, limits)
    return Verdict(accepted=not reasons, reasons=tuple(reasons))


def list_overlap(
    candidate: Sequence[NDArray[np.integer]],
    published: Sequence[NDArray[np.integer]],
    *,
    weights: NDArray[np.floating] | None = None,
    k: int = 10,
) -> float | None:
    """Return which share of the published lists the candidate's lists still hold.

    For each item |first k of the candidate ∩ first k published| / |first k published|, as a
    weighted mean over the items with a published list.

    Parameters
    ----------
    candidate, published : sequence of ndarray of item ids, length n_items
        The lists of the same items, best first. An item without a list has an empty array.
    weights : ndarray of shape (n_items,), optional
        How much an item counts, for instance its sales; equal if not given.
    k : int
        Entries looked at, at least 1.

    Returns
    -------
    float or None
        0 to 1; None if no item with a weight above 0 has a published list.

    Raises
    ------
    ValueError
        If the numbers of lists and weights differ, or k is below 1.

    Examples
    --------
    >>> list_overlap([np.array([1, 2]), np.array([4])], [np.array([2, 1]), np.array([5])])
    0.5
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    shares = np.ones(len(published)) if weights is None else np.asarray(weights, dtype=float)
    if not len(candidate) == len(published) == len(shares):
        raise ValueError(
            f"{len(candidate)} candidate lists, {len(published)} published lists and"
            f" {len(shares)} weights were given; an item has one of each."
        )
    kept = total = 0.0
    for ours, theirs, weight in zip(candidate, published, shares.tolist(), strict=True):
        if not len(theirs):
            continue
        before = set(theirs[:k].tolist())
        kept += weight * len(before.intersection(ours[:k].tolist())) / len(before)
        total += weight
    return kept / total if total > 0 else None


def _degenerate(candidate: BuildFacts, limits: GateLimits) -> Iterator[Reason]:
    """Yield what is wrong with the candidate by itself."""
    if not candidate.lines:
        yield Reason("no_orders")
    elif candidate.sold_items == 1:
        yield Reason("one_item")
    elif not candidate.listed_items:
        yield Reason("no_lists")
    lines = candidate.lines + candidate.damaged_lines
    share = candidate.damaged_lines / lines if lines else 0.0
    if share > limits.max_damaged_share:
        yield Reason(
            "damaged_lines",
            {
                "damaged": candidate.damaged_lines,
                "lines": lines,
                "share": share,
                "limit": limits.max_damaged_share,
            },
        )


def _shrunk(candidate: BuildFacts, published: BuildFacts, limits: GateLimits) -> Iterator[Reason]:
    """Yield what the candidate was given or covers too little of."""
    for code, given, before in (
        ("fewer_lines", candidate.lines, published.lines),
        ("fewer_baskets", candidate.baskets, published.baskets),
    ):
        if given < limits.min_volume_share * before:
            yield Reason(
                code,
                {
                    "given": given,
                    "published": before,
                    "share": given / before,
                    "limit": limits.min_volume_share,
                },
            )
    floor = limits.min_coverage_share * published.coverage
    if candidate.coverage < floor:
        yield Reason(
            "lower_coverage",
            {"given": candidate.coverage, "published": published.coverage, "limit": floor},
        )


def _drifted(candidate: BuildFacts, limits: GateLimits) -> Iterator[Reason]:
    """Yield whether the lists changed beyond what new orders explain."""
    # "not >=" also refuses NaN.
    if candidate.overlap is not None and not candidate.overlap >= limits.min_overlap:
        yield Reason("lists_changed", {"overlap": candidate.overlap, "limit": limits.min_overlap})


def _worse(candidate: BuildFacts, published: BuildFacts, limits: GateLimits) -> Iterator[Reason]:
    """Yield whether held-out orders are surely answered worse.

    Two binomial shares, the second scaled: with n queries each, the difference has variance
    p(1-p)/n + s²·q(1-q)/m. Agresti and Caffo (2000) add one success and one failure to each, so
    that a share of 0 or 1 in a handful of queries is not taken for certain.
    """
    if candidate.hit_rate is None or published.hit_rate is None:
        return
    share = limits.min_metric_share
    ours, our_variance = _plus_one(candidate.hits, candidate.queries)
    theirs, their_variance = _plus_one(published.hits, published.queries)
    error = math.sqrt(our_variance + share * share * their_variance)
    if ours + limits.confidence_z * error < share * theirs:
        yield Reason(
            "lower_hit_rate",
            {
                "given": candidate.hit_rate,
                "published": published.hit_rate,
                "limit": share * published.hit_rate,
                "queries": candidate.queries,
            },
        )


def _plus_one(hits: int, queries: int) -> tuple[float, float]:
    share = (hits + 1) / (queries + 2)
    return share, share * (1 - share) / (queries + 2)
