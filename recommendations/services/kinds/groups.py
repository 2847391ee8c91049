"""Kinds with one list per category and one for all: what is trending, what is new."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.conf import recommendation_settings
from recommendations.engine import arrivals
from recommendations.engine.families.base import Query, Training
from recommendations.engine.gate import BuildFacts, Verdict
from recommendations.engine.history import OrderHistory
from recommendations.engine.packing import pack
from recommendations.engine.popularity import item_popularity
from recommendations.engine.trending import trend_scores, trends
from recommendations.engine.tuning import filled
from recommendations.models import Build, Kind, PopularList, Question
from recommendations.services.bulk import Rows
from recommendations.services.judging import DAMAGED, verdict_on
from recommendations.services.kinds.best_sellers import by_category, fallback, ranking
from recommendations.services.kinds.prepared import ReadPrepared
from recommendations.services.kinds.reading import Reading, newest, order_matrix, read
from recommendations.services.kinds.sections import digest_of
from recommendations.services.recipes import Chunk, Progress


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """Items of the shop, best first, with what can be said about each."""

    items: NDArray[np.int64]
    scores: NDArray[np.float64]
    customers: NDArray[np.int64]
    baskets: NDArray[np.int64]

    def followed_by(self, others: NDArray[np.int64]) -> Ranked:
        """Return the same with further items, of which nothing is claimed."""
        rest = others[~np.isin(others, self.items)]
        nothing = np.zeros(len(rest), dtype=np.int64)
        return Ranked(
            items=np.concatenate([self.items, rest]),
            scores=np.concatenate([self.scores, nothing]),
            customers=np.concatenate([self.customers, nothing]),
            baskets=np.concatenate([self.baskets, nothing]),
        )


Ranker = Callable[[Reading, OrderHistory, int], Ranked]
"""Ranks items by the orders given, at a moment in seconds since 1970."""


def new_arrivals(reading: Reading, history: OrderHistory, as_of: int) -> Ranked:
    """Return shown items that are new at a moment, by what is known of how they sell so far.

    How many bought one is not told: it may be fewer than the minimum of customers.
    """
    rates = arrivals.new_arrivals(
        history,
        as_of=as_of,
        arrived_at=known_since(reading, history),
        group=reading.shelves.category,
        max_age_days=recommendation_settings().new_for_days,
    )
    found = best_shown(rates, reading)
    nothing = np.zeros(len(found), dtype=np.int64)
    return Ranked(items=found, scores=rates[found], customers=nothing, baskets=nothing)


def trending(reading: Reading, history: OrderHistory, as_of: int) -> Ranked:
    """Return shown items that rise beyond chance, the surest first."""
    floor = recommendation_settings().minimum_customers
    # To the newest order: an item that came since must not make last week look empty.
    found = trends(history, as_of=min(as_of, newest(history)), min_customers=floor)
    scores = trend_scores(found)
    items = best_shown(scores, reading)
    return Ranked(
        items=items,
        scores=scores[items],
        customers=found.recent.customers[items],
        baskets=found.recent.baskets[items],
    )


def best_shown(scores: NDArray[np.float64], reading: Reading) -> NDArray[np.int64]:
    """Return shown items that score above 0, best first, ties to the smaller."""
    faces = reading.shelves
    items = np.flatnonzero((scores > 0) & faces.active & ~faces.variant)
    return items[np.argsort(-scores[items], kind="stable")]


def moment(reading: Reading) -> int:
    """Return the newest order or item: as everywhere, ages run to the data and not to the clock."""
    return max(newest(reading.shown), int(reading.shelves.first_seen.max(initial=0)))


def known_since(reading: Reading, history: OrderHistory) -> NDArray[np.int64]:
    """Return when each item was first seen or first ordered."""
    since = reading.shelves.first_seen.copy()
    np.minimum.at(since, history.line_item, history.basket_at[history.line_basket])
    return since


@dataclasses.dataclass(frozen=True, slots=True)
class GroupRecipe:
    """Ranks the items of the shop and keeps the first of each category."""

    kind: str
    rank: Ranker
    questions: tuple[str, ...] = (Question.CUSTOMER.value,)

    def needs(self) -> set[str]:
        """Return nothing: orders and items are all it reads."""
        return set()

    def fit(self, reading: Reading, training: Training, question: str) -> Offered:
        """Return the list of all as a model that offers everybody the same."""
        history = training.history or reading.shown
        return Offered(self.rank(reading, history, newest(history)).items.astype(np.int32))

    def parameters(self) -> dict[str, Any]:
        """Return the settings that shape the lists."""
        conf = recommendation_settings()
        names = ("minimum_customers", "half_life_days", "group_items", "new_for_days")
        return {name: getattr(conf, name) for name in names}

    def prepare(self, *, as_of: datetime, progress: Progress) -> GroupPrepared:
        """Read the orders placed until ``as_of``."""
        reading = read(as_of=as_of, progress=progress)
        return GroupPrepared(reading, self, moment(reading))


@dataclasses.dataclass
class GroupPrepared(ReadPrepared):
    """Items ranked for the shop and cut by category."""

    recipe: GroupRecipe
    as_of: int

    @cached_property
    def ranked(self) -> Ranked:
        """The kind's own items, then best sellers and new arrivals: no list stays empty."""
        reading = self.reading
        matrix = order_matrix(reading.shown)
        claimed = matrix.item_customers >= recommendation_settings().minimum_customers
        rest = ranking(item_popularity(matrix), claimed, reading.shelves)
        return self.recipe.rank(reading, reading.shown, self.as_of).followed_by(rest)

    @cached_property
    def groups(self) -> list[tuple[str, NDArray[np.int64]]]:
        """Each category with places in ``ranked``; first the empty one, which holds all."""
        conf = recommendation_settings()
        place = np.empty(self.reading.history.n_items, dtype=np.int64)
        place[self.ranked.items] = np.arange(len(self.ranked.items))
        categories = by_category(self.ranked.items, self.reading.shelves)
        named = {name: place[items] for name, items in categories if name}
        named = {"": np.arange(len(self.ranked.items)), **named}
        return [(name, places[: conf.group_items]) for name, places in named.items()]

    @property
    def n_chunked(self) -> int:
        """Return how many categories there are, and the list of all."""
        return len(self.groups)

    def head(self, build: Build) -> Rows:
        """Return nothing: its lists are what heads of other kinds are."""
        return Rows(PopularList, {})

    def chunk(self, build: Build, start: int, stop: int) -> Chunk:
        """Return the lists of some categories."""
        groups = [(name, places) for name, places in self.groups[start:stop] if len(places)]
        columns: dict[str, list[Any]] = {
            "build_id": [build.pk] * len(groups),
            "category": [name for name, _ in groups],
            "packed": [self._packed(places) for _, places in groups],
        }
        names = "\n".join(columns["category"]).encode()
        return Chunk(Rows(PopularList, columns), digest_of([names, *columns["packed"]]))

    def _packed(self, places: NDArray[np.int64]) -> bytes:
        ranked = self.ranked
        return pack(
            self.reading.history.item_ids[ranked.items[places]],
            ranked.scores[places],
            ranked.customers[places],
            ranked.baskets[places],
        )

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        """Return the candidate's figures and the gate's verdict on what was read."""
        counts = build.input_counts
        own = int(np.count_nonzero(self.ranked.scores))
        facts = BuildFacts(
            lines=counts["lines"],
            baskets=counts["orders"],
            sold_items=len(self.groups),
            listed_items=sum(len(places) > 0 for _, places in self.groups),
            damaged_lines=counts["left_out"].get(DAMAGED, 0),
        )
        metrics = {
            "facts": facts.as_json(),
            "coverage": facts.coverage,
            "entries": sum(len(places) for _, places in self.groups),
            "own_items": own,
            "fallback": fallback(counts, own, self.reading.baskets),
        }
        return metrics, verdict_on(facts, build, published)


@dataclasses.dataclass(frozen=True, slots=True)
class Offered:
    """A model that offers everybody the same items."""

    items: NDArray[np.int32]

    def recommend(self, query: Query, k: int) -> NDArray[np.int32]:
        """Return the first k for each query that it does not rule out."""
        empty = np.full((len(query), k), -1, dtype=np.int32)
        return filled(empty, query.without, self.items)


TRENDING = GroupRecipe(Kind.TRENDING.value, trending)
NEW_ARRIVALS = GroupRecipe(Kind.NEW_ARRIVALS.value, new_arrivals)
