"""Items that are alike: by category, brand, price, attributes and words."""

from __future__ import annotations

from recommendations.engine.families.base import Family, Parameters, Size, Training
from recommendations.engine.families.content.measures import measure_named
from recommendations.engine.families.content.model import VectorModel, known_content
from recommendations.engine.families.content.vectors import Vectors


def fit_similar(training: Training, parameters: Parameters) -> VectorModel:
    """Return the model that recommends what is like what somebody has.

    Nothing is learnt: the list of an item holds the items nearest to it, and a customer is shown
    the items nearest to their profile, the sum of the rows of what they have, each weighted by its
    time decay. Pazzani and Billsus (2007), Content-based recommendation systems.

    Parameters
    ----------
    training : Training
        With content.
    parameters : mapping
        "measure": "cosine" or "euclidean". Of rows of length 1 both give the same order; the
        scores differ.

    Returns
    -------
    VectorModel
        An item of which nothing is known has no list and is in none.

    Raises
    ------
    ValueError
        If content is missing or the measure unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2, 3], baskets=[[0, 1]], at=[0], customers=[0])
    >>> training = Training(
    ...     matrix=basket_matrix(history, as_of=0, half_life_days=None),
    ...     content=sparse.csr_matrix([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]),
    ... )
    >>> lists = fit_similar(training, {"measure": "cosine"}).item_lists(5)
    >>> lists.items.tolist(), lists.customers.tolist()
    ([2, 2, 1, 0], [0, 0, 0, 0])
    """
    content = known_content(training)
    return VectorModel(
        asks=content,
        offers=Vectors.of(content),
        measure=measure_named(parameters.get("measure", "cosine")),
        matrix=training.matrix,
        n_threads=training.n_threads,
    )


def vector_bytes(size: Size, n_columns: int) -> int:
    """Return the memory that comparing all items takes, for `n_columns` dense columns each.

    Parameters
    ----------
    size : Size
        Of the shop.
    n_columns : int
        Columns multiplied as a dense block.

    Returns
    -------
    int
        Bytes: the vectors asked for and offered, lists of 100, and the blocks of scores.

    Examples
    --------
    >>> vector_bytes(Size(n_rows=1, n_items=0, n_lines=1), 64) >= 0
    True
    """
    vectors = 2 * 4 * size.n_items * n_columns
    lists = 100 * 24 * size.n_items
    return vectors + lists + _BLOCKS_BYTES


# Two threads, each with a block of scores of 16 MB and about five arrays as large.
_BLOCKS_BYTES = 150 * 2**20

# Columns that more than 2 % of items have: the text's, the price's and common attributes.
_COMMON_COLUMNS = 128

SIMILAR = Family(
    name="content",
    fit=fit_similar,
    bytes_needed=lambda size, _: vector_bytes(size, min(size.n_features, _COMMON_COLUMNS)),
    start={"measure": "cosine"},
    needs=frozenset({"content"}),
)
"""Items that are alike. There is nothing to tune: both measures order alike."""
