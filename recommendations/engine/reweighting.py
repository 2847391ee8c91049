"""The same rows with other weights: what models change of a matrix without building it again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.matrices import BasketMatrix


def row_sizes(matrix: BasketMatrix) -> NDArray[np.int64]:
    """Return the distinct items of each row.

    Parameters
    ----------
    matrix : BasketMatrix
        Baskets or customers × items.

    Returns
    -------
    ndarray of shape (n_baskets,), int64
        At least 1 each; empty for an empty matrix.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(
    ...     item_ids=[1, 2], baskets=[[0, 1], [1]], at=[0, 0], customers=[0, 1]
    ... )
    >>> row_sizes(basket_matrix(history, as_of=0, half_life_days=None)).tolist()
    [2, 1]
    """
    sizes: NDArray[np.int64] = np.diff(matrix.basket_indptr)
    return sizes


def with_row_weight(matrix: BasketMatrix, weight: NDArray[np.float64]) -> BasketMatrix:
    """Return the matrix with other row weights; rows set aside stay so.

    Parameters
    ----------
    matrix : BasketMatrix
        Rows of weight 0 are set aside.
    weight : ndarray of shape (n_baskets,), float64
        0 or more, time decay included.

    Returns
    -------
    BasketMatrix
        Sharing all else with `matrix`.

    Raises
    ------
    ValueError
        If there is not one weight per row.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> with_row_weight(matrix, np.array([3.0])).basket_weight.tolist()
    [3.0]
    """
    if weight.shape != matrix.basket_weight.shape:
        raise ValueError(f"{len(weight)} weights were given for {matrix.n_baskets} rows.")
    return replace(matrix, basket_weight=np.where(matrix.basket_weight > 0, weight, 0.0))


def with_size_exponent(matrix: BasketMatrix, size_exponent: float) -> BasketMatrix:
    """Return the matrix as if it had been built with another size exponent.

    Parameters
    ----------
    matrix : BasketMatrix
        Built with any.
    size_exponent : float
        How much rows of many items count less, 0 (not at all) to 2.

    Returns
    -------
    BasketMatrix
        Row weight = time decay × n ** -size_exponent, n the row's distinct items.

    Raises
    ------
    ValueError
        If the exponent is out of its range.

    Examples
    --------
    >>> from recommendations.engine.history import order_history
    >>> from recommendations.engine.matrices import basket_matrix
    >>> history = order_history(item_ids=[1, 2], baskets=[[0, 1]], at=[0], customers=[0])
    >>> matrix = basket_matrix(history, as_of=0, half_life_days=None)
    >>> with_size_exponent(matrix, 1.0).basket_weight.tolist()
    [0.5]
    """
    if not 0 <= size_exponent <= 2:
        raise ValueError(f"size_exponent must be 0 to 2, not {size_exponent}.")
    sizes = row_sizes(matrix).astype(np.float64)
    return with_row_weight(matrix, matrix.basket_decay * sizes**-size_exponent)
