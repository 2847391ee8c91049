"""Random walks of three steps, item → row → item, on the graph of rows and items.

A row is a customer, as in the papers, or a basket where baskets are to be completed.
P3α: Cooper, Lee, Radinsky and Siantos (2014), Random walks in recommender systems. RP3β:
Paudel, Christoffel, Newell and Bernstein (2017), Updatable, accurate, diverse and scalable
recommendations for interactive applications.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from recommendations.engine.families.base import Family, ListModel, Parameters, Training
from recommendations.engine.families.lists import (
    COMMON,
    DEPTHS,
    bytes_of_lists,
    list_length,
    list_model,
)
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.neighbours import neighbours
from recommendations.engine.reweighting import row_sizes, with_row_weight

P3ALPHA_START: Mapping[str, Any] = {**COMMON, "alpha": 1.0, "beta": 0.0, "depth": 50}
RP3BETA_START: Mapping[str, Any] = {**P3ALPHA_START, "beta": 0.5}


def walk_lists(
    matrix: BasketMatrix,
    *,
    k: int,
    min_customers: int = 5,
    alpha: float = 1.0,
    beta: float = 0.0,
    n_threads: int = 0,
    portable: bool = False,
) -> NeighbourLists:
    """Return where a walk from each item ends most often, popular ends divided by nⱼ^β.

    s_ij = Σ_u (p_iu · p_uj)^α / n_j^β. From item i the walk goes to one of its rows in proportion
    to the row's time decay, p_iu = d_u / n_i with n_i = Σ d_u, and from row u to one of its items
    at random, p_uj = 1 / |u|. So s_ij = n_i^-α · n_j^-β · Σ_u (d_u / |u|)^α: a sum of row weights
    between two norms, which is what `neighbours` counts, for every α.

    Parameters
    ----------
    matrix : BasketMatrix
        Customers or baskets × items; its size exponent is replaced.
    k : int
        Longest list, 1 to 65,535.
    min_customers : int
        Distinct customers a pair must have, at least 1.
    alpha : float
        α, 0 to 2: above 1 sharp transitions count more, below 1 less; 1 is the plain walk.
    beta : float
        β, 0 or more: how much popular ends count less; 0 is P3α.
    n_threads, portable
        As in `neighbours`.

    Returns
    -------
    NeighbourLists
        One row per item position, best first, ties to the smaller item; with evidence.

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
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> [round(float(s), 4) for s in walk_lists(matrix, k=1, min_customers=1).scores]
    [0.4167, 0.4167, 0.3333]
    """
    if not 0 <= alpha <= 2:
        raise ValueError(f"alpha must be 0 to 2, not {alpha}.")
    if not 0 <= beta < float("inf"):
        raise ValueError(f"beta must be at least 0, not {beta}.")
    return neighbours(
        with_row_weight(matrix, (matrix.basket_decay / row_sizes(matrix)) ** alpha),
        k=k,
        min_customers=min_customers,
        item_exponent=alpha,
        companion_exponent=beta,
        n_threads=n_threads,
        portable=portable,
    )


def fit_walk(
    training: Training, parameters: Parameters, *, start: Parameters = RP3BETA_START
) -> ListModel:
    """Return the lists of walks from every item.

    Parameters
    ----------
    training : Training
        Rows are customers or baskets.
    parameters : mapping
        Those of `start`.
    start : mapping
        Gives what `parameters` does not.

    Returns
    -------
    ListModel
        Pairs of at least `training.min_customers` distinct customers.

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
    >>> fit_walk(training, {"beta": 1.0}).lists.items.tolist()
    [1, 2, 0, 2, 0, 1]
    """
    chosen = {**start, **parameters}
    lists = walk_lists(
        training.matrix,
        k=list_length(chosen),
        min_customers=training.min_customers,
        alpha=chosen["alpha"],
        beta=chosen["beta"],
        n_threads=training.n_threads,
    )
    return list_model(lists, chosen)


P3ALPHA = Family(
    name="p3alpha",
    fit=partial(fit_walk, start=P3ALPHA_START),
    bytes_needed=bytes_of_lists,
    start=P3ALPHA_START,
    grid={"alpha": (0.5, 0.75, 1.0, 1.25, 1.5), "depth": DEPTHS},
)

RP3BETA = Family(
    name="rp3beta",
    fit=fit_walk,
    bytes_needed=bytes_of_lists,
    start=RP3BETA_START,
    grid={
        "beta": (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        "depth": DEPTHS,
        "alpha": (0.5, 0.75, 1.0, 1.25),
    },
)
