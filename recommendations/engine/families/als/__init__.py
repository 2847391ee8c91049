"""Matrix factorisation of implicit feedback by alternating least squares (iALS)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from recommendations.engine.families.als.factorisation import (
    Factors,
    Weighting,
    factorised,
    half_step,
    loss,
)
from recommendations.engine.families.als.model import AlsModel
from recommendations.engine.families.base import Family, Parameters, Size, Training
from recommendations.engine.families.dense import BLOCK_SCORES, learnt_items
from recommendations.engine.reweighting import with_size_exponent

__all__ = [
    "FAMILY",
    "AlsModel",
    "Factors",
    "Weighting",
    "factorised",
    "fit_als",
    "half_step",
    "loss",
]

START: Mapping[str, Any] = {
    "factors": 64,
    "l2": 10.0,
    "alpha": 10.0,
    "frequency_exponent": 1.0,
    "iterations": 15,
    "steps": 3,
    "size_exponent": 0.0,
}


def fit_als(training: Training, parameters: Parameters) -> AlsModel:
    """Return factors of the items that enough customers bought.

    Parameters
    ----------
    training : Training
        Rows are baskets or customers; r is a row's time decay · n ** -size_exponent, n its items.
    parameters : mapping
        Those of `START`; what is not given is taken from there. `alpha`, `l2` and
        `frequency_exponent` as in `Weighting`, `steps` as in `solved_rows`.

    Returns
    -------
    AlsModel
        The model. Training without a row gives one that recommends nothing.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [0, 1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> training = Training(matrix=basket_matrix(history, as_of=0, half_life_days=None))
    >>> fit_als(training, {"factors": 2, "l2": 0.1}).item_lists(5).items.tolist()
    [1, 0]
    """
    chosen = {**START, **parameters}
    matrix = with_size_exponent(training.matrix, float(chosen["size_exponent"]))
    learnt = learnt_items(matrix, training.min_customers)
    counted = matrix.basket_weight > 0
    entries = (
        sparse.diags(matrix.basket_weight[counted]) @ matrix.baskets_items()[counted][:, learnt]
    ).tocsr()
    weighting = Weighting(
        alpha=float(chosen["alpha"]),
        l2=float(chosen["l2"]),
        frequency_exponent=float(chosen["frequency_exponent"]),
    )
    factors = factorised(
        entries,
        weighting,
        n_factors=int(chosen["factors"]),
        iterations=int(chosen["iterations"]),
        steps=int(chosen["steps"]),
        seed=training.seed,
        n_threads=training.n_threads,
    )
    return AlsModel(
        items=factors.items,
        learnt=learnt,
        weighting=weighting,
        mean_confidence=float(np.mean(weighting.confidence(entries))) if counted.any() else 1.0,
        matrix=training.matrix,
        min_customers=training.min_customers,
        size_exponent=float(chosen["size_exponent"]),
        n_threads=training.n_threads,
    )


def bytes_of_als(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of a fit and of asking the model.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        With "factors".

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> bytes_of_als(Size(n_rows=100_000, n_items=0, n_lines=0), {"factors": 64}) // 2**20
    128
    """
    # Two generations of factors; the entries by row and by item, with confidence and target.
    factors = 2 * 8 * int(parameters["factors"]) * (size.n_rows + size.n_items)
    return factors + 60 * size.n_lines + 4 * BLOCK_SCORES


FAMILY = Family(
    name="als",
    fit=fit_als,
    bytes_needed=bytes_of_als,
    start=START,
    grid={"l2": (1.0, 10.0, 100.0), "alpha": (3.0, 10.0, 30.0), "factors": (64, 128)},
)
"""Implicit-feedback ALS."""
