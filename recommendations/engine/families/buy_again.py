"""Each customer's own rhythm per product: what is due to be bought again, and since when."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.families.purchases import Purchases, purchases
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import SECONDS_PER_DAY
from recommendations.engine.metrics import NOTHING

# Two orders within half a day are one errand and no interval.
_SHORTEST_DAYS = 0.5

# Spread of ln(interval) where a shop has too few repeats to tell: a factor of 2 either way.
_PRIOR_SPREAD, _PRIOR_WEIGHT = 0.7, 10.0

# A month, where nothing at all was ever bought again.
_FIRST_GUESS_DAYS = 30.0

_MOST_PURCHASES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """When each (customer, item) pair was bought, and when it is due again.

    Parameters
    ----------
    bought : Purchases
        The purchases up to `as_of`; all other arrays are in the order of its pairs.
    as_of : int
        The moment looked at, seconds since 1970-01-01 UTC.
    interval_days : ndarray of shape (n_pairs,), float64
        Usual days between two purchases, above 0.
    n_repeats : ndarray of shape (n_pairs,), int64
        Times the customer came back for the item, half a day later or more; 0 where the interval
        is that of other customers.
    last_at : ndarray of shape (n_pairs,), int64
        When the item was bought last.
    due_at : ndarray of shape (n_pairs,), int64
        `last_at` and the interval.
    score : ndarray of shape (n_pairs,), float64
        Probability, 0 to 1, that the item is bought within the horizon after `as_of`.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> days = [86_400 * day for day in (0, 30, 60)]
    >>> history = order_history(item_ids=[7], baskets=[[0]] * 3, at=days, customers=[0] * 3)
    >>> rhythm(history, as_of=days[-1]).interval_days.round(6).tolist()
    [30.0]
    """

    bought: Purchases
    as_of: int
    interval_days: NDArray[np.float64]
    n_repeats: NDArray[np.int64]
    last_at: NDArray[np.int64]
    due_at: NDArray[np.int64]
    score: NDArray[np.float64] = field(repr=False)

    def pairs(self, customer: int) -> slice:
        """Return where a customer's pairs stand.

        Parameters
        ----------
        customer : int
            Customer position.

        Returns
        -------
        slice
            Into the arrays, items ascending; empty for a customer who is not known.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(item_ids=[7], baskets=[[0]], at=[0], customers=[0])
        >>> rhythm(history, as_of=0).pairs(0)
        slice(0, 1, None)
        """
        if not 0 <= customer < self.bought.n_customers:
            return slice(0, 0)
        start, stop = self.bought.customer_pairs[customer : customer + 2].tolist()
        return slice(start, stop)


def rhythm(
    history: OrderHistory,
    *,
    as_of: int | None = None,
    horizon_days: float = 14.0,
    prior_repeats: float = 2.0,
    min_customers: int = 1,
    max_basket_items: int = 500,
    max_customer_baskets: int = 500,
) -> Rhythm:
    """Return every customer's rhythm for every item bought, as of a moment.

    ln(interval) is taken as normal. A pair's centre is (n · ln(own median) + κ · ln(median of the
    item)) / (n + κ), n its repeats and κ `prior_repeats`: the normal mean under a conjugate prior
    (Gelman et al. 2013, Bayesian Data Analysis, 2.5). An item's median is drawn to the shop's in
    the same way. The spread is one for all, pooled over the pairs.
    Some never buy again (a cure model: Boag 1949, Maximum likelihood estimates of the proportion
    of patients cured by cancer therapy). With p the share who do after as many purchases, t the
    days since the last, h the horizon and F the distribution of the interval, the score is
    p · (F(t + h) − F(t)) / (1 − p · F(t)).

    Parameters
    ----------
    history : OrderHistory
        The orders.
    as_of : int, optional
        The moment, seconds since 1970-01-01 UTC; the newest order if not given. Later orders are
        not looked at.
    horizon_days : float
        Days ahead within which a purchase counts, above 0.
    prior_repeats : float
        κ: how many repeats of one's own weigh as much as everybody's, above 0.
    min_customers : int
        Distinct customers that must have repeated an item before its median is its own. At
        least 1.
    max_basket_items, max_customer_baskets : int
        The caps of `basket_matrix`.

    Returns
    -------
    Rhythm
        A pair for everything bought by then. Empty for no orders.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> days = [86_400 * day for day in (0, 30, 60)]
    >>> history = order_history(item_ids=[7], baskets=[[0]] * 3, at=days, customers=[0] * 3)
    >>> found = rhythm(history, as_of=86_400 * 88)
    >>> int(found.due_at[0] - found.as_of) // 86_400, int(found.n_repeats[0])
    (2, 2)
    """
    _check(horizon_days, prior_repeats, min_customers)
    moment = _newest(history) if as_of is None else as_of
    bought = purchases(
        history,
        as_of=moment,
        max_basket_items=max_basket_items,
        max_customer_baskets=max_customer_baskets,
    )
    days, pair = _intervals(bought)
    n_repeats = np.bincount(pair, minlength=bought.n_pairs)
    logs = np.log(days)
    own = _medians(logs, pair, bought.n_pairs)
    item = _item_centres(bought, logs, pair, own, prior_repeats, min_customers)
    prior = item[bought.pair_item]
    known = np.where(n_repeats > 0, own, 0.0)
    centre = (n_repeats * known + prior_repeats * prior) / (n_repeats + prior_repeats)
    last_at = bought.line_at[bought.pair_lines[1:] - 1] if bought.n_pairs else bought.line_at
    elapsed = (moment - last_at) / SECONDS_PER_DAY
    spread = _spread(logs, pair, own)
    interval = np.exp(centre)
    return Rhythm(
        bought=bought,
        as_of=moment,
        interval_days=interval,
        n_repeats=n_repeats,
        last_at=last_at,
        due_at=last_at + np.round(interval * SECONDS_PER_DAY).astype(np.int64),
        score=_due(
            elapsed,
            centre,
            spread=spread,
            again=_again_share(bought, prior_repeats, min_customers),
            horizon_days=horizon_days,
        ),
    )


def _check(horizon_days: float, prior_repeats: float, min_customers: int) -> None:
    if not 0 < horizon_days < float("inf"):
        raise ValueError(f"horizon_days must be above 0, not {horizon_days}.")
    if not 0 < prior_repeats < float("inf"):
        raise ValueError(f"prior_repeats must be above 0, not {prior_repeats}.")
    if min_customers < 1:
        raise ValueError(f"min_customers must be at least 1, not {min_customers}.")


def _newest(history: OrderHistory) -> int:
    return int(history.basket_at.max()) if history.n_baskets else 0


def _intervals(bought: Purchases) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the days between purchases that follow each other, and the pair of each."""
    pair = np.repeat(np.arange(bought.n_pairs), np.diff(bought.pair_lines))
    days = np.diff(bought.line_at) / SECONDS_PER_DAY
    follows = (pair[1:] == pair[:-1]) & (days >= _SHORTEST_DAYS)
    return days[follows], pair[1:][follows]


def _medians(
    values: NDArray[np.float64], group: NDArray[np.integer], n_groups: int
) -> NDArray[np.float64]:
    """Return the median of each group; NaN for an empty one."""
    order = np.lexsort((values, group))
    ordered = values[order]
    counts = np.bincount(group, minlength=n_groups)
    stops = np.cumsum(counts)
    filled = counts > 0
    lower = (stops - counts + (counts - 1) // 2)[filled]
    upper = (stops - counts + counts // 2)[filled]
    result = np.full(n_groups, np.nan)
    result[filled] = (ordered[lower] + ordered[upper]) / 2
    return result


def _item_centres(
    bought: Purchases,
    logs: NDArray[np.float64],
    pair: NDArray[np.int64],
    own: NDArray[np.float64],
    prior_repeats: float,
    min_customers: int,
) -> NDArray[np.float64]:
    """Return the usual ln(interval) of each item, customers counting alike, drawn to the shop's."""
    repeated = np.unique(pair)
    items = bought.pair_item[repeated]
    shop = float(np.median(own[repeated])) if len(repeated) else np.log(_FIRST_GUESS_DAYS)
    n_customers = np.bincount(items, minlength=bought.n_items)
    medians = _medians(own[repeated], items, bought.n_items)
    enough = n_customers >= min_customers
    counted = np.where(enough, n_customers, 0)
    medians = np.where(counted > 0, medians, 0.0)
    centres: NDArray[np.float64] = (counted * medians + prior_repeats * shop) / (
        counted + prior_repeats
    )
    return centres


def _spread(logs: NDArray[np.float64], pair: NDArray[np.int64], own: NDArray[np.float64]) -> float:
    """Return the standard deviation of ln(interval) around the pair's own median."""
    squares = float(((logs - own[pair]) ** 2).sum())
    # One degree of freedom goes with each median.
    freedom = len(logs) - len(np.unique(pair))
    return float(np.sqrt((squares + _PRIOR_WEIGHT * _PRIOR_SPREAD**2) / (freedom + _PRIOR_WEIGHT)))


def _again_share(
    bought: Purchases, prior_repeats: float, min_customers: int
) -> NDArray[np.float64]:
    """Return, for each pair, which share of those who bought so often bought once more."""
    # Of pairs bought once the item's own customers count, drawn to the shop's share.
    count = np.minimum(np.diff(bought.pair_lines), _MOST_PURCHASES)
    reached = np.bincount(count, minlength=_MOST_PURCHASES + 2)[::-1].cumsum()[::-1]
    # Of n purchases or more, the share with n + 1 or more; one customer each way is added.
    share = (reached[1:] + 1.0) / (reached[:-1] + 2.0)
    share[_MOST_PURCHASES:] = share[_MOST_PURCHASES - 1]
    again = np.bincount(bought.pair_item, weights=count > 1, minlength=bought.n_items)
    customers = bought.item_customers()
    known = customers >= min_customers
    item = (again * known + prior_repeats * share[1]) / (customers * known + prior_repeats)
    return np.where(count > 1, share[count], item[bought.pair_item])


def _due(
    elapsed_days: NDArray[np.float64],
    centre: NDArray[np.float64],
    *,
    spread: float,
    again: NDArray[np.float64],
    horizon_days: float,
) -> NDArray[np.float64]:
    """Return the probability of a purchase within the horizon, given none so far."""
    since = np.maximum(elapsed_days, 0.0)
    with np.errstate(divide="ignore"):
        before = ndtr((np.log(since) - centre) / spread)
    within = ndtr((np.log(since + horizon_days) - centre) / spread)
    score: NDArray[np.float64] = again * (within - before) / (1.0 - again * before)
    return np.clip(score, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class BuyAgainModel:
    """What each customer has bought and is due to buy again.

    Parameters
    ----------
    rhythm : Rhythm
        As of the moment of the model.
    min_purchases : int
        Purchases of an item by the customer from which it is offered.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> days = [86_400 * day for day in (0, 0, 30, 60)]
    >>> history = order_history(
    ...     item_ids=[7, 8], baskets=[[0], [1], [0], [0]], at=days, customers=[0] * 4
    ... )
    >>> model = BuyAgainModel(rhythm=rhythm(history, as_of=86_400 * 88))
    >>> from scipy import sparse
    >>> nothing = sparse.csr_matrix((1, 2))
    >>> query = Query(held=nothing, barred=nothing, customers=np.array([0]))
    >>> model.recommend(query, 2).tolist()
    [[0, 1]]
    """

    rhythm: Rhythm
    min_purchases: int = 1

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return what is most likely to be bought again within the horizon.

        Parameters
        ----------
        query : Query
            `customers` in positions of the history; nothing is due for -1. `barred` must be
            given to allow what the customer holds.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions bought before, best first, ties to the smaller; -1 where there are
            fewer.

        Raises
        ------
        ValueError
            If k is below 1.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> history = order_history(item_ids=[7], baskets=[[0]], at=[0], customers=[0])
        >>> model = BuyAgainModel(rhythm=rhythm(history, as_of=0))
        >>> from scipy import sparse
        >>> model.recommend(Query(held=sparse.csr_matrix((1, 1))), 2).tolist()
        [[-1, -1]]
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}.")
        found = np.full((len(query), k), NOTHING, dtype=np.int32)
        customers = np.full(len(query), -1) if query.customers is None else query.customers
        without, bought = query.without, self.rhythm.bought
        often = np.diff(bought.pair_lines) >= self.min_purchases
        for row, customer in enumerate(customers.tolist()):
            pairs = self.rhythm.pairs(customer)
            items, scores = bought.pair_item[pairs], self.rhythm.score[pairs]
            barred = without.indices[without.indptr[row] : without.indptr[row + 1]]
            open_ = often[pairs] & (scores > 0) & ~np.isin(items, barred)
            best = items[open_][np.argsort(-scores[open_], kind="stable")[:k]]
            found[row, : len(best)] = best
        return found


def fit_buy_again(training: Training, chosen: Parameters) -> BuyAgainModel:
    """Return what is due as of the newest order, or as of `chosen["as_of"]`.

    Parameters
    ----------
    training : Training
        With its history.
    chosen : mapping
        `min_purchases` and those of `rhythm`.

    Returns
    -------
    BuyAgainModel
        Nothing is random in it.

    Raises
    ------
    ValueError
        If there is no history, or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[7], baskets=[[0]], at=[5], customers=[0])
    >>> matrix = basket_matrix(history, as_of=5, half_life_days=None)
    >>> fit_buy_again(Training(matrix=matrix, history=history), {}).rhythm.as_of
    5
    """
    if training.history is None:
        raise ValueError("A rhythm is learnt from a history; training.history is None.")
    rest = {name: value for name, value in chosen.items() if name != "min_purchases"}
    found = rhythm(training.history, min_customers=training.min_customers, **rest)
    return BuyAgainModel(rhythm=found, min_purchases=chosen.get("min_purchases", 1))


def _bytes_needed(size: Size, chosen: Parameters) -> int:
    """Sort keys and lines, then a dozen arrays per pair; items are few beside them."""
    return 220 * size.n_lines + 100 * size.n_items


FAMILY = Family(
    name="buy_again",
    fit=fit_buy_again,
    bytes_needed=_bytes_needed,
    start={"horizon_days": 14.0, "prior_repeats": 2.0, "min_purchases": 1},
    grid={"horizon_days": (7.0, 14.0, 28.0), "prior_repeats": (1.0, 2.0, 5.0)},
    needs=frozenset({"history"}),
)
