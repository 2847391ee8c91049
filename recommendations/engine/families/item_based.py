"""Item-based collaborative filtering: weightings of rows and measures of counts.

Sarwar, Karypis, Konstan and Riedl (2001), Item-based collaborative filtering recommendation
algorithms; shrinkage of Bell and Koren (2007), Improved neighborhood-based collaborative
filtering. A matrix of ones lets every weighting factor into one weight of the row and one norm of
the item, so all are counted in one pass over the pairs, with evidence and floor.

Here *u* is a row (customer or basket) of |u| items and time decay d_u, *i* an item in n_i rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.counted import CountMeasure, Kind, counted_neighbours
from recommendations.engine.families.base import Family, ListModel, Parameters, Training
from recommendations.engine.families.lists import (
    COMMON,
    DEPTHS,
    bytes_of_lists,
    list_length,
    list_model,
)
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.reweighting import row_sizes, with_row_weight

Weighting: TypeAlias = Callable[
    [BasketMatrix, Parameters], tuple[NDArray[np.float64], NDArray[np.float64]]
]
"""Gives the weight of each row, without its decay, and the norm of each item."""

SHRINKAGES = (0.0, 5.0, 20.0, 100.0)
START: Mapping[str, Any] = {**COMMON, "shrinkage": 0.0}
BM25_START: Mapping[str, Any] = {
    **START,
    "k1": 1.2,
    "length_share": 0.75,
    "documents": "rows",
    "cosine": True,
}


def cosine_weights(
    matrix: BasketMatrix, parameters: Parameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights and norms of the plain cosine: Σ_u d_u / √(n_i n_j), n = Σ d_u.

    Parameters
    ----------
    matrix : BasketMatrix
        Rows × items.
    parameters : mapping
        Not looked at.

    Returns
    -------
    row_weight : ndarray of shape (n_rows,), float64
        Ones.
    norm : ndarray of shape (n_items,), float64
        1 / √n_i; 0 for items in no row.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0]] * 4, at=[0] * 4, customers=[0] * 4)
    >>> cosine_weights(basket_matrix(history, as_of=0, half_life_days=None), {})[1].tolist()
    [0.5, 0.0]
    """
    weight = np.ones(matrix.n_baskets)
    return weight, _cosine_norm(matrix, weight)


def tfidf_weights(
    matrix: BasketMatrix, parameters: Parameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights and norms of items as documents whose terms are their rows.

    A row with many items says little about any of them: idf_u = ln M − ln(1 + |u|), M the items
    in any row. Items are compared by the cosine of their vectors √x · idf, x = 1. Spärck Jones
    (1972), A statistical interpretation of term specificity and its application in retrieval.

    Parameters
    ----------
    matrix : BasketMatrix
        Rows × items.
    parameters : mapping
        Not looked at.

    Returns
    -------
    row_weight : ndarray of shape (n_rows,), float64
        idf².
    norm : ndarray of shape (n_items,), float64
        1 / length of the item's vector, its rows counted by their decay; 0 for items in no row.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0], [1, 2]], at=[0, 0], customers=[0, 1]
    ... )
    >>> weight, _ = tfidf_weights(basket_matrix(history, as_of=0, half_life_days=None), {})
    >>> weight.round(4).tolist()
    [0.1644, 0.0]
    """
    weight = _squares(_row_rarity(matrix))
    return weight, _cosine_norm(matrix, weight)


def bm25_weights(
    matrix: BasketMatrix, parameters: Parameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights and norms of Okapi BM25, w = idf · (k1 + 1) / (k1 (1 − b + b L) + 1).

    Robertson and Zaragoza (2009), The probabilistic relevance framework: BM25 and beyond. Either
    items are the documents and rows their terms, L = n_i / mean and idf of the row as in
    `tfidf_weights`; or rows are the documents and items their terms, L = |u| / mean and
    idf_i = ln(N + 1) − ln(1 + n_i), N the rows. Items are compared by the product of their
    vectors or by its cosine, in which a factor of the item alone cancels out.

    Parameters
    ----------
    matrix : BasketMatrix
        Rows × items.
    parameters : mapping
        "k1" 0 or more, "length_share" b 0 to 1, "documents" "items" or "rows", "cosine" bool.

    Returns
    -------
    row_weight : ndarray of shape (n_rows,), float64
        The square of the row's factor.
    norm : ndarray of shape (n_items,), float64
        The item's factor, or 1 / length of the item's vector; 0 for items in no row.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0], [1, 2, 0]], at=[0, 0], customers=[0, 1]
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> weight, _ = bm25_weights(matrix, BM25_START)
    >>> weight.round(3).tolist()
    [1.58, 0.689]
    """
    k1, share = float(parameters["k1"]), float(parameters["length_share"])
    if not 0 <= k1 < float("inf") or not 0 <= share <= 1:
        raise ValueError(f"k1 must be at least 0 and length_share 0 to 1, not {k1} and {share}.")
    if parameters["documents"] == "items":
        row, item = _row_rarity(matrix), _saturation(matrix.item_baskets, k1, share)
    elif parameters["documents"] == "rows":
        sizes = np.where(matrix.basket_weight > 0, row_sizes(matrix), 0)
        row, item = _saturation(sizes, k1, share), _item_rarity(matrix)
    else:
        raise ValueError(f"documents must be items or rows, not {parameters['documents']}.")
    weight = _squares(row)
    if parameters["cosine"]:
        return weight, _cosine_norm(matrix, weight)
    return weight, np.where(matrix.item_baskets > 0, item, 0.0)


def fit_weighted(
    training: Training,
    parameters: Parameters,
    *,
    weighting: Weighting = cosine_weights,
    start: Parameters = START,
) -> ListModel:
    """Return the lists of a weighting: Σ_u d_u w_u · norm_i · norm_j · n_ij / (n_ij + λ).

    Parameters
    ----------
    training : Training
        Rows are customers or baskets; their time decay counts.
    parameters : mapping
        Those of `start`; λ is "shrinkage".
    weighting : callable
        As `cosine_weights`.
    start : mapping
        Gives what `parameters` does not.

    Returns
    -------
    ListModel
        Pairs of at least `training.min_customers` distinct customers and a score above 0.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1], [0, 1, 2]], at=[0, 0], customers=[0, 1]
    ... )
    >>> training = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))
    >>> fit_weighted(training, {"shrinkage": 2.0}).lists.first(1).scores[:2].tolist()
    [0.5, 0.5]
    """
    chosen = {**start, **parameters}
    matrix = training.matrix
    weight, norm = weighting(matrix, chosen)
    measure = CountMeasure(
        kind="product",
        k=list_length(chosen),
        min_customers=training.min_customers,
        left=norm,
        right=norm,
        shrinkage=chosen["shrinkage"],
    )
    weighted = with_row_weight(matrix, matrix.basket_decay * weight)
    lists = counted_neighbours(weighted, measure, n_threads=training.n_threads)
    return list_model(lists, chosen)


def fit_counts(
    training: Training,
    parameters: Parameters,
    *,
    kind: Kind = "jaccard",
    start: Parameters = START,
) -> ListModel:
    """Return the lists of Jaccard (1901) or Dunning's (1993) log-likelihood ratio.

    Counts are sums of time decays. Of pairs with a log-likelihood only those that meet more often
    than by chance are listed: it is as large for pairs that avoid each other.

    Parameters
    ----------
    training : Training
        Rows are customers or baskets.
    parameters : mapping
        Those of `start`; λ of n_ij / (n_ij + λ) is "shrinkage".
    kind : {"jaccard", "log_likelihood"}
        The measure.
    start : mapping
        Gives what `parameters` does not.

    Returns
    -------
    ListModel
        Pairs of at least `training.min_customers` distinct customers and a score above 0.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=[[0, 1], [0, 1, 2]], at=[0, 0], customers=[0, 1]
    ... )
    >>> training = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))
    >>> fit_counts(training, {}).lists.scores.tolist()
    [1.0, 0.5, 1.0, 0.5, 0.5, 0.5]
    """
    chosen = {**start, **parameters}
    matrix = training.matrix
    weighted = with_row_weight(matrix, matrix.basket_decay)
    measure = CountMeasure(
        kind=kind,
        k=list_length(chosen),
        min_customers=training.min_customers,
        left=matrix.item_weight,
        right=matrix.item_weight,
        total=float(weighted.basket_weight.sum()),
        shrinkage=chosen["shrinkage"],
    )
    return list_model(counted_neighbours(weighted, measure, n_threads=training.n_threads), chosen)


def _squares(factor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squares, never quite 0: a row of weight 0 would not count as evidence either."""
    return np.maximum(factor**2, 1e-12)


def _cosine_norm(matrix: BasketMatrix, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / √Σ_u d_u w_u over the item's rows; 0 where that is 0."""
    counted = np.where(matrix.basket_weight > 0, matrix.basket_decay * weight, 0.0)
    items = matrix.item_by_rank[matrix.basket_ranks]
    squares = np.bincount(
        items, weights=np.repeat(counted, row_sizes(matrix)), minlength=matrix.n_items
    )
    norm = np.zeros(matrix.n_items)
    np.divide(1.0, np.sqrt(squares), out=norm, where=squares > 0)
    return norm


def _row_rarity(matrix: BasketMatrix) -> NDArray[np.float64]:
    """Return ln M − ln(1 + |u|), M the items in any row."""
    n_sold = max(int(np.count_nonzero(matrix.item_baskets)), 1)
    return np.asarray(np.log(n_sold) - np.log1p(row_sizes(matrix)), dtype=np.float64)


def _item_rarity(matrix: BasketMatrix) -> NDArray[np.float64]:
    """Return ln(N + 1) − ln(1 + n_i), N the rows that count."""
    n_rows = int(np.count_nonzero(matrix.basket_weight))
    return np.asarray(np.log1p(n_rows) - np.log1p(matrix.item_baskets), dtype=np.float64)


def _saturation(lengths: NDArray[np.integer], k1: float, share: float) -> NDArray[np.float64]:
    """Return (k1 + 1) / (k1 (1 − b + b · length / mean) + 1), the mean over lengths above 0."""
    filled = lengths[lengths > 0]
    mean = float(filled.mean()) if len(filled) else 1.0
    return np.asarray((k1 + 1) / (k1 * (1 - share + share * lengths / mean) + 1))


COSINE = Family(
    name="cosine",
    fit=fit_weighted,
    bytes_needed=bytes_of_lists,
    start=START,
    grid={"depth": DEPTHS, "shrinkage": SHRINKAGES},
)

TFIDF = Family(
    name="tfidf",
    fit=partial(fit_weighted, weighting=tfidf_weights),
    bytes_needed=bytes_of_lists,
    start=START,
    grid={"depth": DEPTHS, "shrinkage": SHRINKAGES},
)

BM25 = Family(
    name="bm25",
    fit=partial(fit_weighted, weighting=bm25_weights, start=BM25_START),
    bytes_needed=bytes_of_lists,
    start=BM25_START,
    grid={
        "k1": (0.5, 1.2, 5.0, 100.0),
        "depth": DEPTHS,
        "cosine": (True, False),
        "documents": ("rows", "items"),
        "shrinkage": SHRINKAGES,
    },
)

JACCARD = Family(
    name="jaccard",
    fit=partial(fit_counts, kind="jaccard"),
    bytes_needed=bytes_of_lists,
    start=START,
    grid={"depth": DEPTHS, "shrinkage": SHRINKAGES},
)

LOG_LIKELIHOOD = Family(
    name="log_likelihood",
    fit=partial(fit_counts, kind="log_likelihood"),
    bytes_needed=bytes_of_lists,
    start=START,
    grid={"depth": DEPTHS, "shrinkage": SHRINKAGES},
)
