"""What goes together by what it is: co-purchases learnt at the level of features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from recommendations.engine.families.base import Family, Parameters, Training
from recommendations.engine.families.content.model import VectorModel, known_content
from recommendations.engine.families.content.similar import vector_bytes
from recommendations.engine.families.content.vectors import Vectors
from recommendations.engine.item_features.text import reduced
from recommendations.engine.matrices import BasketMatrix


def fit_complements(training: Training, parameters: Parameters) -> VectorModel:
    """Return the model that recommends what goes with what somebody has, by what it is.

    Similar things are seldom bought together: a phone goes with a case, not with a phone. The
    scores of items with orders are generalised: score(i, j) ≈ x_iᵀ W x_j, where x are the rows of
    content in at most "components" dimensions, and W comes near the scores of all pairs of items
    with orders, by ridge in both arguments (two-step kernel ridge regression:
    Romera-Paredes and Torr 2015, *An embarrassingly simple approach to zero-shot learning*;
    Stock et al. 2018). See `feature_map`.

    Parameters
    ----------
    training : Training
        With content.
    parameters : mapping
        "components", "ridge" (as a share of the mean variance of a component), and
        "item_exponent", "companion_exponent" of the scores that are generalised.

    Returns
    -------
    VectorModel
        An item of which nothing is known has no list and is in none.

    Raises
    ------
    ValueError
        If content is missing or a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> phone, case = [1.0, 0.0], [0.0, 1.0]
    >>> history = order_history(
    ...     item_ids=[1, 2, 3, 4], baskets=[[0, 1], [0, 1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> training = Training(
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None),
    ...     content=sparse.csr_matrix([phone, case, phone, case]),
    ... )
    >>> fit_complements(training, COMPLEMENTS.start).item_lists(1).items.tolist()
    [1, 0, 1, 0]
    """
    chosen = {**COMPLEMENTS.start, **parameters}
    content = known_content(training)
    vectors = dense_vectors(content, n_components=chosen["components"], seed=training.seed)
    weights = feature_map(
        vectors,
        training.matrix,
        ridge=chosen["ridge"],
        exponents=(chosen["item_exponent"], chosen["companion_exponent"]),
        min_customers=training.min_customers,
    )
    return VectorModel(
        asks=sparse.csr_matrix(vectors @ weights),
        offers=Vectors.of(sparse.csr_matrix(vectors)),
        measure=inner_product,
        matrix=training.matrix,
        n_threads=training.n_threads,
    )


def dense_vectors(
    content: sparse.csr_matrix, *, n_components: int, seed: int
) -> NDArray[np.float64]:
    """Return content in few dimensions.

    Parameters
    ----------
    content : csr_matrix of shape (n_items, n_features)
        Rows of length 1, or empty.
    n_components : int
        At least 1; content with no more features is only made dense.
    seed : int
        Of the reduction.

    Returns
    -------
    ndarray of shape (n_items, at most n_components), float64
        Inner products are nearly those of the rows.

    Raises
    ------
    ValueError
        If `n_components` is below 1.

    Examples
    --------
    >>> dense_vectors(sparse.csr_matrix([[1.0, 0.0]]), n_components=2, seed=0).tolist()
    [[1.0, 0.0]]
    """
    if n_components < 1:
        raise ValueError(f"components must be at least 1, not {n_components}.")
    if min(content.shape) <= n_components:
        return np.asarray(content.toarray(), dtype=np.float64)
    return reduced(content, n_components=n_components, seed=seed).astype(np.float64)


def feature_map(
    vectors: NDArray[np.float64],
    matrix: BasketMatrix,
    *,
    ridge: float,
    exponents: tuple[float, float] = (0.5, 0.5),
    min_customers: int = 1,
) -> NDArray[np.float64]:
    """Return W that makes x_iᵀ W x_j come near the scores of `neighbours`, Σ_b w_b / (n_i^a n_j^c).

    W = (XᵀX + λI)⁻¹ Xᵀ S X (XᵀX + λI)⁻¹ with S the scores of all pairs of two items. S is never
    made: XᵀSX is the sum over baskets of what their items ask for times what they offer, less
    each item with itself. It adds up over all that share a feature, so that no pair of items can
    be told from it, and pairs below the floor of `neighbours` help to learn. Items of fewer
    customers than `min_customers`, new ones above all, are left out of X: that nobody bought what
    is new says nothing.

    Parameters
    ----------
    vectors : ndarray of shape (n_items, n_components), float64
        X.
    matrix : BasketMatrix
        The baskets.
    ridge : float
        λ, as a share of the mean of XᵀX's diagonal; above 0.
    exponents : (float, float)
        a of the viewed item and c of the companion.
    min_customers : int
        Distinct customers from which on an item is learnt from.

    Returns
    -------
    ndarray of shape (n_components, n_components), float64
        First axis: the viewed item. All 0 without orders.

    Raises
    ------
    ValueError
        If `ridge` is not above 0.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None, size_exponent=0.0)
    >>> feature_map(np.eye(2), matrix, ridge=1e-9).round(3).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    if not ridge > 0:
        raise ValueError(f"ridge must be above 0, not {ridge}.")
    known = (matrix.item_customers >= min_customers) & (matrix.item_weight > 0)
    n_components = vectors.shape[1]
    if not vectors[known].any():
        return np.zeros((n_components, n_components))
    sold = np.where(known, matrix.item_weight, 1.0)
    asks, offers = (
        vectors * np.where(known, sold**-exponent, 0.0)[:, np.newaxis] for exponent in exponents
    )
    from threadpoolctl import threadpool_limits

    # One thread adds up in the same order on every machine.
    with threadpool_limits(limits=1, user_api="blas"):
        gram = vectors[known].T @ vectors[known]
        gram[np.diag_indices(n_components)] += ridge * np.trace(gram) / n_components
        half = linalg.solve(gram, _pair_sum(asks, offers, matrix), assume_a="pos")
        return np.asarray(linalg.solve(gram, half.T, assume_a="pos").T)


def _pair_sum(
    asks: NDArray[np.float64], offers: NDArray[np.float64], matrix: BasketMatrix
) -> NDArray[np.float64]:
    """Return Σ_b w_b Σ_{i ≠ j in b} asks_i offers_jᵀ, a block of baskets at a time."""
    baskets_items = matrix.baskets_items()
    weight = matrix.basket_weight
    own = baskets_items.T @ weight
    result = -(asks.T @ (offers * own[:, np.newaxis]))
    for start in range(0, matrix.n_baskets, _BLOCK_BASKETS):
        block = baskets_items[start : start + _BLOCK_BASKETS]
        weighted = (block @ offers) * weight[start : start + _BLOCK_BASKETS, np.newaxis]
        result += (block @ asks).T @ weighted
    return np.asarray(result)


def inner_product(
    inner: NDArray[np.floating], left: NDArray[np.floating], right: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return the inner products as they are: predicted scores.

    Parameters
    ----------
    inner : ndarray of any shape
        Inner products.
    left, right : ndarray
        Lengths, of no matter here.

    Returns
    -------
    ndarray of the shape of `inner`
        `inner` itself.

    Examples
    --------
    >>> inner_product(np.array([2.0]), np.array([1.0]), np.array([1.0])).tolist()
    [2.0]
    """
    return inner


# Baskets summed up together: with 128 components two arrays of 50 MB.
_BLOCK_BASKETS = 50_000

COMPLEMENTS = Family(
    name="content_complements",
    fit=fit_complements,
    bytes_needed=lambda size, parameters: max(
        vector_bytes(size, 5 * parameters["components"]),
        24 * _BLOCK_BASKETS * parameters["components"]
        + 24 * size.n_items * parameters["components"]
        + 20 * size.n_lines,
    ),
    start={"components": 128, "ridge": 0.1, "item_exponent": 0.5, "companion_exponent": 0.5},
    grid={"ridge": (0.01, 0.1, 1.0), "components": (32, 128)},
    needs=frozenset({"content"}),
)
"""Kinds of items that go together, learnt from those with orders and held true of new ones."""
