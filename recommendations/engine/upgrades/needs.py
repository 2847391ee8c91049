"""Which dearer items meet the same need as an item, and how that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.item_features import ItemFacts
from recommendations.engine.item_features.blocks import category_words
from recommendations.engine.similarity import wilson_lower_bound
from recommendations.engine.upgrades.apart import Complements
from recommendations.engine.upgrades.kinds import kinds
from recommendations.engine.upgrades.names import name_words, same_name

MOST_COMPARED = 300
"""Items of a shelf that an item is compared with, those bought most: the time of a build."""

MOST_NAMED = 1000
"""A word of more names than this is no name; looking through them all would take for ever."""

LEARNED_LIFT = 5.0
"""Customers surely so many times as likely to come to an item as any customer have moved up.

Taste for one shelf alone makes it two to three times as likely.
"""

LEARNED_Z = 1.64
"""Standard errors by which the share of those who moved is taken lower."""


class Relation(IntEnum):
    """How it is known that two items meet the same need, the surest first."""

    SAME_NAME = 1
    """Steps of one ladder: the same brand and name, and another grade."""
    SAME_KIND = 2
    """Of the category's kinds, the same."""
    ONE_NEED = 3
    """Of a category whose items are never bought together."""
    LEARNED = 4
    """Customers left one for the other."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """The items of a shop, asked one by one for dearer ones of the same need.

    Parameters
    ----------
    facts : ItemFacts
        What is known of n_items items.
    shown : ndarray of shape (n_items,), bool
        Whether an item is shown by itself: the others neither have upgrades nor are any.
    complements : Complements
        What is bought together, and who moved from what to what.
    lowest_ratio, highest_ratio : float
        The band of prices: an upgrade costs more than the first and at most the second times the
        item's price.

    Examples
    --------
    >>> Relation.SAME_NAME < Relation.LEARNED
    True
    """

    facts: ItemFacts
    shown: NDArray[np.bool_]
    complements: Complements
    lowest_ratio: float
    highest_ratio: float

    def of(self, item: int) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int64]]:
        """Return the dearer items that meet an item's need.

        Parameters
        ----------
        item : int
            Item position.

        Returns
        -------
        items : ndarray of shape (n_found,), int64
            Item positions, ascending.
        relation : ndarray of shape (n_found,), int8
            How it is known: a `Relation`.
        moved_up : ndarray of shape (n_found,), int64
            Distinct customers who left the item for it.
        """
        if not self._usable[item]:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing.astype(np.int8), nothing
        pool = self._pool(item)
        moved = self.complements.journeys.moved_up(item, pool)
        relation = self._relations(item, pool, moved)
        kept = (relation > 0) & ~self.complements.barred(item, pool)
        return pool[kept], relation[kept], moved[kept]

    @cached_property
    def names(self) -> list[tuple[str, ...]]:
        """The words of each title without its brand's."""
        facts = self.facts
        return [
            name_words(title, brand) for title, brand in zip(facts.title, facts.brand, strict=True)
        ]

    @cached_property
    def kinds(self) -> list[frozenset[str]]:
        """The words that say which kind of thing each item is, told by what is shown."""
        shown = self.shown.tolist()
        return kinds(
            [name if on else () for name, on in zip(self.names, shown, strict=True)],
            self._brands,
            self._categories,
            self.facts.price,
            apart=self.complements.apart,
        )

    def _relations(
        self, item: int, pool: NDArray[np.int64], moved: NDArray[np.int64]
    ) -> NDArray[np.int8]:
        beside = self._categories[pool] == self._categories[item]
        alike = beside & (self._kind[pool] == self._kind[item])
        known = beside & bool(self.kinds[item]) & self._has_kind[pool]
        one_need = bool(self.facts.category[item]) and bool(self._one_need[self._categories[item]])
        # Of two kinds that are known to differ, the second was bought besides, not instead.
        learned = self._learned(item, pool, moved) & ~known
        relation = np.where(learned, Relation.LEARNED, 0).astype(np.int8)
        relation[beside & one_need] = Relation.ONE_NEED
        relation[alike & known] = Relation.SAME_KIND
        for place in np.flatnonzero(alike & (self._place[pool] == self._place[item])).tolist():
            if same_name(self.names[item], self.names[pool[place]]):
                relation[place] = Relation.SAME_NAME
        return relation

    def _learned(
        self, item: int, pool: NDArray[np.int64], moved: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        journeys = self.complements.journeys
        if not journeys.came[item]:
            return np.zeros(len(pool), dtype=bool)
        trials = np.full(len(pool), float(journeys.came[item]))
        sure = wilson_lower_bound(moved.astype(np.float64), trials, z=LEARNED_Z)
        usual = journeys.matrix.item_customers[pool] / self._n_customers
        return (moved >= self.complements.min_customers) & (sure > LEARNED_LIFT * usual)

    @cached_property
    def _n_customers(self) -> int:
        return len(np.unique(self.complements.journeys.matrix.basket_customer))

    # -- who is compared with whom -----------------------------------------------------------

    def _pool(self, item: int) -> NDArray[np.int64]:
        """Return dearer items of the band that may meet the need, ascending."""
        price, facts = float(self.facts.price[item]), self.facts
        found = [self._of_kind.between(item, price * self.lowest_ratio, price * self.highest_ratio)]
        if facts.category[item]:
            found.append(
                self._shelf.between(item, price * self.lowest_ratio, price * self.highest_ratio)
            )
        bought = self.complements.journeys.matrix.item_baskets
        most = [some[np.argsort(-bought[some], kind="stable")[:MOST_COMPARED]] for some in found]
        return np.unique(np.concatenate([*most, self._named_alike(item)]))

    def _named_alike(self, item: int) -> NDArray[np.int64]:
        """Return dearer items of the band that share a word of the name, the brand and the rest."""
        sharing = {
            other
            for word in self.names[item]
            if len(self._by_word[word]) <= MOST_NAMED
            for other in self._by_word[word]
        }
        several = np.array(sorted(sharing), dtype=np.int64)
        price = self.facts.price
        ratio = price[several] / price[item]
        same = self._place[several] == self._place[item]
        result: NDArray[np.int64] = several[
            same & (ratio > self.lowest_ratio) & (ratio <= self.highest_ratio)
        ]
        return result

    @cached_property
    def _usable(self) -> NDArray[np.bool_]:
        price = self.facts.price
        return self.shown & np.isfinite(price) & (np.nan_to_num(price) > 0)

    @cached_property
    def _brands(self) -> list[str]:
        return [" ".join(brand.split()).casefold() for brand in self.facts.brand]

    @cached_property
    def _categories(self) -> NDArray[np.int64]:
        return _numbered(self.facts.category)

    @cached_property
    def _one_need(self) -> NDArray[np.bool_]:
        n_categories = int(self._categories.max(initial=-1)) + 1
        return self.complements.one_need(self._categories, n_categories)

    @cached_property
    def _kind(self) -> NDArray[np.int64]:
        return _numbered(self.kinds)

    @cached_property
    def _has_kind(self) -> NDArray[np.bool_]:
        return np.array([bool(kind) for kind in self.kinds], dtype=bool)

    @cached_property
    def _place(self) -> NDArray[np.int64]:
        """Category, brand and currency as one number."""
        facts = self.facts
        return _numbered(list(zip(self._categories.tolist(), self._brands, facts.currency,
                                  strict=True)))  # fmt: skip

    @cached_property
    def _by_word(self) -> defaultdict[str, list[int]]:
        by_word: defaultdict[str, list[int]] = defaultdict(list)
        for item in np.flatnonzero(self._usable).tolist():
            for word in self.names[item]:
                by_word[word].append(item)
        return by_word

    @cached_property
    def _of_kind(self) -> _Shelves:
        """Items of one category, kind and currency, where the kind is known."""
        labels = _numbered(
            list(
                zip(
                    self._categories.tolist(),
                    self._kind.tolist(),
                    self.facts.currency,
                    strict=True,
                )
            )
        )
        return _Shelves.of(labels, self.facts.price, self._usable & self._has_kind)

    @cached_property
    def _shelf(self) -> _Shelves:
        """Items of one category and those beside it in the tree of categories."""
        parents = [_parent(category) for category in self.facts.category]
        labels = _numbered(list(zip(parents, self.facts.currency, strict=True)))
        return _Shelves.of(labels, self.facts.price, self._usable)


@dataclass(frozen=True, slots=True)
class _Shelves:
    """Items by label, those of a label by price."""

    label: NDArray[np.int64]
    items: NDArray[np.int64]
    price: NDArray[np.float64]
    bounds: NDArray[np.int64]

    @classmethod
    def of(
        cls, label: NDArray[np.int64], price: NDArray[np.floating], kept: NDArray[np.bool_]
    ) -> _Shelves:
        items = np.flatnonzero(kept)
        items = items[np.lexsort((price[items], label[items]))]
        wanted = np.arange(int(label.max(initial=-1)) + 2)
        bounds = np.searchsorted(label[items], wanted)
        return cls(label, items, price[items].astype(np.float64), bounds)

    def between(self, item: int, above: float, most: float) -> NDArray[np.int64]:
        """Return the items of an item's label that cost more than one price, at most another."""
        low, high = self.bounds[self.label[item] : self.label[item] + 2].tolist()
        prices = self.price[low:high]
        start, stop = (
            np.searchsorted(prices, above, side="right"),
            np.searchsorted(prices, most, side="right"),
        )
        return self.items[low + int(start) : low + max(int(stop), int(start))]


def _parent(category: str) -> str:
    """Return what a category lies in; a category at the top stands for itself."""
    steps = category_words(category)
    return steps[-2] if len(steps) > 1 else f"> {category}"


def _numbered(values: Sequence[object]) -> NDArray[np.int64]:
    """Return a number for each value, the same for equal ones, by first appearance."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)
