"""Accessories share baskets: the negative evidence, for a pair, for a word, for a category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.upgrades.journeys import Journeys

Z = 2.33
"""Standard errors of a bound: 99 of 100 are on the right side of it."""

COMPLEMENT_LIFT = 3.0
"""Surely so many times as often in one basket as by chance: bought together, not instead.

Taste alone, two looks at one shelf, gives about twice as often.
"""


def surely_above(counts: NDArray[np.number], *, z: float = Z) -> NDArray[np.float64]:
    """Return the lower bound of the mean behind counts of rare events.

    Wilson, E. B. and Hilferty, M. M. (1931), The distribution of chi-square.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        0 or more, Poisson.
    z : float
        Standard errors.

    Returns
    -------
    ndarray of shape (n,), float64
        0 for a count of 0.

    Examples
    --------
    >>> surely_above(np.array([0, 5, 100])).round(2).tolist()
    [0.0, 1.25, 78.18]
    """
    given = np.asarray(counts, dtype=np.float64)
    many = np.maximum(given, 1.0)
    bound = many * np.maximum(1 - 1 / (9 * many) - z / (3 * np.sqrt(many)), 0.0) ** 3
    return np.where(given > 0, bound, 0.0)


def surely_below(counts: NDArray[np.number], *, z: float = Z) -> NDArray[np.float64]:
    """Return the upper bound of the mean behind counts of rare events, as `surely_above`.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        0 or more, Poisson.
    z : float
        Standard errors.

    Returns
    -------
    ndarray of shape (n,), float64
        Above the counts.

    Examples
    --------
    >>> surely_below(np.array([0, 5])).round(1).tolist()
    [4.6, 13.1]
    """
    more = np.asarray(counts, dtype=np.float64) + 1
    return np.asarray(more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3)


@dataclass(frozen=True)
class Complements:
    """What is bought together and so not instead of each other.

    Parameters
    ----------
    journeys : Journeys
        Baskets that count.
    min_customers : int
        Distinct customers of a pair below which nothing is concluded from it.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> baskets = [[0, 1]] * 9 + [[2]] * 90
    >>> history = order_history(
    ...     item_ids=[1, 2, 3], baskets=baskets, at=[0] * 99, customers=list(range(99))
    ... )
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> complements = Complements(Journeys(matrix, history.basket_at), min_customers=5)
    >>> complements.barred(0, np.array([1, 2])).tolist()
    [True, False]
    """

    journeys: Journeys
    min_customers: int

    def expected(self, item: int, others: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the baskets of both if chance alone put them together."""
        held = self.journeys.matrix.item_baskets
        n_baskets = max(self.journeys.matrix.n_baskets, 1)
        return np.asarray(held[item] * held[others] / n_baskets, dtype=np.float64)

    def barred(self, item: int, others: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of the others are surely bought together with an item.

        Parameters
        ----------
        item : int
            Item position.
        others : ndarray of shape (n_others,), int64
            Item positions, each once.

        Returns
        -------
        ndarray of shape (n_others,), bool
            True for complements.
        """
        baskets, customers = self.journeys.shared(item, others)
        often = surely_above(baskets) > COMPLEMENT_LIFT * self.expected(item, others)
        found: NDArray[np.bool_] = (customers >= self.min_customers) & often
        return found

    def apart(self, pairs: Sequence[tuple[int, int]]) -> bool:
        """Return whether items are not bought together, over all these pairs.

        Parameters
        ----------
        pairs : sequence of (int, int)
            Item positions.

        Returns
        -------
        bool
            True where there is too little to tell.
        """
        baskets = customers = 0
        expected = 0.0
        for one, other in pairs:
            with_it = np.array([other])
            together, people = self.journeys.shared(one, with_it)
            baskets, customers = baskets + int(together[0]), customers + int(people[0])
            expected += float(self.expected(one, with_it)[0])
        often = surely_above(np.array([baskets]))[0] > COMPLEMENT_LIFT * expected
        return not (customers >= self.min_customers and bool(often))

    def one_need(self, category: NDArray[np.integer], n_categories: int) -> NDArray[np.bool_]:
        """Return which categories hold what meets one need, told by their baskets alone.

        Two of their items are surely no more often in one basket than any two items of the shop,
        and no pair of them is a complement.

        Parameters
        ----------
        category : ndarray of shape (n_items,), integer
            Of each item, below `n_categories`.
        n_categories : int
            Number of categories.

        Returns
        -------
        ndarray of shape (n_categories,), bool
            False where there are too few orders to tell.
        """
        matrix = self.journeys.matrix
        held = matrix.item_baskets.astype(np.float64)
        by_category = sparse.csr_matrix(
            (np.ones(len(category)), (np.arange(len(category)), category)),
            shape=(len(category), n_categories),
        )
        within = (matrix.baskets_items() @ by_category).tocsr()
        within.data *= (within.data - 1) / 2
        together = np.asarray(within.sum(axis=0)).ravel()
        sold = by_category.T @ held
        expected = (sold**2 - by_category.T @ held**2) / (2 * max(matrix.n_baskets, 1))
        sizes = np.diff(matrix.basket_indptr)
        anywhere = (held.sum() ** 2 - (held**2).sum()) / (2 * max(matrix.n_baskets, 1))
        usual = float((sizes * (sizes - 1)).sum()) / 2 / anywhere if anywhere else 0.0
        found = surely_below(together) <= usual * expected
        for place in np.flatnonzero(found).tolist():
            members = np.flatnonzero((category == place) & (matrix.item_baskets > 0))
            found[place] = not any(
                self.barred(one, members[at + 1 :]).any() for at, one in enumerate(members.tolist())
            )
        return np.asarray(found, dtype=bool)
