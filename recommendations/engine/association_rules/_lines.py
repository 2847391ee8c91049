"""The lines that can be part of a frequent itemset, by basket and by item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.matrices import BasketMatrix


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequentLines:
    """Baskets cut down to their frequent items, which are numbered by popularity: *codes*.

    Parameters
    ----------
    basket_indptr : ndarray of shape (n_baskets + 1,), int64
        Basket b holds the entries basket_indptr[b] to basket_indptr[b + 1] of `basket_codes`.
    basket_codes : ndarray of shape (n_lines,), uint32
        Ascending within a basket: what stands before a code sells at least as often.
    code_indptr : ndarray of shape (n_codes + 1,), int64
        The item of code c is in the baskets code_indptr[c] to code_indptr[c + 1] of
        `code_baskets`.
    code_baskets : ndarray of shape (n_lines,), uint32
        Ascending within an item, so that one customer's baskets stand together.
    code_places : ndarray of shape (n_lines,), int32
        How many codes stand before it in that basket.
    items : ndarray of shape (n_codes,), int32
        Item position of each code.
    customers : ndarray of shape (n_baskets,), int32
        Customer of each basket, ascending.
    weights : ndarray of shape (n_baskets,), float64
        What each basket counts in supports.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1], [1, 2], [1]], at=[0] * 3, customers=[0, 1, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> lines = frequent_lines(matrix, min_baskets=1, min_customers=2, weights=np.ones(3))
    >>> lines.items.tolist(), lines.basket_codes.tolist()
    ([1], [0, 0, 0])
    """

    basket_indptr: NDArray[np.int64]
    basket_codes: NDArray[np.uint32]
    code_indptr: NDArray[np.int64]
    code_baskets: NDArray[np.uint32]
    code_places: NDArray[np.int32]
    items: NDArray[np.int32]
    customers: NDArray[np.int32]
    weights: NDArray[np.float64]

    @property
    def n_codes(self) -> int:
        """Number of frequent items."""
        return len(self.items)

    def per_code(self, values: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return sums over the lines of each code.

        Parameters
        ----------
        values : ndarray of shape (n_lines,), integer
            In the order of `code_places`.

        Returns
        -------
        ndarray of shape (n_codes,), int64
            Every code has a line, so no sum is empty.

        Examples
        --------
        >>> one = np.ones(1, dtype=np.int64)
        >>> FrequentLines(
        ...     basket_indptr=np.array([0, 1]), basket_codes=np.zeros(1, dtype=np.uint32),
        ...     code_indptr=np.array([0, 1]), code_baskets=np.zeros(1, dtype=np.uint32),
        ...     code_places=np.zeros(1, dtype=np.int32), items=np.zeros(1, dtype=np.int32),
        ...     customers=np.zeros(1, dtype=np.int32), weights=np.ones(1),
        ... ).per_code(one).tolist()
        [1]
        """
        if not self.n_codes:
            return np.zeros(0, dtype=np.int64)
        sums: NDArray[np.int64] = np.add.reduceat(values, self.code_indptr[:-1], dtype=np.int64)
        return sums


def frequent_lines(
    matrix: BasketMatrix,
    *,
    min_baskets: int,
    min_customers: int,
    weights: NDArray[np.float64],
) -> FrequentLines:
    """Return the lines of items frequent enough by themselves; no rarer one is in a frequent set.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets. Those set aside (weight 0) have no lines here.
    min_baskets, min_customers : int
        Baskets and distinct customers that an item must have.
    weights : ndarray of shape (n_baskets,), float64
        Of the baskets, as they stand in `matrix`.

    Returns
    -------
    FrequentLines
        Codes go by descending baskets, then by item position.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> frequent_lines(matrix, min_baskets=2, min_customers=1, weights=np.ones(1)).n_codes
    0
    """
    by_rank = matrix.item_by_rank
    enough = matrix.item_baskets[by_rank] >= max(min_baskets, 1)
    enough &= matrix.item_customers[by_rank] >= min_customers
    code_by_rank = np.cumsum(enough, dtype=np.int32) - np.int32(1)
    sizes = np.diff(matrix.basket_indptr)
    kept = enough[matrix.basket_ranks] & np.repeat(matrix.basket_weight > 0, sizes)
    indptr = np.zeros(matrix.n_lines + 1, dtype=np.int64)
    np.cumsum(kept, out=indptr[1:])
    indptr = indptr[matrix.basket_indptr]
    codes = code_by_rank[matrix.basket_ranks[kept]]
    shape = (matrix.n_baskets, int(enough.sum()))
    by_basket = sparse.csr_matrix((np.zeros(len(codes), dtype=np.int32), codes, indptr), shape)
    by_basket.sort_indices()
    # The place travels as the value of each entry when the matrix is turned round.
    by_basket.data = np.arange(len(codes), dtype=np.int64) - np.repeat(indptr[:-1], np.diff(indptr))
    by_basket.data = by_basket.data.astype(np.int32)
    by_code = by_basket.tocsc()
    return FrequentLines(
        basket_indptr=indptr,
        basket_codes=by_basket.indices.astype(np.uint32),
        code_indptr=by_code.indptr.astype(np.int64),
        code_baskets=by_code.indices.astype(np.uint32),
        code_places=by_code.data,
        items=by_rank[enough],
        customers=matrix.basket_customer,
        weights=weights,
    )
