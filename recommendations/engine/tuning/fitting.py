"""A model fitted by its stored parameters, and best sellers where it has nothing to say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.families.base import Family, Fitted, ListModel, Parameters, Training
from recommendations.engine.popularity import popular_items
from recommendations.engine.tuning.reading import READ

DEPTH = "depth"
"""Entries of each list that a query adds up: a parameter of every model of lists."""


def fitted_model(family: Family, training: Training, parameters: Parameters) -> Fitted:
    """Return a family's model with parameters as `tune` reports and a shop stores them.

    A model of lists may be read to any depth without another fit, so `tune` tries depths for every
    such family. Where the family itself knows no "depth", it is applied here.

    Parameters
    ----------
    family : Family
        How it is fitted.
    training : Training
        What it learns from.
    parameters : mapping
        Of the family, and "depth" for a model of lists. How its stored lists are read ("read")
        does not concern the fit.

    Returns
    -------
    Fitted
        The model.

    Examples
    --------
    >>> from recommendations.engine.neighbour_lists import NeighbourLists
    >>> family = Family(
    ...     name="none",
    ...     fit=lambda training, chosen: ListModel(lists=NeighbourLists.empty(2)),
    ...     bytes_needed=lambda size, chosen: 0,
    ... )
    >>> fitted_model(family, None, {"depth": 7}).depth
    7
    """
    own = {name: value for name, value in parameters.items() if name != READ}
    depth = None if DEPTH in family.start else own.pop(DEPTH, None)
    model = family.fit(training, own)
    if depth is not None and isinstance(model, ListModel):
        return replace(model, depth=depth)
    return model


def best_sellers(training: Training) -> NDArray[np.int32]:
    """Return all items that were bought, by decayed distinct customers.

    Parameters
    ----------
    training : Training
        What is known.

    Returns
    -------
    ndarray of shape (n_sold,), int32
        Item positions, most popular first, ties to the smaller. Empty without sales.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[1]], at=[0], customers=[0])
    >>> best_sellers(Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))).tolist()
    [1]
    """
    return popular_items(training.matrix, k=max(training.n_items, 1))[0]
