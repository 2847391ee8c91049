"""The kernel of three exponents: s_ij = Σ_u w_u |u|^-g / (n_i^a · n_j^b), and points of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommendations.engine.families.base import Family, ListModel, Parameters, Training
from recommendations.engine.families.lists import (
    COMMON,
    DEPTHS,
    bytes_of_lists,
    list_length,
    list_model,
)
from recommendations.engine.neighbours import neighbours
from recommendations.engine.reweighting import with_size_exponent

START: Mapping[str, Any] = {
    **COMMON,
    "size_exponent": 0.5,
    "item_exponent": 0.5,
    "companion_exponent": 0.5,
    "confidence_z": 0.0,
}


def fit_kernel(training: Training, parameters: Parameters) -> ListModel:
    """Return the lists of one point of the kernel's family.

    Parameters
    ----------
    training : Training
        Rows are baskets or customers; their time decay counts, their size exponent is replaced.
    parameters : mapping
        Those of `START`; what is not given is taken from there. `size_exponent` g,
        `item_exponent` a, `companion_exponent` b and `confidence_z` are as in `neighbours`.

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
    >>> fit_kernel(training, {"size_exponent": 1.0}).lists.first(1).items.tolist()
    [1, 0, 0]
    """
    chosen = {**START, **parameters}
    matrix = with_size_exponent(training.matrix, chosen["size_exponent"])
    lists = neighbours(
        matrix,
        k=list_length(chosen),
        min_customers=training.min_customers,
        item_exponent=chosen["item_exponent"],
        companion_exponent=chosen["companion_exponent"],
        confidence_z=chosen["confidence_z"],
        n_threads=training.n_threads,
    )
    return list_model(lists, chosen)


FAMILY = Family(
    name="kernel",
    fit=fit_kernel,
    bytes_needed=bytes_of_lists,
    start=START,
    grid={
        "companion_exponent": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        "depth": DEPTHS,
        "size_exponent": (0.0, 0.25, 0.5, 0.75, 1.0, 1.25),
        "item_exponent": (0.0, 0.25, 0.5, 0.75, 1.0),
        "confidence_z": (0.0, 0.67, 1.28, 1.96),
    },
)
"""All exponents free."""

BASKET_COSINE = Family(
    name="basket_cosine",
    fit=fit_kernel,
    bytes_needed=bytes_of_lists,
    start=START,
    grid={"depth": DEPTHS, "confidence_z": (0.0, 1.28, 1.96)},
)
"""(½, ½, ½): the cosine, each row weighted 1/√n (Karypis 2001)."""
