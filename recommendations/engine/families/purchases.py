"""Who bought what when, arranged customer by customer and item by item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.history import OrderHistory
from recommendations.engine.neighbour_lists import row_bounds


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchases:
    """Lines by customer, then item, then time, with the pairs (customer, item) they make.

    Parameters
    ----------
    n_items : int
        Number of item positions.
    n_baskets : ndarray of shape (n_customers,), int64
        Baskets of each customer that count.
    customer_pairs : ndarray of shape (n_customers + 1,), int64
        Customer u has the pairs customer_pairs[u] to customer_pairs[u + 1].
    pair_item : ndarray of shape (n_pairs,), int32
        Item position of each pair, ascending within a customer.
    pair_lines : ndarray of shape (n_pairs + 1,), int64
        Pair p was bought in the lines pair_lines[p] to pair_lines[p + 1], oldest first.
    line_age : ndarray of shape (n_lines,), int64
        Baskets of the customer that came after the line's: 0 for the newest.
    line_at : ndarray of shape (n_lines,), int64
        When, seconds since 1970-01-01 UTC.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[10, 20], baskets=[[0, 1], [1], [1]], at=[0, 60, 90], customers=[0, 0, 1]
    ... )
    >>> bought = purchases(history)
    >>> bought.pair_item.tolist(), bought.line_age.tolist()
    ([0, 1, 1], [1, 1, 0, 0])
    """

    n_items: int
    n_baskets: NDArray[np.int64]
    customer_pairs: NDArray[np.int64]
    pair_item: NDArray[np.int32]
    pair_lines: NDArray[np.int64]
    line_age: NDArray[np.int64]
    line_at: NDArray[np.int64]

    @property
    def n_customers(self) -> int:
        """Number of customers, also those without a basket that counts."""
        return len(self.n_baskets)

    @property
    def n_pairs(self) -> int:
        """Number of distinct (customer, item) pairs."""
        return len(self.pair_item)

    @property
    def pair_customer(self) -> NDArray[np.int64]:
        """Customer position of each pair, ascending."""
        return np.repeat(np.arange(self.n_customers), np.diff(self.customer_pairs))

    @property
    def line_customer(self) -> NDArray[np.int64]:
        """Customer position of each line, ascending."""
        return np.repeat(self.pair_customer, np.diff(self.pair_lines))

    def item_customers(self) -> NDArray[np.int64]:
        """Return the distinct customers of each item.

        Returns
        -------
        ndarray of shape (n_items,), int64
            0 for items that nobody bought.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(
        ...     item_ids=[10, 20], baskets=[[1], [1]], at=[0, 60], customers=[0, 0]
        ... )
        >>> purchases(history).item_customers().tolist()
        [0, 1]
        """
        return np.bincount(self.pair_item, minlength=self.n_items)

    def matrix(self, values: NDArray[np.float64] | None = None) -> sparse.csr_matrix:
        """Return one value per pair as a matrix.

        Parameters
        ----------
        values : ndarray of shape (n_pairs,), float64, optional
            1 each if not given.

        Returns
        -------
        csr_matrix of shape (n_customers, n_items), float64
            Items ascend within a row.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(item_ids=[10, 20], baskets=[[1]], at=[0], customers=[0])
        >>> purchases(history).matrix().toarray().tolist()
        [[0.0, 1.0]]
        """
        data = np.ones(self.n_pairs) if values is None else values
        return sparse.csr_matrix(
            (data, self.pair_item, self.customer_pairs), shape=(self.n_customers, self.n_items)
        )

    def sums(self, line_values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum over the lines of each pair.

        Parameters
        ----------
        line_values : ndarray of shape (n_lines,), float64
            A value per line.

        Returns
        -------
        ndarray of shape (n_pairs,), float64
            Empty without pairs.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(
        ...     item_ids=[10, 20], baskets=[[1], [1]], at=[0, 60], customers=[0, 0]
        ... )
        >>> purchases(history).sums(np.array([2.0, 3.0])).tolist()
        [5.0]
        """
        if not self.n_pairs:
            return np.zeros(0)
        return np.add.reduceat(line_values, self.pair_lines[:-1])


def purchases(
    history: OrderHistory,
    *,
    as_of: int | None = None,
    max_basket_items: int = 500,
    max_customer_baskets: int = 500,
) -> Purchases:
    """Return a history's lines customer by customer and item by item.

    Parameters
    ----------
    history : OrderHistory
        The orders.
    as_of : int, optional
        Orders placed after this moment, seconds since 1970, are not looked at.
    max_basket_items, max_customer_baskets : int
        The caps of `basket_matrix`, at least 1.

    Returns
    -------
    Purchases
        Of two baskets at one second the later position is the newer. Empty for no orders.

    Raises
    ------
    ValueError
        If a cap is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[10], baskets=[[0], [0]], at=[0, 60], customers=[0, 0]
    ... )
    >>> purchases(history, as_of=59).line_at.tolist()
    [0]
    """
    if min(max_basket_items, max_customer_baskets) < 1:
        raise ValueError(
            f"Caps must be at least 1, not {max_basket_items} items"
            f" and {max_customer_baskets} baskets."
        )
    sizes = np.bincount(history.line_basket, minlength=history.n_baskets)
    counts = (sizes > 0) & (sizes <= max_basket_items)
    if as_of is not None:
        counts &= history.basket_at <= as_of
    age, n_baskets = _ages(history, counts)
    counts &= age < max_customer_baskets
    kept = np.flatnonzero(counts[history.line_basket])
    basket = history.line_basket[kept]
    # Oldest first within a pair: the greatest age comes first.
    pair = history.basket_customer[basket].astype(np.int64) * history.n_items
    pair += history.line_item[kept]
    order = np.lexsort((-age[basket], pair))
    return _arranged(
        history, pair[order], basket[order], age, np.minimum(n_baskets, max_customer_baskets)
    )


def _ages(
    history: OrderHistory, counts: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many counted baskets of its customer came after each, and the numbers of them."""
    chosen = np.flatnonzero(counts)
    customers = history.basket_customer[chosen]
    newest_first = np.lexsort((-chosen, -history.basket_at[chosen], customers))
    n_baskets = np.bincount(customers, minlength=history.n_customers)
    starts = row_bounds(n_baskets)[:-1]
    age = np.zeros(history.n_baskets, dtype=np.int64)
    age[chosen[newest_first]] = np.arange(len(chosen)) - starts[customers[newest_first]]
    return age, n_baskets


def _arranged(
    history: OrderHistory,
    pair: NDArray[np.int64],
    basket: NDArray[np.int32],
    age: NDArray[np.int64],
    n_baskets: NDArray[np.int64],
) -> Purchases:
    first = np.ones(len(pair), dtype=bool)
    first[1:] = pair[1:] != pair[:-1]
    starts = np.flatnonzero(first)
    customer, item = np.divmod(pair[starts], max(history.n_items, 1))
    return Purchases(
        n_items=history.n_items,
        n_baskets=n_baskets,
        customer_pairs=row_bounds(np.bincount(customer, minlength=history.n_customers)),
        pair_item=item.astype(np.int32),
        pair_lines=np.append(starts, len(pair)),
        line_age=age[basket],
        line_at=history.basket_at[basket],
    )
