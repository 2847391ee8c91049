"""Files with one line per user, `user item item …`, as matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.families.base import Query, Training
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import basket_matrix
from recommendations.engine.tuning import Questions

MAX_ID_LENGTH = 100


class DamagedFileError(ValueError):
    """A line that is no `user item item …`; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class UserItems:
    """Who bought what to learn from, and what is to be found, over the same users and items."""

    train: sparse.csr_matrix
    test: sparse.csr_matrix
    n_test_items: NDArray[np.integer]
    """Distinct items on each user's line of the test file."""


def read_train_and_test(train_path: Path, test_path: Path) -> UserItems:
    """Return both files over the users and items of either."""
    train, test = read_lines(train_path), read_lines(test_path)
    users = {user: n for n, user in enumerate(dict.fromkeys([*train, *test]))}
    items: dict[str, int] = {}
    for part in (train, test):
        for bought in part.values():
            for item in bought:
                items.setdefault(item, len(items))
    shape = (len(users), len(items))
    wanted = _matrix(test, users, items, shape)
    return UserItems(
        train=_matrix(train, users, items, shape),
        test=wanted,
        n_test_items=np.diff(wanted.indptr),
    )


def read_lines(path: Path) -> dict[str, list[str]]:
    """Return each user's items; an item named twice counts once. Empty lines are passed over."""
    found: dict[str, list[str]] = {}
    seen_on: dict[str, int] = {}
    numbers = None
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            words = _words(raw, path, number)
            if not words:
                continue
            if numbers is None:
                numbers = all(map(str.isdecimal, words))
            if numbers and not all(map(str.isdecimal, words)):
                wrong = next(word for word in words if not word.isdecimal())
                raise DamagedFileError(
                    f"{path}, line {number}: {wrong[:MAX_ID_LENGTH]!r} is no whole number, as all"
                    " ids of the first line are."
                )
            user, *items = words
            if user in seen_on:
                raise DamagedFileError(
                    f"{path}, line {number}: user {user!r} has line {seen_on[user]} already."
                )
            seen_on[user] = number
            found[user] = list(dict.fromkeys(items))
    if not any(found.values()):
        raise DamagedFileError(f"{path} names no item; each line must be `user item item …`.")
    return found


def user_history(users_items: sparse.csr_matrix) -> OrderHistory:
    """Return a history in which all that a user bought is one basket, without times."""
    matrix = users_items.tocsr().sorted_indices()
    n_users, n_items = matrix.shape
    return OrderHistory(
        item_ids=np.arange(n_items, dtype=np.int64),
        line_basket=np.repeat(np.arange(n_users, dtype=np.int32), np.diff(matrix.indptr)),
        line_item=matrix.indices.astype(np.int32),
        basket_at=np.zeros(n_users, dtype=np.int64),
        basket_customer=np.arange(n_users, dtype=np.int32),
        n_customers=n_users,
    )


def training_of(users_items: sparse.csr_matrix, *, seed: int) -> Training:
    """Return what models learn from: no caps and no least support, a user with much is no bot.

    There are no times, so there is no history for families that read the order of purchases.
    """
    matrix = basket_matrix(
        user_history(users_items),
        as_of=0,
        half_life_days=None,
        max_basket_items=users_items.shape[1] + 1,
        max_customer_baskets=1,
        size_exponent=0.0,
    )
    return Training(matrix=matrix, min_customers=1, seed=seed)


def questions_of(users: UserItems) -> Questions:
    """Return one question for each user with anything to be found."""
    asked = np.flatnonzero(users.n_test_items)
    return Questions(
        query=Query(held=users.train[asked], customers=asked.astype(np.int32)),
        wanted=users.test[asked].astype(bool),
    )


def hide(train: sparse.csr_matrix, *, share: float, seed: int) -> UserItems:
    """Hold a slice out of train: of each user with two items or more a share, at least one."""
    rng = np.random.default_rng(seed)
    sizes = np.diff(train.indptr)
    row = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((rng.random(train.nnz), row))
    place = np.arange(train.nnz) - train.indptr[row]
    n_hidden = np.where(sizes > 1, np.maximum(1, np.floor(share * sizes)), 0)
    hidden = np.zeros(train.nnz, dtype=bool)
    hidden[order] = place < n_hidden[row]
    parts = [
        sparse.csr_matrix(
            (np.ones(chosen.sum()), (row[chosen], train.indices[chosen])), shape=train.shape
        )
        for chosen in (~hidden, hidden)
    ]
    return UserItems(train=parts[0], test=parts[1], n_test_items=np.diff(parts[1].indptr))


def _words(raw: bytes, path: Path, number: int) -> list[str]:
    try:
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise DamagedFileError(f"{path}, line {number}: the bytes are no UTF-8 text.") from None
    words = line.split()
    if not line.strip().replace("\t", " ").isprintable():
        raise DamagedFileError(f"{path}, line {number}: it holds control characters.")
    if any(len(word) > MAX_ID_LENGTH for word in words):
        raise DamagedFileError(
            f"{path}, line {number}: an id is longer than {MAX_ID_LENGTH} characters."
        )
    return words


def _matrix(
    lines: dict[str, list[str]],
    users: dict[str, int],
    items: dict[str, int],
    shape: Sequence[int],
) -> sparse.csr_matrix:
    row = np.repeat([users[user] for user in lines], [len(bought) for bought in lines.values()])
    column = [items[item] for bought in lines.values() for item in bought]
    return sparse.csr_matrix((np.ones(len(column)), (row, column)), shape=shape)
