"""Items worth ranking for each customer, with one column for each thing known about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.completion import best_candidates
from recommendations.engine.families.next_basket.known import (
    CUSTOMER_COLUMNS,
    ITEM_COLUMNS,
    OWN_COLUMNS,
)
from recommendations.engine.families.next_basket.sources import Sources
from recommendations.engine.families.user_based.nearest import nearest_rows
from recommendations.engine.neighbour_lists import row_bounds

OTHERS_COLUMNS = ("neighbours", "with_baskets", "with_customers")
"""What others say: similar customers, companions in one basket, and in all of a customer's."""

COLUMNS = (
    *OWN_COLUMNS,
    *OTHERS_COLUMNS,
    *ITEM_COLUMNS,
    *CUSTOMER_COLUMNS,
)
"""Names of `Candidates.columns`, in order."""

# Of what was never bought there is no age and no place, where all else is 0.
_UNKNOWN = ("frequency_rank", "newest_age", "last_gap", "overdue", "item_overdue")

NEW_PER_SOURCE = 30
"""Never-bought candidates that each source brings: three times what is usually shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """Candidates of a block of queries, by query and then by item.

    Parameters
    ----------
    n_rows : int
        Queries in the block.
    row : ndarray of shape (n_candidates,), int64
        Query of each candidate, ascending.
    item : ndarray of shape (n_candidates,), int32
        Item positions, ascending within a query.
    columns : ndarray of shape (n_candidates, len(COLUMNS)), float32
        What is known; NaN where there is nothing to know.

    Examples
    --------
    >>> empty = np.zeros(0, dtype=np.int64)
    >>> Candidates(
    ...     n_rows=0, row=empty, item=empty.astype(np.int32),
    ...     columns=np.zeros((0, len(COLUMNS)), dtype=np.float32),
    ... ).column("count").tolist()
    []
    """

    n_rows: int
    row: NDArray[np.int64]
    item: NDArray[np.int32]
    columns: NDArray[np.float32]

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one column, with 0 for what is not known.

        Parameters
        ----------
        name : str
            One of `COLUMNS`.

        Returns
        -------
        ndarray of shape (n_candidates,), float64
            The values.

        Examples
        --------
        >>> some = Candidates(
        ...     n_rows=1, row=np.array([0]), item=np.array([3], dtype=np.int32),
        ...     columns=np.full((1, len(COLUMNS)), 2, dtype=np.float32),
        ... )
        >>> some.column("count").tolist()
        [2.0]
        """
        values = self.columns[:, COLUMNS.index(name)].astype(np.float64)
        return np.nan_to_num(values, nan=0.0)


def candidates(
    sources: Sources,
    customers: NDArray[np.integer],
    held: sparse.csr_matrix,
    *,
    own_only: bool = False,
) -> Candidates:
    """Return what may be recommended to a block of customers.

    Candidates are all that the customer bought, the best of similar customers and of companions,
    and best sellers.

    Parameters
    ----------
    sources : Sources
        What was learnt.
    customers : ndarray of shape (n_queries,), integer
        Customer positions; -1 for those not learnt from, who are taken by what they hold.
    held : csr_matrix of shape (n_queries, n_items)
        What each query holds; read only where the customer is -1.
    own_only : bool
        Look at nobody else: what the customer bought and best sellers, other columns 0.

    Returns
    -------
    Candidates
        Rows in the order of `customers`.

    Examples
    --------
    >>> from recommendations.engine.families.base import Training
    >>> from recommendations.engine.families.next_basket.sources import fit_sources
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[10, 20], baskets=[[0], [1]], at=[0, 1], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> sources = fit_sources(Training(matrix=matrix, history=history), {})
    >>> candidates(sources, np.array([1]), sparse.csr_matrix((1, 2))).item.tolist()
    [0, 1]
    """
    known = np.asarray(customers) >= 0
    place = np.where(known, customers, 0)
    own = sources.personal[place]
    if not known.all():
        keep = sparse.diags(known.astype(np.float64))
        own = (keep @ own + (sparse.identity(len(known)) - keep) @ _ones(held)).tocsr()
        own.eliminate_zeros()
    own.sort_indices()
    itself = np.where(known, customers, -1)
    products = () if own_only else _products(sources, own, itself)
    row, item = _pairs(sources, own, products)
    others = np.zeros((len(row), len(OTHERS_COLUMNS)), dtype=np.float32)
    for column, (weights, rows) in enumerate(products):
        others[:, column] = product_at(weights, rows, row, item)
    columns = np.concatenate(
        [
            _own_values(sources, itself, row, item),
            others,
            sources.items[item],
            _customer_values(sources, itself)[row],
        ],
        axis=1,
    )
    return Candidates(n_rows=len(known), row=row, item=item, columns=columns)


def _ones(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix(
        (np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape
    )


def _products(
    sources: Sources, own: sparse.csr_matrix, itself: NDArray[np.integer]
) -> tuple[tuple[sparse.csr_matrix, sparse.csr_matrix], ...]:
    """Return the factors of each of `OTHERS_COLUMNS`: weights of rows, and what the rows hold."""
    roots = sparse.csr_matrix((np.sqrt(own.data), own.indices, own.indptr), shape=own.shape)
    return (
        (_neighbour_shares(sources, own, itself), sources.shared),
        (roots, sources.with_baskets),
        (roots, sources.with_customers),
    )


def _neighbour_shares(
    sources: Sources, own: sparse.csr_matrix, itself: NDArray[np.integer]
) -> sparse.csr_matrix:
    """Return the most similar customers of each query, with weights that add up to 1."""
    near = nearest_rows(
        own,
        sources.personal,
        sources.n_neighbours,
        measure=sources.distance,
        itself=itself,
        n_threads=1,
    )
    if sources.distance == "euclidean":
        # As in the paper: the nearest count alike.
        near.data[:] = 1.0
    total = np.asarray(near.sum(axis=1)).ravel()
    return (sparse.diags(1.0 / np.where(total > 0, total, 1.0)) @ near).tocsr()


def _pairs(
    sources: Sources,
    own: sparse.csr_matrix,
    products: Sequence[tuple[sparse.csr_matrix, sparse.csr_matrix]],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the distinct (query, item) pairs that any source brings."""
    n_rows, n_items = own.shape
    keys = [_keys(own)]
    for weights, rows in products:
        found = best_candidates(weights, rows, own, NEW_PER_SOURCE)
        row, place = np.nonzero(found >= 0)
        keys.append(row * n_items + found[row, place])
    for column in ("popularity", "recent_popularity"):
        best = sources.best_sellers(column)[:NEW_PER_SOURCE]
        keys.append((np.arange(n_rows)[:, np.newaxis] * n_items + best).ravel())
    row, item = np.divmod(np.unique(np.concatenate(keys)), max(n_items, 1))
    return row, item.astype(np.int32)


def _keys(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    """Return query * n_items + item of the stored entries, ascending."""
    row = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    keys: NDArray[np.int64] = row * matrix.shape[1] + matrix.indices
    return keys


def _found(keys: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each key asked for stands among ascending keys; -1 where it does not."""
    if not len(keys):
        return np.full(len(asked), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, place, -1)


def product_at(
    weights: sparse.csr_matrix,
    rows: sparse.csr_matrix,
    row: NDArray[np.int64],
    item: NDArray[np.int32],
    *,
    portable: bool = False,
) -> NDArray[np.float64]:
    """Return single entries of weights × rows, without the product.

    Parameters
    ----------
    weights : csr_matrix of shape (n_queries, n_rows)
        The left factor.
    rows : csr_matrix of shape (n_rows, n_items)
        The right factor.
    row : ndarray of shape (n_asked,), int64
        Query of each entry, ascending.
    item : ndarray of shape (n_asked,), int32
        Column of each entry.
    portable : bool
        Use SciPy alone, as is done where numba cannot be loaded: the same sums.

    Returns
    -------
    ndarray of shape (n_asked,), float64
        The entries.

    Examples
    --------
    >>> ones = sparse.csr_matrix(np.ones((2, 2)))
    >>> product_at(ones, ones, np.array([1]), np.array([0], dtype=np.int32)).tolist()
    [2.0]
    """
    kernel = None if portable else _compiled_kernel()
    if kernel is None:
        product = (weights @ rows).tocsr()
        product.sort_indices()
        place = _found(_keys(product), row * product.shape[1] + item)
        return np.where(place >= 0, np.append(product.data, 0.0)[place], 0.0)
    out = np.empty(len(row))
    kernel.sums_at(
        (weights.indptr, weights.indices, weights.data),
        (rows.indptr, rows.indices, rows.data),
        (np.searchsorted(row, np.arange(weights.shape[0] + 1)), item),
        np.zeros(rows.shape[1]),
        out,
    )
    return out


def _compiled_kernel() -> ModuleType | None:
    try:
        from recommendations.engine.families.next_basket import _kernel as kernel
    except ImportError:
        return None
    return kernel


def _own_values(
    sources: Sources,
    customers: NDArray[np.integer],
    row: NDArray[np.int64],
    item: NDArray[np.int32],
) -> NDArray[np.float32]:
    """Return the pair's own columns; never bought is count 0 and an unknown age."""
    bought = sources.bought
    place = np.maximum(customers, 0)
    lengths = np.where(customers >= 0, np.diff(bought.customer_pairs)[place], 0)
    own_row = np.repeat(np.arange(len(customers)), lengths)
    within = np.arange(len(own_row)) - row_bounds(lengths)[own_row]
    pairs = bought.customer_pairs[place][own_row] + within
    own_keys = own_row * bought.n_items + bought.pair_item[pairs]
    found = _found(own_keys, row * bought.n_items + item)
    values = np.zeros((len(row), len(OWN_COLUMNS)), dtype=np.float32)
    values[:, [OWN_COLUMNS.index(name) for name in _UNKNOWN]] = np.nan
    values[found >= 0] = sources.own[pairs[found[found >= 0]]]
    return values


def _customer_values(sources: Sources, customers: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the columns of each customer; NaN for those not learnt from."""
    known = customers >= 0
    values = sources.customers[np.where(known, customers, 0)]
    values[~known] = np.nan
    return values
