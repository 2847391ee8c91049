"""What is known of a customer and an item together: the inputs of the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.completion import best_candidates
from recommendations.engine.families.base import Query, Training
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import SECONDS_PER_DAY, BasketMatrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbours import neighbours
from recommendations.engine.popularity import item_popularity

COLUMNS = (
    "score of the lists",
    "share of the best score",
    "rank",
    "popularity",
    "trend",
    "times bought by the customer",
    "share of the customer's baskets",
    "days since bought",
    "ever bought",
    "baskets of the customer",
    "items held",
    "content cosine",
)
"""What the network sees of a pair. Content holds category, brand and price, as far as known."""

RECENT_DAYS = 28

# An item that is held is a candidate too, where the query does not bar it; far behind all others,
# so that lists decide who else is among them.
_OWN_SCORE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What a moment knows of items and customers.

    Parameters
    ----------
    similarity : csr_matrix of shape (n_items, n_items)
        Lists of companions.
    popularity, trend : ndarray of shape (n_items,), float64
        Logarithm of decayed customers; logarithm of recent sales over those to be expected.
    times, last_day : csr_matrix of shape (n_customers, n_items)
        How often, and on which day from 1, each customer bought each item.
    n_baskets : ndarray of shape (n_customers,), int64
        Baskets of each customer.
    today : int
        Day of the newest order, from 1.
    content : csr_matrix of shape (n_items, n_features), optional
        As in `Training`.

    Examples
    --------
    >>> len(COLUMNS)
    12
    """

    similarity: sparse.csr_matrix
    popularity: NDArray[np.float64]
    trend: NDArray[np.float64]
    times: sparse.csr_matrix
    last_day: sparse.csr_matrix
    n_baskets: NDArray[np.int64]
    today: int
    content: sparse.csr_matrix | None = None

    def candidates(self, query: Query, n: int) -> NDArray[np.int32]:
        """Return the items worth a look: the best of the lists, and what is held if not barred.

        Parameters
        ----------
        query : Query
            Over the same items.
        n : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, n), int32
            Best first by the lists; -1 where there are fewer.

        Examples
        --------
        >>> Knowledge.candidates.__name__
        'candidates'
        """
        return best_candidates(query.held, self.similarity, query.without, n)

    def columns(
        self, query: Query, row: NDArray[np.integer], item: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return what is known of pairs of a query and an item.

        Parameters
        ----------
        query : Query
            The queries.
        row, item : ndarray of shape (n_pairs,), integer
            Query and item position of each pair.

        Returns
        -------
        ndarray of shape (n_pairs, n_columns), float32
            In the order of `COLUMNS`.

        Examples
        --------
        >>> Knowledge.columns.__name__
        'columns'
        """
        scores = (query.held @ self.similarity).tocsr()
        best = np.maximum(scores.max(axis=1).toarray().ravel(), 1e-12)
        score = _at(scores, row, item)
        customer, known = self._customers(query, row)
        times = _at(self.times, customer, item) * known
        baskets = self.n_baskets[customer] * known
        days = (self.today - _at(self.last_day, customer, item)) * (times > 0)
        return np.column_stack(
            [
                np.log(score + 1e-6),
                score / best[row],
                np.log1p(_rank(row, score)),
                self.popularity[item],
                self.trend[item],
                np.log1p(times),
                times / np.maximum(baskets, 1),
                np.log1p(days),
                times > 0,
                np.log1p(baskets),
                np.log1p(np.diff(query.held.indptr))[row],
                self._cosine(query, row, item),
            ]
        ).astype(np.float32)

    def _customers(
        self, query: Query, row: NDArray[np.integer]
    ) -> tuple[NDArray[np.integer], NDArray[np.bool_]]:
        """Return the customer of each pair, and whether there is one."""
        if query.customers is None or not len(self.n_baskets):
            return np.zeros(len(row), dtype=np.int64), np.zeros(len(row), dtype=bool)
        customer = query.customers[row].astype(np.int64)
        return np.maximum(customer, 0), customer >= 0

    def _cosine(
        self, query: Query, row: NDArray[np.integer], item: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Return the cosine of each query's profile and the item; 0 without content."""
        if self.content is None or not self.content.shape[1]:
            return np.zeros(len(row))
        profile = (query.held @ self.content).tocsr()
        length = np.sqrt(profile.multiply(profile).sum(axis=1)).A1
        result = np.zeros(len(row))
        for start in range(0, len(row), _BLOCK_PAIRS):
            block = slice(start, start + _BLOCK_PAIRS)
            products = profile[row[block]].multiply(self.content[item[block]])
            result[block] = products.sum(axis=1).A1
        cosine: NDArray[np.float64] = result / np.maximum(length[row], 1e-12)
        return cosine


# Pairs whose content rows are multiplied at once: with 70 features each about 50 MB.
_BLOCK_PAIRS = 50_000


def knowledge(
    training: Training, matrix: BasketMatrix, history: OrderHistory, *, depth: int
) -> Knowledge:
    """Return what is known at the moment of the newest order.

    Parameters
    ----------
    training : Training
        Content, floor and threads; matrix and history are given apart.
    matrix : BasketMatrix
        What is held together.
    history : OrderHistory
        The orders with their times.
    depth : int
        Entries of each list, at least 1.

    Returns
    -------
    Knowledge
        Pairs of fewer than `training.min_customers` customers are in no list.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> knowledge(Training(matrix=matrix), matrix, history, depth=5).times.toarray().tolist()
    [[1.0, 1.0]]
    """
    lists = neighbours(
        matrix, k=depth, min_customers=training.min_customers, n_threads=training.n_threads
    )
    n_items = matrix.n_items
    own = sparse.eye(n_items, format="csr") * _OWN_SCORE
    shape = (history.n_customers, n_items)
    pairs = (history.basket_customer[history.line_basket], history.line_item)
    first = int(history.basket_at.min(initial=0))
    day = ((history.basket_at - first) // int(SECONDS_PER_DAY) + 1)[history.line_basket]
    times = sparse.csr_matrix((np.ones(history.n_lines), pairs), shape=shape)
    order = np.argsort(day, kind="stable")
    last = sparse.csr_matrix(shape)
    if history.n_lines:
        keys = pairs[0].astype(np.int64)[order] * n_items + pairs[1][order]
        # Of the lines of a pair the last by day: the first of the reversed.
        pair, place = np.unique(keys[::-1], return_index=True)
        rows, columns = np.divmod(pair, n_items)
        last = sparse.csr_matrix((day[order][::-1][place].astype(float), (rows, columns)), shape)
    today = int(day.max(initial=0))
    return Knowledge(
        similarity=(lists.matrix(n_items) + own).tocsr(),
        popularity=np.log1p(item_popularity(matrix)),
        trend=_trend(history, day, today),
        times=times,
        last_day=last,
        n_baskets=np.bincount(history.basket_customer, minlength=history.n_customers),
        today=today,
        content=training.content,
    )


def _trend(history: OrderHistory, day: NDArray[np.integer], today: int) -> NDArray[np.float64]:
    """Return how much more an item sells of late than in proportion to all its sales."""
    recent = day > today - RECENT_DAYS
    of_late = np.bincount(history.line_item[recent], minlength=history.n_items)
    ever = np.bincount(history.line_item, minlength=history.n_items)
    if not len(day):
        return np.zeros(history.n_items)
    trend: NDArray[np.float64] = np.log((of_late + 1) / (ever * recent.mean() + 1))
    return trend


def _at(
    matrix: sparse.csr_matrix, row: NDArray[np.integer], column: NDArray[np.integer]
) -> NDArray[np.float64]:
    if not matrix.shape[0] or not len(row):
        return np.zeros(len(row))
    return np.asarray(matrix[row, column], dtype=np.float64).ravel()


def _rank(row: NDArray[np.integer], score: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the place of each pair among those of its query, from 0, ties in the order given."""
    order = np.lexsort((-score, row))
    ordered = row[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    rank = np.empty(len(row), dtype=np.int64)
    rank[order] = np.arange(len(row)) - starts
    return rank


def pairs_of(found: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the query and item of each candidate.

    Parameters
    ----------
    found : ndarray of shape (n_queries, n), int32
        Item positions, -1 where there are fewer.

    Returns
    -------
    row, item : ndarray of shape (n_pairs,), int64
        Query by query.

    Examples
    --------
    >>> row, item = pairs_of(np.array([[4, -1], [2, 3]], dtype=np.int32))
    >>> row.tolist(), item.tolist()
    ([0, 1, 1], [4, 2, 3])
    """
    row, place = np.nonzero(found != NOTHING)
    return row.astype(np.int64), found[row, place].astype(np.int64)
