"""What is too large to learn from: one bulk order, or one bot, costs the square of its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, basket_matrix

MAX_ROW_ITEMS = 2_000
"""Distinct items of the largest order or customer that is learnt from.

One of 2,000 is looked at 4 million times, which takes some 10 ms; a wholesaler's of 100,000 would
add 10¹⁰ pairs that say nothing about any of them.
"""


def without_large_rows(matrix: BasketMatrix, max_items: int) -> BasketMatrix:
    """Return the matrix as if its rows of more items had never been there.

    Parameters
    ----------
    matrix : BasketMatrix
        Baskets or customers × items.
    max_items : int
        Most distinct items of a row that counts, at least 1.

    Returns
    -------
    BasketMatrix
        All counts anew, also of distinct customers; `matrix` itself where no row is so large.

    Raises
    ------
    ValueError
        If `max_items` is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> without_large_rows(matrix, 1).item_customers.tolist()
    [0, 1]
    """
    _check(max_items)
    sizes = np.diff(matrix.basket_indptr)
    too_large = sizes > max_items
    if not too_large.any():
        return matrix
    part = part_of(matrix, rows=~too_large, items=np.ones(matrix.n_items, dtype=bool))
    left_out = {
        "rows too large": int(too_large.sum()),
        "lines in rows too large": int(sizes[too_large].sum()),
    }
    return replace(part, left_out={**matrix.left_out, **left_out})


def capped_history(history: OrderHistory, max_items: int) -> OrderHistory:
    """Return the history with what is too large emptied; all orders keep their positions.

    Orders of more items are emptied, and of a customer with more distinct items all orders but the
    newest that have no more: a buyer of many years keeps their habits, a bot is cut to size.

    Parameters
    ----------
    history : OrderHistory
        The orders.
    max_items : int
        Most distinct items of an order, and of a customer, at least 1.

    Returns
    -------
    OrderHistory
        `history` itself where nothing is so large. Of two orders at one second the later position
        is the newer.

    Raises
    ------
    ValueError
        If `max_items` is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1, 2], [0, 1], [2]], at=[0, 1, 2], customers=[0, 1, 1]
    ... )
    >>> capped_history(history, 2).line_basket.tolist()
    [2]
    """
    _check(max_items)
    sizes = np.bincount(history.line_basket, minlength=history.n_baskets)
    emptied = sizes > max_items
    for orders in _orders_of_heavy_customers(history, np.where(emptied, 0, sizes), max_items):
        emptied[_beyond(history, orders, max_items)] = True
    if not emptied.any():
        return history
    kept = ~emptied[history.line_basket]
    return replace(
        history, line_basket=history.line_basket[kept], line_item=history.line_item[kept]
    )


def _orders_of_heavy_customers(
    history: OrderHistory, sizes: NDArray[np.integer], max_items: int
) -> Iterator[NDArray[np.intp]]:
    """Give, for each customer who may have too many items, their filled orders, newest first."""
    lines = np.bincount(history.basket_customer, weights=sizes, minlength=history.n_customers)
    busy = np.flatnonzero((lines > max_items)[history.basket_customer] & (sizes > 0))
    order = np.lexsort((-busy, -history.basket_at[busy], history.basket_customer[busy]))
    busy = busy[order]
    customers = history.basket_customer[busy]
    if len(busy):
        yield from np.split(busy, np.flatnonzero(customers[1:] != customers[:-1]) + 1)


def _beyond(history: OrderHistory, orders: NDArray[np.intp], max_items: int) -> NDArray[np.intp]:
    """Return those of one customer's orders, newest first, that go beyond so many items."""
    starts = np.searchsorted(history.line_basket, orders)
    stops = np.searchsorted(history.line_basket, orders, side="right")
    items = np.concatenate(
        [history.line_item[start:stop] for start, stop in zip(starts, stops, strict=True)]
    )
    _, first = np.unique(items, return_index=True)
    place = np.repeat(np.arange(len(orders)), stops - starts)[first]
    distinct = np.cumsum(np.bincount(place, minlength=len(orders)))
    return orders[distinct > max_items]


def part_of(
    matrix: BasketMatrix, *, rows: NDArray[np.bool_], items: NDArray[np.bool_]
) -> BasketMatrix:
    """Return the matrix of some rows with the lines of some items, weights as they were.

    Parameters
    ----------
    matrix : BasketMatrix
        The whole. Rows set aside (weight 0) are left out.
    rows : ndarray of shape (n_rows,), bool
        True for rows kept.
    items : ndarray of shape (n_items,), bool
        True for items whose lines are kept.

    Returns
    -------
    BasketMatrix
        Over the same items; all counts anew.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> part_of(matrix, rows=np.array([True, False]), items=np.array([False, True])).item_baskets
    array([0, 1])
    """
    history, kept = rows_as_orders(matrix, rows & (matrix.basket_weight > 0), items)
    plain = basket_matrix(
        history,
        as_of=0,
        half_life_days=None,
        max_basket_items=matrix.n_items + 1,
        max_customer_baskets=max(matrix.n_baskets, 1),
        size_exponent=0.0,
    )
    row = kept[plain.basket_position]
    decay = matrix.basket_decay[row]
    lines = np.repeat(decay, np.diff(plain.basket_indptr))
    by_rank = np.bincount(plain.basket_ranks, weights=lines, minlength=matrix.n_items)
    return replace(
        plain,
        basket_weight=matrix.basket_weight[row],
        basket_decay=decay,
        basket_position=matrix.basket_position[row],
        item_weight=by_rank[plain.rank_by_item].astype(np.float64),
    )


def rows_as_orders(
    matrix: BasketMatrix, rows: NDArray[np.bool_], items: NDArray[np.bool_]
) -> tuple[OrderHistory, NDArray[np.intp]]:
    """Return some rows as orders without times, and which rows they are.

    Parameters
    ----------
    matrix : BasketMatrix
        Baskets or customers × items.
    rows : ndarray of shape (n_rows,), bool
        True for rows wanted.
    items : ndarray of shape (n_items,), bool
        True for items whose lines are wanted.

    Returns
    -------
    history : OrderHistory
        One order per wanted row, all at 0; an order may be empty.
    kept : ndarray of shape (n_orders,), int
        The row of each order, ascending.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> orders, kept = rows_as_orders(matrix, np.array([False, True]), np.array([True, True]))
    >>> orders.line_item.tolist(), kept.tolist()
    ([1], [1])
    """
    kept = np.flatnonzero(rows)
    ranks = matrix.basket_ranks.view(np.int32)
    lines = sparse.csr_matrix(
        # SciPy wants values; one byte each is the smallest it takes.
        (np.ones(len(ranks), dtype=np.int8), ranks, matrix.basket_indptr),
        shape=(matrix.n_baskets, matrix.n_items),
    )[kept]
    lines.indices = matrix.item_by_rank[lines.indices]
    lines.has_sorted_indices = False
    lines.sort_indices()
    basket = np.repeat(np.arange(len(kept), dtype=np.int32), np.diff(lines.indptr))
    wanted = items[lines.indices]
    customers = matrix.basket_customer[kept]
    history = OrderHistory(
        item_ids=np.arange(matrix.n_items, dtype=np.int64),
        line_basket=basket[wanted],
        line_item=lines.indices[wanted],
        basket_at=np.zeros(len(kept), dtype=np.int64),
        basket_customer=customers.astype(np.int32),
        n_customers=int(customers.max(initial=-1)) + 1,
    )
    return history, kept


def _check(max_items: int) -> None:
    if max_items < 1:
        raise ValueError(f"max_row_items must be at least 1, not {max_items}.")
