"""The neural family: a perceptron that says which candidate will be bought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.families.neural.knowledge import (
    COLUMNS,
    RECENT_DAYS,
    Knowledge,
    knowledge,
    pairs_of,
)
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.splits import hidden_lines, split_by_time

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

CANDIDATES = 100
"""Items that the network looks at for a query: what bounds the time of an answer."""

HARD_NEGATIVES, POPULAR_NEGATIVES = 20, 5
"""Candidates not bought, and items drawn by popularity, that stand beside what was bought."""

MIN_BOUGHT = 100
"""Candidates bought below which nothing is learnt and the lists decide: with 12 inputs and two
layers of 64 the network would learn them by heart."""

MAX_QUERIES = 6_000

_BLOCK_QUERIES = 1_000


@dataclass(frozen=True, kw_only=True)
class NeuralModel:
    """Candidates of lists, ranked by the probability that they are bought.

    Parameters
    ----------
    known : Knowledge
        As of the newest order.
    network : Pipeline or None
        Gives probabilities; None where there was too little to learn from.

    Examples
    --------
    >>> NeuralModel.__name__
    'NeuralModel'
    """

    known: Knowledge
    network: Pipeline | None

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the candidates most likely to be bought.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            1 to `CANDIDATES`; beyond there are none.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Best first, ties to the smaller item; -1 where there are fewer.

        Examples
        --------
        >>> NeuralModel.recommend.__name__
        'recommend'
        """
        return self.scored(query, k)[0]

    def scored(self, query: Query, k: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the candidates most likely to be bought, each with its probability.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            As in `recommend`.

        Returns
        -------
        items : ndarray of shape (n_queries, k), int32
            As in `recommend`.
        scores : ndarray of shape (n_queries, k), float64
            Probabilities, or reciprocal ranks where nothing was learnt; 0 where there is no item.

        Examples
        --------
        >>> NeuralModel.scored.__name__
        'scored'
        """
        items = np.full((len(query), k), NOTHING, dtype=np.int32)
        scores = np.zeros((len(query), k))
        for start in range(0, len(query), _BLOCK_QUERIES):
            rows = np.arange(start, min(start + _BLOCK_QUERIES, len(query)))
            some = part(query, rows)
            found = self.known.candidates(some, max(CANDIDATES, k))
            chance = (found != NOTHING) / np.arange(1.0, found.shape[1] + 1)
            if self.network is not None:
                found, chance = self._ranked(some, found)
            items[rows], scores[rows] = found[:, :k], chance[:, :k]
        return items, scores

    def _ranked(
        self, query: Query, found: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        row, item = pairs_of(found)
        ranked, scores = np.full_like(found, NOTHING), np.zeros(found.shape)
        if not len(row):
            return ranked, scores
        chance = probabilities(self.network, self.known.columns(query, row, item))
        order = np.lexsort((item, -chance, row))
        lengths = np.bincount(row, minlength=len(found))
        place = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        ranked[row, place], scores[row, place] = item[order], chance[order]
        return ranked, scores


def probabilities(network: Any, columns: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the chance of each pair, on one thread, so that threads do not change its bits.

    Parameters
    ----------
    network : Pipeline
        Fitted.
    columns : ndarray of shape (n_pairs, n_columns), float32
        As `Knowledge.columns` gives them.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        0 to 1, rounded to nine decimals.

    Examples
    --------
    >>> probabilities.__name__
    'probabilities'
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        chance = network.predict_proba(columns)[:, 1]
    rounded: NDArray[np.float64] = np.round(chance, 9).astype(np.float64)
    return rounded


def fit_customers(training: Training, parameters: Parameters) -> NeuralModel:
    """Return the model for what is new to a customer.

    A perceptron with two hidden layers, cross-entropy and Adam (Kingma and Ba 2015) learns which
    candidates the customers bought in the newest 28 days, from what was known before them;
    negatives are candidates not bought, and items drawn by popularity. Answers then start from
    all that is known. He et al. (2017), *Neural collaborative filtering*, learn from ids; here
    the network sees only `COLUMNS`, so that it holds for items and customers it never met.

    Parameters
    ----------
    training : Training
        With history; with content where there is some.
    parameters : mapping
        "hidden": width of both layers; "depth": entries of the lists that give candidates;
        "weight_decay": L2 penalty.

    Returns
    -------
    NeuralModel
        Ranking by the lists alone where fewer than `MIN_BOUGHT` candidates were bought.

    Raises
    ------
    ValueError
        If there is no history.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1], [0, 1], [0]], at=[0, 9, 9], customers=[0, 1, 2]
    ... )
    >>> matrix = basket_matrix(history, as_of=9, half_life_days=None)
    >>> model = fit_customers(Training(matrix=matrix, history=history), FAMILY.start)
    >>> model.recommend(Query(held=sparse.csr_matrix([[1.0, 0.0, 0.0]])), 2).tolist()
    [[1, -1]]
    """
    return _fitted(training, {**_START, **parameters}, whole_baskets=False)


def fit_completion(training: Training, parameters: Parameters) -> NeuralModel:
    """Return the model for what completes a basket; it learns from lines hidden of newest baskets.

    Parameters
    ----------
    training : Training
        As in `fit_customers`.
    parameters : mapping
        As in `fit_customers`.

    Returns
    -------
    NeuralModel
        As in `fit_customers`.

    Raises
    ------
    ValueError
        If there is no history.

    Examples
    --------
    >>> fit_completion.__name__
    'fit_completion'
    """
    return _fitted(training, {**_START, **parameters}, whole_baskets=True)


def _fitted(training: Training, chosen: Parameters, *, whole_baskets: bool) -> NeuralModel:
    history = training.history
    if history is None:
        raise ValueError("The neural scorer needs Training.history, which is not given.")
    known = knowledge(training, training.matrix, history, depth=chosen["depth"])
    if history.n_baskets < 2:
        return NeuralModel(known=known, network=None)
    older, newer = split_by_time(history, holdout_days=RECENT_DAYS)
    before = knowledge(
        training, _matrix(older, training, whole_baskets), older, depth=chosen["depth"]
    )
    ask = _basket_questions if whole_baskets else _customer_questions
    query, wanted = ask(older, newer, training.seed)
    rng = np.random.default_rng(training.seed)
    if len(query) > MAX_QUERIES:
        rows = np.sort(rng.choice(len(query), MAX_QUERIES, replace=False))
        query, wanted = part(query, rows), wanted[rows]
    columns, bought = _examples(before, query, wanted, rng)
    network = None
    if bought.sum() >= MIN_BOUGHT:
        network = _learnt(columns, bought, chosen, seed=training.seed)
    return NeuralModel(known=known, network=network)


def _matrix(older: OrderHistory, training: Training, whole_baskets: bool) -> BasketMatrix:  # noqa: FBT001
    """Return what was held together before the newest orders: baskets, or customers as in whole."""
    at, whole = int(older.basket_at.max(initial=0)), training.matrix
    if whole_baskets or len(np.unique(whole.basket_customer)) < whole.n_baskets:
        return basket_matrix(older, as_of=at, half_life_days=None)
    customers = older.basket_customer[older.line_basket].astype(np.int64)
    pairs = np.unique(customers * older.n_items + older.line_item)
    row, item = np.divmod(pairs, max(older.n_items, 1))
    together = replace(
        older,
        line_basket=row.astype(np.int32),
        line_item=item.astype(np.int32),
        basket_at=np.full(older.n_customers, at, dtype=np.int64),
        basket_customer=np.arange(older.n_customers, dtype=np.int32),
    )
    return basket_matrix(
        together, as_of=at, half_life_days=None, max_basket_items=training.max_row_items
    )


def _customer_questions(
    older: OrderHistory, newer: OrderHistory, seed: int
) -> tuple[Query, sparse.csr_matrix]:
    """Return customers known before, and what they then bought for the first time."""
    had, bought = _bought(older), _bought(newer)
    new = (bought - bought.multiply(had)).tocsr()
    new.eliminate_zeros()
    asked = np.flatnonzero((np.diff(had.indptr) > 0) & (np.diff(new.indptr) > 0))
    return Query(held=had[asked], customers=asked.astype(np.int32)), new[asked]


def _basket_questions(
    older: OrderHistory, newer: OrderHistory, seed: int
) -> tuple[Query, sparse.csr_matrix]:
    """Return newer baskets with one line hidden each, and that line."""
    queries = hidden_lines(newer, seed=seed)
    wanted = sparse.csr_matrix(
        (np.ones(len(queries)), queries.hidden, np.arange(len(queries) + 1)),
        shape=(len(queries), newer.n_items),
    )
    known = np.bincount(older.basket_customer, minlength=older.n_customers) > 0
    customers = newer.basket_customer[queries.basket]
    customers = np.where(known[customers], customers, -1).astype(np.int32)
    return Query(held=queries.matrix(newer.n_items), customers=customers), wanted


def _bought(history: OrderHistory) -> sparse.csr_matrix:
    pairs = (history.basket_customer[history.line_basket], history.line_item)
    shape = (history.n_customers, history.n_items)
    result = sparse.csr_matrix((np.ones(history.n_lines), pairs), shape=shape)
    result.data[:] = 1.0
    return result


def _examples(
    known: Knowledge, query: Query, wanted: sparse.csr_matrix, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return pairs to learn from, and which of them were bought."""
    columns, labels = [np.zeros((0, len(COLUMNS)), np.float32)], [np.zeros(0, bool)]
    share = np.expm1(known.popularity)
    total = share.sum()
    for start in range(0, len(query) if share.any() else 0, _BLOCK_QUERIES):
        rows = np.arange(start, min(start + _BLOCK_QUERIES, len(query)))
        some, right = part(query, rows), wanted[rows]
        found = known.candidates(some, CANDIDATES)
        row, item = pairs_of(found)
        drawn = rng.choice(len(share), (len(rows), POPULAR_NEGATIVES), p=share / total)
        row = np.append(row, np.repeat(np.arange(len(rows)), POPULAR_NEGATIVES))
        item = np.append(item, drawn.ravel())
        hard = np.arange(len(row)) < len(row) - drawn.size
        bought = np.asarray(right[row, item]).ravel() > 0
        # Columns of all candidates, since a rank is one among all; then the sample.
        all_columns = known.columns(some, row, item)
        kept = bought | ~hard | (rng.random(len(row)) < HARD_NEGATIVES / CANDIDATES)
        columns.append(all_columns[kept])
        labels.append(bought[kept])
    return np.concatenate(columns), np.concatenate(labels)


def _learnt(
    columns: NDArray[np.float32], bought: NDArray[np.bool_], chosen: Parameters, *, seed: int
) -> Pipeline:
    from sklearn.neural_network import MLPClassifier  # slow to load; builds alone need it
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    network = MLPClassifier(
        hidden_layer_sizes=(chosen["hidden"], chosen["hidden"]),
        alpha=chosen["weight_decay"],
        batch_size=min(512, len(columns) // 2),
        early_stopping=True,
        n_iter_no_change=5,
        max_iter=60,
        random_state=seed,
    )
    with threadpool_limits(limits=1, user_api="blas"):
        return make_pipeline(StandardScaler(), network).fit(columns, bought)


def part(query: Query, rows: NDArray[np.integer]) -> Query:
    """Return some of the queries.

    Parameters
    ----------
    query : Query
        All of them.
    rows : ndarray of shape (n_rows,), integer
        Which.

    Returns
    -------
    Query
        In the order of `rows`.

    Examples
    --------
    >>> len(part(Query(held=sparse.csr_matrix([[0.0], [1.0]])), np.array([1])))
    1
    """
    return Query(
        held=query.held[rows],
        barred=None if query.barred is None else query.barred[rows],
        customers=None if query.customers is None else query.customers[rows],
    )


def bytes_needed(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of a fit.

    Parameters
    ----------
    size : Size
        Of the shop.
    parameters : mapping
        As in `fit_customers`.

    Returns
    -------
    int
        Bytes: lists twice, orders by customer, the older orders with their matrix, and examples.

    Examples
    --------
    >>> bytes_needed(Size(n_rows=1, n_items=1, n_lines=1), {"depth": 50}) > 0
    True
    """
    lists: int = 2 * 40 * size.n_items * parameters["depth"]
    examples = MAX_QUERIES * (HARD_NEGATIVES + POPULAR_NEGATIVES) * len(COLUMNS) * 16
    return lists + 130 * size.n_lines + examples + 100 * 2**20


_START = {"hidden": 64, "depth": 20, "weight_decay": 1e-3}

FAMILY = Family(
    name="neural",
    fit=fit_customers,
    bytes_needed=bytes_needed,
    start=_START,
    grid={"depth": (10, 20, 50)},
    needs=frozenset({"history"}),
)
"""What is new to a customer."""

COMPLETION = Family(
    name="neural_completion",
    fit=fit_completion,
    bytes_needed=bytes_needed,
    start=_START,
    grid={"depth": (10, 20, 50)},
    needs=frozenset({"history"}),
)
"""What completes a basket."""
