"""Across kinds of event: of customers who looked at A, what did they buy? Lists from A to B.

Both matrices have the same customers in rows. The measure is that of `neighbours`, with the
viewers of the item of the list on one side and the buyers of the companion on the other:

s_ij = Σ_u w_u / (v_i^a · b_j^c), v_i the viewers of i and b_j the buyers of j, each counted by w.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine._portable import PORTABLE_BLOCK, piece_bounds
from recommendations.engine.events import Views
from recommendations.engine.families.base import Family, ListModel, Parameters, Size, Training
from recommendations.engine.families.lists import (
    COMMON,
    DEPTHS,
    bytes_of_lists,
    list_length,
    list_model,
)
from recommendations.engine.history import OrderHistory, sorted_lines
from recommendations.engine.matrices import SECONDS_PER_DAY
from recommendations.engine.neighbour_lists import NeighbourLists, best_of_pairs
from recommendations.engine.packing import MAX_LENGTH
from recommendations.engine.similarity import wilson_share


def across_events(
    seen: sparse.csr_matrix,
    bought: sparse.csr_matrix,
    *,
    k: int,
    min_customers: int = 5,
    customer_weight: NDArray[np.floating] | None = None,
    item_exponent: float = 0.5,
    companion_exponent: float = 0.5,
    confidence_z: float = 0.0,
    max_customer_items: int = 2_000,
) -> NeighbourLists:
    """Return what was bought by those who looked at each item.

    Exponents (½, ½) give the cosine of viewers and buyers, (1, 0) the share of viewers who bought,
    (1, c) that share with popular companions damped.

    Parameters
    ----------
    seen : csr_matrix of shape (n_customers, n_items)
        Stored where the customer looked at the item; values do not matter.
    bought : csr_matrix of shape (n_customers, n_items)
        Stored where the customer bought the item; the same customers and items.
    k : int
        Longest list, 1 to 65,535.
    min_customers : int
        Distinct customers who did both, at least 1.
    customer_weight : ndarray of shape (n_customers,), optional
        How much each customer counts, 0 or more: time decay, or less for those who look at much.
    item_exponent, companion_exponent : float
        a and c.
    confidence_z : float
        Standard errors of the discount of `neighbours`, on d / v_i and d / b_j, d the customers
        who did both.
    max_customer_items : int
        Customers who looked at more items, or bought more, are left out: crawlers and
        wholesalers. At least 1.

    Returns
    -------
    NeighbourLists
        One row per item looked at, best first, ties to the smaller item position, the item itself
        left out. `customers` counts those who did both; so does `baskets`, because a row is a
        customer. Nothing seen or bought gives empty rows.

    Raises
    ------
    ValueError
        If the shapes differ or a parameter is out of its range.

    Examples
    --------
    >>> seen = sparse.csr_matrix([[1, 1, 0], [1, 0, 0], [0, 1, 1]])
    >>> bought = sparse.csr_matrix([[0, 0, 1], [0, 0, 1], [1, 0, 0]])
    >>> lists = across_events(seen, bought, k=2, min_customers=1)
    >>> lists.indptr.tolist(), lists.items.tolist(), lists.customers.tolist()
    ([0, 1, 3, 4], [2, 0, 2, 0], [2, 1, 1, 1])
    """
    _check(seen, bought, k, min_customers, confidence_z, max_customer_items)
    weight = _weights(customer_weight, seen, bought, max_customer_items)
    counted = weight > 0
    looked, took = _ones(seen)[counted], _ones(bought)[counted]
    weighted = (sparse.diags(weight[counted]) @ took).tocsr()
    viewers, buyers = looked.T.tocsr(), _column_sums(took)
    norms = (
        _norm(viewers @ weight[counted], item_exponent),
        _norm(took.T @ weight[counted], companion_exponent),
    )
    n_viewers = np.diff(viewers.indptr)
    bounds = piece_bounds(n_viewers, 1 + int(n_viewers.sum()) // PORTABLE_BLOCK)
    parts = []
    for start, stop in pairwise(bounds.tolist()):
        met, sums = (viewers[start:stop] @ side for side in (took, weighted))
        # Two products of the same pattern, all entries above 0: sorted they stand side by side.
        met.sort_indices()
        sums.sort_indices()
        row = np.repeat(np.arange(start, stop), np.diff(met.indptr))
        kept = (met.data >= min_customers) & (row != met.indices)
        left, right, both = row[kept], met.indices[kept], met.data[kept]
        scores = sums.data[kept] * norms[0][left] * norms[1][right]
        scores *= np.sqrt(
            wilson_share(both, n_viewers[left], confidence_z)
            * wilson_share(both, buyers[right], confidence_z)
        )
        lists = best_of_pairs(left - start, right, scores, both, both, n_rows=stop - start, k=k)
        parts.append(lists)
    return NeighbourLists.joined(parts)


START: Mapping[str, Any] = {
    "neighbours": COMMON["neighbours"],
    "depth": COMMON["depth"],
    "item_exponent": 0.5,
    "companion_exponent": 0.5,
    "confidence_z": 1.0,
    "max_customer_items": 1_000,
    "half_life_days": None,
}


def fit_viewed_bought(training: Training, parameters: Parameters) -> ListModel:
    """Return the lists of what was bought by those who had looked at each item.

    A look counts if its customer bought anything afterwards: nothing else can have followed it.

    Parameters
    ----------
    training : Training
        With its history and its views; customers who never bought tell nothing.
    parameters : mapping
        Those of `START`; what is not given is taken from there. "half_life_days" weighs customers
        by their newest order, as of the newest of all.

    Returns
    -------
    ListModel
        Pairs of at least `training.min_customers` customers who did both.

    Raises
    ------
    ValueError
        If there is no history or there are no views, or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.events import views
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[1], [1]], at=[9, 9], customers=[0, 1])
    >>> training = Training(
    ...     matrix=basket_matrix(history, as_of=9, half_life_days=None),
    ...     history=history,
    ...     views=views([0, 1], [0, 0], [8, 10], n_customers=2, n_items=2),
    ... )
    >>> lists = fit_viewed_bought(training, {}).lists
    >>> lists.items.tolist(), lists.customers.tolist()
    ([1], [1])
    """
    if training.history is None or training.views is None:
        raise ValueError("Viewed, then bought needs the history and views; one is missing.")
    chosen = {**START, **parameters}
    history, last = training.history, _last_order(training.history)
    lists = across_events(
        _followed(training.views, last).matrix(history.n_customers),
        _bought(history),
        k=list_length(chosen),
        min_customers=training.min_customers,
        customer_weight=_decay(last, chosen["half_life_days"]),
        item_exponent=chosen["item_exponent"],
        companion_exponent=chosen["companion_exponent"],
        confidence_z=chosen["confidence_z"],
        max_customer_items=chosen["max_customer_items"],
    )
    return list_model(lists, chosen)


def _last_order(history: OrderHistory) -> NDArray[np.int64]:
    """Return the time of each customer's newest order; before all times for those without."""
    last = np.full(history.n_customers, np.iinfo(np.int64).min)
    np.maximum.at(last, history.basket_customer, history.basket_at)
    return last


def _followed(views: Views, last: NDArray[np.int64]) -> Views:
    """Return the looks that an order of the same customer followed."""
    buyers = views.customer < len(last)
    followed = np.zeros(len(views), dtype=bool)
    followed[buyers] = views.at[buyers] <= last[views.customer[buyers]]
    return views.picked(followed)


def _bought(history: OrderHistory) -> sparse.csr_matrix:
    customers = history.basket_customer[history.line_basket]
    pairs = sorted_lines(customers, history.line_item, n_items=history.n_items)
    shape = (history.n_customers, history.n_items)
    return sparse.csr_matrix((np.ones(len(pairs[0])), pairs), shape=shape)


def _decay(last: NDArray[np.int64], half_life_days: float | None) -> NDArray[np.float64] | None:
    if half_life_days is None or not len(last):
        return None
    ages = (last.max() - last.astype(np.float64)) / SECONDS_PER_DAY
    weight: NDArray[np.float64] = 0.5 ** (ages / half_life_days)
    return weight


def bytes_of_viewed_bought(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of a fit: both matrices both ways round, one block, and the lists.

    Parameters
    ----------
    size : Size
        Of the training data; about as many looks as lines are taken to count.
    parameters : mapping
        With "neighbours" and "depth".

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> one = Size(n_rows=1, n_items=1, n_lines=0)
    >>> bytes_of_viewed_bought(one, {"neighbours": 1, "depth": 1}) > 0
    True
    """
    per_row = max(size.n_lines / max(size.n_rows, 1), 1.0)
    block = 60 * min(size.n_lines, PORTABLE_BLOCK) * per_row
    return int(bytes_of_lists(size, parameters) + 80 * size.n_lines + block)


def _check(
    seen: sparse.csr_matrix,
    bought: sparse.csr_matrix,
    k: int,
    min_customers: int,
    confidence_z: float,
    max_customer_items: int,
) -> None:
    if seen.shape != bought.shape or not seen.shape[1]:
        raise ValueError(
            f"Both matrices must have the same customers and items, not {seen.shape} and"
            f" {bought.shape}."
        )
    if not 1 <= k <= MAX_LENGTH:
        raise ValueError(f"k must be 1 to {MAX_LENGTH}, not {k}.")
    if min_customers < 1 or max_customer_items < 1:
        raise ValueError(
            "min_customers and max_customer_items must be at least 1, not"
            f" {min_customers} and {max_customer_items}."
        )
    if not 0 <= confidence_z < float("inf"):
        raise ValueError(f"confidence_z must be at least 0, not {confidence_z}.")


def _weights(
    customer_weight: NDArray[np.floating] | None,
    seen: sparse.csr_matrix,
    bought: sparse.csr_matrix,
    max_customer_items: int,
) -> NDArray[np.float64]:
    """Return the weight of each customer, 0 for those who are left out."""
    n_customers = seen.shape[0]
    weight = np.ones(n_customers) if customer_weight is None else np.asarray(customer_weight, float)
    if weight.shape != (n_customers,) or not np.all((weight >= 0) & np.isfinite(weight)):
        raise ValueError(f"customer_weight must be {n_customers} numbers of 0 or more.")
    most = np.maximum(np.diff(seen.indptr), np.diff(bought.indptr))
    return np.where(most <= max_customer_items, weight, 0.0)


def _ones(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    result = sparse.csr_matrix(matrix, dtype=np.float64, copy=True)
    result.sum_duplicates()
    result.data[:] = 1.0
    return result


def _column_sums(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    return np.bincount(matrix.indices, minlength=matrix.shape[1])


def _norm(weight: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Return weight ** -exponent, and 0 for items of no customer."""
    norm = np.zeros(len(weight))
    counted = weight > 0
    norm[counted] = weight[counted] ** -exponent
    return norm


FAMILY = Family(
    name="viewed_bought",
    fit=fit_viewed_bought,
    bytes_needed=bytes_of_viewed_bought,
    start=START,
    grid={
        "depth": DEPTHS,
        "companion_exponent": (0.0, 0.25, 0.5, 0.75),
        "item_exponent": (0.25, 0.5, 0.75, 1.0),
        "half_life_days": (None, 90.0, 180.0, 365.0),
    },
    needs=frozenset({"history", "views"}),
)
