"""RecTools and LensKit in an environment of their own: they hold NumPy below 2 and need torch.

`peers.py` calls this file with the interpreter of that environment (requirements-peers.txt), a
file of what to learn from and be asked, and a file for the answers. It imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
from scipy import sparse


def main() -> None:
    """Answer every job of the file."""
    given, answers = sys.argv[1:3]
    with np.load(given, allow_pickle=False) as file:
        train, held = (_matrix(file, name) for name in ("train", "held"))
        jobs, k = json.loads(str(file["jobs"])), int(file["k"])
    found: dict[str, Any] = {}
    for number, (name, parameters) in enumerate(jobs):
        started = time.perf_counter()
        ask = {"EASEModel": ease, "ItemKNNScorer": item_knn}[name](train, parameters)
        found[f"seconds{number}"] = time.perf_counter() - started
        found[f"found{number}"] = ask(held, k)
    np.savez(answers, **found)


def ease(train: sparse.csr_matrix, parameters: dict[str, Any]) -> Any:
    """Return RecTools' EASE, asked as its own ranker does: what is held times its weights."""
    import pandas as pd
    from rectools import Columns
    from rectools.dataset import Dataset
    from rectools.models import EASEModel

    pairs = train.tocoo()
    frame = pd.DataFrame(
        {
            Columns.User: pairs.row,
            Columns.Item: pairs.col,
            Columns.Weight: 1.0,
            Columns.Datetime: pd.Timestamp(0),
        }
    )
    dataset = Dataset.construct(frame)
    model = EASEModel(**parameters)
    model.fit(dataset)
    known = np.asarray(dataset.item_id_map.external_ids, dtype=np.int64)

    def ask(held: sparse.csr_matrix, k: int) -> np.ndarray[Any, Any]:
        found = np.full((held.shape[0], k), -1, dtype=np.int64)
        for start in range(0, held.shape[0], 1_000):
            part = held[start : start + 1_000][:, known]
            scores = np.asarray(part @ model.weight)
            scores[part.nonzero()] = -np.inf
            # A question that holds nothing it knows has no answer.
            scores[np.diff(part.indptr) == 0] = -np.inf
            order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
            seen = np.isfinite(np.take_along_axis(scores, order, axis=1))
            found[start : start + 1_000, : order.shape[1]] = np.where(seen, known[order], -1)
        return found

    return ask


def item_knn(train: sparse.csr_matrix, parameters: dict[str, Any]) -> Any:
    """Return LensKit's item k-NN for implicit feedback."""
    import pandas as pd
    from lenskit.data import ItemList, RecQuery, from_interactions_df
    from lenskit.knn import ItemKNNScorer

    pairs = train.tocoo()
    dataset = from_interactions_df(pd.DataFrame({"user_id": pairs.row, "item_id": pairs.col}))
    scorer = ItemKNNScorer(feedback="implicit", **parameters)
    scorer.train(dataset)
    everything = ItemList(item_ids=dataset.items.ids())
    known = np.asarray(everything.ids(), dtype=np.int64)

    def ask(held: sparse.csr_matrix, k: int) -> np.ndarray[Any, Any]:
        found = np.full((held.shape[0], k), -1, dtype=np.int64)
        for row in range(held.shape[0]):
            own = held.indices[held.indptr[row] : held.indptr[row + 1]]
            # It panics at an item that it never saw.
            own = own[np.isin(own, known)]
            if not len(own):
                continue
            query = RecQuery(user_items=ItemList(item_ids=own))
            scores = np.array(scorer(query, everything).scores("numpy"), dtype=np.float64)
            scores[np.isin(known, own)] = np.nan
            order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[:k]
            order = order[scores[order] > 0]
            found[row, : len(order)] = known[order]
        return found

    return ask


def _matrix(file: Any, name: str) -> sparse.csr_matrix:
    parts = tuple(file[f"{name}_{part}"] for part in ("data", "indices", "indptr"))
    return sparse.csr_matrix(parts, shape=tuple(file[f"{name}_shape"]))


if __name__ == "__main__":
    main()
