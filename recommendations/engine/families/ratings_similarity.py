"""Item-based similarity of ratings, or of how often each customer bought: who agrees on two items.

Adjusted cosine: Sarwar, Karypis, Konstan and Riedl (2001), Item-based collaborative filtering
recommendation algorithms, section 3.1.3. Pearson's correlation: section 3.1.2 there, and
Herlocker, Konstan, Borchers and Riedl (1999), An algorithmic framework for performing
collaborative filtering, for discounting pairs of few raters; the discount n / (n + λ) is Bell and
Koren's (2007). Both look at customers who rated both items, and at nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine._portable import piece_bounds
from recommendations.engine.evidence import supported_only, with_evidence
from recommendations.engine.families.base import Family, ListModel, Parameters, Size, Training
from recommendations.engine.families.lists import (
    COMMON,
    DEPTHS,
    bytes_of_lists,
    list_length,
    list_model,
)
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.neighbour_lists import NeighbourLists, best_of_pairs

Centre: TypeAlias = Literal["customer", "item"]

START: Mapping[str, Any] = {**COMMON, "depth": 50, "shrinkage": 10.0, "half_life_days": 180.0}

# Meetings of two ratings that a block of items may hold: some ten arrays of 8 bytes each.
_BLOCK_MEETINGS = 4_000_000

# What rounding leaves of a value from which its own mean was taken.
_NOTHING = 1e-12


def ratings_neighbours(
    ratings: sparse.csr_matrix,
    *,
    centre: Centre,
    k: int,
    min_customers: int = 5,
    shrinkage: float = 0.0,
) -> NeighbourLists:
    """Return the items on which customers agree most with each item.

    With x_ui = r_ui − (mean of customer u) for the adjusted cosine and x_ui = r_ui − (mean of item
    i over the customers who rated both) for Pearson's correlation, sums over those who rated both,

    s_ij = Σ x_ui x_uj / √(Σ x_ui² · Σ x_uj²) · n_ij / (n_ij + λ).

    Parameters
    ----------
    ratings : csr_matrix of shape (n_customers, n_items)
        Stored entries are ratings, zeros among them; any finite values.
    centre : {"customer", "item"}
        Whose mean is taken off: "customer" for the adjusted cosine, "item" for Pearson.
    k : int
        Longest list, at least 1.
    min_customers : int
        Customers who must have rated both, at least 1. One alone always agrees with himself in
        an adjusted cosine, and two always correlate perfectly.
    shrinkage : float
        λ, 0 or more: at n_ij = λ half is left.

    Returns
    -------
    NeighbourLists
        One row per item position, best first, ties to the smaller item; scores above 0 to 1.
        `customers` and `baskets` both count those who rated both. No ratings give empty rows.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> ratings = sparse.csr_matrix([[5.0, 4.0, 1.0], [1.0, 2.0, 5.0], [4.0, 5.0, 0.5]])
    >>> lists = ratings_neighbours(ratings, centre="item", k=2, min_customers=3)
    >>> lists.indptr.tolist(), lists.items.tolist(), lists.scores.round(2).tolist()
    ([0, 1, 2, 2], [1, 0], [0.8399999737739563, 0.8399999737739563])
    """
    _check(centre, k, min_customers, shrinkage)
    n_items = ratings.shape[1]
    if not n_items:
        return NeighbourLists.empty(0)
    values = _centred(ratings, centre)
    # Item by item on the left, customer by customer on the right.
    sides = _Side.of(values.T.tocsr()), _Side.of(values)
    # A rating of an item meets all ratings of its customer.
    meetings = (sides[0].rated @ np.diff(sides[1].rated.indptr)).astype(np.int64)
    bounds = piece_bounds(meetings, 1 + int(meetings.sum()) // _BLOCK_MEETINGS)
    parts = []
    for start, stop in pairwise(bounds.tolist()):
        pairs = _agreement(sides, start, stop, centre, min_customers, shrinkage).liked()
        lists = best_of_pairs(*pairs, n_rows=stop - start, k=k)
        parts.append(lists)
    return NeighbourLists.joined(parts)


def bought_counts(
    history: OrderHistory, *, half_life_days: float | None, max_row_items: int
) -> sparse.csr_matrix:
    """Return how often each customer bought each item, newer orders counting more.

    Parameters
    ----------
    history : OrderHistory
        The orders; the caps of `basket_matrix` apply.
    half_life_days : float or None
        Days before the newest order after which an order counts half.
    max_row_items : int
        Customers with more distinct items are left out.

    Returns
    -------
    csr_matrix of shape (n_customers that count, n_items), float64
        Sums of time decays.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [1]], at=[0, 9], customers=[0, 0]
    ... )
    >>> bought_counts(history, half_life_days=None, max_row_items=9).toarray().tolist()
    [[1.0, 2.0]]
    """
    newest = int(history.basket_at.max(initial=0))
    matrix = basket_matrix(history, as_of=newest, half_life_days=half_life_days)
    counts = matrix.customers_items(decayed=True)
    return counts[np.diff(counts.indptr) <= max_row_items]


def fit_ratings(training: Training, parameters: Parameters, *, centre: Centre) -> ListModel:
    """Return the lists of items that customers buy more, or less, often together than usual.

    Where everybody buys everything once there is nothing to compare, and lists are empty.

    Parameters
    ----------
    training : Training
        With its history, from which the counts are taken.
    parameters : mapping
        Those of `START`; what is not given is taken from there.
    centre : {"customer", "item"}
        As in `ratings_neighbours`.

    Returns
    -------
    ListModel
        Pairs of at least `training.min_customers` distinct customers, both as buyers of the two
        items and in the rows of the training's matrix.

    Raises
    ------
    ValueError
        If there is no history, or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> history = order_history(
    ...     item_ids=[1, 2, 3],
    ...     baskets=[[0, 1], [0, 1, 2], [2], [0, 1, 2]],
    ...     at=[0, 0, 0, 0],
    ...     customers=[0, 0, 1, 1],
    ... )
    >>> training = Training(
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None), history=history
    ... )
    >>> fit_ratings(training, {}, centre="customer").lists.items.tolist()
    [1, 0]
    """
    if training.history is None:
        raise ValueError("Similarity of counts needs the history, and none was given.")
    chosen = {**START, **parameters}
    counts = bought_counts(
        training.history,
        half_life_days=chosen["half_life_days"],
        max_row_items=training.max_row_items,
    )
    lists = ratings_neighbours(
        counts,
        centre=centre,
        k=list_length(chosen),
        min_customers=training.min_customers,
        shrinkage=chosen["shrinkage"],
    )
    matrix = training.matrix
    counted = with_evidence(lists, matrix, n_threads=training.n_threads)
    return list_model(supported_only(counted, min_customers=training.min_customers), chosen)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the products: who rated, the centred value, and its square."""

    rated: sparse.csr_matrix
    value: sparse.csr_matrix
    square: sparse.csr_matrix

    @classmethod
    def of(cls, values: sparse.csr_matrix) -> _Side:
        rated, square = values.copy(), values.copy()
        rated.data = np.ones(len(values.data))
        square.data = values.data**2
        return cls(rated, values, square)

    def rows(self, start: int, stop: int) -> _Side:
        return _Side(self.rated[start:stop], self.value[start:stop], self.square[start:stop])


def _check(centre: str, k: int, min_customers: int, shrinkage: float) -> None:
    if centre not in ("customer", "item"):
        raise ValueError(f"centre must be customer or item, not {centre}.")
    if k < 1 or min_customers < 1:
        raise ValueError(f"k and min_customers must be at least 1, not {k} and {min_customers}.")
    if not 0 <= shrinkage < float("inf"):
        raise ValueError(f"shrinkage must be at least 0, not {shrinkage}.")


def _centred(ratings: sparse.csr_matrix, centre: Centre) -> sparse.csr_matrix:
    """Return the ratings less the mean of their customer or item."""
    # For Pearson this only keeps the numbers small: the mean over common raters follows.
    result = sparse.csr_matrix(ratings, dtype=np.float64, copy=True)
    result.sum_duplicates()
    n_customers, n_items = result.shape
    if centre == "customer":
        group, n_groups = np.repeat(np.arange(n_customers), np.diff(result.indptr)), n_customers
    else:
        group, n_groups = result.indices, n_items
    sums = np.bincount(group, weights=result.data, minlength=n_groups)
    means = sums / np.maximum(np.bincount(group, minlength=n_groups), 1)
    largest = np.abs(result.data).max(initial=0.0)
    result.data = result.data - means[group]
    result.data[np.abs(result.data) <= _NOTHING * largest] = 0.0
    return result


@dataclass(frozen=True, slots=True)
class _Agreement:
    """Pairs of a block of items, by row and column, with score and common raters."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    scores: NDArray[np.float64]
    raters: NDArray[np.float64]

    def liked(self) -> tuple[NDArray[Any], ...]:
        """Return row, column, score and twice the raters of pairs that agree."""
        liked = self.scores > 0
        raters = self.raters[liked]
        return self.row[liked], self.column[liked], self.scores[liked], raters, raters


def _agreement(
    sides: tuple[_Side, _Side],
    start: int,
    stop: int,
    centre: Centre,
    min_customers: int,
    shrinkage: float,
) -> _Agreement:
    left, right = sides[0].rows(start, stop), sides[1]
    met = (left.rated @ right.rated).tocoo()
    kept = (met.data >= min_customers) & (met.row + start != met.col)
    row, column = met.row[kept].astype(np.int64), met.col[kept].astype(np.int64)
    raters = met.data[kept]
    order = np.lexsort((column, row))
    row, column, raters = row[order], column[order], raters[order]

    def summed(one: sparse.csr_matrix, other: sparse.csr_matrix) -> NDArray[np.float64]:
        return _values_at(one @ other, row, column)

    both = summed(left.value, right.value)
    left_square, right_square = summed(left.square, right.rated), summed(left.rated, right.square)
    if centre == "item":
        left_sum, right_sum = summed(left.value, right.rated), summed(left.rated, right.value)
        both = both - left_sum * right_sum / raters
        left_square = _spread(left_square, left_sum, raters)
        right_square = _spread(right_square, right_sum, raters)
    length = np.sqrt(left_square * right_square)
    scores = np.zeros(len(both))
    np.divide(both, length, out=scores, where=length > 0)
    return _Agreement(
        row, column, np.minimum(scores, 1.0) * (raters / (raters + shrinkage)), raters
    )


def _spread(
    square: NDArray[np.float64], total: NDArray[np.float64], raters: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Σ x² about the mean; what rounding alone could have left is 0."""
    spread = square - total**2 / raters
    return np.where(spread > _NOTHING * square, spread, 0.0)


def _values_at(
    product: sparse.csr_matrix, row: NDArray[np.int64], column: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the product's values at chosen places, 0 where none is stored."""
    entries = product.tocsr()
    entries.sort_indices()
    rows = np.repeat(np.arange(entries.shape[0], dtype=np.int64), np.diff(entries.indptr))
    keys = rows * entries.shape[1] + entries.indices
    wanted = row * entries.shape[1] + column
    values = np.zeros(len(wanted))
    if len(keys):
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        values = np.where(keys[place] == wanted, entries.data[place], 0.0)
    return values


def bytes_of_ratings(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of a fit: the counts three ways and both ways round, and one block.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        With "neighbours" and "depth".

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> bytes_of_ratings(Size(n_rows=1, n_items=1, n_lines=0), {"neighbours": 1, "depth": 1}) > 0
    True
    """
    # Each line meets those of its row; rows are uneven, and customers have several baskets.
    meetings = min(_BLOCK_MEETINGS, 3 * size.n_lines**2 // max(size.n_rows, 1))
    # A pair is held in some ten arrays of 8 bytes; one item alone may meet all others.
    block = 80 * max(meetings, size.n_items)
    return int(bytes_of_lists(size, parameters) + 80 * size.n_lines + block)


ADJUSTED_COSINE = Family(
    name="adjusted_cosine",
    fit=partial(fit_ratings, centre="customer"),
    bytes_needed=bytes_of_ratings,
    start=START,
    grid={
        "depth": DEPTHS,
        "shrinkage": (0.0, 10.0, 100.0),
        "half_life_days": (None, 90.0, 180.0, 365.0),
    },
    needs=frozenset({"history"}),
)

PEARSON = Family(
    name="pearson",
    fit=partial(fit_ratings, centre="item"),
    bytes_needed=bytes_of_ratings,
    start=START,
    grid=ADJUSTED_COSINE.grid,
    needs=frozenset({"history"}),
)
