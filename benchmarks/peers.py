"""The models of other libraries, asked the same questions as ours.

`implicit` runs here. RecTools and LensKit run in an environment of their own, if there is one
(`make peers-environment`); without it they are left out, and the tables say so.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommendations.engine.metrics import NOTHING

PEERS = ("CosineRecommender", "BM25Recommender")

DEFAULT_PEER_K = 20
"""Neighbours that `implicit` keeps if nobody says otherwise."""

_SEED = 20_091_201
_NEIGHBOURS = (10, 50, 100, 200)

# RecTools inverts a dense items × items matrix, three of which are held at once.
_MAX_EASE_ITEMS = 12_000

# LensKit scores all items for each question from Python, some 20 million a second.
_MAX_KNN_SCORES = 300_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """A model of another library, with the parameters that are tried beside its defaults."""

    library: str
    model: str
    grid: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        """As tables name it."""
        return f"{self.library} {self.model}"

    @property
    def apart(self) -> bool:
        """Whether it runs in an environment of its own."""
        return self.library != "implicit"


ALL_PEERS = (
    Peer(
        library="implicit",
        model="CosineRecommender",
        grid=[{"K": k} for k in _NEIGHBOURS],
    ),
    Peer(
        library="implicit",
        model="BM25Recommender",
        grid=[{"K": k, "K1": k1} for k1 in (1.2, 100.0) for k in _NEIGHBOURS],
    ),
    Peer(
        library="implicit",
        model="AlternatingLeastSquares",
        grid=[
            {"factors": factors, "regularization": regularization, "alpha": alpha}
            for factors in (64, 128)
            for regularization, alpha in ((0.01, 1.0), (10.0, 10.0))
        ],
    ),
    Peer(
        library="RecTools",
        model="EASEModel",
        grid=[{"regularization": r} for r in (10.0, 30.0, 100.0, 200.0)],
    ),
    Peer(
        library="LensKit",
        model="ItemKNNScorer",
        grid=[{"max_nbrs": k} for k in _NEIGHBOURS],
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a peer recommends, and how long its fit took."""

    found: NDArray[np.int64]
    seconds: float


def peers_python() -> Path | None:
    """Return the interpreter of the environment with RecTools and LensKit, if there is one."""
    given = os.environ.get("CROSSSELL_PEERS_PYTHON")
    path = Path(given) if given else Path(__file__).parents[1] / ".venv-peers/bin/python"
    return path if path.exists() else None


def obstacle(peer: Peer, train: sparse.csr_matrix, n_questions: int) -> str:
    """Return why a peer cannot be asked; empty if it can."""
    if not peer.apart:
        return ""
    if peers_python() is None:
        return "not installed (make peers-environment)"
    if peer.model == "EASEModel" and train.shape[1] > _MAX_EASE_ITEMS:
        return f"its matrix of {train.shape[1]:,}² would not fit"
    if peer.model == "ItemKNNScorer" and n_questions * train.shape[1] > _MAX_KNN_SCORES:
        return "it would take too long to ask"
    return ""


def answers(
    peer: Peer,
    jobs: Sequence[Mapping[str, Any]],
    train: sparse.csr_matrix,
    held: sparse.csr_matrix,
    k: int,
) -> list[Answer]:
    """Return the answers of a peer with each set of parameters, its defaults being `{}`."""
    if peer.apart:
        return _apart(peer, jobs, train, held, k)
    found = []
    for parameters in jobs:
        started = time.perf_counter()
        model = _implicit(peer.model, train, parameters)
        seconds = time.perf_counter() - started
        found.append(Answer(found=recommended(model, held, k), seconds=seconds))
    return found


def fitted(name: str, users_items: sparse.csr_matrix, *, k: int = DEFAULT_PEER_K) -> Any:
    """Return a fitted recommender of `implicit`, by the name of its class, all cores used."""
    return _implicit(name, users_items, {"K": k})


def recommended(model: Any, users_items: sparse.csr_matrix, k: int) -> NDArray[np.int64]:
    """Return the model's best k items for each row, without those the row holds.

    `implicit` fills short lists with items of score 0; these are no recommendations.
    """
    # Factors of whoever asks are made from what is held, so baskets and newcomers may ask too.
    anew = {"recalculate_user": True} if hasattr(model, "user_factors") else {}
    items, scores = model.recommend(
        np.arange(users_items.shape[0]), users_items, N=k, filter_already_liked_items=True, **anew
    )
    return np.where(scores > 0, items, NOTHING).astype(np.int64)


def _implicit(name: str, users_items: sparse.csr_matrix, parameters: Mapping[str, Any]) -> Any:
    from implicit import als, nearest_neighbours  # a benchmark extra, loaded where it is asked

    # `implicit` asks that BLAS runs on one thread beside its own.
    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        # It warns of its own conversion from COO to CSR.
        warnings.simplefilter("ignore")
        if name == "AlternatingLeastSquares":
            model = als.AlternatingLeastSquares(random_state=_SEED, num_threads=0, **parameters)
        else:
            model = getattr(nearest_neighbours, name)(num_threads=0, **parameters)
        model.fit(users_items.astype(np.float32), show_progress=False)
    return model


def _apart(
    peer: Peer,
    jobs: Sequence[Mapping[str, Any]],
    train: sparse.csr_matrix,
    held: sparse.csr_matrix,
    k: int,
) -> list[Answer]:
    """Ask a library in the other environment, by files."""
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder) / "given.npz", Path(folder) / "answers.npz"
        matrices: dict[str, Any] = {
            f"{name}_{part}": np.asarray(getattr(matrix, part))
            for name, matrix in (("train", train), ("held", held))
            for part in ("data", "indices", "indptr", "shape")
        }
        named = json.dumps([[peer.model, dict(parameters)] for parameters in jobs])
        np.savez(given, jobs=np.array(named), k=np.array(k), **matrices)
        program = Path(__file__).with_name("peers_apart.py")
        environment = {"PATH": os.environ.get("PATH", ""), "LK_LOG_LEVEL": "error"}
        subprocess.run(
            [str(peers_python()), str(program), str(given), str(answered)],
            check=True,
            capture_output=True,
            env=environment,
        )
        with np.load(answered, allow_pickle=False) as file:
            return [
                Answer(found=file[f"found{n}"], seconds=float(file[f"seconds{n}"]))
                for n in range(len(jobs))
            ]
