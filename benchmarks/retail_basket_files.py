"""Real orders as basket files: `python -m benchmarks.retail_basket_files --history F --future F`.

To be found are the baskets of the newest 28 days, of customers known before, or the last basket of
every customer with three or more.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.online_retail import default_path, read_online_retail
from benchmarks.reporting import say
from recommendations.engine.history import OrderHistory
from recommendations.engine.splits import newest_baskets

HOLDOUT_DAYS = 28
FEWEST_BASKETS = 3


def in_future(history: OrderHistory, split: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which baskets are to be found, and which are in either file."""
    customer, n = history.basket_customer, history.n_customers
    if split == "days":
        newest = newest_baskets(history, holdout_days=HOLDOUT_DAYS)
        known = np.bincount(customer[~newest], minlength=n) > 0
        return newest, ~newest | known[customer]
    last = np.zeros(n, dtype=np.int64)
    place = _places(history)
    np.maximum.at(last, customer, place)
    enough = np.bincount(customer, minlength=n) >= FEWEST_BASKETS
    return (place == last[customer]) & enough[customer], np.ones(history.n_baskets, dtype=bool)


def _places(history: OrderHistory) -> NDArray[np.int64]:
    """Return the place of each basket by customer and then by time."""
    place = np.empty(history.n_baskets, dtype=np.int64)
    order = np.lexsort((history.basket_at, history.basket_customer))
    place[order] = np.arange(history.n_baskets)
    return place


def write(history: OrderHistory, split: str, history_path: Path, future_path: Path) -> None:
    """Write the baskets to be found to one file and the older ones to the other."""
    future, kept = in_future(history, split)
    place = _places(history)
    for path, wanted in ((history_path, kept & ~future), (future_path, kept & future)):
        lines = np.flatnonzero(wanted[history.line_basket])
        baskets = history.line_basket[lines]
        columns = (history.basket_customer[baskets], place[baskets], history.line_item[lines])
        with path.open("w", encoding="ascii") as file:
            rows = zip(*(column.tolist() for column in columns), strict=True)
            file.writelines(f"{user}\t{basket}\t{item}\n" for user, basket, item in rows)
        say(f"{path}: {len(lines):,} lines")


def main() -> int:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=Path, default=default_path(), help="the export")
    parser.add_argument("--split", choices=("days", "last"), default="days")
    parser.add_argument("--history", type=Path, required=True, help="file to write")
    parser.add_argument("--future", type=Path, required=True, help="file to write")
    arguments = parser.parse_args()
    write(
        read_online_retail(arguments.orders), arguments.split, arguments.history, arguments.future
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
