"""Work on ranges of rows, on Python threads that compiled code leaves free to run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
from numpy.typing import NDArray

PIECES_PER_THREAD = 32
"""Pieces of about equal work per thread: enough that none waits long for the last one."""

Pieces = Iterable[tuple[int, int]]


def run_pieces(
    work: Callable[[Pieces], None], bounds: NDArray[np.integer], *, n_threads: int
) -> None:
    """Let every thread do `work` on pieces that are handed out one by one.

    Parameters
    ----------
    work : callable
        Takes (start, stop) pairs; called once in each thread, so that scratch memory is its own.
    bounds : ndarray of shape (n_pieces + 1,), integer
        Piece p holds the rows bounds[p] to bounds[p + 1].
    n_threads : int
        At least 1; 1 works in the caller's thread.

    Examples
    --------
    >>> done = []
    >>> run_pieces(done.extend, np.array([0, 2, 5]), n_threads=1)
    >>> done
    [(0, 2), (2, 5)]
    """
    pieces = _Pieces(bounds)
    if n_threads == 1:
        work(pieces)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        for future in [pool.submit(work, pieces) for _ in range(n_threads)]:
            future.result()


class _Pieces:
    """Row ranges handed out one by one to whichever thread is free."""

    def __init__(self, bounds: NDArray[np.integer]) -> None:
        self._ranges = zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        self._lock = Lock()

    def __iter__(self) -> Iterator[tuple[int, int]]:
        while True:
            with self._lock:
                piece = next(self._ranges, None)
            if piece is None:
                return
            yield piece
