"""How much likelier two items meet in a basket than by chance, told by what they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from recommendations.engine.completion import best_candidates
from recommendations.engine.families.base import Query, Size, Training
from recommendations.engine.families.content.complements import dense_vectors, inner_product
from recommendations.engine.families.content.model import VectorModel, known_content
from recommendations.engine.families.content.similar import vector_bytes
from recommendations.engine.families.content.vectors import Vectors
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists

NAME = "lifts"

COMPONENTS = 160
"""Content with more features is reduced to so many; a shop's words, categories and price bands
mostly are fewer, and kinds of features that tell nothing can be told apart only unreduced."""

MAX_ITEMS = 1_000
"""Items learnt from, drawn at random: all pairs of them are looked at in each step."""

RIDGE = 3.0
ROUNDS, STEPS = 4, 15
"""Fits, each with the features scaled by what the last one found them to tell, and steps of each.

New items among the first ten of new ones alone (seeds 0-1): .251 after one round, .279 after four;
with a ridge of 1 .246 and .255.
"""

_LARGEST = 6.0
"""Logarithm of the largest lift: 400 times as often as by chance."""

_COMPANIONS = 100


@dataclass(frozen=True, kw_only=True)
class LiftModel:
    """Lists of the companions that are told to be bought together most above chance.

    Parameters
    ----------
    logarithms : VectorModel
        Its score of a pair is the logarithm of the lift.

    Examples
    --------
    >>> LiftModel.__name__
    'LiftModel'
    """

    logarithms: VectorModel

    def lists_of(self, items: NDArray[np.integer], k: int) -> NeighbourLists:
        """Return the lists of chosen items: lifts above 1, as a share of the largest that counts.

        Parameters
        ----------
        items : ndarray of shape (n_rows,), integer
            Item positions, any order.
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            Row r holds the companions of items[r], evidence 0; scores above 0, to 1.

        Examples
        --------
        >>> LiftModel.lists_of.__name__
        'lists_of'
        """
        lists = self.logarithms.lists_of(items, k)
        scores = np.exp(np.minimum(lists.scores, _LARGEST) - _LARGEST)
        return replace(lists, scores=scores.astype(np.float32))

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the items with the largest sums of lifts over what each query holds.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first, ties to the smaller; -1 where there are fewer.

        Examples
        --------
        >>> LiftModel.recommend.__name__
        'recommend'
        """
        rows = np.unique(query.held.indices)
        lists = self.lists_of(rows, _COMPANIONS)
        n_items = query.held.shape[1]
        return best_candidates(query.held[:, rows], lists.matrix(n_items), query.without, k)


def fit_lifts(training: Training) -> LiftModel:
    """Return the model of which kinds of items meet in baskets more often than by chance.

    The weight y_ij with which two items meet is taken for Poisson distributed about
    n_i n_j / N · exp(x_iᵀ W x_j), n the weight of all that an item meets, N their sum, x the rows
    of content: a log-bilinear model, so that features that go together multiply, where those of
    `content_complements` add up. W is symmetric and comes from penalised likelihood. The features
    are then scaled by the root of the weights found for them and W is fitted again, so that what
    tells nothing fades (adaptive ridge: Frommlet and Nuel 2016, *PLoS ONE* 11).

    Parameters
    ----------
    training : Training
        With content.

    Returns
    -------
    LiftModel
        An item of which nothing is known has no list and is in none. Without pairs, no lists.

    Raises
    ------
    ValueError
        If content is missing.

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
    >>> fit_lifts(training).lists_of(np.array([2]), 5).items.tolist()
    [1, 3]
    """
    content = known_content(training)
    vectors = dense_vectors(content, n_components=COMPONENTS, seed=training.seed)
    known = np.flatnonzero(training.matrix.item_customers >= training.min_customers)
    if len(known) > MAX_ITEMS:
        known = np.random.default_rng(training.seed).choice(known, MAX_ITEMS, replace=False)
        known.sort()
    weights = lift_map(vectors[known], together(training.matrix, known))
    return LiftModel(
        logarithms=VectorModel(
            asks=sparse.csr_matrix(vectors @ weights),
            offers=Vectors.of(sparse.csr_matrix(vectors)),
            measure=inner_product,
            matrix=training.matrix,
            n_threads=training.n_threads,
        )
    )


def lift_bytes(size: Size) -> int:
    """Return the peak memory of a fit and of its lists.

    Parameters
    ----------
    size : Size
        Of the shop.

    Returns
    -------
    int
        Bytes: the larger of the vectors of all items and the pairs of those learnt from.

    Examples
    --------
    >>> lift_bytes(Size(n_rows=1, n_items=1, n_lines=1)) > 0
    True
    """
    pairs = 8 * 8 * min(size.n_items, MAX_ITEMS) ** 2
    return max(vector_bytes(size, 5 * COMPONENTS), pairs) + 20 * size.n_lines


def together(matrix: BasketMatrix, items: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the weight of the baskets that hold both of two items, 0 for an item with itself.

    Parameters
    ----------
    matrix : BasketMatrix
        The baskets.
    items : ndarray of shape (n_chosen,), integer
        Item positions.

    Returns
    -------
    ndarray of shape (n_chosen, n_chosen), float64
        Symmetric.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None, size_exponent=0.0)
    >>> together(matrix, np.array([0, 1])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    baskets_items = matrix.baskets_items()[:, items]
    weighted = sparse.diags(matrix.basket_weight) @ baskets_items
    result = np.asarray((baskets_items.T @ weighted).toarray(), dtype=np.float64)
    np.fill_diagonal(result, 0.0)
    return result


def lift_map(vectors: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return W with x_iᵀ W x_j the logarithm of how much above chance i and j meet.

    Parameters
    ----------
    vectors : ndarray of shape (n_items, n_features), float64
        What each item is.
    weight : ndarray of shape (n_items, n_items), float64
        With which two items meet, as of `together`.

    Returns
    -------
    ndarray of shape (n_features, n_features), float64
        Symmetric; all 0 where no two items meet.

    Examples
    --------
    >>> lift_map(np.eye(2), np.zeros((2, 2))).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    n_features = vectors.shape[1]
    met = weight.sum(axis=1)
    if not met.any():
        return np.zeros((n_features, n_features))
    by_chance = np.outer(met, met) / met.sum()
    np.fill_diagonal(by_chance, 0.0)
    scale = np.ones(n_features)
    weights = np.zeros((n_features, n_features))
    from threadpoolctl import threadpool_limits

    # One thread adds up in the same order on every machine.
    with threadpool_limits(limits=1, user_api="blas"):
        size = (vectors**2).mean(axis=0)
        for number in range(ROUNDS):
            if number:
                factor = np.sqrt(_telling(weights, size * scale**2))
                # Feature scaled by f, weights by 1/f: the fit goes on from where it stood.
                kept = np.where(factor > 0, factor, 1.0)
                scale, weights = scale * factor, weights / np.outer(kept, kept)
            weights = _penalised(vectors * scale, weight, by_chance, weights)
    return weights * np.outer(scale, scale)


def _telling(weights: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how large the weights of each feature are, 1 in the mean over what items have."""
    found = np.sqrt((weights**2).mean(axis=1))
    mean = np.sqrt((found**2 * size).sum() / size.sum())
    return found / mean if mean > 0 else np.ones(len(found))


def _penalised(
    vectors: NDArray[np.float64],
    weight: NDArray[np.float64],
    by_chance: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return W of the largest likelihood less half the ridge times its squares, by L-BFGS."""
    shape = start.shape

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape)
        logarithm = vectors @ weights @ vectors.T
        # Beyond e²⁰ a step has gone astray and is drawn back by what it is then.
        foretold = by_chance * np.exp(np.minimum(logarithm, 20.0))
        value = foretold.sum() - (weight * logarithm).sum() + RIDGE / 2 * (weights**2).sum()
        gradient = vectors.T @ (foretold - weight) @ vectors + RIDGE * weights
        return float(value), ((gradient + gradient.T) / 2).ravel()

    found = optimize.minimize(
        loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    ).x.reshape(shape)
    return np.asarray((found + found.T) / 2)
