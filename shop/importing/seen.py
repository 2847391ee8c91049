"""How many lines of each order a reading has met so far."""

import sqlite3
from collections.abc import Mapping
from types import TracebackType
from typing import Self

# SQLite takes at most 999 parameters a statement in its older versions.
_KEYS_PER_QUERY = 900


class LinesSeen:
    """A counter by order that grows on disk, not in memory.

    An order's lines need not stand together: in Online Retail 528 times the lines of one order
    are interrupted by those of another. It is a line's position in its order by which it comes in
    only once.
    """

    def __init__(self) -> None:
        # The empty name is SQLite's own temporary file; it is gone with the connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Add lines by order; return how many each order had before."""
        keys = list(counts)
        before = dict.fromkeys(keys, 0)
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, n FROM seen WHERE key IN ({marks})"  # noqa: S608 - marks only
            before.update(self._database.execute(query, some))
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO seen VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET n = n + excluded.n",
            counts.items(),
        )
        self._database.execute("COMMIT")
        return before

    def __len__(self) -> int:
        count: int = self._database.execute("SELECT count(*) FROM seen").fetchone()[0]
        return count
