"""All metrics of one model on one set of questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from recommendations.engine.metrics.ranking import (
    f1,
    hit_rate,
    hits,
    mean_average_precision,
    mean_reciprocal_rank,
    ndcg,
    precision,
    recall,
)
from recommendations.engine.metrics.revenue import revenue
from recommendations.engine.metrics.shown import coverage, diversity, novelty

# ±1 point of diversity; a list costs about as much as the customers of its items.
_DIVERSITY_LISTS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingReport:
    """The metrics of one model on one set of users or queries.

    Parameters
    ----------
    n_users : int
        Users (or queries) with at least one relevant item; all means are over these.
    recall, precision, f1, ndcg, hit_rate, mrr, map : float
        At k, 0 to 1; see the functions of these names (mrr is `mean_reciprocal_rank`, map
        `mean_average_precision`).
    coverage : float
        Share of the items that was recommended to anyone.
    novelty : float, optional
        Mean self-information of what is shown, in bits; None if customers were not given.
    diversity : float, optional
        1 − mean cosine of two items of a list; None if vectors were not given.
    revenue : mapping of str to float, optional
        Share of the money found, by currency; None if prices were not given.

    Examples
    --------
    >>> RankingReport(
    ...     n_users=1, recall=1.0, precision=0.1, ndcg=1.0, hit_rate=1.0, coverage=0.5
    ... ).as_json()["coverage"]
    0.5
    """

    n_users: int
    recall: float
    precision: float
    ndcg: float
    hit_rate: float
    coverage: float
    f1: float = 0.0
    mrr: float = 0.0
    map: float = 0.0
    novelty: float | None = None
    diversity: float | None = None
    revenue: Mapping[str, float] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the metrics by name.

        Returns
        -------
        dict
            Field names and plain numbers; what was not measured is left out.

        Examples
        --------
        >>> from recommendations.engine.metrics import relevant_items
        >>> report = ranking_report([[0]], relevant_items([[0]], n_items=1))
        >>> sorted(report.as_json())[:5]
        ['coverage', 'f1', 'hit_rate', 'map', 'mrr']
        """
        return {name: value for name, value in asdict(self).items() if value is not None}


def ranking_report(
    recommended: ArrayLike,
    relevant: sparse.csr_matrix,
    *,
    n_items: int | None = None,
    item_customers: NDArray[np.integer] | None = None,
    n_customers: int | None = None,
    vectors: sparse.csr_matrix | None = None,
    prices: NDArray[np.float64] | None = None,
    currencies: Sequence[str] | None = None,
) -> RankingReport:
    """Return all metrics of one model.

    Parameters
    ----------
    recommended : array-like of shape (n_users, k), integer
        Item positions, best first; NOTHING (-1) where there are fewer than k.
    relevant : csr_matrix of shape (n_users, n_item_positions)
        Non-zero where the item is relevant to the user.
    n_items : int, optional
        Items that could be recommended, for coverage; all positions if not given.
    item_customers : ndarray of shape (n_item_positions,), integer, optional
        Distinct customers who bought each item, for novelty.
    n_customers : int, optional
        All customers, for novelty; the most that bought one item if not given.
    vectors : csr_matrix of shape (n_item_positions, n_features), optional
        What each item is, or who bought it, for diversity: of 1,000 lists at most, evenly spread.
    prices : ndarray of shape (n_item_positions,), float64, optional
        For revenue.
    currencies : sequence of str, length n_item_positions, optional
        Of the prices.

    Returns
    -------
    RankingReport
        All 0 without users.

    Raises
    ------
    ValueError
        As `hits` and `revenue`.

    Examples
    --------
    >>> from recommendations.engine.metrics import relevant_items
    >>> report = ranking_report([[1, 0]], relevant_items([[0, 2]], n_items=4))
    >>> report.recall, report.hit_rate, report.coverage
    (0.5, 1.0, 0.5)
    """
    table = np.atleast_2d(np.asarray(recommended, dtype=np.int64))
    matches = hits(table, relevant)
    n_relevant = np.diff(relevant.indptr)
    step = max(1, -(-len(table) // _DIVERSITY_LISTS))
    return RankingReport(
        n_users=int((n_relevant > 0).sum()),
        recall=recall(matches, n_relevant),
        precision=precision(matches, n_relevant),
        ndcg=ndcg(matches, n_relevant),
        hit_rate=hit_rate(matches, n_relevant),
        coverage=coverage(table, n_items=n_items or relevant.shape[1]),
        f1=f1(matches, n_relevant),
        mrr=mean_reciprocal_rank(matches, n_relevant),
        map=mean_average_precision(matches, n_relevant),
        novelty=_novelty(table, item_customers, n_customers),
        diversity=None if vectors is None else diversity(table[::step], vectors),
        revenue=_revenue_shares(table, relevant, prices, currencies),
    )


def _novelty(
    table: NDArray[np.int64],
    item_customers: NDArray[np.integer] | None,
    n_customers: int | None,
) -> float | None:
    if item_customers is None:
        return None
    most = int(item_customers.max(initial=1)) if n_customers is None else n_customers
    return novelty(table, item_customers, n_customers=most)


def _revenue_shares(
    table: NDArray[np.int64],
    relevant: sparse.csr_matrix,
    prices: NDArray[np.float64] | None,
    currencies: Sequence[str] | None,
) -> dict[str, float] | None:
    if prices is None:
        return None
    found = revenue(table, relevant, prices, currencies)
    return {currency: money.share for currency, money in found.items()}
