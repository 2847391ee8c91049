"""What a kind of build has to bring; the machinery around it is the same for all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from recommendations.engine.families.base import Fitted, Training
from recommendations.engine.gate import Verdict
from recommendations.models import Build
from recommendations.services.bulk import Rows

if TYPE_CHECKING:
    from recommendations.services.kinds.reading import Reading

Progress = Callable[[str, int, int], None]
"""Called with (phase, done, total); a total of 0 means that nobody knows yet."""


@dataclasses.dataclass(frozen=True, slots=True)
class Chunk:
    """The rows of some items, of one table or several, computed and not yet written."""

    rows: Rows | tuple[Rows, ...]
    digest: bytes
    """Checksum of what the rows say, whatever their primary keys."""

    @property
    def tables(self) -> tuple[Rows, ...]:
        """The rows of each table."""
        return (self.rows,) if isinstance(self.rows, Rows) else self.rows


class Prepared(Protocol):
    """A kind's input, read and ready to be computed chunk by chunk."""

    @property
    def fingerprint(self) -> str:
        """The same input gives the same text: only then may a dead builder's work be carried on."""

    @property
    def counts(self) -> dict[str, Any]:
        """What was read, and what was left out by reason."""

    @property
    def n_lines(self) -> int:
        """How many order lines were read."""

    @property
    def n_chunked(self) -> int:
        """How many items, customers or groups there are to go through."""

    def head(self, build: Build) -> Rows:
        """Return rows that belong to the build as a whole; written before the first chunk."""
        ...

    def chunk(self, build: Build, start: int, stop: int) -> Chunk:
        """Return the rows of the items at positions start to stop."""
        ...

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        """Return the finished candidate's figures and the gate's verdict on them."""
        ...


class Recipe(Protocol):
    """A kind of build."""

    @property
    def kind(self) -> str:
        """Its name."""

    @property
    def questions(self) -> tuple[str, ...]:
        """What it is asked when it is measured, its own question first."""

    def needs(self) -> set[str]:
        """Return what must be read beside the orders: "customers", "content"."""
        ...

    def fit(self, reading: Reading, training: Training, question: str) -> Fitted:
        """Return its model of some of the orders, to be asked a question."""
        ...

    def parameters(self) -> dict[str, Any]:
        """Return the settings that shape the result; another set is another build."""
        ...

    def prepare(self, *, as_of: datetime, progress: Progress) -> Prepared:
        """Read the shop's rows placed until ``as_of``."""
        ...
