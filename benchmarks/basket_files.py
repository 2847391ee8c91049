"""Files of `user<TAB>basket index<TAB>item` lines, as order histories over shared positions."""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.user_items import MAX_ID_LENGTH, DamagedFileError
from recommendations.engine.history import OrderHistory, sorted_lines
from recommendations.engine.matrices import SECONDS_PER_DAY
from recommendations.engine.neighbour_lists import row_bounds


@dataclass(frozen=True, slots=True)
class Baskets:
    """What was bought before, and what is to be found, over the same users and items."""

    history: OrderHistory
    """A file knows the order of baskets, not their times: one day lies between two baskets of a
    user, and the newest of everybody is on the same day."""
    asked: NDArray[np.int32]
    """Users of the future file, ascending."""
    wanted: sparse.csr_matrix
    """Items in the future baskets of those users, all baskets of a user taken together."""


@dataclass(slots=True)
class _Names:
    """Positions of the names of one column, in order of first appearance."""

    what: str
    positions: dict[bytes, int] = field(default_factory=dict)

    def add(self, name: bytes, place: str) -> int:
        """Return the position of a name that was not met before, once it is known to be sound."""
        _check_word(name, self.what, place)
        return self.positions.setdefault(name, len(self.positions))


@dataclass(slots=True)
class _Order:
    """Basket indices as numbers, or all as text where the first is no number."""

    numbers: bool | None = None
    values: dict[bytes, int] = field(default_factory=dict)
    texts: list[bytes] = field(default_factory=list)

    def add(self, word: bytes, place: str) -> int:
        """Return the index's number, or which of the texts it is."""
        _check_word(word, "basket index", place)
        number = _whole_number(word)
        if self.numbers is None:
            self.numbers = number is not None
        if self.numbers and number is None:
            raise DamagedFileError(
                f"{place}: basket index {word.decode()!r} is no whole number of at most 18"
                " digits, as that of the first line is."
            )
        if number is None or not self.numbers:
            number = len(self.texts)
            self.texts.append(word)
        self.values[word] = number
        return number

    def ranked(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return indices that can be compared: numbers as they are, texts by their order."""
        if self.numbers or not len(indices):
            return indices
        rank = np.empty(len(self.texts), dtype=np.int64)
        rank[sorted(range(len(self.texts)), key=self.texts.__getitem__)] = np.arange(len(rank))
        return rank[indices]


def read_baskets(history_path: Path, future_path: Path) -> Baskets:
    """Return both files over the users and items of either."""
    users, items = _Names("user"), _Names("item")
    past = _columns(history_path, users, items)
    future = _columns(future_path, users, items)
    shape = (len(users.positions), len(items.positions))
    rows, columns = future[0], future[2]
    wanted = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    wanted.data[:] = 1.0
    asked = np.unique(rows).astype(np.int32)
    return Baskets(history=_history(past, shape), asked=asked, wanted=wanted[asked])


def _columns(path: Path, users: _Names, items: _Names) -> tuple[NDArray[np.int64], ...]:
    """Return user, basket index and item of every line of a file."""
    order = _Order()
    found = (array("q"), array("q"), array("q"))
    add_user, add_index, add_item = (column.append for column in found)
    known_users, known_indices, known_items = users.positions, order.values, items.positions
    with _opened(path) as lines:
        for number, raw in enumerate(lines, start=1):
            words = raw.rstrip(b"\r\n").split(b"\t")
            if len(words) != 3:
                if not raw.strip():
                    continue
                raise DamagedFileError(
                    f"{path}, line {number}: {len(words)} fields, where user, basket index and"
                    " item belong, with tabs between them."
                )
            user, index, item = words
            # Words are looked at once, when they are new: most lines hold none.
            at = known_users.get(user)
            add_user(users.add(user, f"{path}, line {number}") if at is None else at)
            at = known_indices.get(index)
            add_index(order.add(index, f"{path}, line {number}") if at is None else at)
            at = known_items.get(item)
            add_item(items.add(item, f"{path}, line {number}") if at is None else at)
    if not found[0]:
        raise DamagedFileError(f"{path} holds no `user<TAB>basket index<TAB>item` line.")
    user_column, index_column, item_column = (
        np.frombuffer(column, dtype=np.int64) for column in found
    )
    return user_column, order.ranked(index_column), item_column


@contextmanager
def _opened(path: Path) -> Iterator[Iterable[bytes]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        if file.peek(3)[:3] == b"\xef\xbb\xbf":
            file.read(3)
        yield file


def _whole_number(word: bytes) -> int | None:
    digits = word.removeprefix(b"-")
    return int(word) if digits.isdigit() and len(digits) <= 18 else None


def _check_word(word: bytes, what: str, place: str) -> None:
    try:
        text = word.decode("utf-8")
    except UnicodeDecodeError:
        raise DamagedFileError(f"{place}: the {what} is no UTF-8 text.") from None
    if not text.strip():
        raise DamagedFileError(f"{place}: the {what} is empty.")
    if not text.isprintable():
        raise DamagedFileError(f"{place}: the {what} holds control characters.")
    if len(text) > MAX_ID_LENGTH:
        raise DamagedFileError(f"{place}: the {what} is longer than {MAX_ID_LENGTH} characters.")


def _history(columns: tuple[NDArray[np.int64], ...], shape: tuple[int, int]) -> OrderHistory:
    """Return baskets by user and index as a history with a made-up day for each."""
    users, indices, items = columns
    n_users, n_items = shape
    order = np.lexsort((indices, users))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(users[order]) != 0) | (np.diff(indices[order]) != 0)
    line_basket = np.empty(len(order), dtype=np.int64)
    line_basket[order] = np.cumsum(first) - 1
    basket_user = users[order][first]
    n_baskets = np.bincount(basket_user, minlength=n_users)
    number = np.arange(len(basket_user)) - row_bounds(n_baskets)[basket_user]
    days = n_baskets.max() - (n_baskets[basket_user] - number)
    lines = sorted_lines(line_basket, items, n_items=n_items)
    return OrderHistory(
        item_ids=np.arange(n_items, dtype=np.int64),
        line_basket=lines[0],
        line_item=lines[1],
        basket_at=(days * int(SECONDS_PER_DAY)).astype(np.int64),
        basket_customer=basket_user.astype(np.int32),
        n_customers=n_users,
    )
