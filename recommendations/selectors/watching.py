"""What a block considers, from its first candidate to its last: noted only while it is explained.

Pages that shoppers see are not watched: they pay one look at a context variable per block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommendations.selectors.candidates import Candidate
    from recommendations.selectors.filling import Filling
    from recommendations.selectors.items import ItemFace

MOST_LISTED = 2_000
"""Candidates that are looked at for an explanation: best sellers of a large shop have no end."""


class Watch:
    """The candidates of one block."""

    def __init__(self, held: Sequence[ItemFace]) -> None:
        self.held = held
        """A basket that is supposed, since no shopper is asked."""
        self.filling: Filling | None = None
        self.listed: list[Candidate] = []
        """All that the lists named."""
        self.passed: list[Candidate] = []
        """Those that context and the merchant's rules let through, by their score."""
        self._rest: Iterator[Candidate] = iter(())

    def listing(self, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        """Yield candidates as the lists name them."""
        for candidate in islice(candidates, MOST_LISTED):
            self.listed.append(candidate)
            yield candidate

    def passing(self, filling: Filling, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        """Return candidates as the block asks for them."""
        self.filling = filling
        self._rest = self._noted(candidates)
        return self._rest

    def finish(self) -> None:
        """Consider what the block did not need any more."""
        for _ in self._rest:
            pass

    def _noted(self, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        for candidate in candidates:
            self.passed.append(candidate)
            yield candidate


_WATCH: ContextVar[Watch | None] = ContextVar("crosssell_watch", default=None)


@contextmanager
def watching(held: Sequence[ItemFace] = ()) -> Iterator[Watch]:
    """Watch the block that is made within, for a shopper of whom nothing is known but a basket."""
    watch = Watch(held)
    token = _WATCH.set(watch)
    try:
        yield watch
    finally:
        _WATCH.reset(token)


def watch_of_block() -> Watch | None:
    """Return who watches the block that is being made, if anybody does."""
    return _WATCH.get()


def supposed_basket() -> Sequence[ItemFace]:
    """Return what is held where no request tells: nothing, but for an explanation."""
    watch = _WATCH.get()
    return () if watch is None else watch.held
