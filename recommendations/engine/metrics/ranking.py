"""What is found of what was wanted, and how early: recall, precision, NDCG and their kin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

NOTHING = -1
"""Fills the places of a recommendation that is shorter than k."""


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
    return _mean(recall_by_user(matches, n_relevant))


def recall_by_user(
    matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return the recall@k of each user with relevant items, to compare two models user by user.

    Parameters
    ----------
    matches : ndarray of shape (n_users, k), bool
        From `hits`.
    n_relevant : ndarray of shape (n_users,), integer
        Relevant items of each user.

    Returns
    -------
    ndarray of shape (n_users with relevant items,), float64
        0 to 1, in the order of the users.

    Examples
    --------
    >>> recall_by_user(np.array([[True, False], [True, True]]), np.array([4, 0])).tolist()
    [0.25]
    """
    kept = n_relevant > 0
    shares: NDArray[np.float64] = matches[kept].sum(axis=1) / n_relevant[kept]
    return shares


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


def f1(matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]) -> float:
    """Return F1@k: the harmonic mean of a user's precision and recall, averaged over users.

    With h hits, k places and n relevant items it is 2h / (k + n); Van Rijsbergen (1979),
    Information Retrieval.

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
    >>> f1(np.array([[True, False], [True, True]]), np.array([6, 2]))
    0.625
    """
    kept = n_relevant > 0
    return _mean(2 * matches[kept].sum(axis=1) / (matches.shape[1] + n_relevant[kept]))


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


def mean_reciprocal_rank(matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]) -> float:
    """Return MRR@k: one over the place of the first hit, averaged over users.

    Parameters
    ----------
    matches : ndarray of shape (n_users, k), bool
        From `hits`.
    n_relevant : ndarray of shape (n_users,), integer
        Relevant items of each user. Users with 0 are left out.

    Returns
    -------
    float
        0 to 1; 0 without users. A user without a hit counts 0.

    Examples
    --------
    >>> mean_reciprocal_rank(np.array([[False, True], [False, False]]), np.array([4, 2]))
    0.25
    """
    kept = matches[n_relevant > 0]
    if not kept.size:
        return 0.0
    return _mean(np.where(kept.any(axis=1), 1 / (kept.argmax(axis=1) + 1), 0.0))


def mean_average_precision(matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]) -> float:
    """Return MAP@k: the precision at the place of each hit, summed over min(k, relevant).

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
    >>> round(mean_average_precision(np.array([[True, False, True]]), np.array([9])), 4)
    0.5556
    """
    kept = matches[n_relevant > 0]
    k = matches.shape[1]
    at_place = kept.cumsum(axis=1) / np.arange(1, k + 1)
    most = np.minimum(n_relevant[n_relevant > 0], max(k, 1))
    return _mean((at_place * kept).sum(axis=1) / most)


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
    return _mean(ndcg_by_user(matches, n_relevant))


def ndcg_by_user(
    matches: NDArray[np.bool_], n_relevant: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return the NDCG@k of each user with relevant items, to compare two models user by user.

    Parameters
    ----------
    matches : ndarray of shape (n_users, k), bool
        From `hits`.
    n_relevant : ndarray of shape (n_users,), integer
        Relevant items of each user.

    Returns
    -------
    ndarray of shape (n_users with relevant items,), float64
        0 to 1, in the order of the users.

    Examples
    --------
    >>> ndcg_by_user(np.array([[True, False], [True, True]]), np.array([0, 2])).tolist()
    [1.0]
    """
    kept = n_relevant > 0
    k = matches.shape[1]
    gains = 1.0 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(gains)[np.minimum(n_relevant[kept], k) - 1]
    gained: NDArray[np.float64] = (matches[kept] @ gains) / best
    return gained


def _mean(values: ArrayLike) -> float:
    numbers = np.asarray(values, dtype=np.float64)
    return float(numbers.mean()) if len(numbers) else 0.0
