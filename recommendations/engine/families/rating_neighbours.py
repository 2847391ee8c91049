"""Ratings from neighbours: of the items most like this one, or of the customers most like this one.

Plain: r̂_ui = Σ s · r / Σ |s|. Around means or biases b: r̂_ui = b_ui + Σ s · (r − b) / (Σ |s| + δ).
By items the sums run over what the customer rated among the items nearest to i (Sarwar, Karypis,
Konstan and Riedl 2001, section 3.2.1, "model size"); by customers over those who rated i among the
customers nearest to u (Resnick, Iacovou, Suchak, Bergstrom and Riedl 1994, GroupLens). Biases in
the place of means: Koren (2010), Factor in the neighbors, section 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.rating_factors import RatingModel, bias_only
from recommendations.engine.families.ratings_similarity import Centre, ratings_neighbours

Side: TypeAlias = Literal["item", "customer"]
Offset: TypeAlias = Literal["none", "mean", "biases"]

# Pairs that are predicted at once: with 500 neighbours, 100 MB.
_BLOCK_PAIRS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class NeighbourRatings:
    """Predicts by neighbours, and by biases where no neighbour rated.

    Parameters
    ----------
    side : {"item", "customer"}
        Whose neighbours.
    near : csr_matrix of shape (n_items, n_items) or (n_customers, n_customers)
        Similarities above 0, the neighbours of each row.
    rated : csr_matrix of shape (n_customers, n_items)
        A 1 for every rating there is.
    value : csr_matrix of shape (n_customers, n_items)
        The same ratings, less their offset.
    means : ndarray of shape (n_items,) or (n_customers,)
        Mean rating of each row of `near`.
    biases : RatingModel
        Mean and biases.
    offset : {"none", "mean", "biases"}
        What was taken off.
    damping : float
        δ, 0 or more.

    Examples
    --------
    >>> ratings = sparse.csr_matrix([[5.0, 3.0, 0.0], [4.0, 2.0, 1.0], [1.0, 5.0, 5.0]])
    >>> model = neighbour_ratings(
    ...     ratings, scale=(1, 5), side="customer", offset="none", min_common=2
    ... )
    >>> model.predicted(np.array([0]), np.array([2])).tolist()
    [1.0]
    """

    side: Side
    near: sparse.csr_matrix
    rated: sparse.csr_matrix
    value: sparse.csr_matrix
    means: NDArray[np.float64]
    biases: RatingModel
    offset: Offset
    damping: float

    def predicted(
        self, users: NDArray[np.integer], items: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Return the predicted rating of pairs.

        Parameters
        ----------
        users, items : ndarray of shape (n_pairs,), integer
            Positions.

        Returns
        -------
        ndarray of shape (n_pairs,), float64
            Clipped to the scale.

        Examples
        --------
        >>> ratings = sparse.csr_matrix([[5.0, 1.0]])
        >>> model = neighbour_ratings(ratings, scale=(1, 5), side="item")
        >>> model.predicted(np.array([], dtype=int), np.array([], dtype=int)).size
        0
        """
        users, items = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)
        sums, weights = np.empty(len(users)), np.empty(len(users))
        raters, marks = (self.value, self.rated)
        if self.side == "customer":
            raters, marks = raters.T.tocsr(), marks.T.tocsr()
        for start in range(0, len(users), _BLOCK_PAIRS):
            block = slice(start, start + _BLOCK_PAIRS)
            near, others = users[block], items[block]
            if self.side == "item":
                near, others = others, near
            nearest = self.near[near]
            sums[block] = _row_sums(nearest.multiply(raters[others]))
            weights[block] = _row_sums(nearest.multiply(marks[others]))
        biases = self.biases.predicted(users, items)
        if self.offset == "biases":
            base = self.biases.usual(users) + self.biases.items[items, 0]
        else:
            base = self._base(items if self.side == "item" else users)
        found = self._combined(base, sums, weights)
        return np.clip(np.where(weights > 0, found, biases), *self.biases.scale)

    def table(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what some customers would give to every item, as it ranks: not clipped.

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
        >>> ratings = sparse.csr_matrix([[5.0, 1.0]])
        >>> model = neighbour_ratings(ratings, scale=(1, 5), side="item")
        >>> model.table(np.array([0])).shape
        (1, 2)
        """
        if self.side == "item":
            nearest = self.near.T.tocsr()
            sums, weights = self.value[users] @ nearest, self.rated[users] @ nearest
        else:
            nearest = self.near[users]
            sums, weights = nearest @ self.value, nearest @ self.rated
        biases = self.biases.table(users)
        if self.offset == "biases":
            base = biases
        elif self.side == "item":
            base = self._base(np.arange(self.value.shape[1]))[np.newaxis, :]
        else:
            base = self._base(users)[:, np.newaxis]
        weights = weights.toarray()
        return np.where(weights > 0, self._combined(base, sums.toarray(), weights), biases)

    def usual(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what customers give as a rule.

        Parameters
        ----------
        users : ndarray of shape (n_asked,), integer
            Positions.

        Returns
        -------
        ndarray of shape (n_asked,), float64
            Mean and bias.

        Examples
        --------
        >>> ratings = sparse.csr_matrix([[5.0, 1.0]])
        >>> model = neighbour_ratings(ratings, scale=(1, 5), side="item")
        >>> model.usual(np.array([0])).tolist()
        [3.0]
        """
        return self.biases.usual(users)

    def _base(self, rows: NDArray[np.integer]) -> NDArray[np.float64]:
        return self.means[rows] if self.offset == "mean" else np.zeros(len(rows))

    def _combined(
        self, base: NDArray[np.float64], sums: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        # Without an offset the damping would pull ratings towards 0.
        damped = weights + (self.damping if self.offset != "none" else 0.0)
        moved = np.zeros(sums.shape)
        np.divide(sums, damped, out=moved, where=weights > 0)
        return base + moved


def neighbour_ratings(
    ratings: sparse.csr_matrix,
    *,
    scale: tuple[float, float],
    side: Side,
    centre: Centre = "item",
    neighbours: int = 100,
    min_common: int = 2,
    shrinkage: float = 10.0,
    offset: Offset = "biases",
    damping: float = 0.0,
    l2: float = 10.0,
    n_threads: int = 0,
) -> NeighbourRatings:
    """Return a model that predicts from the most similar items, or customers.

    Parameters
    ----------
    ratings : csr_matrix of shape (n_customers, n_items)
        Every stored entry is a rating, a stored 0 too.
    scale : tuple of float
        The lowest and the highest rating there is.
    side : {"item", "customer"}
        Whose neighbours.
    centre : {"customer", "item"}
        As in `ratings_neighbours`, read from the side: "item" is Pearson's correlation of two
        items, or of two customers, over what both have in common; "customer" the adjusted cosine.
    neighbours : int
        Most of them, at least 1.
    min_common : int
        Ratings that two must have in common, at least 1.
    shrinkage : float
        λ of `ratings_neighbours`.
    offset : {"none", "mean", "biases"}
        What is taken off ratings and added again: nothing, the mean of the side, or all biases.
    damping : float
        δ, 0 or more: how much it takes to move away from the offset.
    l2 : float
        Of the biases, above 0.
    n_threads : int
        0 takes every core that the process may use.

    Returns
    -------
    NeighbourRatings
        Without a rating it predicts the middle of the scale.

    Raises
    ------
    ValueError
        If a parameter is out of its range, or a rating outside the scale.

    Examples
    --------
    >>> ratings = sparse.csr_matrix([[5.0, 4.0, 1.0], [1.0, 2.0, 5.0], [4.0, 5.0, 0.0]])
    >>> ratings.eliminate_zeros()
    >>> model = neighbour_ratings(ratings, scale=(1, 5), side="item", offset="none")
    >>> model.predicted(np.array([2]), np.array([0])).tolist()
    [5.0]
    """
    if side not in ("item", "customer"):
        raise ValueError(f"side must be item or customer, not {side!r}.")
    if offset not in ("none", "mean", "biases"):
        raise ValueError(f"offset must be none, mean or biases, not {offset!r}.")
    if not 0 <= damping < np.inf:
        raise ValueError(f"damping must be 0 or more, not {damping}.")
    given = sparse.csr_matrix(ratings, dtype=np.float64, copy=True)
    given.sort_indices()
    biases = bias_only(
        given, scale=scale, l2=l2, frequency_exponent=0.0, iterations=10, n_threads=n_threads
    )
    lists = ratings_neighbours(
        given if side == "item" else given.T.tocsr(),
        centre=centre,
        k=neighbours,
        min_customers=min_common,
        shrinkage=shrinkage,
    )
    means = _means(given, side, biases.mean)
    rated, value = given.copy(), given.copy()
    rated.data[:] = 1.0
    value.data -= _offsets(given, side, offset, means, biases)
    return NeighbourRatings(
        side=side,
        near=lists.matrix(len(lists)),
        rated=rated,
        value=value,
        means=means,
        biases=biases,
        offset=offset,
        damping=damping,
    )


def _means(given: sparse.csr_matrix, side: Side, overall: float) -> NDArray[np.float64]:
    """Return the mean rating of each item or customer, that of all for those without any."""
    axis = 0 if side == "item" else 1
    counts = np.bincount(given.indices, minlength=given.shape[1]) if axis == 0 else given.getnnz(1)
    sums = np.asarray(given.sum(axis=axis)).ravel()
    return np.where(counts > 0, sums / np.maximum(counts, 1), overall)


def _offsets(
    given: sparse.csr_matrix,
    side: Side,
    offset: Offset,
    means: NDArray[np.float64],
    biases: RatingModel,
) -> NDArray[np.float64]:
    """Return what is taken off each rating."""
    rows = np.repeat(np.arange(given.shape[0]), np.diff(given.indptr))
    taken = np.zeros(given.nnz)
    if offset == "biases":
        taken += biases.usual(rows) + biases.items[given.indices, 0]
    elif offset == "mean":
        taken += means[given.indices if side == "item" else rows]
    return taken


def _row_sums(matrix: sparse.spmatrix) -> NDArray[np.float64]:
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
