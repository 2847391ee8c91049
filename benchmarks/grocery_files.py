"""Makes baskets as a grocer's customers fill them: `python -m benchmarks.grocery_files --lines N`.

Customers have staples with a rhythm of their own, take them up and drop them, and try other things
between. What they like comes from the few households' tastes they share, tastes are made of
categories, and what is popular drifts. The last basket of each customer is the future file. Nothing
in the models was chosen on such files: they tell time and memory.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reporting import say

LINES_PER_ITEM = 200
MIN_ITEMS, MAX_ITEMS = 1_000, 50_000
CATEGORY_ITEMS = 40
TASTES, EPOCHS = 24, 6
STAPLES = 24
"""Things a customer ever gets used to; fewer are in use at any one time."""

BASKETS_SPREAD = 0.6
"""Spread of the number of baskets, as ln."""

LINES_PER_BASKET = 8.5
"""As measured on what is made here."""

NEW_PER_BASKET = 4.0
NOISE = 0.35
"""Spread of the time between two purchases of a staple, as ln."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Groceries:
    """Lines by customer and then by basket; an item is at most once in a basket."""

    user: NDArray[np.int64]
    basket: NDArray[np.int64]
    item: NDArray[np.int64]
    n_baskets: NDArray[np.int64]

    @property
    def future(self) -> NDArray[np.bool_]:
        """Which lines are of their customer's last basket."""
        return np.equal(self.basket, self.n_baskets[self.user] - 1)


def groceries(n_lines: int, *, baskets: float = 10.0, seed: int = 1) -> Groceries:
    """Return about so many lines, of customers with so many baskets in the middle."""
    random = np.random.default_rng(seed)
    n_items = int(np.clip(n_lines // LINES_PER_ITEM, MIN_ITEMS, MAX_ITEMS))
    # The mean of a lognormal is above its middle.
    n_users = max(int(n_lines / (baskets * np.exp(BASKETS_SPREAD**2 / 2) * LINES_PER_BASKET)), 20)
    n_baskets = np.clip(random.lognormal(np.log(baskets), BASKETS_SPREAD, n_users), 3, 100).astype(
        np.int64
    )
    shares = _tastes(random, n_items)
    mixture = random.dirichlet(np.full(TASTES, 0.15), n_users)
    wanted = _staples(random, shares, mixture, n_baskets)
    tried = _tried(random, shares, mixture, n_baskets)
    user, basket, item = (np.concatenate(parts) for parts in zip(wanted, tried, strict=True))
    keys = np.unique((user * 128 + basket) * n_items + item)
    visit, item = np.divmod(keys, n_items)
    return Groceries(
        user=visit // 128,
        basket=visit % 128,
        item=random.permutation(n_items)[item],
        n_baskets=n_baskets,
    )


def _tastes(random: np.random.Generator, n_items: int) -> NDArray[np.float64]:
    """Return summed-up shares of the items, for each epoch and taste: EPOCHS × TASTES × items."""
    n_categories = -(-n_items // CATEGORY_ITEMS)
    category = random.integers(0, n_categories, n_items)
    liked = random.lognormal(0.0, 1.5, (TASTES, n_categories))
    popular = np.log((np.arange(n_items) + 10.0) ** -0.8)
    drift = np.cumsum(random.normal(0, 0.35, (EPOCHS, n_items)), axis=0)
    brand = random.normal(0, 0.8, (TASTES, n_items))
    weight = np.exp((popular + drift)[:, np.newaxis] + brand) * liked[:, category]
    summed: NDArray[np.float64] = np.cumsum(weight, axis=2)
    return summed / summed[:, :, -1:]


def _drawn(
    random: np.random.Generator,
    shares: NDArray[np.float64],
    mixture: NDArray[np.float64],
    user: NDArray[np.int64],
    epoch: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return an item for each draw, by a taste of the customer and the epoch."""
    summed = np.cumsum(mixture, axis=1)
    chance = random.random(len(user))
    taste = np.minimum((summed[user] < chance[:, np.newaxis]).sum(axis=1), TASTES - 1)
    cell = epoch * TASTES + taste
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(EPOCHS * TASTES + 1))
    item = np.empty(len(user), dtype=np.int64)
    for number in range(EPOCHS * TASTES):
        draws = order[bounds[number] : bounds[number + 1]]
        table = shares[number // TASTES, number % TASTES]
        item[draws] = np.searchsorted(table, random.random(len(draws)))
    last = np.int64(shares.shape[2] - 1)
    return np.clip(item, 0, last)


def _staples(
    random: np.random.Generator,
    shares: NDArray[np.float64],
    mixture: NDArray[np.float64],
    n_baskets: NDArray[np.int64],
) -> tuple[NDArray[np.int64], ...]:
    """Return user, basket and item of everything that was bought by habit."""
    user = np.repeat(np.arange(len(n_baskets)), STAPLES)
    number = n_baskets[user]
    # Half of them from the first basket on, the rest taken up on the way; some are dropped again.
    start = np.maximum(random.random(len(user)) * 2 - 1, 0.0) * number
    stop = np.where(random.random(len(user)) < 0.4, start + random.random(len(user)) * number, 1e9)
    item = _drawn(random, shares, mixture, user, (start / number * EPOCHS).astype(np.int64))
    interval = np.maximum(random.lognormal(np.log(3.5), 0.7, len(user)), 1.0)
    due = start + random.random(len(user)) * interval
    users, baskets, items = [], [], []
    for basket in range(int(n_baskets.max())):
        bought = np.flatnonzero((due < basket + 1) & (due < stop) & (basket < number))
        users.append(user[bought])
        baskets.append(np.full(len(bought), basket))
        items.append(item[bought])
        due[bought] += interval[bought] * random.lognormal(0.0, NOISE, len(bought))
        due[bought] = np.maximum(due[bought], basket + 1)
    return np.concatenate(users), np.concatenate(baskets), np.concatenate(items)


def _tried(
    random: np.random.Generator,
    shares: NDArray[np.float64],
    mixture: NDArray[np.float64],
    n_baskets: NDArray[np.int64],
) -> tuple[NDArray[np.int64], ...]:
    """Return user, basket and item of everything else; every basket has one line at least."""
    visit_user = np.repeat(np.arange(len(n_baskets)), n_baskets)
    first = np.cumsum(n_baskets) - n_baskets
    visit_basket = np.arange(len(visit_user)) - first[visit_user]
    number = 1 + random.poisson(NEW_PER_BASKET - 1, len(visit_user))
    user, basket = np.repeat(visit_user, number), np.repeat(visit_basket, number)
    epoch = basket * EPOCHS // n_baskets[user]
    return user, basket, _drawn(random, shares, mixture, user, epoch)


def write(made: Groceries, history: Path, future: Path) -> None:
    """Write the last basket of each customer to one file and the rest to the other."""
    for path, kept in ((history, ~made.future), (future, made.future)):
        with path.open("w", encoding="ascii") as file:
            file.writelines(_lines(made, np.flatnonzero(kept)))
        say(f"{path}: {kept.sum():,} lines")


def _lines(made: Groceries, kept: NDArray[np.int64], size: int = 500_000) -> Iterator[str]:
    for start in range(0, len(kept), size):
        some = kept[start : start + size]
        columns = (made.user[some].tolist(), made.basket[some].tolist(), made.item[some].tolist())
        yield "".join(f"{u}\t{b}\t{i}\n" for u, b, i in zip(*columns, strict=True))


def main() -> int:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of both files, about")
    parser.add_argument("--baskets", type=float, default=10.0, help="baskets of a usual customer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--history", type=Path, required=True, help="file to write")
    parser.add_argument("--future", type=Path, required=True, help="file to write")
    arguments = parser.parse_args()
    if arguments.lines < 1 or not 3 <= arguments.baskets <= 50:
        parser.error("--lines must be at least 1 and --baskets 3 to 50.")
    made = groceries(arguments.lines, baskets=arguments.baskets, seed=arguments.seed)
    write(made, arguments.history, arguments.future)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
