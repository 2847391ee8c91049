"""Our own steps, each to be run in a process of its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import numpy as np

ARRAYS = ("item_ids", "line_basket", "line_item", "basket_at", "basket_customer")


def rebuild_once() -> tuple[float, dict[str, Any]]:
    """Rebuild and publish; return the seconds of each step.

    Code is imported and compiled before the clock starts, as it is in a worker and as it is for
    every peer.
    """
    django.setup()
    from recommendations.services.builds import rebuild

    load_code()
    began = time.perf_counter()
    marks: dict[str, float] = {}

    def progress(phase: str, done: int, total: int) -> None:
        marks.setdefault(phase, time.perf_counter() - began)

    outcome = rebuild("together", progress=progress)
    whole = time.perf_counter() - began
    if outcome.status != "published" or outcome.build is None:
        raise RuntimeError(f"The build is {outcome.status}, not published.")
    seconds = outcome.build.metrics["seconds"]
    read = marks["matrix"] - marks["read"]
    steps = {
        "sync": marks["read"] - marks.get("sync", marks["read"]),
        "read": read,
        "encode": seconds["read"] - read,
        "product": seconds["product"],
        "write": seconds["write"],
        "gate": seconds["gate"],
    }
    steps["publish"] = whole - sum(steps.values())
    counts = outcome.build.input_counts
    named = {name: counts[name] for name in ("lines", "orders", "items", "customers")}
    return whole, {"whole": whole, **steps, "counts": named}


def save_arrays(folder: str) -> None:
    """Read the history and keep it as arrays, for peers that begin with a matrix in memory."""
    django.setup()
    from recommendations.datasets.orders import read_order_history

    history = read_order_history(as_of=datetime.now(UTC))
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    for name in ARRAYS:
        np.save(path / f"{name}.npy", getattr(history, name), allow_pickle=False)


def load_code() -> None:
    """Run the compiled parts once on next to nothing."""
    from recommendations.engine.history import order_history
    from recommendations.engine.neighbours import neighbours
    from recommendations.services.kinds.reading import order_matrix
    from recommendations.services.together import neighbour_parameters

    history = order_history(item_ids=[1, 2], baskets=[[0, 1], [1]], at=[0, 1], customers=[0, 1])
    parameters = neighbour_parameters()
    neighbours(order_matrix(history), start=0, stop=2, **parameters)
