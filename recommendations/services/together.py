"""The kind *together*: which items share a basket, counted in distinct customers."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.conf import RecommendationSettings, recommendation_settings
from recommendations.datasets.orders import read_order_history
from recommendations.datasets.shelves import Shelves, shelves
from recommendations.engine.gate import Verdict
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.neighbours import neighbours
from recommendations.engine.packing import pack, pack_many
from recommendations.engine.popularity import item_popularity
from recommendations.models import Build, Kind, NeighbourList, PopularList
from recommendations.services.bulk import Rows
from recommendations.services.judging import judge_together
from recommendations.services.recipes import Chunk, Progress

POPULAR_ITEMS = 50
"""Best sellers kept per category: a fallback shows at most 20, and some will be out of stock."""

SHAPING = (
    "neighbours",
    "minimum_customers",
    "half_life_days",
    "size_exponent",
    "item_exponent",
    "companion_exponent",
    "confidence_z",
    "max_basket_items",
    "max_customer_baskets",
)
"""Settings that shape the lists. The others (threads, chunks, leases) must not."""


class TogetherRecipe:
    """Reads orders and computes *frequently bought together*."""

    kind: str = Kind.TOGETHER.value

    def parameters(self) -> dict[str, Any]:
        """Return the settings that shape the lists."""
        conf = recommendation_settings()
        return {name: getattr(conf, name) for name in SHAPING}

    def prepare(self, *, as_of: datetime, progress: Progress) -> TogetherPrepared:
        """Read the orders placed until ``as_of`` and arrange them for counting."""
        history = read_order_history(as_of=as_of, progress=progress)
        progress("matrix", 0, 0)
        faces = shelves(history.item_ids)
        shown = shown_only(history, faces)
        return TogetherPrepared(history, shown, together_matrix(shown), faces)


@dataclasses.dataclass(slots=True)
class TogetherPrepared:
    """The orders of one moment, ready to be counted chunk by chunk."""

    history: OrderHistory
    shown: OrderHistory
    matrix: BasketMatrix
    shelves: Shelves

    @property
    def fingerprint(self) -> str:
        """Return a checksum of what the lists are computed from."""
        return self.shown.fingerprint()

    @property
    def n_lines(self) -> int:
        """Return how many (order, item) pairs were read."""
        return self.history.n_lines

    @property
    def n_chunked(self) -> int:
        """Return how many items there are."""
        return self.history.n_items

    @property
    def counts(self) -> dict[str, Any]:
        """Return what was read and what was left out, as the admin shows it."""
        history = self.history
        left_out = {**history.left_out, **self.matrix.left_out}
        hidden = history.n_lines - self.shown.n_lines
        return {
            "lines": history.n_lines,
            "orders": int(np.count_nonzero(np.bincount(history.line_basket))),
            "items": history.n_items,
            "sold_items": int(np.count_nonzero(np.bincount(history.line_item))),
            "customers": history.n_customers,
            "left_out": {
                **{reason: int(count) for reason, count in left_out.items() if count},
                **({"lines of items not shown": hidden} if hidden else {}),
            },
        }

    def head(self, build: Build) -> Rows:
        """Return the best sellers of each category, and of all."""
        # In distinct customers, as everything that a shopper is told: a bot counts once.
        popularity = item_popularity(self.matrix)
        ranked = np.argsort(-popularity, kind="stable")[: np.count_nonzero(popularity)]
        groups = {name: items[:POPULAR_ITEMS] for name, items in self._by_category(ranked)}
        groups[""] = ranked[:POPULAR_ITEMS]
        filled = {name: items for name, items in groups.items() if len(items)}
        columns: dict[str, list[Any]] = {
            "build_id": [build.pk] * len(filled),
            "category": list(filled),
            "packed": [self._packed_popular(items, popularity) for items in filled.values()],
        }
        return Rows(PopularList, columns)

    def _by_category(self, items: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Yield each category with its items, in the order given."""
        names = self.shelves.category_names
        if not names:  # no item is known
            return
        category = self.shelves.category[items]
        grouped = np.argsort(category, kind="stable")
        ends = np.searchsorted(category[grouped], np.arange(1, len(names)))
        yield from zip(names, np.split(items[grouped], ends), strict=True)

    def chunk(self, build: Build, start: int, stop: int) -> Chunk:
        """Return the lists of the items at positions start to stop that were ever sold."""
        lists = neighbours(
            self.matrix, start=start, stop=stop, **neighbour_parameters(recommendation_settings())
        )
        item_ids = self.history.item_ids
        packed = pack_many(
            lists.indptr, item_ids[lists.items], lists.scores, lists.customers, lists.baskets
        )
        sold = np.flatnonzero(self.matrix.item_baskets[start:stop])
        sold_ids = item_ids[start + sold].tolist()
        columns = {
            "build_id": [build.pk] * len(sold),
            "item_id": sold_ids,
            "n_customers": self.matrix.item_customers[start + sold].tolist(),
            "n_baskets": self.matrix.item_baskets[start + sold].tolist(),
            "packed": [packed[position] for position in sold.tolist()],
        }
        digest = hashlib.blake2b(np.array(sold_ids, dtype="<i8").tobytes(), digest_size=16)
        for data in columns["packed"]:
            digest.update(data)
        return Chunk(Rows(NeighbourList, columns), digest.digest())

    def judge(self, build: Build, published: Build | None) -> tuple[dict[str, Any], Verdict]:
        """Return the candidate's figures and the gate's verdict."""
        return judge_together(build, published, history=self.shown, matrix=self.matrix)

    def _packed_popular(self, items: NDArray[np.int64], popularity: NDArray[np.float64]) -> bytes:
        return pack(
            self.history.item_ids[items],
            popularity[items],
            self.matrix.item_customers[items],
            self.matrix.item_baskets[items],
        )


def shown_only(history: OrderHistory, faces: Shelves) -> OrderHistory:
    """Return the history without items that the shop does not show: they would only crowd lists."""
    keep = faces.active[history.line_item]
    if keep.all():
        return history
    return dataclasses.replace(
        history, line_basket=history.line_basket[keep], line_item=history.line_item[keep]
    )


def together_matrix(history: OrderHistory) -> BasketMatrix:
    """Return the weighted baskets × items matrix by the settings in force.

    Ages are counted to the newest order, not to the clock, so that the same orders give the same
    lists to the last bit.
    """
    conf = recommendation_settings()
    return basket_matrix(
        history,
        as_of=int(history.basket_at.max(initial=0)),
        half_life_days=conf.half_life_days,
        max_basket_items=conf.max_basket_items,
        max_customer_baskets=conf.max_customer_baskets,
        size_exponent=conf.size_exponent,
    )


def neighbour_parameters(conf: RecommendationSettings) -> dict[str, Any]:
    """Return the settings of the top-K product as the engine names them."""
    return {
        "k": conf.neighbours,
        "min_customers": conf.minimum_customers,
        "item_exponent": conf.item_exponent,
        "companion_exponent": conf.companion_exponent,
        "confidence_z": conf.confidence_z,
        "n_threads": conf.threads,
    }
