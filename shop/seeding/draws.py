"""Drawing products: popularity, taste, season and what is on sale yet."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shop.seeding.catalogue import Catalogue
from shop.seeding.plan import Parameters
from shop.seeding.planting import ANCHOR_SHARE, SALES_PER_ANCHOR, Planting

STREAM = 3
# Zipf's exponent of popularity by rank; shops measure 0.6 to 1.1.
ZIPF = 0.8
# Share of what is sold by step of a ladder: the cheapest sells most.
TIER_SHARES = np.array([0.5, 0.32, 0.18])
# How often a shopper looks in a favourite category, not in the whole shop.
FAVOURITE_SHARE = 0.5
# Lines that a shopper comes for; companions are added to them.
LINES_P = 0.55
MEAN_DRAWN_LINES = 1 / LINES_P
# Raising some pages lowers the share of all; seasons and refunds take their part as well.
FLOOR_MARGIN = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """All pages by category, with what decides how often each is drawn."""

    by_category: NDArray[np.intp]  # (n_pages,) pages, those of a category together
    category_start: NDArray[np.int64]  # (n_categories + 1,) positions in by_category
    weight: NDArray[np.float64]  # (n_pages,) in the order of by_category; adds up to 1
    launched_share: NDArray[np.float64]  # (n_pages,) in the order of by_category
    season: NDArray[np.float64]  # (n_categories, 12)

    @classmethod
    def of(cls, catalogue: Catalogue, planting: Planting, parameters: Parameters) -> Self:
        """Return the shelf of a catalogue."""
        by_category = np.argsort(catalogue.page_category, kind="stable")
        sizes = np.bincount(catalogue.page_category, minlength=len(catalogue.categories))
        launched = np.array([page.launched_share for page in catalogue.pages])
        return cls(
            by_category=by_category,
            category_start=np.concatenate(([0], np.cumsum(sizes))),
            weight=_weights(catalogue, planting, parameters)[by_category],
            launched_share=launched[by_category],
            season=np.array([words.season for words in catalogue.categories]),
        )

    @property
    def category_weight(self) -> NDArray[np.float64]:
        """Share of each category in what is drawn over a year."""
        sums = np.concatenate(([0.0], np.cumsum(self.weight)))[self.category_start]
        weight: NDArray[np.float64] = np.diff(sums)
        return weight

    @property
    def season_by_month(self) -> NDArray[np.float64]:
        """Demand of the whole shop by month."""
        demand: NDArray[np.float64] = self.category_weight @ self.season
        return demand

    def draw(
        self,
        rng: np.random.Generator,
        favourites: NDArray[np.int32],
        *,
        month: int,
        launched: float,
    ) -> NDArray[np.int64]:
        """Return one page for each row of favourite categories."""
        weight = np.where(self.launched_share <= launched, self.weight, 0)
        edges = np.concatenate(([0.0], np.cumsum(weight)))
        starts = edges[self.category_start]
        # Only a tiny catalogue has a category where nothing is on sale yet.
        season = np.where(np.diff(starts) > 0, self.season[:, month], 0)
        anywhere = _choice(rng, np.diff(starts) * season, len(favourites))
        wanted = season[favourites]
        cumulative = np.cumsum(wanted, axis=1)
        luck = rng.random(len(favourites)) * cumulative[:, -1]
        slot = (luck[:, None] >= cumulative).sum(axis=1)
        is_favourite = (rng.random(len(favourites)) < FAVOURITE_SHARE) & (cumulative[:, -1] > 0)
        slot = np.minimum(slot, favourites.shape[1] - 1)
        category = np.where(is_favourite, favourites[np.arange(len(favourites)), slot], anywhere)
        target = starts[category] + rng.random(len(category)) * (
            starts[category + 1] - starts[category]
        )
        position = np.searchsorted(edges, target, side="right") - 1
        # Rounding may put a draw on the very end of the last page.
        page: NDArray[np.int64] = self.by_category[np.minimum(position, len(weight) - 1)]
        return page


def _choice(rng: np.random.Generator, weights: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    cumulative = np.cumsum(weights)
    drawn = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    chosen: NDArray[np.int64] = np.minimum(drawn, len(weights) - 1)
    return chosen


def _weights(
    catalogue: Catalogue, planting: Planting, parameters: Parameters
) -> NDArray[np.float64]:
    """Return Zipf weights by a random rank, with room for what is planted."""
    n_pages = len(catalogue.pages)
    rng = np.random.default_rng([parameters.seed, STREAM])
    weight = (rng.permutation(n_pages) + 1.0) ** -ZIPF
    for ladder in planting.ladders:
        steps = list(ladder)
        shares = TIER_SHARES[: len(steps)]
        weight[steps] = weight[steps].sum() * shares / shares.sum()
    weight /= weight.sum()
    anchors = planting.anchors
    if len(anchors):
        # Enough to be found, and no more: the rest of the popularity stays Zipf's.
        enough = FLOOR_MARGIN * SALES_PER_ANCHOR / (parameters.orders * MEAN_DRAWN_LINES)
        floor = min(ANCHOR_SHARE / len(anchors), enough)
        weight[anchors] = np.maximum(weight[anchors], floor)
    total: NDArray[np.float64] = weight / weight.sum()
    return total
