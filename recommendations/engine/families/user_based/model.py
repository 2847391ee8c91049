"""What similar customers bought, weighted by how similar they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.completion import best_candidates
from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.families.user_based.nearest import Measure, nearest_rows
from recommendations.engine.neighbours import available_threads

# Queries whose neighbours are held at once.
_BLOCK = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class UserBasedModel:
    """Customers' purchases, to find similar customers in.

    Parameters
    ----------
    bought : csr_matrix of shape (n_customers, n_items), float64
        Decayed purchases of each customer; what two customers are compared by.
    advised : csr_matrix of shape (n_customers, n_items), float64
        The same without items of too few distinct customers: what is recommended from.
    row_of : ndarray of shape (n_positions,), int32
        Row of each customer position of the training history, -1 for none.
    n_neighbours : int
        Similar customers asked.
    measure : "cosine" or "pearson"
        How alike two customers are.
    n_threads : int
        0 takes every core that the process may use; the answer does not depend on it.

    Examples
    --------
    >>> bought = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    >>> model = UserBasedModel(
    ...     bought=bought, advised=bought, row_of=np.arange(2, dtype=np.int32), n_neighbours=2
    ... )
    >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0, 0.0]])), 2).tolist()
    [[0, -1]]
    """

    bought: sparse.csr_matrix
    advised: sparse.csr_matrix
    row_of: NDArray[np.int32]
    n_neighbours: int
    measure: Measure = "cosine"
    n_threads: int = 0

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return what similar customers bought, the weighted average highest first.

        Parameters
        ----------
        query : Query
            `held` says what each customer bought; rows need not be known. Where `customers`
            names one that is, it is no neighbour of itself.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first, ties to the smaller; -1 where there are fewer.

        Examples
        --------
        >>> bought = sparse.csr_matrix([[1.0, 1.0], [1.0, 0.0]])
        >>> model = UserBasedModel(
        ...     bought=bought, advised=bought, row_of=np.arange(2, dtype=np.int32), n_neighbours=1
        ... )
        >>> model.recommend(Query(held=bought[1], customers=np.array([1])), 1).tolist()
        [[1]]
        """
        found = [np.zeros((0, k), dtype=np.int32)]
        for start in range(0, len(query), _BLOCK):
            block = slice(start, start + _BLOCK)
            near = self.similar_customers(query, block)
            found.append(best_candidates(near, self.advised, query.without[block], k))
        return np.vstack(found)

    def scores(self, query: Query) -> sparse.csr_matrix:
        """Return the weighted average of what similar customers bought: Σ sim · r / Σ |sim|.

        Parameters
        ----------
        query : Query
            As for `recommend`.

        Returns
        -------
        csr_matrix of shape (n_queries, n_items), float64
            Also of items that the query holds. Empty rows for queries like nobody.

        Examples
        --------
        >>> bought = sparse.csr_matrix([[1.0, 1.0], [1.0, 0.0]])
        >>> model = UserBasedModel(
        ...     bought=bought, advised=bought, row_of=np.arange(2, dtype=np.int32), n_neighbours=2
        ... )
        >>> model.scores(Query(held=sparse.csr_matrix([[1.0, 0.0]]))).toarray().round(3).tolist()
        [[1.0, 0.414]]
        """
        near = self.similar_customers(query, slice(None))
        total = np.asarray(near.sum(axis=1)).ravel()
        shares = sparse.diags(1.0 / np.where(total > 0, total, 1.0))
        return (shares @ near @ self.advised).tocsr()

    def similar_customers(self, query: Query, block: slice) -> sparse.csr_matrix:
        """Return the most similar customers of some queries.

        Parameters
        ----------
        query : Query
            As for `recommend`.
        block : slice
            Which queries.

        Returns
        -------
        csr_matrix of shape (n_queries, n_customers), float64
            As `nearest_rows` gives it.

        Examples
        --------
        >>> bought = sparse.csr_matrix([[1.0, 1.0], [1.0, 0.0]])
        >>> model = UserBasedModel(
        ...     bought=bought, advised=bought, row_of=np.arange(2, dtype=np.int32), n_neighbours=1
        ... )
        >>> model.similar_customers(Query(held=bought), slice(1, 2)).indices.tolist()
        [1]
        """
        itself = None
        if query.customers is not None:
            customers = query.customers[block]
            inside = (customers >= 0) & (customers < len(self.row_of))
            itself = np.where(
                inside, np.append(self.row_of, -1)[np.where(inside, customers, -1)], -1
            )
        return nearest_rows(
            query.held[block],
            self.bought,
            self.n_neighbours,
            measure=self.measure,
            itself=itself,
            n_threads=self.n_threads,
        )


def fit_user_based(training: Training, chosen: Parameters) -> UserBasedModel:
    """Return a model that asks similar customers.

    Resnick et al. (1994), GroupLens; Breese, Heckerman and Kadie (1998), Empirical analysis of
    predictive algorithms for collaborative filtering.

    Parameters
    ----------
    training : Training
        Rows of the matrix are brought together by customer, each basket with its time decay.
    chosen : mapping
        `n_neighbours` and `measure`.

    Returns
    -------
    UserBasedModel
        Items bought by fewer than `training.min_customers` distinct customers are compared, but
        recommended to nobody.

    Raises
    ------
    ValueError
        If `n_neighbours` is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [0]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> fit_user_based(Training(matrix=matrix, min_customers=2), {}).advised.toarray().tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    n_neighbours = chosen.get("n_neighbours", 100)
    if n_neighbours < 1:
        raise ValueError(f"n_neighbours must be at least 1, not {n_neighbours}.")
    matrix = training.matrix
    bought = matrix.customers_items(decayed=True)
    bought.sort_indices()
    customers = np.unique(matrix.basket_customer)
    row_of = np.full(int(customers.max(initial=-1)) + 1, -1, dtype=np.int32)
    row_of[customers] = np.arange(len(customers))
    advised = bought.copy()
    advised.data[matrix.item_customers[bought.indices] < training.min_customers] = 0.0
    advised.eliminate_zeros()
    return UserBasedModel(
        bought=bought,
        advised=advised,
        row_of=row_of,
        n_neighbours=n_neighbours,
        measure=chosen.get("measure", "cosine"),
        n_threads=training.n_threads,
    )


def _bytes_needed(size: Size, chosen: Parameters) -> int:
    """The matrix three times, its columns, and neighbours and counters of a block of queries."""
    neighbours = min(_BLOCK, size.n_rows) * int(chosen.get("n_neighbours", 100)) * 40
    return 80 * size.n_lines + neighbours + available_threads() * 20 * size.n_rows


_family = partial(
    Family,
    fit=fit_user_based,
    bytes_needed=_bytes_needed,
    grid={"n_neighbours": (30, 100, 300)},
)

FAMILY = _family(name="user_cosine", start={"n_neighbours": 100, "measure": "cosine"})
PEARSON = _family(name="user_pearson", start={"n_neighbours": 100, "measure": "pearson"})
