"""What is new, and what someone looked at or bought last."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import SECONDS_PER_DAY
from recommendations.engine.trending import window_counts

UNKNOWN = -1
"""Stands for a time that is not known."""


def first_sold(history: OrderHistory, *, as_of: int) -> NDArray[np.int64]:
    """Return when each item was first bought.

    Parameters
    ----------
    history : OrderHistory
        The orders. Those after `as_of` are not looked at.
    as_of : int
        Seconds since 1970 UTC.

    Returns
    -------
    ndarray of shape (n_items,), int64
        Seconds since 1970 UTC; -1 for what was not bought.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(item_ids=[1, 2], baskets=[[0], [0]], at=[9, 7], customers=[0, 0])
    >>> first_sold(history, as_of=9).tolist()
    [7, -1]
    """
    at = history.basket_at[history.line_basket]
    known = at <= as_of
    first = np.full(history.n_items, np.iinfo(np.int64).max)
    np.minimum.at(first, history.line_item[known], at[known])
    return np.where(first == np.iinfo(np.int64).max, UNKNOWN, first)


def new_arrivals(
    history: OrderHistory,
    *,
    as_of: int,
    arrived_at: NDArray[np.int64] | None = None,
    group: NDArray[np.integer] | None = None,
    max_age_days: float = 30.0,
    prior_days: float = 7.0,
) -> NDArray[np.float64]:
    """Return how well each new item sells per day since it came, by what is known so far.

    rate_i = (x_i + s · r_g) / (t_i + s), with x_i the distinct customers of the item, t_i its
    days on the shelf, s `prior_days` and r_g the mean rate of the new items of its group, which
    is drawn to that of all new items in the same way. This is the mean of a gamma posterior for
    a Poisson rate (Clayton and Kaldor 1987, *Empirical Bayes estimates*): an item that came this
    morning stands where its category stands, and earns its own place in about a week.

    Parameters
    ----------
    history : OrderHistory
        The orders. Those after `as_of` are not looked at.
    as_of : int
        The moment to which ages are counted, seconds since 1970 UTC.
    arrived_at : ndarray of shape (n_items,), int64, optional
        When each item came into the shop; -1 where that is not known. Then, and where it is not
        given, an item came when it was first bought.
    group : ndarray of shape (n_items,), integer, optional
        Category of each item, 0 or more; -1 for none. One group of all if not given.
    max_age_days : float
        Items that came longer ago are not new; above 0.
    prior_days : float
        Days after which an item's own sales count as much as its group's; above 0.

    Returns
    -------
    ndarray of shape (n_items,), float64
        Customers per day; 0 for what is not new. If no new item was bought, the rates are a
        small positive number that falls with age: the newest first.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> day = 86_400
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[1], [1], [0]], at=[day, 2 * day, 2 * day],
    ...     customers=[0, 1, 2],
    ... )
    >>> came = np.array([day, day, 10 * day])
    >>> new_arrivals(history, as_of=8 * day, arrived_at=came).round(3).tolist()
    [0.179, 0.25, 0.0]
    """
    for name, value in (("max_age_days", max_age_days), ("prior_days", prior_days)):
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} must be above 0, not {value}.")
    sold = first_sold(history, as_of=as_of)
    came = sold if arrived_at is None else np.where(arrived_at == UNKNOWN, sold, arrived_at)
    age_days = (as_of - came) / SECONDS_PER_DAY
    new = (came != UNKNOWN) & (age_days >= 0) & (age_days <= max_age_days)
    since = int(came[new].min(initial=as_of)) - 1
    customers = window_counts(history, since=since, until=as_of).customers
    groups = np.zeros(history.n_items, dtype=np.int64) if group is None else group + 1
    groups, bought, days = groups[new], customers[new], age_days[new]
    # Half a customer in all keeps rates above 0 where nobody has bought anything yet.
    overall = max(bought.sum(), 0.5) / max(days.sum(), prior_days)
    by_group = (np.bincount(groups, weights=bought) + prior_days * overall) / (
        np.bincount(groups, weights=days) + prior_days
    )
    rates = np.zeros(history.n_items)
    rates[new] = (bought + prior_days * by_group[groups]) / (days + prior_days)
    return rates


def most_recent(
    items: ArrayLike, at: ArrayLike, *, as_of: int, k: int, without: ArrayLike = ()
) -> NDArray[np.int64]:
    """Return what someone looked at, or bought, last: each item once, the latest first.

    Parameters
    ----------
    items : array-like of shape (n_events,)
        Item ids or positions, any order.
    at : array-like of shape (n_events,)
        When, seconds since 1970 UTC. Events after `as_of` are not looked at.
    as_of : int
        Seconds since 1970 UTC.
    k : int
        Longest result, 0 or more.
    without : array-like of shape (n_without,)
        Items to leave out, for instance the one on the page.

    Returns
    -------
    ndarray of shape (n_found,), int64
        Of events at one second the later given goes first. No events give no items.

    Raises
    ------
    ValueError
        If there is not one time per event.

    Examples
    --------
    >>> most_recent([7, 8, 7, 9], [1, 2, 3, 99], as_of=10, k=5).tolist()
    [7, 8]
    """
    events, times = np.asarray(items, dtype=np.int64), np.asarray(at, dtype=np.int64)
    if len(events) != len(times):
        raise ValueError(f"{len(events)} items and {len(times)} times were given.")
    known = (times <= as_of) & ~np.isin(events, np.asarray(without, dtype=np.int64))
    events, times = events[known], times[known]
    latest = events[np.lexsort((-np.arange(len(events)), -times))]
    _, first = np.unique(latest, return_index=True)
    return latest[np.sort(first)][:k]
