"""How alike two vectors are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Measure: TypeAlias = Callable[
    [NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]], NDArray[np.floating]
]
"""Takes the inner products of pairs and the lengths of both sides, and returns scores.

The lengths broadcast against the inner products: a block of all pairs has them in a column and in
a row, some pairs side by side. Scores rise with the inner product, and nowhere faster than where
both vectors point the same way and are of one length, or the right one is the longest.
"""


def cosine(
    inner: NDArray[np.floating], left: NDArray[np.floating], right: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return the cosine of every pair, aᵀb / (‖a‖ · ‖b‖); 0 where a vector is empty.

    Parameters
    ----------
    inner : ndarray of any shape
        Inner products.
    left, right : ndarray
        Euclidean lengths, of shapes that broadcast to that of `inner`.

    Returns
    -------
    ndarray of the shape of `inner`
        -1 to 1.

    Examples
    --------
    >>> cosine(np.array([20.0, 0.0]), np.array([50**0.5]), np.array([50**0.5, 0.0])).round(6)
    array([0.4, 0. ])
    """
    scores: NDArray[np.floating] = inner * _inverse(left)
    scores *= _inverse(right)
    return scores


def euclidean(
    inner: NDArray[np.floating], left: NDArray[np.floating], right: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return how near every pair is, 1 − ‖a − b‖ / (‖a‖ + ‖b‖); 0 where both are empty.

    1 for equal vectors, 0 for opposite ones (triangle inequality). Of vectors of length 1 it is
    1 − √((1 − cosine) / 2), which orders them as the cosine does.

    Parameters
    ----------
    inner, left, right : ndarray
        As in `cosine`.

    Returns
    -------
    ndarray of the shape of `inner`
        0 to 1.

    Examples
    --------
    >>> euclidean(np.array([20.0]), np.array([50**0.5]), np.array([50**0.5])).round(6)
    array([0.452277])
    """
    total = left + right
    squares = left**2 + right**2 - 2 * inner
    # Rounding may leave a trace below 0 for equal vectors.
    distance = np.sqrt(np.maximum(squares, 0))
    return np.where(total > 0, 1 - distance / np.where(total > 0, total, 1), 0)


MEASURES: dict[str, Measure] = {"cosine": cosine, "euclidean": euclidean}


def likeness(a: ArrayLike, b: ArrayLike, measure: str = "cosine") -> float:
    """Return how alike two vectors are.

    Parameters
    ----------
    a, b : array-like of shape (n_features,)
        The vectors.
    measure : str
        "cosine" or "euclidean".

    Returns
    -------
    float
        As `cosine` or `euclidean` says.

    Raises
    ------
    ValueError
        If the measure is unknown.

    Examples
    --------
    >>> round(likeness([3, 4, 5, 0, 0], [0, 0, 4, 5, 3]), 6)
    0.4
    >>> round(likeness([3, 4, 0], [3, 0, 0], "euclidean"), 6)
    0.5
    """
    chosen = measure_named(measure)
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    lengths = (np.array([np.linalg.norm(side)]) for side in (left, right))
    return float(chosen(np.array([left @ right]), *lengths)[0])


def measure_named(name: str) -> Measure:
    """Return a measure by its name.

    Parameters
    ----------
    name : str
        "cosine" or "euclidean".

    Returns
    -------
    callable
        The measure.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> measure_named("cosine") is cosine
    True
    """
    if name not in MEASURES:
        raise ValueError(f"The measure must be one of {', '.join(MEASURES)}, not {name!r}.")
    return MEASURES[name]


def _inverse(length: NDArray[np.floating]) -> NDArray[np.floating]:
    filled = np.where(length > 0, length, 1)
    return np.where(length > 0, 1 / filled, 0).astype(length.dtype)
