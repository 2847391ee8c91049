"""How far predicted ratings are from those given."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def root_mean_squared_error(predicted: ArrayLike, given: ArrayLike) -> float:
    """Return the root of the mean squared difference between predicted and given ratings.

    Parameters
    ----------
    predicted, given : array-like of shape (n_ratings,), float
        In the same order and unit.

    Returns
    -------
    float
        0 or more, in the unit of the ratings; 0 without ratings.

    Raises
    ------
    ValueError
        If the numbers differ or one is not finite.

    Examples
    --------
    >>> root_mean_squared_error([4.0, 2.0], [5.0, 3.0])
    1.0
    """
    differences = _differences(predicted, given)
    return float(np.sqrt(np.mean(differences**2))) if len(differences) else 0.0


def mean_absolute_error(predicted: ArrayLike, given: ArrayLike) -> float:
    """Return the mean distance between predicted and given ratings.

    Parameters
    ----------
    predicted, given : array-like of shape (n_ratings,), float
        In the same order and unit.

    Returns
    -------
    float
        0 or more, in the unit of the ratings; 0 without ratings.

    Raises
    ------
    ValueError
        If the numbers differ or one is not finite.

    Examples
    --------
    >>> mean_absolute_error([4.0, 2.0], [5.0, 2.0])
    0.5
    """
    differences = _differences(predicted, given)
    return float(np.abs(differences).mean()) if len(differences) else 0.0


def _differences(predicted: ArrayLike, given: ArrayLike) -> NDArray[np.float64]:
    ours, theirs = np.asarray(predicted, dtype=np.float64), np.asarray(given, dtype=np.float64)
    if ours.shape != theirs.shape or ours.ndim != 1:
        raise ValueError(f"{ours.shape} predictions were given for {theirs.shape} ratings.")
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        raise ValueError("Ratings and predictions must be finite numbers.")
    differences: NDArray[np.float64] = ours - theirs
    return differences
