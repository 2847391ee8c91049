"""What sells best: the fallback of every list and the floor of every comparison."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, basket_matrix

# Popularity needs no pairs, so no basket is too large for its cost; the cap on a customer's
# baskets is not needed either, because a customer counts once per item.
_NO_CAP = np.iinfo(np.int32).max


def popular(
    history: OrderHistory, *, as_of: int, half_life_days: float | None, k: int
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Return the items that most customers bought lately.

    A customer counts once per item, by the time decay of the newest basket with it: someone who
    buys an item every day does not make it popular.

    Parameters
    ----------
    history : OrderHistory
        The orders.
    as_of : int
        The moment to which ages are counted, seconds since 1970 UTC.
    half_life_days : float or None
        Days after which a purchase counts half; None for no decay.
    k : int
        Longest result, at least 1.

    Returns
    -------
    items : ndarray of shape (n_popular,), int32
        Item positions, most popular first; ties go to the smaller position. Items nobody
        bought are left out, so an empty history gives empty arrays.
    weights : ndarray of shape (n_popular,), float64
        Decayed distinct customers.
    customers : ndarray of shape (n_popular,), int64
        Distinct customers.

    Raises
    ------
    ValueError
        If k is below 1 or the half life is not above 0.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[10, 20], baskets=[[0], [0], [1], [1]], at=[0] * 4, customers=[0, 0, 1, 2]
    ... )
    >>> items, weights, customers = popular(history, as_of=0, half_life_days=None, k=5)
    >>> items.tolist(), weights.tolist(), customers.tolist()
    ([1, 0], [2.0, 1.0], [2, 1])
    """
    matrix = basket_matrix(
        history,
        as_of=as_of,
        half_life_days=half_life_days,
        max_basket_items=_NO_CAP,
        max_customer_baskets=_NO_CAP,
        size_exponent=0.0,
    )
    return popular_items(matrix, k=k)


def popular_items(
    matrix: BasketMatrix, *, k: int
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Return the most popular items of a matrix that is there already; all else as `popular`.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets; those that its caps left out do not count.
    k : int
        Longest result, at least 1.

    Returns
    -------
    items, weights, customers : ndarray of shape (n_popular,)
        As in `popular`.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[10, 20], baskets=[[1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> popular_items(matrix, k=5)[0].tolist()
    [1]
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    weights = item_popularity(matrix)
    # Descending by weight, then ascending by position.
    order = np.argsort(-weights, kind="stable")[:k]
    best = order[weights[order] > 0].astype(np.int32)
    return best, weights[best], matrix.item_customers[best]


def item_popularity(matrix: BasketMatrix) -> NDArray[np.float64]:
    """Return the decayed distinct customers of every item.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets. Those set aside (weight 0) do not count.

    Returns
    -------
    ndarray of shape (n_items,), float64
        By item position; 0 for items nobody bought.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[10, 20], baskets=[[1]], at=[0], customers=[0])
    >>> item_popularity(basket_matrix(history, as_of=0, half_life_days=None)).tolist()
    [0.0, 1.0]
    """
    if not matrix.n_lines:
        return np.zeros(matrix.n_items)
    customers = matrix.basket_customer[matrix.rank_baskets]
    first = np.ones(matrix.n_lines, dtype=bool)
    first[1:] = customers[1:] != customers[:-1]
    starts = matrix.rank_indptr[:-1]
    first[starts[starts < matrix.n_lines]] = True
    first_lines = np.flatnonzero(first)
    decay = np.where(matrix.basket_weight > 0, matrix.basket_decay, 0.0)
    newest = np.maximum.reduceat(decay[matrix.rank_baskets], first_lines)
    lengths = np.diff(matrix.rank_indptr)
    item = matrix.item_by_rank[np.repeat(np.arange(matrix.n_items), lengths)[first_lines]]
    popularity: NDArray[np.float64] = np.bincount(
        item, weights=newest, minlength=matrix.n_items
    ).astype(np.float64)
    return popularity
