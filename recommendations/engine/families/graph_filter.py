"""Graph filtering without training: GF-CF.

Shen, Wu, Zhang, Shan, Zhang, Letaief and Li (2021), How powerful is graph convolution for
recommendation? With R the rows × items matrix and R̃ = D_U^-½ R D_I^-½, a customer with history r
is scored

s = r (R̃ᵀR̃ + α · D_I^-½ Ū Ūᵀ D_I^½),

a linear low-pass filter plus an ideal one, Ū the right singular vectors of R̃ of the largest
singular values. (R̃ᵀR̃)_ij = Σ_u 1/|u| / √(n_i n_j) is a point of the kernel family, so the linear
part is lists with evidence and floor; the ideal part is two thin matrices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from recommendations.engine.families.base import (
    Family,
    ListModel,
    Parameters,
    Query,
    Size,
    Training,
)
from recommendations.engine.families.lists import (
    COMMON,
    DEPTHS,
    bytes_of_lists,
    list_length,
    list_model,
)
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import neighbours
from recommendations.engine.reweighting import row_sizes, with_size_exponent

START: Mapping[str, Any] = {**COMMON, "depth": 100, "ideal_weight": 0.3, "n_factors": 64}
"""0.3 is what the authors used on two of their three sets; on the third the linear filter alone."""

# What rounding leaves of a squared singular value of 0; the largest is 1.
_NOTHING = 1e-10

# Scores of a block of queries over all items: 64 MB.
_BLOCK_SCORES = 8_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphFilter:
    """Lists of the linear filter, and the ideal filter as two thin matrices.

    Parameters
    ----------
    linear : ListModel
        Its lists hold R̃ᵀR̃ without the diagonal.
    into : ndarray of shape (n_items, n_factors), float64
        D_I^-½ Ū; rows of items without enough customers are 0.
    out_of : ndarray of shape (n_factors, n_items), float64
        Ūᵀ D_I^½, times the weight of the ideal filter; 0 for those items, which are never
        recommended.

    Examples
    --------
    >>> nothing = ListModel(lists=NeighbourLists.empty(1))
    >>> thin = np.ones((1, 1))
    >>> model = GraphFilter(linear=nothing, into=thin, out_of=thin)
    >>> model.recommend(Query(held=sparse.csr_matrix([[1.0]])), 1).tolist()
    [[-1]]
    """

    linear: ListModel
    into: NDArray[np.float64]
    out_of: NDArray[np.float64]

    def scores(self, held: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return both filters' scores of every item, held ones among them.

        Parameters
        ----------
        held : csr_matrix of shape (n_queries, n_items)
            The weight of each item.

        Returns
        -------
        ndarray of shape (n_queries, n_items), float64
            Dense: ask for a few queries at a time.

        Examples
        --------
        >>> linear = ListModel(lists=NeighbourLists.empty(2))
        >>> model = GraphFilter(
        ...     linear=linear,
        ...     into=np.array([[1.0], [0.0]]),
        ...     out_of=np.array([[0.5, 0.25]]),
        ... )
        >>> model.scores(sparse.csr_matrix([[1.0, 0.0]])).tolist()
        [[0.5, 0.25]]
        """
        lists = self.linear.lists.first(self.linear.depth)
        ideal: NDArray[np.float64] = (held @ self.into) @ self.out_of
        summed = (held @ lists.matrix(len(lists))).tocoo()
        ideal[summed.row, summed.col] += summed.data
        return ideal

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best items for each query.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first, ties to the smaller; -1 where fewer score above 0.

        Raises
        ------
        ValueError
            If k is below 1.

        Examples
        --------
        >>> linear = ListModel(lists=NeighbourLists.empty(2))
        >>> model = GraphFilter(
        ...     linear=linear,
        ...     into=np.array([[1.0], [0.0]]),
        ...     out_of=np.array([[0.5, 0.25]]),
        ... )
        >>> model.recommend(Query(held=sparse.csr_matrix([[1.0, 0.0]])), 2).tolist()
        [[1, -1]]
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}.")
        found = np.full((len(query), k), NOTHING, dtype=np.int32)
        block = max(1, _BLOCK_SCORES // max(len(self.into), 1))
        with threadpool_limits(1, user_api="blas"):
            for start in range(0, len(query), block):
                rows = slice(start, start + block)
                scores = self.scores(query.held[rows])
                barred = query.without[rows].tocoo()
                scores[barred.row, barred.col] = 0.0
                found[rows] = _largest(scores, k)
        return found

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the best companions of every item by the linear filter.

        Parameters
        ----------
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            With evidence; the ideal filter knows no pairs, so it has no part in them.

        Examples
        --------
        >>> thin = np.ones((1, 1))
        >>> linear = ListModel(lists=NeighbourLists.empty(1))
        >>> model = GraphFilter(linear=linear, into=thin, out_of=thin)
        >>> len(model.item_lists(5))
        1
        """
        return self.linear.item_lists(k)


def ideal_filter(
    matrix: BasketMatrix, *, n_factors: int, min_customers: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return D_I^-½ Ū and Ūᵀ D_I^½ of the rows that count, each counted by its time decay.

    Parameters
    ----------
    matrix : BasketMatrix
        Customers or baskets × items.
    n_factors : int
        Singular vectors, at least 1; at most one fewer than rows or items there are.
    min_customers : int
        Distinct customers below whom an item is left out.
    seed : int
        Of the vector that the iteration starts from.

    Returns
    -------
    into : ndarray of shape (n_items, n_found), float64
        0 for items left out.
    out_of : ndarray of shape (n_found, n_items), float64
        0 for items left out. n_found is 0 where there are fewer than 2 rows or items.

    Raises
    ------
    ValueError
        If `n_factors` is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [0, 1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> into, out_of = ideal_filter(matrix, n_factors=1, min_customers=1, seed=0)
    >>> (into @ out_of).round(6).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    if n_factors < 1:
        raise ValueError(f"n_factors must be at least 1, not {n_factors}.")
    counted = np.flatnonzero(matrix.basket_weight > 0)
    enough = (matrix.item_customers >= min_customers) & (matrix.item_weight > 0)
    items = np.flatnonzero(enough)
    n_found = min(n_factors, len(counted) - 1, len(items) - 1)
    if n_found < 1:
        return np.zeros((matrix.n_items, 0)), np.zeros((0, matrix.n_items))
    root = np.sqrt(matrix.item_weight[items])
    row_weight = np.sqrt(matrix.basket_decay / row_sizes(matrix))[counted]
    normalised = (
        sparse.diags(row_weight)
        @ matrix.baskets_items()[counted][:, items]
        @ sparse.diags(1.0 / root)
    ).tocsr()
    vectors = _right_vectors(normalised, n_found, seed)
    into, out_of = (
        np.zeros((matrix.n_items, len(vectors))),
        np.zeros((len(vectors), matrix.n_items)),
    )
    into[items] = vectors.T / root[:, np.newaxis]
    out_of[:, items] = vectors * root
    return into, out_of


def fit_graph_filter(training: Training, parameters: Parameters) -> ListModel | GraphFilter:
    """Return the filter: lists alone where the ideal part has no weight.

    Parameters
    ----------
    training : Training
        Rows are customers or baskets; their time decay counts.
    parameters : mapping
        Those of `START`; what is not given is taken from there.

    Returns
    -------
    ListModel or GraphFilter
        Pairs, and items, of at least `training.min_customers` distinct customers.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1], [0, 1, 2]], at=[0, 0], customers=[0, 1]
    ... )
    >>> training = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))
    >>> model = fit_graph_filter(training, {"n_factors": 1})
    >>> model.recommend(Query(held=sparse.csr_matrix([[1.0, 0.0, 0.0]])), 2).tolist()
    [[1, 2]]
    """
    chosen = {**START, **parameters}
    if not 0 <= chosen["ideal_weight"] < float("inf"):
        raise ValueError(f"ideal_weight must be at least 0, not {chosen['ideal_weight']}.")
    matrix = training.matrix
    lists = neighbours(
        with_size_exponent(matrix, 1.0),
        k=list_length(chosen),
        min_customers=training.min_customers,
        n_threads=training.n_threads,
    )
    linear = list_model(lists, chosen)
    if chosen["ideal_weight"] == 0:
        return linear
    into, out_of = ideal_filter(
        matrix,
        n_factors=chosen["n_factors"],
        min_customers=training.min_customers,
        seed=training.seed,
    )
    return GraphFilter(linear=linear, into=into, out_of=chosen["ideal_weight"] * out_of)


def bytes_of_filter(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of a fit: lists, then the normalised matrix and its vectors.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        With "neighbours", "depth", "ideal_weight" and "n_factors".

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> lists_only = {"neighbours": 1, "depth": 1, "ideal_weight": 0.0, "n_factors": 64}
    >>> bytes_of_filter(Size(n_rows=1, n_items=1, n_lines=0), lists_only) > 0
    True
    """
    lists = bytes_of_lists(size, parameters)
    if parameters["ideal_weight"] == 0:
        return lists
    # Copies of the matrix on the way, and ARPACK's 2 k + 1 vectors next to the k found and both
    # thin matrices.
    vectors = 8 * int(parameters["n_factors"]) * 5 * size.n_items
    kept = 16 * size.n_items * list_length(parameters)
    return max(lists, kept + 36 * size.n_lines + 24 * size.n_rows + vectors)


def _right_vectors(normalised: sparse.csr_matrix, n_factors: int, seed: int) -> NDArray[np.float64]:
    """Return the first right singular vectors, at most n_factors × items."""
    n_items = normalised.shape[1]
    back = normalised.T.tocsr()
    # Of R̃ᵀR̃, which is never stored: the left vectors, as long as there are customers, are not
    # needed and would be most of the memory.
    square = LinearOperator(
        (n_items, n_items), matvec=lambda vector: back @ (normalised @ vector), dtype=np.float64
    )
    start = np.random.default_rng(seed).standard_normal(n_items)
    # One thread: sums in another order would give other last digits.
    with threadpool_limits(1, user_api="blas"):
        values, vectors = eigsh(square, k=n_factors, v0=start)
    # Where there are fewer directions than factors the rest is anything.
    return np.asarray(vectors[:, values > _NOTHING].T, dtype=np.float64)


def _largest(scores: NDArray[np.float64], k: int) -> NDArray[np.int32]:
    """Return the columns of the k largest values above 0 of each row, ties to the smaller."""
    found = np.full((len(scores), k), NOTHING, dtype=np.int32)
    for row, line in enumerate(scores):
        candidates = np.flatnonzero(line > 0)
        if len(candidates) > k:
            least = np.partition(line[candidates], len(candidates) - k)[len(candidates) - k]
            candidates = candidates[line[candidates] >= least]
        best = candidates[np.argsort(-line[candidates], kind="stable")][:k]
        found[row, : len(best)] = best
    return found


FAMILY = Family(
    name="graph_filter",
    fit=fit_graph_filter,
    bytes_needed=bytes_of_filter,
    start=START,
    grid={
        "ideal_weight": (0.0, 0.1, 0.3, 1.0),
        "n_factors": (32, 64, 128),
        "depth": DEPTHS,
    },
)
