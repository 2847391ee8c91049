"""A generated shop whose catalogue grows: a third of its items are new when the model is made.

Baskets hold what goes together for two reasons. Kinds go together (category with category, and
within them things of one theme), which what an item is can tell. Single items go together too, for
no reason that any fact tells: only orders know those. Facts are noisy: a tenth of items stands in a
wrong category, themes show in a word or two of the title among others that mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.history import OrderHistory, sorted_lines
from recommendations.engine.item_features import ItemFacts
from recommendations.engine.matrices import SECONDS_PER_DAY

CATEGORIES, THEMES, BRANDS = 24, 30, 40
COMPLEMENTS = 2
"""Categories that each category goes with."""

MATES = 2
"""Single items that each item goes with, whatever they are."""

MATE_SHARE, KIND_SHARE, THEME_SHARE = 0.35, 0.45, 0.7
"""How a further line is drawn: a mate, else of a kind that goes with it, else what sells."""

WRONG_CATEGORY_SHARE = 0.1
DAYS, TEST_DAYS = 360, 30
MEAN_LINES = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """Orders, and what is known of the items."""

    history: OrderHistory
    facts: ItemFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class GrowingShop(Shop):
    """Orders of a year, what is known of the items, and when each came."""

    launched_day: NDArray[np.float64]

    @property
    def is_new(self) -> NDArray[np.bool_]:
        """Which items came after the orders that a model may learn from."""
        return self.launched_day >= DAYS - TEST_DAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class _Nature:
    """What items truly are: facts tell it with noise."""

    category: NDArray[np.int64]
    theme: NDArray[np.int64]
    share: NDArray[np.float64]
    mates: NDArray[np.int64]
    of_kind: NDArray[np.bool_]
    """Categories × items: whether the item goes with the category."""

    of_theme: NDArray[np.bool_]
    """Themes × items."""


def growing_shop(*, n_items: int = 1_200, n_baskets: int = 12_000, seed: int = 0) -> GrowingShop:
    """Return a shop of which a third of the items is there from the start.

    A third comes in the course of the year, and a third when the last `TEST_DAYS` begin.
    """
    rng = np.random.default_rng(seed)
    nature = _nature(rng, n_items)
    launched = np.zeros(n_items)
    third = n_items // 3
    order = rng.permutation(n_items)
    launched[order[third : 2 * third]] = rng.uniform(0, DAYS - TEST_DAYS, third)
    launched[order[2 * third :]] = DAYS - TEST_DAYS
    return GrowingShop(
        history=_history(rng, nature, launched, n_baskets),
        facts=_facts(rng, nature),
        launched_day=launched,
    )


def _nature(rng: np.random.Generator, n_items: int) -> _Nature:
    others = np.array(
        [rng.choice(np.delete(np.arange(CATEGORIES), own), COMPLEMENTS, replace=False)
         for own in range(CATEGORIES)]
    )  # fmt: skip
    share = rng.permutation((np.arange(n_items) + 10.0) ** -0.7)
    category = rng.integers(0, CATEGORIES, n_items)
    theme = rng.integers(0, THEMES, n_items)
    return _Nature(
        category=category,
        theme=theme,
        share=share / share.sum(),
        mates=rng.integers(0, n_items, (n_items, MATES)),
        of_kind=(category == others[:, :, np.newaxis]).any(axis=1),
        of_theme=theme == np.arange(THEMES)[:, np.newaxis],
    )


def _history(
    rng: np.random.Generator, nature: _Nature, launched: NDArray[np.float64], n_baskets: int
) -> OrderHistory:
    at_day = np.sort(rng.uniform(0, DAYS, n_baskets))
    sizes = 2 + rng.poisson(MEAN_LINES - 2, n_baskets)
    drawn = [
        _basket(rng, nature, launched <= day, size)
        for day, size in zip(at_day.tolist(), sizes.tolist(), strict=True)
    ]
    line_basket, line_item = sorted_lines(
        np.repeat(np.arange(n_baskets), sizes), np.concatenate(drawn), n_items=len(launched)
    )
    n_customers = n_baskets // 3
    return OrderHistory(
        item_ids=np.arange(1, len(launched) + 1, dtype=np.int64),
        line_basket=line_basket,
        line_item=line_item,
        basket_at=(at_day * SECONDS_PER_DAY).astype(np.int64),
        basket_customer=rng.integers(0, n_customers, n_baskets).astype(np.int32),
        n_customers=n_customers,
    )


def _basket(
    rng: np.random.Generator, nature: _Nature, there: NDArray[np.bool_], size: int
) -> NDArray[np.int64]:
    """Draw a basket: a first item that sells, then what goes with it."""
    sells = nature.share * there
    first = _drawn(rng, sells)
    items = [first]
    for reason in rng.random(size - 1).tolist():
        mates = nature.mates[first][there[nature.mates[first]]]
        if reason < MATE_SHARE and len(mates):
            items.append(int(rng.choice(mates)))
            continue
        weights = sells
        if reason < MATE_SHARE + KIND_SHARE:
            weights = sells * nature.of_kind[nature.category[first]]
            if rng.random() < THEME_SHARE:
                weights = weights * nature.of_theme[nature.theme[first]]
        items.append(_drawn(rng, weights if weights.any() else sells))
    return np.array(items)


def _drawn(rng: np.random.Generator, weights: NDArray[np.float64]) -> int:
    sums = np.cumsum(weights)
    return int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))


def _facts(rng: np.random.Generator, nature: _Nature) -> ItemFacts:
    n_items = len(nature.share)
    shown = np.where(
        rng.random(n_items) < WRONG_CATEGORY_SHARE,
        rng.integers(0, CATEGORIES, n_items),
        nature.category,
    )
    titles = []
    for category, theme in zip(nature.category.tolist(), nature.theme.tolist(), strict=True):
        words = [f"kind{category}"] if rng.random() < 0.9 else []
        words += [f"theme{theme}"] if rng.random() < 0.9 else []
        words += [f"word{number}" for number in rng.integers(0, 300, 2)]
        titles.append(" ".join(rng.permutation(words)))
    return ItemFacts(
        title=titles,
        description=[""] * n_items,
        category=[f"Department {number % 4} > Category {number}" for number in shown.tolist()],
        brand=[f"Brand {number}" for number in rng.integers(0, BRANDS, n_items).tolist()],
        price=np.exp(rng.normal(2 + 0.1 * nature.category, 0.5)),
        currency=["EUR"] * n_items,
        attributes=[{} for _ in range(n_items)],
    )
