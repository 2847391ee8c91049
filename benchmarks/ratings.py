"""How near predicted ratings come: python -m benchmarks.ratings FILE, or --generate.

A file holds `user item rating time` lines, parted by tabs, commas, blanks or `::`, as MovieLens
writes them; a first line of words is passed over. The newest tenth is held out.

Without a public file, `--generate` makes ratings of known biases, factors and luck: what is left
then to any model is the luck, and that floor is printed too.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.events import Ratings, ratings
from recommendations.engine.families.base import Training
from recommendations.engine.families.rating_models import RATING_FAMILIES
from recommendations.engine.history import order_history
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.metrics import mean_absolute_error, root_mean_squared_error
from recommendations.engine.tuning.rating_search import RatingSlice, rating_slice, tune_ratings

PARTING = re.compile(r"::|[,\t;]|\s+")
REFERENCE_CELLS = 60_000_000
"""Users × items up to which a dense reference fits: two such tables of 8 bytes are 1 GB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Ratings, and the error that luck alone leaves where they were generated."""

    ratings: Ratings
    truth: NDArray[np.float64] | None = None
    """Users' true opinion of each rated item, in the order of the ratings."""


class FileError(ValueError):
    """A file that holds no ratings, in words."""


def read_file(path: Path) -> Given:
    """Read a file of ratings; lines that hold none are counted and reported."""
    columns: list[tuple[str, str, float, float]] = []
    damaged = 0
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            parts = PARTING.split(line.strip())
            try:
                user, item, value, at = parts[0], parts[1], float(parts[2]), float(parts[3])
            except (IndexError, ValueError):
                damaged += bool(line.strip()) and number > 0
                continue
            if not (np.isfinite(value) and np.isfinite(at)):
                damaged += 1
                continue
            columns.append((user, item, value, at))
    if not columns:
        msg = f"{path} holds no line of user, item, rating and time."
        raise FileError(msg)
    if damaged:
        print(f"{damaged:,} lines are no ratings and were passed over.", file=sys.stderr)
    users, user = np.unique([row[0] for row in columns], return_inverse=True)
    items, item = np.unique([row[1] for row in columns], return_inverse=True)
    values = np.array([row[2] for row in columns])
    return Given(
        ratings=ratings(
            user,
            item,
            values,
            np.array([row[3] for row in columns]).astype(np.int64),
            n_customers=len(users),
            n_items=len(items),
            scale=(float(values.min()), float(max(values.max(), values.min() + 1))),
        )
    )


def generated(n_ratings: int, *, seed: int, n_factors: int = 8, luck: float = 0.8) -> Given:
    """Return ratings of the shape of MovieLens 1M: a few rate a lot, few items are rated much."""
    rng = np.random.default_rng(seed)
    n_users, n_items = (max(int(share * n_ratings**0.5), 20) for share in (6.04, 3.706))
    busy, known = rng.lognormal(0, 1.0, n_users), rng.lognormal(0, 1.4, n_items)
    n_drawn = int(n_ratings * 1.7)
    user = rng.choice(n_users, n_drawn, p=busy / busy.sum())
    item = rng.choice(n_items, n_drawn, p=known / known.sum())
    pairs = rng.permutation(np.unique(user.astype(np.int64) * n_items + item))[:n_ratings]
    user, item = pairs // n_items, pairs % n_items
    tastes = rng.normal(size=(n_users, n_factors)), rng.normal(size=(n_items, n_factors))
    kind, good = rng.normal(0, 0.4, n_users), rng.normal(0, 0.45, n_items)
    shared = np.einsum("pf,pf->p", tastes[0][user], tastes[1][item])
    truth = 3.6 + kind[user] + good[item] + 0.18 * shared
    values = np.clip(truth + rng.normal(0, luck, len(pairs)), 1, 5)
    order = np.lexsort((item, user))
    at = rng.permutation(len(pairs))
    given = ratings(user, item, values, at, n_customers=n_users, n_items=n_items)
    return Given(ratings=given, truth=np.clip(truth, 1, 5)[order])


def floor_of(given: Given, held_out: Ratings) -> float | None:
    """Return the error of who knows every opinion and no luck."""
    if given.truth is None:
        return None
    newest = np.isin(given.ratings.at, held_out.at)
    return root_mean_squared_error(given.truth[newest], held_out.value)


def dense_reference(train: Ratings, held_out: Ratings, *, l2: float = 10.0) -> NDArray[np.float64]:
    """Return predictions by plain dense formulas, for comparison: biases, then Pearson by items.

    Written anew with NumPy alone, over all items that three customers rated both; no cut.
    """
    table = train.matrix().toarray()
    rated = _marks(train)
    mean = train.value.mean()
    users, items = np.zeros(train.n_customers), np.zeros(train.n_items)
    for _ in range(10):
        users = (rated * (table - mean - items)).sum(1) / (l2 + rated.sum(1))
        items = (rated * (table - mean - users[:, None])).sum(0) / (l2 + rated.sum(0))
    near = _dense_pearson(table, rated)
    left = rated * (table - mean - users[:, None] - items)
    found = np.empty(len(held_out))
    for row, (user, item) in enumerate(zip(held_out.customer, held_out.item, strict=True)):
        weights = near[item] * rated[user]
        base = mean + users[user] + items[item]
        found[row] = base + weights @ left[user] / (weights.sum() + 1.0)
    return np.clip(found, *train.scale)


def _marks(train: Ratings) -> NDArray[np.bool_]:
    marks = train.matrix()
    marks.data[:] = 1.0
    dense: NDArray[np.bool_] = marks.toarray() > 0
    return dense


def _dense_pearson(
    table: NDArray[np.float64], rated: NDArray[np.bool_], *, shrinkage: float = 25.0
) -> NDArray[np.float64]:
    """Return the positive correlations of items over common raters, shrunk; 0 to itself."""
    marks = rated.astype(np.float64)
    # Around the middle of the scale, so that sums of squares stay small.
    values = (table - table[rated].mean()) * marks
    both = marks.T @ marks
    sums = values.T @ marks
    squares = (values**2).T @ marks
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = values.T @ values - sums * sums.T / both
        spread = squares - sums**2 / both
        near = covariance / np.sqrt(spread * spread.T)
    near[~np.isfinite(near) | (both < 3)] = 0.0
    near *= both / (both + shrinkage)
    np.fill_diagonal(near, 0.0)
    positive: NDArray[np.float64] = np.maximum(near, 0.0)
    return positive


def training_of(given: Ratings) -> Training:
    """Return the ratings as families take them, beside an empty history."""
    items = list(range(given.n_items))
    history = order_history(item_ids=items, baskets=[[0]], at=[0], customers=[0])
    matrix = basket_matrix(history, as_of=0, half_life_days=None)
    return Training(matrix=matrix, history=history, ratings=given)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("file", nargs="?", type=Path, help="of `user item rating time` lines")
    parser.add_argument("--generate", type=int, metavar="N", help="so many ratings of known law")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="for tuning beyond each family's start")
    parser.add_argument("--reference", action="store_true", help="a dense one too, where it fits")
    arguments = parser.parse_args()
    if (arguments.file is None) == (arguments.generate is None):
        parser.error("give a file or --generate")
    if arguments.file is not None:
        try:
            given = read_file(arguments.file)
        except (OSError, FileError) as error:
            parser.exit(2, f"{error}\n")
    else:
        given = generated(arguments.generate, seed=arguments.seed)
    report(given, seconds=arguments.seconds, reference=arguments.reference)


def report(given: Given, *, seconds: float | None, reference: bool) -> None:
    """Compare the families, and print what each errs by."""
    rated = given.ratings
    slice_ = rating_slice(training_of(rated))
    held_out = slice_.held_out
    print(
        f"{len(rated):,} ratings by {rated.n_customers:,} users of {rated.n_items:,} items; "
        f"the newest {len(held_out):,} are held out."
    )
    floor = floor_of(given, held_out)
    if floor is not None:
        print(f"Luck alone leaves an RMSE of {floor:.4f}.")
    fits = None if seconds else len(RATING_FAMILIES)
    found = tune_ratings(slice_, RATING_FAMILIES, seconds=seconds, fits=fits)
    print(f"{'model':<26}{'RMSE':>8}{'MAE':>8}{'fit s':>8}{'fits':>6}  parameters")
    for model in found.models:
        told = ", ".join(f"{name} {value}" for name, value in model.parameters.items())
        print(
            f"{model.name:<26}{model.rmse:>8.4f}{model.mae:>8.4f}{model.seconds:>8.1f}"
            f"{model.fits:>6}  {told}"
        )
    mean = np.full(len(held_out), slice_.training.ratings.value.mean())
    _row("global mean", mean, held_out, 0.0)
    if reference:
        _print_reference(slice_)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"Chosen: {found.chosen}. Peak memory {peak:.2f} GiB.")


def _print_reference(slice_: RatingSlice) -> None:
    train, held_out = slice_.training.ratings, slice_.held_out
    assert train is not None, "a slice has ratings"
    if train.n_customers * train.n_items > REFERENCE_CELLS:
        print("dense reference            would not fit")
        return
    began = time.perf_counter()
    _row("dense Pearson by items", dense_reference(train, held_out), held_out, began)


def _row(name: str, predicted: NDArray[np.float64], held_out: Ratings, began: float) -> None:
    elapsed = time.perf_counter() - began if began else 0.0
    print(
        f"{name:<26}{root_mean_squared_error(predicted, held_out.value):>8.4f}"
        f"{mean_absolute_error(predicted, held_out.value):>8.4f}{elapsed:>8.1f}"
    )


if __name__ == "__main__":
    main()
