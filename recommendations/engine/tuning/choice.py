"""Which of the models that were tried should serve: the best, unless a simpler one is as good."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.tuning.report import TunedModel

# The error of an error: 200 drawings know it to 5 %.
_DRAWINGS = 200


def paired_error(distance: NDArray[np.float64], *, seed: int) -> float:
    """Return the standard error of a mean distance between two models, by paired bootstrap.

    Questions are drawn with replacement, both models keeping their answers to each. Efron and
    Tibshirani (1993), An Introduction to the Bootstrap.

    Parameters
    ----------
    distance : ndarray of shape (n_questions,), float64
        Metric of one model minus that of the other, question by question.
    seed : int
        The same seed gives the same error.

    Returns
    -------
    float
        0 or more; 0 for fewer than two questions.

    Examples
    --------
    >>> paired_error(np.full(9, 0.25), seed=0)
    0.0
    >>> 0.03 < paired_error(np.tile([0.0, 1.0], 100), seed=0) < 0.04
    True
    """
    n = len(distance)
    if n < 2:
        return 0.0
    rng = np.random.default_rng(seed)
    means = np.empty(_DRAWINGS)
    for drawing in range(_DRAWINGS):
        means[drawing] = distance[rng.integers(0, n, n)].mean()
    return float(means.std(ddof=1))


def choose(models: Sequence[TunedModel]) -> tuple[str, str]:
    """Return the model that should serve, and why.

    Among those within one standard error of the best (Breiman et al., 1984, Classification and
    Regression Trees), one that is stored as lists comes before one that must be asked live, and
    one model before several; of one kind the best is taken.

    Parameters
    ----------
    models : sequence of TunedModel
        Best first.

    Returns
    -------
    name : str
        Empty if there are no models.
    why : str
        "best", "within_noise" (of the best, and simpler to serve), "no_questions" (so the first
        is kept) or "no_models".

    Examples
    --------
    >>> choose([])
    ('', 'no_models')
    """
    if not models:
        return "", "no_models"
    best = models[0]
    if best.report.n_users == 0:
        return best.name, "no_questions"
    near = [model for model in models if model.within_noise]
    chosen = min(near, key=_burden, default=best)
    return chosen.name, "best" if chosen is best else "within_noise"


def _burden(model: TunedModel) -> int:
    """Return how much serving costs: lists, lists of several models, live, several live."""
    several = int("models" in model.parameters)
    return several if model.storable else 2 + several
