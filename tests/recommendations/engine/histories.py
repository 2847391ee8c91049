"""Histories for engine tests: worked by hand, drawn at random, planted."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from recommendations.engine.history import OrderHistory, order_history, sorted_lines

DAY = 86_400


def lopsided() -> OrderHistory:
    """Five baskets of four items, no two of them alike: a transposed matrix cannot pass.

    Baskets: ab, abc, ad, a, bc by customers 0, 1, 0, 2, 3.
    """
    return order_history(
        item_ids=[10, 20, 30, 40],
        baskets=[[0, 1], [0, 1, 2], [0, 3], [0], [1, 2]],
        at=[0, DAY, 2 * DAY, 3 * DAY, 4 * DAY],
        customers=[0, 1, 0, 2, 3],
    )


def random_history(
    *, seed: int, n_baskets: int = 400, n_items: int = 60, n_customers: int = 90, mean: float = 5.0
) -> OrderHistory:
    """Zipf-shaped baskets of customers who come more than once."""
    rng = np.random.default_rng(seed)
    sizes = rng.geometric(1 / mean, n_baskets)
    shares = 1 / (np.arange(n_items) + 2.0)
    items = rng.permutation(n_items)[rng.choice(n_items, sizes.sum(), p=shares / shares.sum())]
    line_basket, line_item = sorted_lines(
        np.repeat(np.arange(n_baskets), sizes), items, n_items=n_items
    )
    return OrderHistory(
        item_ids=np.arange(n_items, dtype=np.int64) * 3 + 1,
        line_basket=line_basket,
        line_item=line_item,
        basket_at=np.sort(rng.integers(0, 700 * DAY, n_baskets)),
        basket_customer=rng.integers(0, n_customers, n_baskets).astype(np.int32),
        n_customers=n_customers,
    )


def with_basket(history: OrderHistory, items: list[int], *, customer: int, at: int) -> OrderHistory:
    """The same history with one more basket at its end."""
    extra = np.unique(np.array(items, dtype=np.int32))
    return OrderHistory(
        item_ids=history.item_ids,
        line_basket=np.append(
            history.line_basket, np.full(len(extra), history.n_baskets, dtype=np.int32)
        ),
        line_item=np.append(history.line_item, extra),
        basket_at=np.append(history.basket_at, np.int64(at)),
        basket_customer=np.append(history.basket_customer, np.int32(customer)),
        n_customers=max(history.n_customers, customer + 1),
    )


@st.composite
def histories(draw: st.DrawFn, max_items: int = 8, max_baskets: int = 14) -> OrderHistory:
    """Small histories of every shape, empty ones included."""
    n_items = draw(st.integers(1, max_items))
    baskets = draw(
        st.lists(st.lists(st.integers(0, n_items - 1), max_size=n_items), max_size=max_baskets)
    )
    n = len(baskets)
    return order_history(
        item_ids=list(range(1, n_items + 1)),
        baskets=baskets,
        at=draw(st.lists(st.integers(0, 1000 * DAY), min_size=n, max_size=n)),
        customers=draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)),
    )
