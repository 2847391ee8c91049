"""What is known of a pair (customer, item), of an item and of a customer, one column each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.purchases import Purchases

OWN_COLUMNS = (
    "frequency",
    "frequency_rank",
    "share",
    "count",
    "recent",
    "newest_age",
    "last_gap",
    "rate",
    "overdue",
    "item_overdue",
)
"""Of a pair that was bought; ages and gaps are counted in baskets of the customer."""

ITEM_COLUMNS = ("popularity", "recent_popularity", "repeat_share", "rebuy_rate", "usual_gap")
"""Of an item."""

CUSTOMER_COLUMNS = (
    "n_baskets",
    "basket_size",
    "newest_size",
    "customer_repeat_share",
    "customer_rebuy_rate",
)
"""Of a customer."""

RECENT_SHARE = 0.1
"""What is recent: the newest tenth of the baskets that count, and all at the time of its oldest."""


def item_columns(bought: Purchases, *, min_customers: int) -> NDArray[np.float32]:
    """Return what is known of each item.

    `popularity` is the share of the customers who bought it, `recent_popularity` the same among
    the newest tenth of all baskets, `repeat_share` the share of its customers who bought it twice
    or more, `rebuy_rate` its purchases after the first over the baskets there were for them, and
    `usual_gap` the mean number of baskets from one purchase to the next.

    Parameters
    ----------
    bought : Purchases
        The purchases.
    min_customers : int
        Distinct customers below whom an item is not told of: 0, and NaN for the gap.

    Returns
    -------
    ndarray of shape (n_items, len(ITEM_COLUMNS)), float32
        Shares and rates 0 to 1; gaps in baskets, NaN of items never bought again.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.families.purchases import purchases
    >>> history = order_history(
    ...     item_ids=[10, 20], baskets=[[0], [1], [0]], at=[0, 60, 90], customers=[0, 0, 0]
    ... )
    >>> item_columns(purchases(history), min_customers=1)[0].tolist()
    [1.0, 1.0, 1.0, 0.5, 2.0]
    """
    count, newest, oldest = _ages(bought)
    item, n_items = bought.pair_item, bought.n_items
    customers = bought.item_customers()
    enough = customers >= min_customers
    again = np.bincount(item, weights=count > 1, minlength=n_items)
    repeats = np.bincount(item, weights=count - 1, minlength=n_items)
    chances = np.bincount(item, weights=oldest, minlength=n_items)
    gaps = np.bincount(item, weights=oldest - newest, minlength=n_items)
    n_active = max(int((bought.n_baskets > 0).sum()), 1)
    columns = {
        "popularity": customers / n_active,
        "recent_popularity": _recent_popularity(bought),
        "repeat_share": again / np.maximum(customers, 1),
        "rebuy_rate": repeats / np.maximum(chances, 1),
        "usual_gap": np.where(enough & (repeats > 0), gaps / np.maximum(repeats, 1), np.nan),
    }
    result = np.empty((n_items, len(ITEM_COLUMNS)), dtype=np.float32)
    for place, name in enumerate(ITEM_COLUMNS):
        result[:, place] = columns[name] if name == "usual_gap" else columns[name] * enough
    return result


def _recent_popularity(bought: Purchases) -> NDArray[np.float64]:
    """Return the share of the customers of the newest tenth of baskets who bought each item."""
    if not len(bought.line_at):
        return np.zeros(bought.n_items)
    since = _recent_since(bought)
    newest = bought.line_at[bought.pair_lines[1:] - 1]
    recent = newest >= since
    customers = bought.pair_customer[recent]
    n_customers = 1 + int(np.count_nonzero(np.diff(customers)))
    counts = np.bincount(bought.pair_item[recent], minlength=bought.n_items)
    return np.asarray(counts / n_customers)


def _recent_since(bought: Purchases) -> int:
    """Return the time of the oldest of the newest tenth of baskets, each counted once."""
    baskets = bought.line_customer * (int(bought.line_age.max()) + 1) + bought.line_age
    _, first = np.unique(baskets, return_index=True)
    at = np.sort(bought.line_at[first])
    return int(at[-max(int(np.ceil(len(at) * RECENT_SHARE)), 1)])


def own_columns(
    bought: Purchases, frequency: NDArray[np.float64], usual_gap: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return what the purchases of each pair say.

    `frequency_rank` is the place among the customer's items by `frequency`, 0 the highest;
    `share` of the customer's baskets; `recent` the sum of ½ ** age; `newest_age` the baskets since
    the last purchase; `last_gap` and `rate` those between the last two and purchases per basket
    since the first; `overdue` and `item_overdue` the baskets since the last purchase over the
    pair's usual gap, and over the item's.

    Parameters
    ----------
    bought : Purchases
        The purchases.
    frequency : ndarray of shape (n_pairs,), float64
        From `personal_frequency`.
    usual_gap : ndarray of shape (n_items,), float
        The item's mean gap; NaN where it is not known.

    Returns
    -------
    ndarray of shape (n_pairs, len(OWN_COLUMNS)), float32
        NaN where nothing was bought twice.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.families.purchases import purchases
    >>> history = order_history(
    ...     item_ids=[10], baskets=[[0], [0]], at=[0, 60], customers=[0, 0]
    ... )
    >>> own_columns(purchases(history), np.array([1.0]), np.array([1.0]))[0].tolist()
    [1.0, 0.0, 1.0, 2.0, 1.5, 0.0, 1.0, 1.0, 1.0, 1.0]
    """
    count, newest, oldest = _ages(bought)
    customer = bought.pair_customer
    gap = (oldest - newest) / np.maximum(count - 1, 1)
    rank = np.empty(bought.n_pairs, dtype=np.int64)
    order = np.lexsort((-frequency, customer))
    rank[order] = np.arange(bought.n_pairs) - bought.customer_pairs[customer]
    before = np.maximum(bought.pair_lines[1:] - 2, 0)
    columns = {
        "frequency": frequency,
        "frequency_rank": rank,
        "share": count / np.maximum(bought.n_baskets[customer], 1),
        "count": count,
        "recent": bought.sums(0.5 ** bought.line_age.astype(np.float64)),
        "newest_age": newest,
        "last_gap": np.where(count > 1, bought.line_age[before] - newest, np.nan),
        "rate": count / (oldest + 1),
        "overdue": np.where(count > 1, (newest + 1) / np.maximum(gap, 1), np.nan),
        "item_overdue": (newest + 1) / usual_gap[bought.pair_item],
    }
    result = np.empty((bought.n_pairs, len(OWN_COLUMNS)), dtype=np.float32)
    for place, name in enumerate(OWN_COLUMNS):
        result[:, place] = columns.pop(name)
    return result


def customer_columns(bought: Purchases) -> NDArray[np.float32]:
    """Return what is known of each customer.

    Baskets, their mean size and that of the newest, the share of lines that were repeats, and
    purchases after the first over the baskets there were for them, all items taken together.

    Parameters
    ----------
    bought : Purchases
        The purchases.

    Returns
    -------
    ndarray of shape (n_customers, len(CUSTOMER_COLUMNS)), float32
        0 for customers without a basket.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.families.purchases import purchases
    >>> history = order_history(
    ...     item_ids=[10, 20], baskets=[[0], [0, 1]], at=[0, 60], customers=[0, 0]
    ... )
    >>> customer_columns(purchases(history)).round(2).tolist()
    [[2.0, 1.5, 2.0, 0.33000001311302185, 1.0]]
    """
    count, newest, oldest = _ages(bought)
    customer, n = bought.pair_customer, bought.n_customers
    n_baskets = np.maximum(bought.n_baskets, 1)
    lines = np.bincount(customer, weights=count, minlength=n)
    repeats = np.bincount(customer, weights=count - 1, minlength=n)
    chances = np.bincount(customer, weights=oldest, minlength=n)
    columns = {
        "n_baskets": bought.n_baskets,
        "basket_size": lines / n_baskets,
        "newest_size": np.bincount(customer, weights=newest == 0, minlength=n),
        "customer_repeat_share": repeats / np.maximum(lines, 1),
        "customer_rebuy_rate": repeats / np.maximum(chances, 1),
    }
    return np.stack([columns[name] for name in CUSTOMER_COLUMNS], axis=1).astype(np.float32)


def _ages(
    bought: Purchases,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return purchases, and the ages of the newest and the oldest, of each pair."""
    count = np.diff(bought.pair_lines)
    if not bought.n_pairs:
        return count, count, count
    newest = bought.line_age[bought.pair_lines[1:] - 1]
    oldest = bought.line_age[bought.pair_lines[:-1]]
    return count, newest, oldest
