"""Rules: who buys these also buys that, how surely, and how much more often than by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.association_rules.itemsets import FrequentItemsets, Itemsets
from recommendations.engine.families.base import MEBIBYTE, NotEnoughMemoryError
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds

MEASURES = ("support", "confidence", "lift", "leverage", "conviction")

NOTHING = -1
"""Stands in the second place of a side of one item."""

LIMIT_BYTES = 2 * 2**30
"""What the rules may take while they are sorted, where a caller does not say."""

# Two sides of two items, five measures and two counts, twice, and the order.
_RULE_BYTES = 2 * (4 * 4 + 5 * 8 + 2 * 4) + 8

# A rule that held in all of 10**12 baskets never fails.
_SURE = 1 - 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociationRules:
    """Rules *antecedent → consequent*, best first.

    Parameters
    ----------
    antecedents : ndarray of shape (n_rules, 2), int32
        Item positions, ascending; -1 in the second place where there is one item.
    consequents : ndarray of shape (n_rules, 2), int32
        As `antecedents`.
    support : ndarray of shape (n_rules,), float64
        Share of all baskets that hold both sides.
    confidence : ndarray of shape (n_rules,), float64
        Share of the baskets with the antecedent that hold the consequent too.
    lift : ndarray of shape (n_rules,), float64
        Confidence over the consequent's share of all baskets; 1 is chance.
    leverage : ndarray of shape (n_rules,), float64
        Support less what chance would give; 0 is chance.
    conviction : ndarray of shape (n_rules,), float64
        How much more often the rule would fail by chance; infinite if it never fails.
    customers, baskets : ndarray of shape (n_rules,), uint32
        Distinct customers with, and number of, baskets that hold both sides.

    Examples
    --------
    >>> from recommendations.engine.association_rules import Itemsets
    >>> nothing = FrequentItemsets(
    ...     pairs=Itemsets.empty(2), triples=Itemsets.empty(3), item_weight=np.zeros(1), total=0.0
    ... )
    >>> len(association_rules(nothing))
    0
    """

    antecedents: NDArray[np.int32]
    consequents: NDArray[np.int32]
    support: NDArray[np.float64]
    confidence: NDArray[np.float64]
    lift: NDArray[np.float64]
    leverage: NDArray[np.float64]
    conviction: NDArray[np.float64]
    customers: NDArray[np.uint32]
    baskets: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.support)


@dataclass(frozen=True, slots=True)
class _Direction:
    """One way to read sets of one size: the columns of each side, and the weights of both."""

    itemsets: Itemsets
    left: tuple[int, ...]
    right: tuple[int, ...]
    left_weight: NDArray[np.float64]
    right_weight: NDArray[np.float64]


def association_rules(
    itemsets: FrequentItemsets,
    *,
    score: str = "leverage",
    min_confidence: float = 0.0,
    min_lift: float = 0.0,
    pair_consequents: bool = False,
    limit_bytes: int = LIMIT_BYTES,
) -> AssociationRules:
    """Return the rules of frequent itemsets: {a} → b, {a, b} → c, and {a} → {b, c} if asked for.

    With P the share of all baskets, a the antecedent and c the consequent: support P(a, c) and
    confidence P(a, c) / P(a) (Agrawal, Imieliński and Swami 1993), lift P(a, c) / (P(a) P(c)) and
    conviction (1 - P(c)) / (1 - confidence) (Brin, Motwani, Ullman and Tsur 1997), leverage
    P(a, c) - P(a) P(c) (Piatetsky-Shapiro 1991).

    Parameters
    ----------
    itemsets : FrequentItemsets
        The sets, from `frequent_itemsets`.
    score : str
        Which of `MEASURES` goes first.
    min_confidence : float
        Least confidence of a rule, 0 to 1.
    min_lift : float
        Least lift, 0 or more.
    pair_consequents : bool
        Give rules whose consequent is a pair as well.
    limit_bytes : int
        What the rules may take at their peak.

    Returns
    -------
    AssociationRules
        Highest score first; ties go to the smaller antecedent, then to the smaller consequent,
        one item before two. No sets give no rules.

    Raises
    ------
    ValueError
        If a parameter is out of its range.
    NotEnoughMemoryError
        If there would be more rules than fit, before they are made.

    Examples
    --------
    >>> from recommendations.engine.association_rules import frequent_itemsets
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [0, 1], [0], []], at=[0] * 4, customers=[0, 1, 2, 3]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> rules = association_rules(
    ...     frequent_itemsets(matrix, min_baskets=1, min_customers=1), score="confidence"
    ... )
    >>> rules.antecedents.tolist(), rules.consequents.tolist()
    ([[1, -1], [0, -1]], [[0, -1], [1, -1]])
    >>> rules.confidence.round(3).tolist(), rules.lift.tolist()
    ([1.0, 0.667], [1.0, 1.0])
    """
    _check_score(score)
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"min_confidence must be 0 to 1, not {min_confidence}.")
    if not 0 <= min_lift < float("inf"):
        raise ValueError(f"min_lift must be 0 or more, not {min_lift}.")
    ways = _directions(itemsets, pair_consequents=pair_consequents)
    kept = [_kept(way, itemsets.total, min_confidence, min_lift) for way in ways]
    n_rules = sum(map(len, kept))
    if n_rules * _RULE_BYTES > limit_bytes:
        raise NotEnoughMemoryError(
            f"{n_rules:,} rules need about {n_rules * _RULE_BYTES // MEBIBYTE:,} MiB;"
            f" {limit_bytes // MEBIBYTE:,} MiB are allowed. Ask for more confidence or lift."
        )
    parts = [_rules(way, at, itemsets.total) for way, at in zip(ways, kept, strict=True)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    left, right = columns["antecedents"], columns["consequents"]
    order = np.lexsort((right[:, 1], right[:, 0], left[:, 1], left[:, 0], -columns[score]))
    return AssociationRules(**{name: column[order] for name, column in columns.items()})


def rule_lists(
    rules: AssociationRules, *, n_items: int, k: int, score: str = "confidence"
) -> NeighbourLists:
    """Return the rules {a} → b as a list of companions per item, as pages read them.

    Parameters
    ----------
    rules : AssociationRules
        In any order; those with more than one item on a side are passed over.
    n_items : int
        Number of item positions.
    k : int
        Longest list, 0 or more.
    score : str
        Which of `MEASURES` scores a companion. Rules that do not score above 0 are left out. A
        rule that never failed has infinite conviction, however few baskets it was seen in: it
        scores what one basket more would give in which it fails, (1 - P(c)) (n + 1).

    Returns
    -------
    NeighbourLists
        One row per item position, highest score first; ties go to the smaller companion.

    Raises
    ------
    ValueError
        If `score` is no measure.

    Examples
    --------
    >>> nothing = FrequentItemsets(
    ...     pairs=Itemsets.empty(2), triples=Itemsets.empty(3), item_weight=np.zeros(2), total=0.0
    ... )
    >>> len(rule_lists(association_rules(nothing), n_items=2, k=5))
    2
    """
    values = _scores(rules, score)
    with_one_failure = (1 - rules.confidence / rules.lift) * (rules.baskets + 1.0)
    values = np.where(np.isinf(values), with_one_failure, values)
    simple = (rules.antecedents[:, 1] == NOTHING) & (rules.consequents[:, 1] == NOTHING)
    simple &= values > 0
    left, right = rules.antecedents[simple, 0], rules.consequents[simple, 0]
    order = np.lexsort((right, -values[simple], left))
    lists = NeighbourLists(
        indptr=row_bounds(np.bincount(left, minlength=n_items)),
        items=right[order],
        scores=values[simple][order].astype(np.float32),
        customers=rules.customers[simple][order],
        baskets=rules.baskets[simple][order],
    )
    return lists.first(k)


def _scores(rules: AssociationRules, score: str) -> NDArray[np.float64]:
    _check_score(score)
    values: NDArray[np.float64] = getattr(rules, score)
    return values


def _check_score(score: str) -> None:
    if score not in MEASURES:
        raise ValueError(f"score must be one of {', '.join(MEASURES)}, not {score}.")


def _directions(itemsets: FrequentItemsets, *, pair_consequents: bool) -> list[_Direction]:
    pairs, triples, single = itemsets.pairs, itemsets.triples, itemsets.item_weight
    ways = []
    for left, right in ((0, 1), (1, 0)):
        weights = single[pairs.items[:, left]], single[pairs.items[:, right]]
        ways.append(_Direction(pairs, (left,), (right,), *weights))
    for one, two in ((0, (1, 2)), (1, (0, 2)), (2, (0, 1))):
        alone, both = single[triples.items[:, one]], _pair_weight(itemsets, two)
        ways.append(_Direction(triples, two, (one,), both, alone))
        if pair_consequents:
            ways.append(_Direction(triples, (one,), two, alone, both))
    return ways


def _pair_weight(itemsets: FrequentItemsets, columns: tuple[int, int]) -> NDArray[np.float64]:
    """Return the weight of the pair in two columns of each triple; all of them are frequent."""
    n_items = max(itemsets.n_items, 1)
    keys = itemsets.pairs.items.astype(np.int64) @ np.array([n_items, 1])
    wanted = itemsets.triples.items[:, columns].astype(np.int64) @ np.array([n_items, 1])
    weight: NDArray[np.float64] = itemsets.pairs.weight[np.searchsorted(keys, wanted)]
    return weight


def _kept(
    way: _Direction, total: float, min_confidence: float, min_lift: float
) -> NDArray[np.int64]:
    """Return the places of the sets whose rule is confident and lifted enough."""
    confidence = way.itemsets.weight / way.left_weight
    return np.flatnonzero(
        (confidence >= min_confidence) & (confidence * total >= min_lift * way.right_weight)
    )


def _rules(way: _Direction, at: NDArray[np.int64], total: float) -> dict[str, NDArray[Any]]:
    """Return the columns of the rules at some places, unsorted."""
    weight, left, right = way.itemsets.weight[at], way.left_weight[at], way.right_weight[at]
    # Decayed weights of the same baskets can differ in their last digit.
    confidence = np.minimum(weight / left, 1.0)
    chance = right / total
    fails = confidence < _SURE
    conviction = np.full(len(at), np.inf)
    conviction[fails] = (1 - chance[fails]) / (1 - confidence[fails])
    return {
        "antecedents": _side(way.itemsets.items[at], way.left),
        "consequents": _side(way.itemsets.items[at], way.right),
        "support": weight / total,
        "confidence": confidence,
        "lift": confidence / chance,
        "leverage": weight / total - left / total * chance,
        "conviction": conviction,
        "customers": way.itemsets.customers[at],
        "baskets": way.itemsets.baskets[at],
    }


def _side(items: NDArray[np.int32], columns: tuple[int, ...]) -> NDArray[np.int32]:
    side = np.full((len(items), 2), NOTHING, dtype=np.int32)
    side[:, : len(columns)] = items[:, columns]
    return side
