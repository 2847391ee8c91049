"""Progress bars of commands: one per phase, with rows per second and the time left."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import IO, Any

from tqdm import tqdm

WORDS = {
    "sync": "Reading products",
    "products": "Reading products",
    "read": "Reading orders",
    "matrix": "Arranging orders",
    "product": "Finding companions",
    "gate": "Checking the result",
    "learn": "Learning",
    "evaluate": "Measuring",
    "tune item": "Trying: item",
    "tune basket": "Trying: basket",
    "tune customer": "Trying: customer",
    "tune next_basket": "Trying: next basket",
}
UNITS = {"sync": "products", "products": "products", "read": "lines", "product": "items"}


class ProgressBars:
    """A ``progress(phase, done, total)`` that draws a bar per phase on a terminal.

    Away from a terminal it writes one line per phase, so that a log stays readable.
    """

    def __init__(self, stream: Any = None, *, quiet: bool = False) -> None:
        # A command's stderr ends every write with a newline; bars need the stream behind it.
        self.stream: IO[str] = getattr(stream, "_out", stream) or sys.stderr
        self.quiet = quiet
        self.on_terminal = bool(getattr(self.stream, "isatty", lambda: False)())
        self._bar: Any = None
        self._phase = ""

    def __enter__(self) -> ProgressBars:
        """Begin without a bar."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the last bar where it is."""
        self._close()

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Show how far a phase is; a total of 0 means that nobody knows."""
        if self.quiet:
            return
        if phase != self._phase:
            self._close()
            self._phase = phase
            self._open(phase)
        if self._bar is not None:
            self._bar.total = total or None
            self._bar.n = done
            self._bar.refresh() if total and done >= total else self._bar.update(0)

    def _open(self, phase: str) -> None:
        words = WORDS.get(phase, phase)
        if self.on_terminal:
            self._bar = tqdm(
                desc=f"{words:<20}",
                unit=f" {UNITS.get(phase, 'steps')}",
                unit_scale=True,
                file=self.stream,
                dynamic_ncols=True,
            )
        else:
            self.stream.write(f"{words}…\n")

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
