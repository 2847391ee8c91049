"""How often a reading has met each line of each order so far."""

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from types import TracebackType
from typing import Self

from shop.importing.cleaning import SaleLine

# SQLite takes at most 999 parameters a statement in its older versions.
_KEYS_PER_QUERY = 900

LineKey = tuple[str, str]


def line_key(line: SaleLine) -> LineKey:
    """Return the order and what makes a line of it the same line in another reading.

    Not its place in the file: a file may have grown, overlap with another one, or be read again
    with the right encoding after some of its rows had been left out.
    """
    return line.order, line_text(line.quantity, line.unit_price, line.product)


def line_text(quantity: int, unit_price: Decimal, product: str) -> str:
    """Return what a line says, as one text."""
    return f"{quantity}×{unit_price:.2f} {product}"


class LinesSeen:
    """A counter of lines that grows on disk, not in memory.

    An order may have the same line twice, and its lines need not stand together: in Online Retail
    528 times the lines of one order are interrupted by those of another.
    """

    def __init__(self) -> None:
        # The empty name is SQLite's own temporary file; it is gone with the connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute(
            "CREATE TABLE seen (order_key TEXT, line TEXT, n INTEGER,"
            " PRIMARY KEY (order_key, line)) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, counts: Mapping[LineKey, int]) -> dict[LineKey, int]:
        """Add lines; return how often each had been there before."""
        before = dict.fromkeys(counts, 0)
        orders = list({order for order, _ in counts})
        for start in range(0, len(orders), _KEYS_PER_QUERY):
            some = orders[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT * FROM seen WHERE order_key IN ({marks})"  # noqa: S608 - marks only
            for order, line, n in self._database.execute(query, some):
                if (order, line) in before:
                    before[order, line] = n
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            ((order, line, n) for (order, line), n in counts.items()),
        )
        self._database.execute("COMMIT")
        return before

    def count_orders(self) -> int:
        """Return the number of orders met."""
        query = "SELECT count(DISTINCT order_key) FROM seen"
        count: int = self._database.execute(query).fetchone()[0]
        return count
