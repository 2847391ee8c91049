"""Families of models that foretell ratings: biases, factors, and neighbours of items or customers.

Each predicts single ratings, which is how they are compared, and recommends what a customer is
likely to rate highest. Their list per item is the same for all: on which items customers agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.events import Ratings
from recommendations.engine.families.base import Family, Parameters, Query, Size, Training
from recommendations.engine.families.rating_factors import bias_only, rating_factors
from recommendations.engine.families.rating_neighbours import Side, neighbour_ratings
from recommendations.engine.families.ratings_similarity import bytes_of_ratings, ratings_neighbours
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.topk import top_k

# Customers who are answered at once: 200 MB for 100,000 items.
_BLOCK_CUSTOMERS = 64

LIST_SHRINKAGE = 10.0
"""Customers who agree on a pair before half of their agreement counts."""


class Predictor(Protocol):
    """Foretells ratings of customers and items by position."""

    def predicted(
        self, users: NDArray[np.integer], items: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Return the rating of each pair, within the scale."""
        ...

    def table(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what each of some customers would give to every item, as it ranks."""
        ...

    def usual(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what each of some customers gives as a rule."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class RatedModel:
    """A predictor that recommends: what is foretold above a customer's own average, best first.

    Parameters
    ----------
    predictor : Predictor
        Over the positions of the ratings.
    ratings : Ratings
        What it has learnt from.
    min_customers : int
        Raters an item must have to be recommended, and who must have rated both items of a pair.

    Examples
    --------
    >>> from recommendations.engine.events import ratings
    >>> from recommendations.engine.families.rating_factors import RatingModel
    >>> given = ratings([0, 1, 1], [0, 0, 1], [5, 4, 5], [1, 2, 3], n_customers=2, n_items=3)
    >>> predictor = RatingModel(
    ...     mean=3.0, users=np.zeros((2, 1)), items=np.array([[1.0], [2.0], [9.0]]), scale=(1, 5)
    ... )
    >>> model = RatedModel(predictor=predictor, ratings=given, min_customers=1)
    >>> asked = Query(held=sparse.csr_matrix((1, 3)), customers=np.array([0], dtype=np.int32))
    >>> model.recommend(asked, 2).tolist()
    [[1, -1]]
    """

    predictor: Predictor
    ratings: Ratings
    min_customers: int

    def predicted(
        self, customers: NDArray[np.integer], items: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Return the predicted rating of pairs.

        Parameters
        ----------
        customers, items : ndarray of shape (n_pairs,), integer
            Positions.

        Returns
        -------
        ndarray of shape (n_pairs,), float64
            Within the scale.

        Examples
        --------
        >>> model = fit_biases(_example(), {"l2": 1.0})
        >>> model.predicted(np.array([1]), np.array([1])).round(2).tolist()
        [4.17]
        """
        return self.predictor.predicted(customers, items)

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return what each customer is likely to rate highest.

        Parameters
        ----------
        query : Query
            With its customers; whoever gave no rating gets nothing.
        k : int
            At least 1.

        Returns
        -------
        ndarray of shape (n_queries, k), int32
            Items of enough raters, foretold above what the customer gives as a rule, none that
            they rated or that is ruled out; best first, ties to the smaller; -1 where there are
            fewer.

        Raises
        ------
        ValueError
            If the query does not name its customers.

        Examples
        --------
        >>> from recommendations.engine.events import ratings
        >>> from recommendations.engine.families.rating_factors import RatingModel
        >>> given = ratings([0], [0], [5], [1], n_customers=1, n_items=1)
        >>> predictor = RatingModel(
        ...     mean=3.0, users=np.zeros((1, 1)), items=np.zeros((1, 1)), scale=(1, 5)
        ... )
        >>> model = RatedModel(predictor=predictor, ratings=given, min_customers=1)
        >>> nobody = Query(held=sparse.csr_matrix((1, 1)), customers=np.array([-1], dtype=np.int32))
        >>> model.recommend(nobody, 1).tolist()
        [[-1]]
        """
        if query.customers is None:
            raise ValueError("A model of ratings needs the customers, and none are named.")
        found = np.full((len(query), k), -1, dtype=np.int32)
        rated = self.ratings.matrix()
        known = query.customers >= 0
        known[known] = np.diff(rated.indptr)[query.customers[known]] > 0
        rows = np.flatnonzero(known)
        raters = np.bincount(self.ratings.item, minlength=self.ratings.n_items)
        few = raters < self.min_customers
        for start in range(0, len(rows), _BLOCK_CUSTOMERS):
            block = rows[start : start + _BLOCK_CUSTOMERS]
            customers = query.customers[block]
            table = self.predictor.table(customers)
            hopeful = table > self.predictor.usual(customers)[:, np.newaxis]
            hopeful[:, few] = False
            for barred in (query.without[block], rated[customers]):
                hopeful[_places(barred)] = False
            entries = sparse.csr_matrix(hopeful)
            entries.sort_indices()
            # Above 0 whatever the scale: an entry must not vanish.
            entries = sparse.csr_matrix(
                (table[_places(entries)], entries.indices, entries.indptr), shape=entries.shape
            )
            found[block] = top_k(entries, k)[0]
        return found

    def item_lists(self, k: int) -> NeighbourLists:
        """Return for each item those that the same customers rate alike.

        Parameters
        ----------
        k : int
            At least 1.

        Returns
        -------
        NeighbourLists
            By adjusted cosine; `customers` and `baskets` both count those who rated both.

        Examples
        --------
        >>> from recommendations.engine.events import ratings
        >>> from recommendations.engine.families.rating_factors import RatingModel
        >>> given = ratings([0], [0], [5], [1], n_customers=1, n_items=1)
        >>> predictor = RatingModel(
        ...     mean=3.0, users=np.zeros((1, 1)), items=np.zeros((1, 1)), scale=(1, 5)
        ... )
        >>> model = RatedModel(predictor=predictor, ratings=given, min_customers=1)
        >>> len(model.item_lists(3))
        1
        """
        return ratings_neighbours(
            self.ratings.matrix(),
            centre="customer",
            k=k,
            min_customers=self.min_customers,
            shrinkage=LIST_SHRINKAGE,
        )


def rating_size(training: Training) -> Size:
    """Return the size of the ratings to learn from.

    Parameters
    ----------
    training : Training
        With its ratings.

    Returns
    -------
    Size
        Rows are customers who rated.

    Raises
    ------
    ValueError
        If there are no ratings.

    Examples
    --------
    >>> from recommendations.engine.events import ratings
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1], baskets=[[0]], at=[0], customers=[0])
    >>> training = Training(
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None),
    ...     ratings=ratings([4], [0], [5], [1], n_customers=9, n_items=1),
    ... )
    >>> rating_size(training).n_rows
    1
    """
    given = _ratings(training)
    return Size(n_rows=len(np.unique(given.customer)), n_items=given.n_items, n_lines=len(given))


def fit_biases(training: Training, parameters: Parameters) -> RatedModel:
    """Return the model of mean and biases: the baseline that others have to beat.

    Parameters
    ----------
    training : Training
        With its ratings.
    parameters : mapping
        "l2".

    Returns
    -------
    RatedModel
        Recommends to everybody what is rated best.

    Examples
    --------
    >>> training = _example()
    >>> fit_biases(training, {"l2": 1.0}).predicted(np.array([0]), np.array([0])).round(2).tolist()
    [4.83]
    """
    given = _ratings(training)
    predictor = bias_only(
        given.matrix(),
        scale=given.scale,
        l2=parameters["l2"],
        frequency_exponent=0.0,
        iterations=10,
        n_threads=training.n_threads,
    )
    return _model(predictor, training)


def fit_factors(training: Training, parameters: Parameters) -> RatedModel:
    """Return the factorisation of the ratings.

    Parameters
    ----------
    training : Training
        With its ratings, and the seed.
    parameters : mapping
        Those of `rating_factors`: "n_factors", "l2", "frequency_exponent", "iterations".

    Returns
    -------
    RatedModel
        With factors.

    Examples
    --------
    >>> parameters = {"n_factors": 1, "l2": 1.0, "frequency_exponent": 0.0, "iterations": 3}
    >>> fit_factors(_example(), parameters).predicted(np.array([0]), np.array([0])).size
    1
    """
    given = _ratings(training)
    predictor = rating_factors(
        given.matrix(),
        scale=given.scale,
        seed=training.seed,
        n_threads=training.n_threads,
        **parameters,
    )
    return _model(predictor, training)


def fit_neighbours(training: Training, parameters: Parameters, *, side: Side) -> RatedModel:
    """Return the average over what neighbours gave.

    Parameters
    ----------
    training : Training
        With its ratings.
    parameters : mapping
        Those of `neighbour_ratings` that are in the family's start.
    side : {"item", "customer"}
        Whose neighbours.

    Returns
    -------
    RatedModel
        With neighbours.

    Examples
    --------
    >>> model = fit_neighbours(_example(), {"min_common": 1}, side="item")
    >>> model.predicted(np.array([0]), np.array([0])).size
    1
    """
    given = _ratings(training)
    predictor = neighbour_ratings(
        given.matrix(), scale=given.scale, side=side, n_threads=training.n_threads, **parameters
    )
    return _model(predictor, training)


def _model(predictor: Predictor, training: Training) -> RatedModel:
    return RatedModel(
        predictor=predictor, ratings=_ratings(training), min_customers=training.min_customers
    )


def _ratings(training: Training) -> Ratings:
    if training.ratings is None:
        raise ValueError("A model of ratings needs ratings, and none were given.")
    return training.ratings


def _places(matrix: sparse.csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return row and column of each stored entry."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), matrix.indices


def _bytes_of_factors(size: Size, parameters: Parameters) -> int:
    n_factors = 1 + int(parameters.get("n_factors", 0))
    # The ratings both ways round with weights and targets; factors before and after a step.
    return 64 * size.n_lines + 24 * n_factors * (size.n_rows + size.n_items)


def _bytes_of_neighbours(size: Size, parameters: Parameters, *, side: Side) -> int:
    turned = Size(n_rows=size.n_items, n_items=size.n_rows, n_lines=size.n_lines)
    asked = size if side == "item" else turned
    k = int(parameters["neighbours"])
    # Lists as found, and again as a matrix; the ratings twice more, less their offsets.
    lists = 40 * asked.n_items * k + 40 * size.n_lines
    return lists + bytes_of_ratings(asked, {"neighbours": k, "depth": k})


def _example() -> Training:
    """Return a training of two ratings, for the examples above."""
    from recommendations.engine.events import ratings
    from recommendations.engine.history import order_history
    from recommendations.engine.matrices import basket_matrix

    history = order_history(item_ids=[1, 2], baskets=[[0], [1]], at=[0, 0], customers=[0, 1])
    return Training(
        matrix=basket_matrix(history, as_of=0, half_life_days=None),
        ratings=ratings([0, 1], [0, 1], [5, 4], [1, 2], n_customers=2, n_items=2),
    )


_NEIGHBOURS: Mapping[str, Any] = {
    "neighbours": 200,
    "shrinkage": 25.0,
    "min_common": 3,
    "offset": "biases",
    "damping": 1.0,
    "l2": 10.0,
}
_NEIGHBOUR_GRID = {
    "offset": ("biases", "mean", "none"),
    "neighbours": (50, 200, 800),
    "shrinkage": (0.0, 25.0, 100.0),
    "damping": (0.0, 1.0, 4.0),
}

BIASES = Family(
    name="rating_biases",
    fit=fit_biases,
    bytes_needed=_bytes_of_factors,
    start={"l2": 10.0},
    grid={"l2": (1.0, 3.0, 10.0, 30.0)},
    needs=frozenset({"ratings"}),
)
"""Who rates high, and what is rated high: the baseline of every comparison."""

FACTORS = Family(
    name="rating_factors",
    fit=fit_factors,
    bytes_needed=_bytes_of_factors,
    start={"n_factors": 8, "l2": 10.0, "frequency_exponent": 0.0, "iterations": 15},
    grid={"l2": (3.0, 10.0, 30.0), "n_factors": (4, 8, 16, 32)},
    needs=frozenset({"ratings"}),
)

ITEM_COSINE = Family(
    name="rating_item_cosine",
    fit=partial(fit_neighbours, side="item"),
    bytes_needed=partial(_bytes_of_neighbours, side="item"),
    start={**_NEIGHBOURS, "centre": "customer"},
    grid=_NEIGHBOUR_GRID,
    needs=frozenset({"ratings"}),
)
"""Neighbours of items by adjusted cosine."""

ITEM_PEARSON = Family(
    name="rating_item_pearson",
    fit=partial(fit_neighbours, side="item"),
    bytes_needed=partial(_bytes_of_neighbours, side="item"),
    start={**_NEIGHBOURS, "centre": "item"},
    grid=_NEIGHBOUR_GRID,
    needs=frozenset({"ratings"}),
)

CUSTOMER_PEARSON = Family(
    name="rating_customer_pearson",
    fit=partial(fit_neighbours, side="customer"),
    bytes_needed=partial(_bytes_of_neighbours, side="customer"),
    start={**_NEIGHBOURS, "centre": "item"},
    grid=_NEIGHBOUR_GRID,
    needs=frozenset({"ratings"}),
)

RATING_FAMILIES = (BIASES, FACTORS, ITEM_COSINE, ITEM_PEARSON, CUSTOMER_PEARSON)
"""All of them, the cheaper first."""
