"""EASE, the shallow autoencoder: every item predicted from all others by one ridge regression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommendations.engine.families.base import Family, Fitted, Parameters, Size, Training
from recommendations.engine.families.dense import learnt_items
from recommendations.engine.families.ease import local
from recommendations.engine.families.ease.dense import DenseEase, ease_weights, weighted_gram
from recommendations.engine.families.ease.local import PAIRS_PER_CANDIDATE, LocalEase, local_ease
from recommendations.engine.reweighting import with_size_exponent

__all__ = ["FAMILY", "DenseEase", "LocalEase", "ease_weights", "fit_ease", "local_ease"]

START: Mapping[str, Any] = {
    "l2": 20.0,
    "candidates": 100,
    "size_exponent": 0.5,
}


def fit_ease(training: Training, parameters: Parameters) -> Fitted:
    """Return EASE, exact or with each item regressed on its candidates.

    Parameters
    ----------
    training : Training
        Rows are baskets or customers; their time decay counts, their size exponent is replaced.
    parameters : mapping
        Those of `START`; what is not given is taken from there. `l2` and `candidates` as in
        `local_ease`, 0 candidates for all items (`ease_weights`).

    Returns
    -------
    DenseEase or LocalEase
        The model.

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
    >>> fit_ease(training, {"l2": 1.0}).item_lists(5).items.tolist()
    [1, 0]
    """
    chosen = {**START, **parameters}
    matrix = with_size_exponent(training.matrix, chosen["size_exponent"])
    if int(chosen["candidates"]):
        return local_ease(
            matrix,
            l2=float(chosen["l2"]),
            candidates=int(chosen["candidates"]),
            min_customers=training.min_customers,
            n_threads=training.n_threads,
        )
    learnt = learnt_items(matrix, training.min_customers)
    return DenseEase(
        weights=ease_weights(weighted_gram(matrix, learnt), float(chosen["l2"])),
        learnt=learnt,
        matrix=matrix,
        min_customers=training.min_customers,
        n_threads=training.n_threads,
    )


def bytes_of_ease(size: Size, parameters: Parameters) -> int:
    """Return the peak memory of a fit.

    Parameters
    ----------
    size : Size
        Of the training data.
    parameters : mapping
        With "candidates".

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> bytes_of_ease(Size(n_rows=0, n_items=10_000, n_lines=0), {"candidates": 0}) // 2**20
    762
    """
    candidates = int(parameters["candidates"])
    # The rows as a sparse matrix, and the weighted copy.
    rows = 36 * size.n_lines
    if not candidates:
        return 8 * size.n_items**2 + rows
    counted = min(PAIRS_PER_CANDIDATE * candidates, size.n_items)
    # Counting writes 16 bytes a pair and keeps as many; G both ways is made of two parts.
    head = 4 * min(size.n_items, local.HEAD_ITEMS) ** 2
    return size.n_items * (44 * counted + 200) + head + rows


FAMILY = Family(
    name="ease",
    fit=fit_ease,
    bytes_needed=bytes_of_ease,
    start=START,
    grid={
        "l2": (2.0, 5.0, 20.0, 100.0, 500.0),
        "size_exponent": (0.0, 0.5),
        "candidates": (100, 200),
    },
)
"""Affordable on every catalogue: the exact form is asked for with 0 candidates."""
