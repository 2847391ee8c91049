"""Makes the sales of a large shop, Zipf-shaped, as arrays; `history` loads them into tables.

A few products sell in every tenth order and most hardly ever, as in any shop. Products stand in
small groups that are bought together, so that there is something to find.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LINES_PER_ORDER = 4
LINES_PER_CUSTOMER = 10
LINES_PER_PRODUCT = 100
GROUP = 8
"""Products of a group are bought together."""

TOGETHER_SHARE = 0.4
"""Share of an order's further lines that come from the group of its first."""

GUEST_SHARE = 0.15
UNPAID_SHARE = 0.05
DAYS = 730


@dataclass(frozen=True, kw_only=True, slots=True)
class Sales:
    """Orders and lines as arrays; keys count from 1."""

    n_products: int
    n_customers: int
    order_customer: NDArray[np.int64]
    order_placed: NDArray[np.int64]
    order_guest: NDArray[np.bool_]
    order_paid: NDArray[np.bool_]
    line_order: NDArray[np.int64]
    line_product: NDArray[np.int64]
    line_quantity: NDArray[np.int64]


def zipf_sales(n_lines: int, *, seed: int = 1) -> Sales:
    """Return a history of so many lines, in orders as a shop would have stored them: by time."""
    random = np.random.default_rng(seed)
    n_orders = max(n_lines // LINES_PER_ORDER, 1)
    n_customers = max(n_lines // LINES_PER_CUSTOMER, 1)
    n_products = max(n_lines // LINES_PER_PRODUCT, GROUP)
    # One line each, the rest anywhere: sizes are 1 + nearly Poisson, mostly small.
    line_order = np.sort(
        np.append(np.arange(n_orders), random.integers(0, n_orders, n_lines - n_orders))
    )
    rank = _zipf(random, n_products, n_lines, exponent=0.9)
    starts = np.searchsorted(line_order, np.arange(n_orders))
    first = rank[starts][line_order]
    together = random.random(n_lines) < TOGETHER_SHARE
    together[starts] = False
    mates = first // GROUP * GROUP + random.integers(0, GROUP, n_lines)
    rank = np.where(together, np.minimum(mates, n_products - 1), rank)
    key_by_rank = random.permutation(n_products) + 1
    return Sales(
        n_products=n_products,
        n_customers=n_customers,
        order_customer=random.permutation(n_customers)[
            _zipf(random, n_customers, n_orders, exponent=0.4)
        ]
        + 1,
        order_placed=np.sort(random.integers(0, DAYS * 86_400, n_orders)),
        order_guest=random.random(n_orders) < GUEST_SHARE,
        order_paid=random.random(n_orders) >= UNPAID_SHARE,
        line_order=line_order + 1,
        line_product=key_by_rank[rank],
        line_quantity=random.geometric(0.7, n_lines),
    )


def _zipf(
    random: np.random.Generator, n_values: int, size: int, *, exponent: float
) -> NDArray[np.int64]:
    """Draw ranks from 0, rank r in proportion to (r + 1) ** -exponent."""
    share = np.cumsum(np.arange(1, n_values + 1, dtype=np.float64) ** -exponent)
    ranks: NDArray[np.int64] = np.searchsorted(share, random.random(size) * share[-1])
    return ranks
