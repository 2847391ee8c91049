"""The kind *upgrades*: dearer items that meet the same need, by chance of the step × its gain."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Max, Q
from numpy.typing import NDArray

from recommendations.conf import recommendation_settings
from recommendations.datasets.content import item_facts
from recommendations.datasets.costs import item_costs
from recommendations.engine.events import Views
from recommendations.engine.families.base import ListModel, Training
from recommendations.engine.gate import BuildFacts, Verdict
from recommendations.engine.item_features import ItemFacts
from recommendations.engine.matrices import BasketMatrix
from recommendations.engine.neighbour_lists import NeighbourLists
from recommendations.engine.upgrades.lists import Goods, upgrade_lists
from recommendations.engine.upgrades.ranking import usual_cost_share
from recommendations.models import Build, Kind, Placement, Question, Strategy
from recommendations.selectors.basket_upgrades import PLACEMENT as BASKET_PLACEMENT
from recommendations.selectors.upgrades import PLACEMENT as ITEM_PLACEMENT
from recommendations.services.judging import DAMAGED, list_lengths, overlap_with, verdict_on
from recommendations.services.kinds.best_sellers import fallback
from recommendations.services.kinds.prepared import ReadPrepared
from recommendations.services.kinds.reading import Reading, read
from recommendations.services.kinds.sections import digest_of, item_chunk, rows_between
from recommendations.services.recipes import Chunk, Progress

SHAPING = (
    "minimum_customers",
    "half_life_days",
    "max_basket_items",
    "max_customer_baskets",
    "neighbours",
    "upgrade_highest_ratio",
    "group_items",
    "model_seed",
)

PLACEMENTS = (ITEM_PLACEMENT, BASKET_PLACEMENT)
"""The usual placements of upgrades; others have them among their sources."""

ABOUT_ORDERS = frozenset({"no_orders", "one_item"})
"""Objections of the gate that are none here: what things are and cost is known without orders.
Where there were orders and are none now, it objects that they became fewer."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stock:
    """What the shop sells, as it was read for one build."""

    facts: ItemFacts
    cost: NDArray[np.float64]

    @classmethod
    def read(cls, item_ids: NDArray[np.int64]) -> Stock:
        """Read these items."""
        return cls(item_facts(item_ids), item_costs(item_ids))

    @property
    def fingerprint(self) -> bytes:
        """Return all of it as bytes, for a checksum."""
        facts = self.facts
        texts = (facts.title, facts.description, facts.category, facts.brand, facts.currency)
        words = repr((*map(list, texts), [dict(each) for each in facts.attributes])).encode()
        vectors = b"" if facts.embedding is None else facts.embedding.tobytes()
        return words + facts.price.tobytes() + self.cost.tobytes() + vectors


class UpgradesRecipe:
    """Reads items, orders and what the shop earns, and leaves a list of upgrades per item."""

    kind: str = Kind.UPGRADES.value
    questions: tuple[str, ...] = (Question.ITEM.value,)

    def needs(self) -> set[str]:
        """Return the views, where the shop declares them; items and their costs it reads itself."""
        return {"views"}

    def fit(self, reading: Reading, training: Training, question: str) -> ListModel:
        """Return the upgrades as some of the orders tell them."""
        stock = Stock.read(reading.history.item_ids)
        return ListModel(lists=found(reading, stock, training.matrix, training.views))

    def parameters(self) -> dict[str, Any]:
        """Return the settings that shape the lists."""
        conf = recommendation_settings()
        shaping = {name: getattr(conf, name) for name in SHAPING}
        return {**shaping, "upgrade_highest_ratio": widest_ratio()}

    def prepare(self, *, as_of: datetime, progress: Progress) -> UpgradesPrepared:
        """Read the orders placed until ``as_of``, and the items as they are."""
        reading = read(as_of=as_of, progress=progress, needs=self.needs())
        return UpgradesPrepared(reading, Stock.read(reading.history.item_ids), progress)


@dataclasses.dataclass
class UpgradesPrepared(ReadPrepared):
    """Items and orders of one moment; the lists are made once and then stored item by item."""

    stock: Stock
    progress: Progress

    @property
    def fingerprint(self) -> str:
        """Return a checksum of orders, items and costs."""
        return digest_of([self.reading.fingerprint.encode(), self.stock.fingerprint]).hex()

    @cached_property
    def lists(self) -> NeighbourLists:
        """The upgrades of all items."""
        self.progress("learn", 0, 0)
        viewed = self.reading.viewed
        views = None if viewed is None else viewed.views
        return found(self.reading, self.stock, self.reading.baskets, views)

    def chunk(self, build: Build, start: int, stop: int) -> Chunk:
        """Return the lists of the items at positions start to stop, of those that have any."""
        part = rows_between(self.lists, start, stop)
        kept = np.flatnonzero(np.diff(part.indptr))
        reading = self.reading
        return item_chunk(build, part, kept, start, reading.baskets, reading.history.item_ids)

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        """Return the candidate's figures and the gate's verdict.

        Its lists are not asked about held-out orders: who saw no upgrade could not take one.
        """
        matrix, counts = self.reading.baskets, build.input_counts
        lengths = list_lengths(build)
        listed = sum(count for length, count in lengths.items() if length)
        same = published is not None and published.parameters == build.parameters
        facts = BuildFacts(
            lines=counts["lines"],
            baskets=counts["orders"],
            sold_items=max(int(priced(self.reading, self.stock).sum()), listed),
            listed_items=listed,
            damaged_lines=counts["left_out"].get(DAMAGED, 0),
            overlap=overlap_with(published, build, matrix, self.reading.history.item_ids)
            if same
            else None,
        )
        metrics = {
            "facts": facts.as_json(),
            "coverage": facts.coverage,
            "entries": sum(length * count for length, count in lengths.items()),
            "list_lengths": {str(length): count for length, count in sorted(lengths.items())},
            "costs_known": int(np.isfinite(self.stock.cost).sum()),
            "cost_share": usual_cost_share(self.stock.facts.price, self.stock.cost),
            "fallback": fallback(counts, listed, matrix),
        }
        verdict = verdict_on(facts, build, published)
        objections = {reason.code for reason in verdict.reasons} - ABOUT_ORDERS
        return metrics, dataclasses.replace(verdict, accepted=verdict.accepted or not objections)


def found(
    reading: Reading, stock: Stock, matrix: BasketMatrix, views: Views | None
) -> NeighbourLists:
    """Return the upgrades of all items by the settings in force."""
    conf = recommendation_settings()
    goods = Goods(
        facts=stock.facts,
        cost=stock.cost,
        shown=priced(reading, stock),
        matrix=matrix,
        basket_at=reading.history.basket_at,
        views=views,
    )
    return upgrade_lists(
        goods,
        k=conf.neighbours,
        min_customers=conf.minimum_customers,
        highest_ratio=widest_ratio(),
        seed=conf.model_seed,
    )


def widest_ratio() -> float:
    """Return up to how many times the price lists reach: as far as any placement looks."""
    looking = Placement.objects.filter(
        Q(slug__in=PLACEMENTS) | Q(steps__strategy=Strategy.UPGRADES), enabled=True
    )
    widest = looking.aggregate(widest=Max("price_to_percent"))["widest"] or 0
    return float(max(recommendation_settings().upgrade_highest_ratio, widest / 100))


def priced(reading: Reading, stock: Stock) -> NDArray[np.bool_]:
    """Return which items are shown by themselves and have a price."""
    faces = reading.shelves
    return np.asarray(faces.active & ~faces.variant & np.isfinite(stock.facts.price), dtype=bool)
