"""Explicit ratings: squared-loss factorisation with biases, and the baselines it must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.als.factors import solved_rows

# A row without a rating is not solved; this only keeps its system regular.
_LEAST_L2 = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingModel:
    """Predicts r̂_ui = mean + b_u + b_i + p_u · q_i, within the scale of the ratings.

    Koren, Bell and Volinsky (2009), Matrix factorization techniques for recommender systems.

    Parameters
    ----------
    mean : float
        Of all ratings.
    users : ndarray of shape (n_users, 1 + n_factors), float64
        b_u, then p_u; zeros for a user who rated nothing.
    items : ndarray of shape (n_items, 1 + n_factors), float64
        b_i, then q_i; zeros for an item that nobody rated.
    scale : tuple of float
        The lowest and the highest rating there is.

    Examples
    --------
    >>> model = RatingModel(
    ...     mean=4.0, users=np.array([[0.5]]), items=np.array([[1.0], [-2.0]]), scale=(1.0, 5.0)
    ... )
    >>> model.predicted([0, 0], [0, 1]).tolist()
    [5.0, 2.5]
    """

    mean: float
    users: NDArray[np.float64]
    items: NDArray[np.float64]
    scale: tuple[float, float]

    def predicted(
        self, users: NDArray[np.integer] | list[int], items: NDArray[np.integer] | list[int]
    ) -> NDArray[np.float64]:
        """Return the predicted rating of pairs.

        Parameters
        ----------
        users, items : array-like of shape (n_pairs,), integer
            Positions.

        Returns
        -------
        ndarray of shape (n_pairs,), float64
            Clipped to the scale. Nobody's and nothing's rating is the mean.

        Examples
        --------
        >>> none = np.zeros((1, 1))
        >>> RatingModel(mean=3.5, users=none, items=none, scale=(1.0, 5.0)).predicted([], []).size
        0
        """
        of_user = self.users[np.asarray(users, dtype=np.int64)]
        of_item = self.items[np.asarray(items, dtype=np.int64)]
        ratings = self.mean + of_user[:, 0] + of_item[:, 0]
        ratings += np.einsum("pf,pf->p", of_user[:, 1:], of_item[:, 1:])
        return np.clip(ratings, *self.scale)

    def table(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what some users would give to every item, as it ranks: not clipped to the scale.

        Parameters
        ----------
        users : ndarray of shape (n_asked,), integer
            Positions.

        Returns
        -------
        ndarray of shape (n_asked, n_items), float64
            Predicted ratings.

        Examples
        --------
        >>> model = RatingModel(
        ...     mean=4.0, users=np.array([[0.5]]), items=np.array([[1.0], [-2.0]]), scale=(1.0, 5.0)
        ... )
        >>> model.table(np.array([0])).tolist()
        [[5.5, 2.5]]
        """
        of_user = self.users[users]
        biases = self.mean + of_user[:, :1] + self.items[:, 0]
        ratings: NDArray[np.float64] = biases + of_user[:, 1:] @ self.items[:, 1:].T
        return ratings

    def usual(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what users give as a rule: the mean and their own bias.

        Parameters
        ----------
        users : ndarray of shape (n_asked,), integer
            Positions.

        Returns
        -------
        ndarray of shape (n_asked,), float64
            Not clipped.

        Examples
        --------
        >>> model = RatingModel(
        ...     mean=4.0, users=np.array([[0.5]]), items=np.array([[1.0]]), scale=(1.0, 5.0)
        ... )
        >>> model.usual(np.array([0])).tolist()
        [4.5]
        """
        ratings: NDArray[np.float64] = self.mean + self.users[users, 0]
        return ratings


def rating_factors(
    ratings: sparse.csr_matrix,
    *,
    scale: tuple[float, float],
    n_factors: int = 16,
    l2: float = 0.1,
    frequency_exponent: float = 1.0,
    iterations: int = 20,
    seed: int = 0,
    n_threads: int = 0,
    portable: bool = False,
) -> RatingModel:
    """Return biases and factors that minimise the squared error of the ratings there are.

    Σ (r_ui - r̂_ui)² + l2 Σ_u n_u^e (b_u² + ‖p_u‖²) + l2 Σ_i n_i^e (b_i² + ‖q_i‖²), n the ratings of
    a user or an item. With e = 1 it is alternating least squares with weighted λ (Zhou, Wilkinson,
    Schreiber and Pan 2008, Large-scale parallel collaborative filtering for the Netflix prize);
    with e = 0 whoever rated little stays near the mean (Koren, Bell and Volinsky 2009). Bias and
    factors of one side are solved together, exactly.

    Parameters
    ----------
    ratings : csr_matrix of shape (n_users, n_items)
        Every stored entry is a rating, a stored 0 too.
    scale : tuple of float
        The lowest and the highest rating there is.
    n_factors : int
        0 or more; 0 leaves the biases alone.
    l2 : float
        Above 0, in squared units of the ratings.
    frequency_exponent : float
        e, 0 to 1.
    iterations : int
        At least 1.
    seed : int
        The same seed gives the same model.
    n_threads : int
        0 for one per processor; the result does not depend on it.
    portable : bool
        Use NumPy and SciPy alone.

    Returns
    -------
    RatingModel
        Without a rating it predicts the middle of the scale.

    Raises
    ------
    ValueError
        If a parameter is out of its range, or a rating outside the scale.

    Examples
    --------
    >>> ratings = sparse.csr_matrix([[5.0, 1.0], [4.0, 0.0]])
    >>> model = rating_factors(ratings, scale=(1, 5), n_factors=1, l2=0.01)
    >>> model.predicted([0, 0, 1], [0, 1, 0]).round(1).tolist()
    [5.0, 1.0, 4.0]
    """
    _check(ratings, scale, n_factors, l2, iterations)
    if not 0 <= frequency_exponent <= 1:
        raise ValueError(f"frequency_exponent must be 0 to 1, not {frequency_exponent}.")
    by_user = ratings.tocsr()
    by_user.sort_indices()
    by_item = by_user.T.tocsr()
    mean = float(by_user.data.mean()) if by_user.nnz else (scale[0] + scale[1]) / 2
    users = np.zeros((by_user.shape[0], 1 + n_factors))
    items = np.zeros((by_user.shape[1], 1 + n_factors))
    items[:, 1:] = np.random.default_rng(seed).normal(0.0, 0.1, (len(items), n_factors))
    users_l2, items_l2 = (
        np.maximum(l2 * np.diff(side.indptr).astype(float) ** frequency_exponent, _LEAST_L2)
        for side in (by_user, by_item)
    )
    for _ in range(iterations):
        users = _solved_side(by_user, items, mean, users_l2, n_threads=n_threads, portable=portable)
        items = _solved_side(by_item, users, mean, items_l2, n_threads=n_threads, portable=portable)
    return RatingModel(mean=mean, users=users, items=items, scale=(scale[0], scale[1]))


def mean_only(ratings: sparse.csr_matrix, *, scale: tuple[float, float]) -> RatingModel:
    """Return the model that predicts the mean rating for everything.

    Parameters
    ----------
    ratings : csr_matrix of shape (n_users, n_items)
        As in `rating_factors`.
    scale : tuple of float
        The lowest and the highest rating there is.

    Returns
    -------
    RatingModel
        Without a rating it predicts the middle of the scale.

    Raises
    ------
    ValueError
        If a rating is outside the scale.

    Examples
    --------
    >>> mean_only(sparse.csr_matrix([[5.0, 1.0]]), scale=(1, 5)).predicted([0], [0]).tolist()
    [3.0]
    """
    _check(ratings, scale, 0, 1.0, 1)
    mean = float(ratings.data.mean()) if ratings.nnz else (scale[0] + scale[1]) / 2
    n_users, n_items = ratings.shape
    return RatingModel(
        mean=mean,
        users=np.zeros((n_users, 1)),
        items=np.zeros((n_items, 1)),
        scale=(scale[0], scale[1]),
    )


def bias_only(
    ratings: sparse.csr_matrix,
    *,
    scale: tuple[float, float],
    l2: float = 0.1,
    frequency_exponent: float = 1.0,
    iterations: int = 20,
    n_threads: int = 0,
) -> RatingModel:
    """Return the model of mean and biases: who rates high, and what is rated high.

    Parameters
    ----------
    ratings, scale, l2, frequency_exponent, iterations, n_threads
        As in `rating_factors`.

    Returns
    -------
    RatingModel
        Without factors.

    Raises
    ------
    ValueError
        As `rating_factors`.

    Examples
    --------
    >>> ratings = sparse.csr_matrix([[5.0, 3.0], [3.0, 1.0]])
    >>> bias_only(ratings, scale=(1, 5), l2=1e-6).predicted([0, 1], [0, 1]).round(3).tolist()
    [5.0, 1.0]
    """
    return rating_factors(
        ratings,
        scale=scale,
        n_factors=0,
        l2=l2,
        frequency_exponent=frequency_exponent,
        iterations=iterations,
        n_threads=n_threads,
    )


def rmse(model: RatingModel, ratings: sparse.csr_matrix) -> float:
    """Return the root of the mean squared error over the ratings given.

    Parameters
    ----------
    model : RatingModel
        Over the same users and items.
    ratings : csr_matrix of shape (n_users, n_items)
        Held-out ratings; every stored entry counts.

    Returns
    -------
    float
        In units of the ratings; 0 without ratings.

    Examples
    --------
    >>> rated = sparse.csr_matrix([[5.0, 1.0]])
    >>> rmse(mean_only(rated, scale=(1, 5)), rated)
    2.0
    """
    if not ratings.nnz:
        return 0.0
    pairs = ratings.tocoo()
    return float(np.sqrt(np.mean((pairs.data - model.predicted(pairs.row, pairs.col)) ** 2)))


def _solved_side(
    ratings: sparse.csr_matrix,
    other: NDArray[np.float64],
    mean: float,
    l2: NDArray[np.float64],
    *,
    n_threads: int,
    portable: bool,
) -> NDArray[np.float64]:
    """Return bias and factors of each row, those of the columns given."""
    entries = sparse.csr_matrix(
        (np.ones(ratings.nnz), ratings.indices, ratings.indptr), shape=ratings.shape
    )
    # A row's bias is the factor that meets a one in every column.
    seen = np.column_stack([np.ones(len(other)), other[:, 1:]])
    return solved_rows(
        entries,
        seen,
        targets=ratings.data - mean - other[ratings.indices, 0],
        gram=np.zeros((seen.shape[1], seen.shape[1])),
        l2=l2,
        n_threads=n_threads,
        portable=portable,
    )


def _check(
    ratings: sparse.csr_matrix,
    scale: tuple[float, float],
    n_factors: int,
    l2: float,
    iterations: int,
) -> None:
    if not scale[0] < scale[1]:
        raise ValueError(f"scale must be the lowest and a higher rating, not {scale}.")
    if ratings.nnz and not scale[0] <= ratings.data.min() <= ratings.data.max() <= scale[1]:
        raise ValueError(
            f"Ratings must be {scale[0]} to {scale[1]},"
            f" not {ratings.data.min()} to {ratings.data.max()}."
        )
    if n_factors < 0:
        raise ValueError(f"n_factors must be 0 or more, not {n_factors}.")
    if not 0 < l2 < np.inf:
        raise ValueError(f"l2 must be above 0, not {l2}.")
    if iterations < 1:
        raise ValueError(f"iterations must be at least 1, not {iterations}.")
