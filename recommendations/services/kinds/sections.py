"""The lists that a fitted model leaves behind: per item, and per customer.

A section fits its model once in a run and is then sliced into chunks. Fitting is a function of
data, parameters and seed alone, so a builder that goes on after another fits the same model.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.conf import recommendation_settings
from recommendations.datasets.customer_keys import CustomerKeys
from recommendations.datasets.feedback import dismissed, liked
from recommendations.engine.families.base import (
    MEBIBYTE,
    Family,
    Fitted,
    Query,
    Size,
    Training,
)
from recommendations.engine.families.whole_basket import WholeBasketModel
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.packing import pack_many
from recommendations.engine.tuning import ListServing, fitted_model, rule_from
from recommendations.models import Build, CustomerList, NeighbourList, Question
from recommendations.services.bulk import Rows
from recommendations.services.kinds.reading import Reading, orders_of
from recommendations.services.recipes import Chunk

LIKED_WEIGHT = 0.5
"""What a word weighs in a customer's profile, where an item that was bought weighs 1: enough to
turn a short profile, and less than any purchase."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """One family with its parameters, and the question that it is to answer."""

    family: Family
    parameters: dict[str, Any]
    question: str
    floored: bool = True
    """Whether only pairs of enough customers may be listed."""

    @property
    def needs(self) -> frozenset[str]:
        """What it must be given."""
        return self.family.needs_for(self.parameters)

    @property
    def by_customer(self) -> bool:
        """Whether rows are customers, not baskets."""
        return self.question in {Question.CUSTOMER, Question.NEXT_BASKET}

    def training(self, reading: Reading) -> Training:
        """Return what it learns from."""
        return reading.training(by_customer=self.by_customer)

    def check_memory(self, training: Training) -> None:
        """Refuse, before it starts, a fit that would not fit."""
        limit = recommendation_settings().memory_limit_mib * MEBIBYTE
        self.family.check_memory(Size.of(training), self.parameters, limit_bytes=limit)

    def fit(self, training: Training) -> Fitted:
        """Return the fitted model."""
        return fitted_model(self.family, training, self.parameters)

    def lists(self, training: Training) -> NeighbourLists:
        """Return the lists of all items, as a build stores them."""
        unfloored = frozenset() if self.floored else frozenset({self.family.name})
        serving = ListServing(length=recommendation_settings().neighbours, unfloored=unfloored)
        return serving.lists(self.family.name, self.fit(training), training)

    def answering(self, training: Training) -> Fitted:
        """Return a model that answers as pages do: about items from its lists alone."""
        if self.by_customer:
            return self.fit(training)
        return WholeBasketModel(lists=self.lists(training), rule=rule_from(self.parameters))

    def as_json(self) -> dict[str, Any]:
        """Return it as a build stores it."""
        return {
            "family": self.family.name,
            "parameters": self.parameters,
            "question": self.question,
        }


class Section(Protocol):
    """Lists of one table."""

    def __len__(self) -> int:
        """How many lists there are to go through."""

    def learn(self) -> Any:
        """Return what chunks are cut from."""
        ...

    def chunk(self, learnt: Any, build: Build, start: int, stop: int) -> Chunk:
        """Return the rows from start to stop."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class ItemSection:
    """A list of companions per item."""

    reading: Reading
    chosen: Chosen

    def __len__(self) -> int:
        return self.reading.history.n_items

    def learn(self) -> NeighbourLists:
        """Return the lists of all items."""
        training = self.chosen.training(self.reading)
        self.chosen.check_memory(training)
        lists = self.chosen.lists(training)
        if self.chosen.floored:
            return lists
        return without_thin_evidence(
            lists, min_customers=recommendation_settings().minimum_customers
        )

    def chunk(self, learnt: NeighbourLists, build: Build, start: int, stop: int) -> Chunk:
        """Return the lists of items that were sold or have a list."""
        part = rows_between(learnt, start, stop)
        matrix = self.reading.baskets
        kept = np.flatnonzero((np.diff(part.indptr) > 0) | (matrix.item_baskets[start:stop] > 0))
        return item_chunk(build, part, kept, start, matrix, self.reading.history.item_ids)


@dataclasses.dataclass(kw_only=True)
class CustomerSection:
    """A list per customer who can be recognised and has bought something."""

    reading: Reading
    chosen: Chosen

    @property
    def customers(self) -> CustomerKeys:
        """Those who can be recognised."""
        if self.reading.customers is None:
            msg = "Customers were not read."
            raise ValueError(msg)
        return self.reading.customers

    @cached_property
    def n_orders(self) -> NDArray[np.int64]:
        """How many orders each of the recognised customers has."""
        return orders_of(self.reading.shown)[self.customers.positions]

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Which of the recognised customers have bought something shown."""
        return np.flatnonzero(self.n_orders)

    def __len__(self) -> int:
        return len(self.rows)

    def learn(self) -> tuple[Fitted, Training, sparse.csr_matrix]:
        """Return the model, what it learnt from, and what each customer bought."""
        training = self.chosen.training(self.reading)
        self.chosen.check_memory(training)
        return self.chosen.fit(training), training, bought_by(self.reading)

    def chunk(
        self,
        learnt: tuple[Fitted, Training, sparse.csr_matrix],
        build: Build,
        start: int,
        stop: int,
    ) -> Chunk:
        """Return the lists of some customers; one without a list has no row."""
        model, training, bought = learnt
        rows = self.rows[start:stop]
        held = bought[self.customers.positions[rows]]
        names = [self.customers.keys[row] for row in rows.tolist()]
        item_ids = self.reading.history.item_ids
        query = customer_query(
            held,
            self.customers.positions[rows],
            self.chosen.question,
            unwanted=dismissed(names, item_ids),
        )
        if self.chosen.question == Question.CUSTOMER:  # no purchase, so no rhythm of one
            query = with_likes(query, liked(names, item_ids))
        found = model.recommend(query, recommendation_settings().customer_items)
        return customer_chunk(build, names, self.n_orders[rows], found, training.matrix, item_ids)


def bought_by(reading: Reading) -> sparse.csr_matrix:
    """Return customers × items, 1 where the customer ever bought the item."""
    history = reading.shown
    pairs = history.basket_customer[history.line_basket], history.line_item
    bought = sparse.csr_matrix(
        (np.ones(history.n_lines), pairs), shape=(history.n_customers, history.n_items)
    )
    bought.data[:] = 1.0  # a matrix of this kind adds up what is given twice
    bought.sort_indices()
    return bought


def customer_query(
    held: sparse.csr_matrix,
    customers: NDArray[np.int32],
    question: str,
    *,
    unwanted: sparse.csr_matrix,
) -> Query:
    """Return what is asked for customers: only the next basket may hold what they had before.

    What they do not want is in none of their lists.
    """
    barred = unwanted if question == Question.NEXT_BASKET else (held + unwanted).tocsr()
    return Query(held=held, barred=barred, customers=customers.astype(np.int32))


def with_likes(query: Query, wanted: sparse.csr_matrix) -> Query:
    """Return what is asked with what customers want more of in their profiles.

    It is not barred: what was liked and never bought may still be recommended.
    """
    held = (query.held + LIKED_WEIGHT * wanted).tocsr()
    return dataclasses.replace(query, held=held, barred=query.without)


def without_thin_evidence(lists: NeighbourLists, *, min_customers: int) -> NeighbourLists:
    """Return the same lists; of pairs of too few customers nothing is told but that they are alike.

    So a description may list what hardly anybody bought, and still nobody learns who did.
    """
    enough = lists.customers >= min_customers
    return dataclasses.replace(
        lists,
        customers=np.where(enough, lists.customers, np.uint32(0)),
        baskets=np.where(enough, lists.baskets, np.uint32(0)),
    )


def rows_between(lists: NeighbourLists, start: int, stop: int) -> NeighbourLists:
    """Return some rows of lists."""
    entries = slice(int(lists.indptr[start]), int(lists.indptr[stop]))
    return NeighbourLists(
        indptr=lists.indptr[start : stop + 1] - lists.indptr[start],
        items=lists.items[entries],
        scores=lists.scores[entries],
        customers=lists.customers[entries],
        baskets=lists.baskets[entries],
    )


def item_chunk(
    build: Build,
    lists: NeighbourLists,
    kept: NDArray[np.int64],
    start: int,
    matrix: BasketMatrix,
    item_ids: NDArray[np.int64],
) -> Chunk:
    """Return the kept rows of lists as they are stored; row r is the item at start + r."""
    packed = pack_many(
        lists.indptr, item_ids[lists.items], lists.scores, lists.customers, lists.baskets
    )
    kept_ids = item_ids[start + kept].tolist()
    columns: dict[str, list[Any]] = {
        "build_id": [build.pk] * len(kept),
        "item_id": kept_ids,
        "n_customers": matrix.item_customers[start + kept].tolist(),
        "n_baskets": matrix.item_baskets[start + kept].tolist(),
        "packed": [packed[row] for row in kept.tolist()],
    }
    ids = np.array(kept_ids, dtype="<i8").tobytes()
    return Chunk(Rows(NeighbourList, columns), digest_of((ids, *columns["packed"])))


def customer_chunk(
    build: Build,
    names: Sequence[str],
    n_orders: NDArray[np.int64],
    found: NDArray[np.int32],
    matrix: BasketMatrix,
    item_ids: NDArray[np.int64],
) -> Chunk:
    """Return what was found as lists; a model gives an order, so scores are reciprocal ranks."""
    listed = found >= 0
    items = found[listed]
    place = np.nonzero(listed)[1]
    indptr = np.append(0, np.cumsum(listed.sum(axis=1)))
    packed = pack_many(
        indptr,
        item_ids[items],
        1.0 / (1.0 + place),
        matrix.item_customers[items],
        matrix.item_baskets[items],
    )
    kept = np.flatnonzero(np.diff(indptr)).tolist()
    columns: dict[str, list[Any]] = {
        "build_id": [build.pk] * len(kept),
        "customer": [names[row] for row in kept],
        "n_baskets": [int(n_orders[row]) for row in kept],
        "packed": [packed[row] for row in kept],
    }
    texts = "\n".join(columns["customer"]).encode()
    return Chunk(Rows(CustomerList, columns), digest_of((texts, *columns["packed"])))


def digest_of(parts: Sequence[bytes]) -> bytes:
    """Return a checksum of what rows say."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.digest()
