"""A baseline that a model has to be as good as in every way before it may serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.metrics import hits, ndcg_by_user, recall_by_user
from recommendations.engine.tuning.asking import Asking
from recommendations.engine.tuning.choice import paired_error

GIVES_UP = "gives_up"
"""Code of the remark on a model that is not to be chosen for it."""

MEASURED: Mapping[str, Callable[..., NDArray[np.float64]]] = {
    "recall": recall_by_user,
    "ndcg": ndcg_by_user,
    "hit_rate": lambda matches, _sizes: matches.any(axis=1).astype(np.float64),
}
"""What must not be given up: the share found, its order, and that anything is found at all."""


def given_up(
    asking: Asking, shown: NDArray[np.int32], floor: NDArray[np.int32], *, seed: int
) -> Mapping[str, float]:
    """Return by which metrics a model finds less than the baseline, beyond the noise.

    A model that gains in the metric that decides may lose in another one: many published models
    of next baskets do not reach "own frequency, then popularity" in all of them.

    Parameters
    ----------
    asking : Asking
        The questions.
    shown, floor : ndarray of shape (n_questions, depth), int32
        What the model and the baseline show.
    seed : int
        Of the drawings that say what is noise.

    Returns
    -------
    mapping of str to float
        Metric to how much less is found, where that is more than one standard error.

    Examples
    --------
    >>> given_up.__name__
    'given_up'
    """
    wanted = asking.questions.wanted
    sizes = np.diff(wanted.indptr)
    found, baseline = (hits(asking.first(table), wanted) for table in (shown, floor))
    lost = {}
    for name, metric in MEASURED.items():
        distance = metric(baseline, sizes) - metric(found, sizes)
        behind = float(distance.mean()) if len(distance) else 0.0
        if behind > paired_error(distance, seed=seed):
            lost[name] = behind
    return lost
