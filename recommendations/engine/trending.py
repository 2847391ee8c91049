"""What sells more than it did: a recent window against a baseline, so that noise does not trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import SECONDS_PER_DAY
from recommendations.engine.neighbour_lists import NeighbourLists, row_bounds


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowCounts:
    """What was bought within a window of time.

    Parameters
    ----------
    customers : ndarray of shape (n_items,), int64
        Distinct customers of each item.
    baskets : ndarray of shape (n_items,), int64
        Baskets with each item.
    n_customers : int
        Distinct customers with a basket.
    n_baskets : int
        Baskets.

    Examples
    --------
    >>> WindowCounts(
    ...     customers=np.array([2, 1]), baskets=np.array([3, 1]), n_customers=2, n_baskets=4
    ... ).n_purchases
    3
    """

    customers: NDArray[np.int64]
    baskets: NDArray[np.int64]
    n_customers: int
    n_baskets: int

    @property
    def n_purchases(self) -> int:
        """Pairs of a customer and an item that this customer bought."""
        return int(self.customers.sum())


@dataclass(frozen=True, kw_only=True, slots=True)
class Trends:
    """How each item's sales in the recent window compare with its baseline.

    Parameters
    ----------
    recent : WindowCounts
        The recent window.
    baseline_customers : ndarray of shape (n_items,), int64
        Customers of each item in the baseline, summed over its periods.
    n_baseline_purchases : int
        Pairs of a customer and an item, summed likewise.
    n_periods : int
        Periods of the baseline; 0 where there is no history to compare with.
    ratio : ndarray of shape (n_items,), float64
        The item's share of all purchases, recent over baseline; infinite for what did not sell
        in the baseline, 0 for what does not sell.
    lower, upper : ndarray of shape (n_items,), float64
        Ends of the ratio's interval.
    p_value : ndarray of shape (n_items,), float64
        Chance of so many recent customers if nothing had changed; 1 for what was not compared.
    trending : ndarray of shape (n_items,), bool
        Items that rise, beyond what their number lets one expect by chance.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> nothing = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    >>> trends(nothing, as_of=0).n_periods
    0
    """

    recent: WindowCounts
    baseline_customers: NDArray[np.int64]
    n_baseline_purchases: int
    n_periods: int
    ratio: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    p_value: NDArray[np.float64]
    trending: NDArray[np.bool_]


def window_counts(history: OrderHistory, *, since: int, until: int) -> WindowCounts:
    """Return what was bought after `since`, up to and including `until`.

    Parameters
    ----------
    history : OrderHistory
        The orders. Baskets without a line do not count.
    since, until : int
        Seconds since 1970 UTC.

    Returns
    -------
    WindowCounts
        All 0 where nothing was bought. A customer counts once per item.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0], [0, 1], [0]], at=[1, 2, 3], customers=[0, 0, 1]
    ... )
    >>> counts = window_counts(history, since=0, until=2)
    >>> counts.customers.tolist(), counts.baskets.tolist(), counts.n_customers
    ([1, 1], [2, 1], 1)
    """
    inside = (history.basket_at > since) & (history.basket_at <= until)
    lines = inside[history.line_basket]
    baskets, items = history.line_basket[lines], history.line_item[lines]
    owners = history.basket_customer[baskets]
    met = np.unique(items.astype(np.int64) * max(history.n_customers, 1) + owners)
    return WindowCounts(
        customers=np.bincount(met // max(history.n_customers, 1), minlength=history.n_items),
        baskets=np.bincount(items, minlength=history.n_items),
        n_customers=len(np.unique(owners)),
        n_baskets=len(np.unique(baskets)),
    )


def trends(
    history: OrderHistory,
    *,
    as_of: int,
    recent_days: float = 7.0,
    baseline_periods: int = 8,
    min_customers: int = 5,
    confidence: float = 0.95,
    false_discovery_rate: float = 0.05,
) -> Trends:
    """Return which items rise: a larger share of all purchases lately than before.

    A purchase is a customer and an item that this customer bought, whatever the number of
    baskets. The baseline is cut into periods as long as the recent window, and purchases are
    counted in each: in one long window, customers would have had more time to come back. With x
    purchases of an item among n in the recent window, y among m in the baseline, and the share
    unchanged, x is one of x + y binomial draws with chance n / (n + m) (Przyborowski and Wileński
    1940, *Homogeneity of results in testing samples from Poisson series*). The shop's growth is in
    n and m, whether it is more customers, more orders of each or larger baskets, and so makes
    nothing trend; with customers alone in their place, orders three times as frequent did. The
    interval is the exact one of Clopper and Pearson (1934) for that chance, turned into a ratio
    of shares. Of many items some rise by luck: which are called trending is controlled by the
    step-up procedure of Benjamini and Hochberg (1995).

    Parameters
    ----------
    history : OrderHistory
        The orders. Those after `as_of` are not looked at.
    as_of : int
        End of the recent window, seconds since 1970 UTC.
    recent_days : float
        Length of the recent window and of each period, above 0.
    baseline_periods : int
        Periods right before the recent window, at least 1; those that begin before the first
        order are left out. Whole weeks make weekdays cancel out.
    min_customers : int
        Recent customers that a trending item has, at least 1.
    confidence : float
        Of the interval, both sides together, 0 to 1.
    false_discovery_rate : float
        Expected share of chance among those called trending, 0 to 1.

    Returns
    -------
    Trends
        By item position. Nothing trends where there is no baseline.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> day = 86_400
    >>> history = order_history(
    ...     item_ids=[1, 2],
    ...     baskets=[[0, 1]] + [[0]] * 29 + [[0, 1]] * 25 + [[0]] * 5,
    ...     at=[day] * 30 + [10 * day] * 30,
    ...     customers=list(range(60)),
    ... )
    >>> found = trends(history, as_of=14 * day, baseline_periods=1)
    >>> found.trending.tolist(), found.ratio.round(2).tolist()
    ([False, True], [0.56, 14.09])
    """
    _check_parameters(recent_days, baseline_periods, min_customers, confidence)
    if not 0 < false_discovery_rate < 1:
        raise ValueError(f"false_discovery_rate must be in 0 to 1, not {false_discovery_rate}.")
    seconds = round(recent_days * SECONDS_PER_DAY)
    recent = window_counts(history, since=as_of - seconds, until=as_of)
    first = int(history.basket_at.min(initial=as_of))
    periods = [
        window_counts(history, since=as_of - (back + 1) * seconds, until=as_of - back * seconds)
        for back in range(1, baseline_periods + 1)
        # The first order may stand anywhere in its first day.
        if as_of - (back + 1) * seconds >= first - SECONDS_PER_DAY
    ]
    before = sum((p.customers for p in periods), np.zeros(history.n_items, dtype=np.int64))
    n_before = int(before.sum())
    ratio, lower, upper, p_value = _compared(
        recent.customers, before, recent.n_purchases, n_before, confidence
    )
    # What is called trending depends on the sum alone being enough, which says nothing about
    # when the sales were: choosing by the recent ones would let luck in.
    tested = (recent.customers + before >= min_customers) & (n_before > 0)
    rises = _discoveries(p_value, tested, false_discovery_rate)
    return Trends(
        recent=recent,
        baseline_customers=before,
        n_baseline_purchases=n_before,
        n_periods=len(periods),
        ratio=ratio,
        lower=lower,
        upper=upper,
        p_value=np.where(tested, p_value, 1.0),
        trending=rises & (recent.customers >= min_customers),
    )


def group_lists(
    group: NDArray[np.integer],
    scores: NDArray[np.floating],
    counts: WindowCounts,
    *,
    n_groups: int,
    k: int,
) -> NeighbourLists:
    """Return the best items of each group, ready to be packed, whatever they are best at.

    Parameters
    ----------
    group : ndarray of shape (n_items,), integer
        Group of each item, for instance its category, 0..n_groups-1; -1 for none. All 0 gives
        one list for the whole shop.
    scores : ndarray of shape (n_items,), floating
        Items that do not score above 0 are left out.
    counts : WindowCounts
        The evidence that is stored with each item.
    n_groups : int
        Number of groups.
    k : int
        Longest list, 0 or more.

    Returns
    -------
    NeighbourLists
        One row per group, highest score first; ties go to the smaller item position.

    Raises
    ------
    ValueError
        If a group is out of its range.

    Examples
    --------
    >>> counts = WindowCounts(
    ...     customers=np.array([5, 9, 7]), baskets=np.array([5, 9, 8]), n_customers=9, n_baskets=9
    ... )
    >>> lists = group_lists(np.array([1, 0, 1]), counts.customers * 1.0, counts, n_groups=2, k=5)
    >>> lists.indptr.tolist(), lists.items.tolist(), lists.customers.tolist()
    ([0, 1, 3], [1, 2, 0], [9, 7, 5])
    """
    if len(group) and not -1 <= group.min() <= group.max() < n_groups:
        raise ValueError(
            f"Groups must be -1 to {n_groups - 1}, not {group.min()} to {group.max()}."
        )
    listed = np.flatnonzero((scores > 0) & (group >= 0))
    listed = listed[np.lexsort((listed, -scores[listed], group[listed]))]
    return NeighbourLists(
        indptr=row_bounds(np.bincount(group[listed], minlength=n_groups)),
        items=listed.astype(np.int32),
        scores=scores[listed].astype(np.float32),
        customers=counts.customers[listed].astype(np.uint32),
        baskets=counts.baskets[listed].astype(np.uint32),
    ).first(k)


def trend_scores(found: Trends) -> NDArray[np.float64]:
    """Return what trending items are ranked by: the surest rise first.

    Parameters
    ----------
    found : Trends
        From `trends`.

    Returns
    -------
    ndarray of shape (n_items,), float64
        The lower end of the ratio's interval; 0 for what does not trend.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> nothing = order_history(item_ids=[1], baskets=[], at=[], customers=[])
    >>> trend_scores(trends(nothing, as_of=0)).tolist()
    [0.0]
    """
    return np.where(found.trending, found.lower, 0.0)


def _check_parameters(
    recent_days: float, baseline_periods: int, min_customers: int, confidence: float
) -> None:
    if not 0 < recent_days < float("inf"):
        raise ValueError(f"recent_days must be above 0, not {recent_days}.")
    if baseline_periods < 1:
        raise ValueError(f"baseline_periods must be at least 1, not {baseline_periods}.")
    if min_customers < 1:
        raise ValueError(f"min_customers must be at least 1, not {min_customers}.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in 0 to 1, not {confidence}.")


def _compared(
    now: NDArray[np.int64],
    before: NDArray[np.int64],
    n_now: int,
    n_before: int,
    confidence: float,
) -> tuple[NDArray[np.float64], ...]:
    """Return ratio, lower and upper end and p-value of each item."""
    tail = (1 - confidence) / 2
    exposure = n_before / max(n_now, 1)
    chance = n_now / max(n_now + n_before, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(now > 0, now / before * exposure, 0.0)
        low = np.where(now > 0, special.betaincinv(np.maximum(now, 1), before + 1.0, tail), 0.0)
        high = np.where(
            before > 0, special.betaincinv(now + 1.0, np.maximum(before, 1), 1 - tail), 1.0
        )
        lower, upper = low / (1 - low) * exposure, high / (1 - high) * exposure
    # P(X >= x) of the binomial, as the incomplete beta function.
    p_value = np.where(now > 0, special.betainc(np.maximum(now, 1), before + 1.0, chance), 1.0)
    return ratio, lower, upper, p_value


def _discoveries(
    p_value: NDArray[np.float64], tested: NDArray[np.bool_], rate: float
) -> NDArray[np.bool_]:
    """Return the discoveries among the tested by Benjamini and Hochberg."""
    ordered = np.sort(p_value[tested])
    passed = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / len(ordered))
    if not len(passed):
        return np.zeros(len(p_value), dtype=bool)
    found: NDArray[np.bool_] = tested & (p_value <= ordered[passed[-1]])
    return found
