"""EASE over a catalogue whose item × item matrix fits: one Cholesky factorisation, one inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

from recommendations.engine.families.base import Query
from recommendations.engine.families.dense import best_of_scores, supported_lists
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.metrics import NOTHING
from recommendations.engine.neighbour_lists import NeighbourLists

# Rows of the matrix looked at together where a whole copy would double the peak.
_BLOCK_ROWS = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class DenseEase:
    """EASE with all its weights.

    Parameters
    ----------
    weights : ndarray of shape (n_learnt, n_learnt), float64
        What holding the item of the row adds to the score of the item of the column.
    learnt : ndarray of shape (n_learnt,), int64
        Their item positions, ascending.
    matrix : BasketMatrix
        The rows in which the evidence of lists is counted.
    min_customers : int
        Distinct customers of a pair in a list.
    n_threads : int
        0 for one per processor.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> model = DenseEase(
    ...     weights=np.array([[0.0, 0.5], [0.5, 0.0]]),
    ...     learnt=np.arange(2),
    ...     matrix=matrix,
    ...     min_customers=1,
    ... )
    >>> model.recommend(Query(held=sparse.csr_matrix([[0.0, 1.0]])), 1).tolist()
    [[0]]
    """

    weights: NDArray[np.float64]
    learnt: NDArray[np.int64]
    matrix: BasketMatrix
    min_customers: int
    n_threads: int = 0

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the best items for each query by the sum of the weights of what it holds.

        Parameters
        ----------
        query : Query
            Over the same items.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Item positions, best first; -1 where there are fewer.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
        >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
        >>> model = DenseEase(
        ...     weights=np.zeros((1, 1)), learnt=np.arange(1), matrix=matrix, min_customers=1
        ... )
        >>> model.recommend(Query(held=sparse.csr_matrix([[1.0]])), 1).tolist()
        [[-1]]
        """
        held = query.held[:, self.learnt]
        found = best_of_scores(
            lambda rows: held[rows] @ self.weights, query.without[:, self.learnt], k
        )
        # -1 takes the last learnt item for a moment; an empty catalogue has none to take.
        positions = np.append(self.learnt, NOTHING)[found]
        return np.where(found == NOTHING, NOTHING, positions).astype(np.int32)

    def item_lists(self, k: int) -> NeighbourLists:
        """Return the k companions of every item with the largest weights above 0.

        Parameters
        ----------
        k : int
            0 or more.

        Returns
        -------
        NeighbourLists
            Only pairs of at least `min_customers` distinct customers.

        Examples
        --------
        >>> from recommendations.engine.history import order_history
        >>> from recommendations.engine.matrices import basket_matrix
        >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
        >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
        >>> model = DenseEase(
        ...     weights=np.array([[0.0, 0.5], [0.2, 0.0]]),
        ...     learnt=np.arange(2),
        ...     matrix=matrix,
        ...     min_customers=1,
        ... )
        >>> model.item_lists(5).items.tolist()
        [1, 0]
        """
        place = np.full(self.matrix.n_items, -1)
        place[self.learnt] = np.arange(len(self.learnt))
        return supported_lists(
            self.matrix,
            lambda left, right: self.weights[place[left], place[right]],
            k=k,
            min_customers=self.min_customers,
            n_threads=self.n_threads,
        )


def weighted_gram(
    matrix: BasketMatrix, learnt: NDArray[np.integer], dtype: type[np.floating] = np.float64
) -> NDArray[Any]:
    """Return Xᵀ W X of the learnt items, W the weights of the rows.

    Parameters
    ----------
    matrix : BasketMatrix
        X, and W in `basket_weight`.
    learnt : ndarray of shape (n_learnt,), int64
        Item positions.
    dtype : type
        Of the result.

    Returns
    -------
    ndarray of shape (n_learnt, n_learnt), dtype
        Symmetric, in Fortran order.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1], [1]], at=[0, 0],
    ...                         customers=[0, 1])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None, size_exponent=1.0)
    >>> weighted_gram(matrix, np.arange(2)).tolist()
    [[0.5, 0.5], [0.5, 1.5]]
    """
    rows = matrix.baskets_items()[:, learnt]
    weighted = (sparse.diags(matrix.basket_weight) @ rows).T.tocsr()
    gram = np.empty((len(learnt), len(learnt)), dtype=dtype, order="F")
    for start in range(0, len(learnt), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        gram[:, block] = (weighted[block] @ rows).toarray().T
    return gram


def ease_weights(gram: NDArray[np.float64], l2: float) -> NDArray[np.float64]:
    """Return the item × item weights that reproduce each row best without its own diagonal.

    B_ij = -P_ij / P_jj, B_ii = 0, with P = (G + l2 I)⁻¹: the closed form of minimising
    ‖√W (X - X B)‖² + l2 ‖B‖² with an empty diagonal. Steck (2019), Embarrassingly shallow
    autoencoders for sparse data.

    Parameters
    ----------
    gram : ndarray of shape (n_items, n_items), float64
        G = Xᵀ W X in Fortran order; overwritten.
    l2 : float
        Above 0, in units of `gram`: about as many rows as one must see before believing.

    Returns
    -------
    ndarray of shape (n_items, n_items), float64
        In the memory of `gram`. Row: the item held, column: the item scored. Empty for none.

    Raises
    ------
    ValueError
        If `l2` is not above 0.

    Examples
    --------
    >>> gram = np.array([[2.0, 1.0], [1.0, 1.0]], order="F")
    >>> ease_weights(gram, 1.0).round(3).tolist()
    [[0.0, 0.333], [0.5, 0.0]]
    """
    if not 0 < l2 < np.inf:
        raise ValueError(f"l2 must be above 0, not {l2}.")
    if not gram.size:
        return gram
    gram[np.diag_indices_from(gram)] += l2
    inverse: NDArray[np.float64]
    # The last digit depends on the number of threads; on a busy machine of two cores two threads
    # waited for each other and took 5.1 s for 1,500 items, one 0.7 s.
    with threadpool_limits(limits=1, user_api="blas"):
        factor, _ = linalg.cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
        inverse, _ = linalg.lapack.dpotri(factor, lower=True, overwrite_c=True)
    n_items = len(inverse)
    for start in range(0, n_items, _BLOCK_ROWS):
        block = slice(start, min(start + _BLOCK_ROWS, n_items))
        # LAPACK leaves the other triangle as it was.
        inverse[block, block.stop :] = inverse[block.stop :, block].T
        corner = np.tril(inverse[block, block])
        inverse[block, block] = corner + np.tril(corner, -1).T
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0.0)
    return inverse
