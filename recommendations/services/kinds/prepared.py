"""What every prepared kind that reads orders answers in the same way."""

from __future__ import annotations

import dataclasses
from typing import Any

from recommendations.engine.matrices import BasketMatrix
from recommendations.models import Build
from recommendations.services.bulk import Rows
from recommendations.services.kinds.best_sellers import head_rows
from recommendations.services.kinds.reading import Reading, counts


@dataclasses.dataclass
class ReadPrepared:
    """The orders of one moment."""

    reading: Reading

    @property
    def matrix(self) -> BasketMatrix:
        """The baskets × items matrix that best sellers and counts are of."""
        return self.reading.baskets

    @property
    def fingerprint(self) -> str:
        """Return a checksum of what the lists are computed from."""
        return self.reading.fingerprint

    @property
    def n_lines(self) -> int:
        """Return how many (order, item) pairs were read."""
        return self.reading.history.n_lines

    @property
    def n_chunked(self) -> int:
        """Return how many items there are."""
        return self.reading.history.n_items

    @property
    def counts(self) -> dict[str, Any]:
        """Return what was read and what was left out, as the admin shows it."""
        return counts(self.reading, self.matrix.left_out)

    def head(self, build: Build) -> Rows:
        """Return the best sellers of each category, and of all."""
        reading = self.reading
        return head_rows(build, self.matrix, reading.shelves, reading.history.item_ids)
