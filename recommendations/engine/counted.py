"""The best companions by a measure of the counts themselves: Jaccard, log-likelihood, shrinkage.

`neighbours` computes products of weights and norms. Measures that look at the three counts of a
pair together are computed here in the same pass, so that the best K are the best of all pairs and
not of those that another measure liked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from recommendations.engine._portable import Pairs, portable_rows
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import compiled_kernel, compiled_rows
from recommendations.engine.packing import MAX_LENGTH

Kind: TypeAlias = Literal["product", "jaccard", "log_likelihood"]

KINDS: tuple[Kind, ...] = ("product", "jaccard", "log_likelihood")
"""In the order of the compiled code's numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CountMeasure:
    """A measure of weighted counts, with shrinkage.

    Parameters
    ----------
    kind : {"product", "jaccard", "log_likelihood"}
        x·l·r; x / (l + r − x); or Dunning's G² of pairs that meet more often than by chance. x is
        the sum of the weights of the rows that hold both.
    k : int
        Longest list.
    min_customers : int
        Distinct customers a pair must have.
    left, right : ndarray of shape (n_items,), float64
        l and r by item position: norms for a product, else the weighted rows of each item.
    total : float
        The weight of all rows.
    shrinkage : float
        λ: a score keeps n / (n + λ) of itself, n the rows that hold both.

    Examples
    --------
    >>> weight = np.array([2.0, 4.0])
    >>> CountMeasure(kind="jaccard", k=1, min_customers=1, left=weight, right=weight).shrinkage
    0.0
    """

    kind: Kind
    k: int
    min_customers: int
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    total: float = 0.0
    shrinkage: float = 0.0

    def scores(self, matrix: BasketMatrix, pairs: Pairs) -> NDArray[np.float64]:
        """Return one score per pair.

        Parameters
        ----------
        matrix : BasketMatrix
            Not looked at: all is in the measure.
        pairs : Pairs
            Positions and counts.

        Returns
        -------
        ndarray of shape (n_pairs,), float64
            0 for pairs that no list keeps.

        Examples
        --------
        >>> one, weight = np.array([1.0]), np.array([2.0, 4.0])
        >>> pairs = Pairs(np.array([0]), np.array([1]), one, one, one)
        >>> measure = CountMeasure(
        ...     kind="jaccard", k=1, min_customers=1, left=weight, right=weight, shrinkage=1.0
        ... )
        >>> measure.scores(None, pairs).tolist()
        [0.1]
        """
        both, left, right = pairs.weights, self.left[pairs.left], self.right[pairs.right]
        if self.kind == "product":
            scores = both * left * right
        elif self.kind == "jaccard":
            scores = both / (left + right - both)
        else:
            scores = _log_likelihood(both, left, right, self.total)
        result: NDArray[np.float64] = scores * (pairs.baskets / (pairs.baskets + self.shrinkage))
        return result


def counted_neighbours(
    matrix: BasketMatrix, measure: CountMeasure, *, n_threads: int = 0, portable: bool = False
) -> NeighbourLists:
    """Return the best companions of every item by a measure of counts.

    Parameters
    ----------
    matrix : BasketMatrix
        The rows with their weights.
    measure : CountMeasure
        How pairs are scored, and the floor.
    n_threads, portable
        As in `neighbours`.

    Returns
    -------
    NeighbourLists
        One row per item position, best first; ties go to the smaller item position. Scores above
        0 only. The result does not depend on `n_threads`.

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
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None, size_exponent=0.0)
    >>> rows = matrix.item_weight
    >>> measure = CountMeasure(kind="jaccard", k=1, min_customers=1, left=rows, right=rows)
    >>> lists = counted_neighbours(matrix, measure)
    >>> lists.items.tolist(), lists.scores.tolist()
    ([1, 0, 0], [1.0, 1.0, 0.5])
    """
    _check(matrix, measure)
    items = np.arange(matrix.n_items)
    if not len(items):
        return NeighbourLists.empty(0)
    kernel = None if portable else compiled_kernel()
    if kernel is None:
        return portable_rows(matrix, items, measure)
    by_rank = matrix.item_by_rank
    norms = measure.left[by_rank], measure.right[by_rank]
    kind = KINDS.index(measure.kind)
    limits = measure.k, measure.min_customers, kind, float(measure.total), float(measure.shrinkage)
    return compiled_rows(
        kernel,
        matrix,
        items,
        kernel.fill_counted,
        (norms, limits),
        k=measure.k,
        n_threads=n_threads,
    )


def _check(matrix: BasketMatrix, measure: CountMeasure) -> None:
    if measure.kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {measure.kind}.")
    if not 1 <= measure.k <= MAX_LENGTH:
        raise ValueError(f"k must be 1 to {MAX_LENGTH}, not {measure.k}.")
    if measure.min_customers < 1:
        raise ValueError(f"min_customers must be at least 1, not {measure.min_customers}.")
    if not 0 <= measure.shrinkage < float("inf"):
        raise ValueError(f"shrinkage must be at least 0, not {measure.shrinkage}.")
    if not len(measure.left) == len(measure.right) == matrix.n_items:
        raise ValueError(
            f"{len(measure.left)} and {len(measure.right)} norms were given for"
            f" {matrix.n_items} items."
        )


def _log_likelihood(
    both: NDArray[np.float64],
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    total: float,
) -> NDArray[np.float64]:
    """Return G² of pairs that meet more often than by chance, 0 for the others."""
    together = 2.0 * (
        _plogp(both)
        + _plogp(left - both)
        + _plogp(right - both)
        + _plogp(total - left - right + both)
        - _plogp(left)
        - _plogp(total - left)
        - _plogp(right)
        - _plogp(total - right)
        + _plogp(np.full(len(both), total))
    )
    return np.where(both * total <= left * right, 0.0, together)


def _plogp(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    # Sums of decayed weights may differ by a rounding where counts would be equal.
    positive = np.maximum(counts, 0.0)
    return np.asarray(special.xlogy(positive, positive), dtype=np.float64)
