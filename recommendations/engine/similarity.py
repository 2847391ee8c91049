"""Measures of how strongly two items go together: counts in, numbers out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def wilson_lower_bound(
    successes: NDArray[np.floating], trials: NDArray[np.floating], z: float
) -> NDArray[np.float64]:
    """Return the lower end of Wilson's score interval for a share.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference.

    Parameters
    ----------
    successes : ndarray of shape (n,)
        Counts, 0 to `trials`.
    trials : ndarray of shape (n,)
        Counts, above 0.
    z : float
        Standard errors, 0 or more; 0 gives the plain share.

    Returns
    -------
    ndarray of shape (n,), float64
        0 to successes / trials. Empty for empty input.

    Examples
    --------
    >>> wilson_lower_bound(np.array([3, 400]), np.array([3, 1000]), 2.576).round(3).tolist()
    [0.311, 0.361]
    """
    successes = np.asarray(successes, dtype=np.float64)
    trials = np.asarray(trials, dtype=np.float64)
    share = successes / trials
    centre = share + z * z / (2.0 * trials)
    spread = z * np.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials))
    bound: NDArray[np.float64] = (centre - spread) / (1.0 + z * z / trials)
    return bound


def wilson_share(
    successes: NDArray[np.floating], trials: NDArray[np.floating], z: float
) -> NDArray[np.float64]:
    """Return which part of a share is left at the lower end of its Wilson interval.

    Parameters
    ----------
    successes : ndarray of shape (n,)
        Counts, above 0 to `trials`.
    trials : ndarray of shape (n,)
        Counts, above 0.
    z : float
        Standard errors, 0 or more; 0 leaves all.

    Returns
    -------
    ndarray of shape (n,), float64
        Above 0 to 1. Empty for empty input.

    Examples
    --------
    >>> wilson_share(np.array([3]), np.array([3]), 0.0).tolist()
    [1.0]
    """
    successes = np.asarray(successes, dtype=np.float64)
    trials = np.asarray(trials, dtype=np.float64)
    return wilson_lower_bound(successes, trials, z) / (successes / trials)
