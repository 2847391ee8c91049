"""The pair count with NumPy and SciPy alone: the reference, and what serves without numba."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists, best_of_pairs
from recommendations.engine.similarity import wilson_share

# Lines of a block's items in the portable path: with 5 lines an order, 200 MB of pairs.
PORTABLE_BLOCK = 1_000_000


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs met in some rows, entry by entry: positions of both items and what was counted."""

    left: NDArray[np.integer]
    right: NDArray[np.integer]
    weights: NDArray[np.float64]
    customers: NDArray[np.float64]
    baskets: NDArray[np.float64]

    def where(self, kept: NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(
            self.left[kept],
            self.right[kept],
            self.weights[kept],
            self.customers[kept],
            self.baskets[kept],
        )


class PairMeasure(Protocol):
    """How a pair is scored, and which pairs a list keeps."""

    @property
    def k(self) -> int:
        """Longest list."""
        ...

    @property
    def min_customers(self) -> int:
        """Distinct customers a pair must have."""
        ...

    def scores(self, matrix: BasketMatrix, pairs: Pairs) -> NDArray[np.float64]:
        """Return one score per pair; 0 for pairs that no list keeps."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """The kernel of three exponents with its discount; norms by item position."""

    k: int
    min_customers: int
    left_norm: NDArray[np.float64]
    right_norm: NDArray[np.float64]
    z: float

    def scores(self, matrix: BasketMatrix, pairs: Pairs) -> NDArray[np.float64]:
        """Return weight × norms × discount."""
        scores: NDArray[np.float64] = (
            pairs.weights * self.left_norm[pairs.left] * self.right_norm[pairs.right]
        )
        scores *= np.sqrt(
            wilson_share(pairs.customers, matrix.item_customers[pairs.left], self.z)
            * wilson_share(pairs.customers, matrix.item_customers[pairs.right], self.z)
        )
        return scores


def piece_bounds(work: NDArray[np.int64], n_pieces: int) -> NDArray[np.int64]:
    """Return row bounds that cut the rows into pieces of about equal work."""
    done = np.cumsum(work + 1)
    shares = np.linspace(0, done[-1], n_pieces + 1)[1:-1]
    return np.unique(np.concatenate([[0], np.searchsorted(done, shares), [len(work)]]))


def portable_rows(
    matrix: BasketMatrix, items: NDArray[np.integer], measure: PairMeasure
) -> NeighbourLists:
    """Count with SciPy, a block of rows at a time."""
    active = matrix.basket_weight > 0
    baskets_items = matrix.baskets_items()[active]
    items_baskets = baskets_items.T.tocsr()
    weighted = sparse.diags(matrix.basket_weight[active]) @ baskets_items
    basket_customer = matrix.basket_customer[active]
    lines = matrix.item_baskets[items]
    bounds = piece_bounds(lines, 1 + int(lines.sum()) // PORTABLE_BLOCK)
    parts = []
    for start, stop in pairwise(bounds.tolist()):
        block = items[start:stop]
        rows = items_baskets[block]
        customers = customer_counts(rows, baskets_items, basket_customer)
        baskets = (rows @ baskets_items).tocsr()
        weights = (rows @ weighted).tocsr()
        # Three products of the same pattern: sorted, their entries stand side by side.
        for product in (customers, baskets, weights):
            product.sort_indices()
        parts.append(_best_of_block(matrix, block, customers, baskets.data, weights.data, measure))
    return NeighbourLists.joined(parts)


def customer_counts(
    rows: sparse.csr_matrix,
    baskets_items: sparse.csr_matrix,
    basket_customer: NDArray[np.int32],
) -> sparse.csr_matrix:
    """Return rows × items: the distinct customers with a basket that holds both."""
    # One group per (row, customer): the customer's baskets that hold the row's item, which
    # stand together because baskets stand customer by customer.
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    customer = basket_customer[rows.indices]
    starts = np.ones(len(row), dtype=bool)
    starts[1:] = (row[1:] != row[:-1]) | (customer[1:] != customer[:-1])
    group_indptr = np.append(np.flatnonzero(starts), len(row))
    groups = sparse.csr_matrix(
        (rows.data, rows.indices, group_indptr), shape=(len(group_indptr) - 1, rows.shape[1])
    )
    met = (groups @ baskets_items).tocsr()
    met.data[:] = 1.0
    of_row = sparse.csr_matrix(
        (np.ones(starts.sum()), (row[starts], np.arange(starts.sum()))),
        shape=(rows.shape[0], groups.shape[0]),
    )
    return (of_row @ met).tocsr()


def _best_of_block(
    matrix: BasketMatrix,
    block: NDArray[np.integer],
    customers: sparse.csr_matrix,
    baskets: NDArray[np.float64],
    weights: NDArray[np.float64],
    measure: PairMeasure,
) -> NeighbourLists:
    """Return the lists of one block from its three products, entry by entry."""
    row = np.repeat(np.arange(len(block)), np.diff(customers.indptr))
    pairs = Pairs(block[row], customers.indices, weights, customers.data, baskets)
    enough = (pairs.customers >= measure.min_customers) & (pairs.left != pairs.right)
    row, pairs = row[enough], pairs.where(enough)
    scores = measure.scores(matrix, pairs)
    kept = scores > 0
    row, pairs, scores = row[kept], pairs.where(kept), scores[kept]
    return best_of_pairs(
        row,
        pairs.right,
        scores,
        pairs.customers,
        pairs.baskets,
        n_rows=len(block),
        k=measure.k,
    )
