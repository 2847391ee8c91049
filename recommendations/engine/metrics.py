"""How good recommendations are: recall, precision, NDCG, hit rate and coverage at k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

NOTHING = -1
"""Fills the places of a recommendation that is shorter than k."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingReport:
    """The metrics of one model on one set of users or queries.

    Parameters
    ----------
    n_users : int
        Users (or queries) with at least one relevant item; all means are over these.
    recall, precision, ndcg, hit_rate : float
        At k, 0 to 1; see the functions of these names.
    coverage : float
        Share of the items that was recommended to anyone.

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

    def as_json(self) -> dict[str, float]:
        """Return the metrics by name.

        Returns
        -------
        dict
            Field names and plain numbers.

        Examples
        --------
        >>> report = ranking_report([[0]], relevant_items([[0]], n_items=1))
        >>> sorted(report.as_json())
        ['coverage', 'hit_rate', 'n_users', 'ndcg', 'precision', 'recall']
        """
        return asdict(self)


def relevant_items(relevant: Sequence[Sequence[int]], *, n_items: int) -> sparse.csr_matrix:
    """Return lists of relevant items as the matrix that the metrics take.

    Parameters
    ----------
    relevant : sequence of sequence of int, length n_users
        Item positions, each 0..n_items-1; repeats count once.
    n_items : int
        Number of item positions.

    Returns
    -------
    csr_matrix of shape (n_users, n_items), bool
        True where the item is relevant to the user.

    Examples
    --------
    >>> relevant_items([[2, 2], []], n_items=3).toarray().tolist()
    [[False, False, True], [False, False, False]]
    """
    rows = np.repeat(np.arange(len(relevant)), [len(items) for items in relevant])
    columns = np.array([item for items in relevant for item in items], dtype=np.int64)
    matrix = sparse.csr_matrix(
        (np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(len(relevant), n_items)
    )
    return matrix.astype(bool)


def hits(recommended: ArrayLike, relevant: sparse.csr_matrix) -> NDArray[np.bool_]:
    """Return which places of each recommendation hold a relevant item.

    Parameters
    ----------
    recommended : array-like of shape (n_users, k), integer
        Item positions, best first; NOTHING (-1) where there are fewer than k.
    relevant : csr_matrix of shape (n_users, n_items)
        Non-zero where the item is relevant to the user.

    Returns
    -------
    ndarray of shape (n_users, k), bool
        True for a hit. Empty for no users.

    Raises
    ------
    ValueError
        If the numbers of users differ, an item is no position, or one is recommended twice.

    Examples
    --------
    >>> hits([[2, 0, -1]], relevant_items([[0, 1]], n_items=3)).tolist()
    [[False, True, False]]
    """
    table = np.atleast_2d(np.asarray(recommended, dtype=np.int64))
    n_users, n_items = relevant.shape
    if len(table) != n_users:
        raise ValueError(f"{len(table)} recommendations were given for {n_users} users.")
    if table.size and not NOTHING <= table.min() <= table.max() < n_items:
        raise ValueError(f"Recommended items must be -1 to {n_items - 1}, not {table.max()}.")
    ordered = np.sort(table, axis=1)
    if np.any((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != NOTHING)):
        raise ValueError("An item was recommended twice to one user.")
    wanted = relevant.tocoo()
    keys = np.sort(wanted.row.astype(np.int64) * n_items + wanted.col)
    asked = np.arange(n_users)[:, np.newaxis] * n_items + table
    if not len(keys):
        return np.zeros(table.shape, dtype=bool)
    found = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    matches: NDArray[np.bool_] = (keys[found] == asked) & (table != NOTHING)
    return matches


def recall(matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]) -> float:
    """Return recall@k: hits over the user's relevant items, averaged over users that have any.

    Parameters
    ----------
    matches : ndarray of shape (n_users, k), bool
        From `hits`.
    n_relevant : ndarray of shape (n_users,), integer
        Relevant items of each user, also those beyond k. Users with 0 are left out.

    Returns
    -------
    float
        0 to 1; 0 without users.

    Examples
    --------
    >>> recall(np.array([[True, False], [True, True]]), np.array([4, 2]))
    0.625
    """
    return _mean(matches.sum(axis=1)[n_relevant > 0] / n_relevant[n_relevant > 0])


def precision(matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]) -> float:
    """Return precision@k: hits over k, averaged over users with relevant items.

    Parameters
    ----------
    matches : ndarray of shape (n_users, k), bool
        From `hits`; places left empty count as misses.
    n_relevant : ndarray of shape (n_users,), integer
        Relevant items of each user. Users with 0 are left out.

    Returns
    -------
    float
        0 to 1; 0 without users.

    Examples
    --------
    >>> precision(np.array([[True, False], [True, True]]), np.array([4, 2]))
    0.75
    """
    return _mean(matches[n_relevant > 0].sum(axis=1) / max(matches.shape[1], 1))


def hit_rate(matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]) -> float:
    """Return hit rate@k: the share of users with relevant items that get at least one.

    Parameters
    ----------
    matches : ndarray of shape (n_users, k), bool
        From `hits`.
    n_relevant : ndarray of shape (n_users,), integer
        Relevant items of each user. Users with 0 are left out.

    Returns
    -------
    float
        0 to 1; 0 without users.

    Examples
    --------
    >>> hit_rate(np.array([[True, False], [False, False]]), np.array([4, 2]))
    0.5
    """
    return _mean(matches[n_relevant > 0].any(axis=1).astype(np.float64))


def ndcg(matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]) -> float:
    """Return NDCG@k with gain 1 per hit, averaged over users with relevant items.

    Σ_hit 1/log2(place + 1), places from 1, over what min(k, relevant) hits in front would give.
    Järvelin and Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques.

    Parameters
    ----------
    matches : ndarray of shape (n_users, k), bool
        From `hits`.
    n_relevant : ndarray of shape (n_users,), integer
        Relevant items of each user. Users with 0 are left out.

    Returns
    -------
    float
        0 to 1; 0 without users.

    Examples
    --------
    >>> round(ndcg(np.array([[False, True]]), np.array([1])), 4)
    0.6309
    """
    kept = n_relevant > 0
    k = matches.shape[1]
    gains = 1.0 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(gains)[np.minimum(n_relevant[kept], k) - 1]
    return _mean((matches[kept] @ gains) / best)


def coverage(recommended: ArrayLike, *, n_items: int) -> float:
    """Return the share of the items that is recommended to anyone.

    Parameters
    ----------
    recommended : array-like of shape (n_users, k), integer
        Item positions; NOTHING (-1) where there are fewer than k.
    n_items : int
        Items that could be recommended.

    Returns
    -------
    float
        0 to 1; 0 if there are no items.

    Examples
    --------
    >>> coverage([[0, 1], [1, -1]], n_items=4)
    0.5
    """
    shown = np.unique(np.asarray(recommended, dtype=np.int64))
    return int((shown != NOTHING).sum()) / n_items if n_items else 0.0


def ranking_report(
    recommended: ArrayLike, relevant: sparse.csr_matrix, *, n_items: int | None = None
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

    Returns
    -------
    RankingReport
        All 0 without users.

    Raises
    ------
    ValueError
        As `hits`.

    Examples
    --------
    >>> report = ranking_report([[1, 0]], relevant_items([[0, 2]], n_items=4))
    >>> report.recall, report.hit_rate, report.coverage
    (0.5, 1.0, 0.5)
    """
    matches = hits(recommended, relevant)
    n_relevant = np.diff(relevant.indptr)
    return RankingReport(
        n_users=int((n_relevant > 0).sum()),
        recall=recall(matches, n_relevant),
        precision=precision(matches, n_relevant),
        ndcg=ndcg(matches, n_relevant),
        hit_rate=hit_rate(matches, n_relevant),
        coverage=coverage(recommended, n_items=n_items or relevant.shape[1]),
    )


def _mean(values: ArrayLike) -> float:
    numbers = np.asarray(values, dtype=np.float64)
    return float(numbers.mean()) if len(numbers) else 0.0
