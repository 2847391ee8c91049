"""Training data for tests of families, and lists as plain rows."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from recommendations.engine.caps import MAX_ROW_ITEMS
from recommendations.engine.families.base import Training
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbour_lists import NeighbourLists

COLUMNS = ("indptr", "items", "scores", "customers", "baskets")


def training_of(
    history: OrderHistory,
    *,
    half_life_days: float | None = None,
    min_customers: int = 1,
    n_threads: int = 1,
    max_row_items: int = MAX_ROW_ITEMS,
    **caps: float,
) -> Training:
    """Learn from baskets, ages counted to the newest."""
    newest = int(history.basket_at.max(initial=0))
    return Training(
        matrix=basket_matrix(history, as_of=newest, half_life_days=half_life_days, **caps),
        history=history,
        min_customers=min_customers,
        n_threads=n_threads,
        max_row_items=max_row_items,
    )


def table_of(training: Training) -> np.ndarray:
    """Rows × items of ones, dense."""
    return training.matrix.baskets_items().toarray()


def dense_lists(lists: NeighbourLists) -> np.ndarray:
    """Scores of all listed pairs, 0 elsewhere."""
    return lists.matrix(len(lists)).toarray()


def rows_of(lists: NeighbourLists) -> list[list[int]]:
    """The items of each list, in order."""
    return [part.tolist() for part in np.split(lists.items, lists.indptr[1:-1])]


def same_bytes(left: NeighbourLists, right: NeighbourLists) -> bool:
    return all(getattr(left, name).tobytes() == getattr(right, name).tobytes() for name in COLUMNS)


def random_ones(seed: int, n_rows: int = 70, n_items: int = 23) -> np.ndarray:
    """Lopsided: no two items, and hardly two rows, of one size; every item and row is in use."""
    rng = np.random.default_rng(seed)
    share = np.outer(rng.beta(1, 3, n_rows), np.linspace(0.2, 1.9, n_items))
    table = (rng.random((n_rows, n_items)) < share).astype(float)
    table[np.arange(n_rows), rng.integers(0, n_items, n_rows)] = 1
    table[rng.integers(0, n_rows, n_items), np.arange(n_items)] = 1
    return table


def history_of(table: np.ndarray) -> OrderHistory:
    """One basket per row, one customer per basket, all at one time."""
    matrix = sparse.csr_matrix(table)
    rows = np.arange(len(table), dtype=np.int32)
    return OrderHistory(
        item_ids=np.arange(table.shape[1], dtype=np.int64),
        line_basket=np.repeat(rows, np.diff(matrix.indptr)),
        line_item=matrix.indices.astype(np.int32),
        basket_at=np.zeros(len(table), dtype=np.int64),
        basket_customer=rows,
        n_customers=len(table),
    )
