"""A made shop on disk, as arrays that processes of a benchmark read: orders and what items are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.association_rules import orders
from recommendations.engine.families.base import Training
from recommendations.engine.history import OrderHistory, order_history, sorted_lines
from recommendations.engine.item_features import ItemFacts, item_features
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.tuning.questions import customer_matrix

COLUMNS = ("item_ids", "line_basket", "line_item", "basket_at", "basket_customer")
HALF_LIFE_DAYS = 180.0
MIN_CUSTOMERS = 5
CATEGORIES, BRANDS, WORDS = 200, 500, 5_000
BOT_ORDER_ITEMS = 100


def save_shop(folder: str, n_lines: int, bots: bool) -> None:  # noqa: FBT001
    """Make the orders and the facts once; every measured process reads the same."""
    history = orders(n_lines, 1.0)
    if bots:
        history = with_bots(history)
    path = Path(folder)
    for name in COLUMNS:
        np.save(path / f"{name}.npy", getattr(history, name), allow_pickle=False)
    content = item_features(made_facts(history.n_items)).matrix
    sparse.save_npz(path / "content.npz", content, compressed=False)


def read_shop(path: Path, *, by_customer: bool) -> Training:
    """Return what models learn from; rows are baskets, or customers."""
    columns = {name: np.load(path / f"{name}.npy") for name in COLUMNS}
    history = OrderHistory(**columns, n_customers=int(columns["basket_customer"].max()) + 1)
    return training_of(history, sparse.load_npz(path / "content.npz"), by_customer=by_customer)


def training_of(
    history: OrderHistory, content: sparse.csr_matrix, *, by_customer: bool
) -> Training:
    """Return what models learn from, with the caps and the decay as shipped."""
    make = customer_matrix if by_customer else basket_matrix
    newest = int(history.basket_at.max())
    return Training(
        matrix=make(history, as_of=newest, half_life_days=HALF_LIFE_DAYS),
        history=history,
        content=content,
        min_customers=MIN_CUSTOMERS,
    )


def warm_up(run: Callable[[Training], object]) -> None:
    """Run on next to nothing with either kind of rows: code is loaded and compiled by then."""
    rng = np.random.default_rng(0)
    baskets = [np.unique(rng.integers(0, 40, 5)).tolist() for _ in range(400)]
    history = order_history(
        item_ids=list(range(1, 41)),
        baskets=baskets,
        at=list(range(0, 400 * 86_400, 86_400)),
        customers=rng.integers(0, 80, 400).tolist(),
    )
    content = item_features(made_facts(40)).matrix
    for by_customer in (False, True):
        run(training_of(history, content, by_customer=by_customer))


def with_bots(history: OrderHistory) -> OrderHistory:
    """Return the orders with one of every item, and a customer who buys every item in orders."""
    n_items, newest = history.n_items, int(history.basket_at.max())
    shuffled = np.random.default_rng(5).permutation(n_items)
    n_orders = -(-n_items // BOT_ORDER_ITEMS)
    basket = np.append(np.zeros(n_items, dtype=int), 1 + np.arange(n_items) // BOT_ORDER_ITEMS)
    line_basket, line_item = sorted_lines(
        np.append(history.line_basket, history.n_baskets + basket),
        np.append(history.line_item, np.append(np.arange(n_items), shuffled)),
        n_items=n_items,
    )
    bots = history.n_customers + np.append(0, np.ones(n_orders, dtype=int))
    return OrderHistory(
        item_ids=history.item_ids,
        line_basket=line_basket,
        line_item=line_item,
        basket_at=np.append(history.basket_at, np.full(1 + n_orders, newest)),
        basket_customer=np.append(history.basket_customer, bots).astype(np.int32),
        n_customers=history.n_customers + 2,
    )


def made_facts(n_items: int) -> ItemFacts:
    """Return titles of common and rare words, categories, brands and prices."""
    rng = np.random.default_rng(6)
    rank = np.minimum(rng.zipf(1.3, (n_items, 5)), WORDS)
    category = rng.integers(0, CATEGORIES, n_items)
    return ItemFacts(
        title=[" ".join(f"word{number}" for number in row) for row in rank.tolist()],
        description=[""] * n_items,
        category=[f"Department {number % 12} > Category {number}" for number in category.tolist()],
        brand=[f"Brand {number}" for number in rng.integers(0, BRANDS, n_items).tolist()],
        price=np.exp(rng.normal(3, 1, n_items)),
        currency=["EUR"] * n_items,
        attributes=[{}] * n_items,
    )
