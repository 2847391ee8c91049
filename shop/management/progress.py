"""Progress bars of the shop's commands."""

from types import TracebackType
from typing import IO, Self

from tqdm import tqdm


class Bar:
    """A bar on a terminal; silence where the output goes to a file or nothing is to be said."""

    def __init__(self, what: str, unit: str, stream: IO[str], *, quiet: bool) -> None:
        self._bar = tqdm(
            desc=what,
            unit=unit,
            unit_scale=True,
            file=stream,
            disable=True if quiet else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def __call__(self, done: int, total: int) -> None:
        """Show that so much of the total is done."""
        self._bar.total = total
        self._bar.update(done - self._bar.n)
