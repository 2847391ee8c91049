"""The models of `implicit`, asked the same questions as ours."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.metrics import NOTHING

# `implicit` asks that BLAS runs on one thread; it reads this when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

PEERS = ("CosineRecommender", "BM25Recommender")

DEFAULT_PEER_K = 20
"""Neighbours that `implicit` keeps if nobody says otherwise."""


def fitted(name: str, users_items: sparse.csr_matrix, *, k: int = DEFAULT_PEER_K) -> Any:
    """Return a fitted recommender of `implicit`, by the name of its class, all cores used."""
    from implicit import nearest_neighbours  # a benchmark extra, loaded only where it is asked

    model = getattr(nearest_neighbours, name)(K=k, num_threads=0)
    with warnings.catch_warnings():
        # It warns of its own conversion from COO to CSR.
        warnings.simplefilter("ignore")
        model.fit(users_items, show_progress=False)
    return model


def recommended(model: Any, users_items: sparse.csr_matrix, k: int) -> NDArray[np.int64]:
    """Return the model's best k items for each row, without those the row holds.

    `implicit` fills short lists with items of score 0; these are no recommendations.
    """
    items, scores = model.recommend(
        np.arange(users_items.shape[0]), users_items, N=k, filter_already_liked_items=True
    )
    return np.where(scores > 0, items, NOTHING).astype(np.int64)
