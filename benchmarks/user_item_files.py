"""Makes what many users bought of many items: `python -m benchmarks.user_item_files --pairs N`.

Items are popular by Zipf's law and belong to themes; a user has a few themes and buys from them,
and now and then anything. A fifth of each user's items, drawn at random, is the test file. Nothing
in the models was chosen on such files: they tell time and memory.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reporting import say

THEMES = 400
THEMES_PER_USER = 3
ANYTHING = 0.2
"""Share of purchases outside a user's themes."""

EXPONENT = 0.8
"""Of Zipf's law."""

SPREAD = 0.8
"""Of how much users buy, as ln."""

HELD_OUT = 0.2


def pairs(
    n_pairs: int, *, n_users: int, n_items: int, seed: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return users and items of about so many distinct pairs, by user."""
    random = np.random.default_rng(seed)
    popularity = random.permutation((np.arange(n_items) + 10.0) ** -EXPONENT)
    theme = random.integers(0, THEMES, n_items)
    by_theme = np.argsort(theme, kind="stable")
    starts = np.searchsorted(theme[by_theme], np.arange(THEMES + 1))
    # Summed up over the items in order of their themes, so that a stretch of it is a theme.
    summed = np.concatenate([[0.0], np.cumsum(popularity[by_theme])])
    bought = random.lognormal(0.0, SPREAD, n_users)
    bought = np.maximum((bought * n_pairs / bought.sum()).astype(np.int64), 2)
    user = np.repeat(np.arange(n_users), bought)
    liked = random.integers(0, THEMES, (n_users, THEMES_PER_USER))
    drawn = liked[user, random.integers(0, THEMES_PER_USER, len(user))]
    low, high = summed[starts[drawn]], summed[starts[drawn + 1]]
    anything = random.random(len(user)) < ANYTHING
    low[anything], high[anything] = 0.0, summed[-1]
    place = np.searchsorted(summed, low + random.random(len(user)) * (high - low), side="right")
    item = by_theme[np.clip(place - 1, 0, n_items - 1)]
    found, kept = np.divmod(np.unique(user * n_items + item), n_items)
    return found, kept


def write(train: Path, test: Path, user: NDArray[np.int64], item: NDArray[np.int64]) -> None:
    """Write both files; a user keeps at least one item to be learnt from."""
    chance = np.random.default_rng(2).random(len(user))
    first = np.append(True, user[1:] != user[:-1])
    held_out = (chance < HELD_OUT) & ~first
    for path, part in ((train, ~held_out), (test, held_out)):
        path.write_text("".join(_lines(user[part], item[part])))


def _lines(user: NDArray[np.int64], item: NDArray[np.int64]) -> Iterator[str]:
    ends = np.flatnonzero(np.append(user[1:] != user[:-1], True)) + 1
    start = 0
    for end in ends.tolist():
        yield f"{user[start]} {' '.join(map(str, item[start:end].tolist()))}\n"
        start = end


def main() -> int:
    """Write the files and say how much is in them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1_500_000, help="of both files, about")
    parser.add_argument("--users", type=int, default=50_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=Path, required=True, help="file to write")
    parser.add_argument("--test", type=Path, required=True, help="file to write")
    arguments = parser.parse_args()
    user, item = pairs(
        arguments.pairs, n_users=arguments.users, n_items=arguments.items, seed=arguments.seed
    )
    write(arguments.train, arguments.test, user, item)
    say(f"{len(user):,} pairs of {arguments.users:,} users and {len(np.unique(item)):,} items")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
