"""Reviews of what was bought: stars by a known law, so that one can tell what foretells them.

A customer's stars are 3.9 + how kind the customer is + how good the page is + what both share in
taste + luck, rounded and cut to the scale. Only customers with an account write, and no bots.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop.seeding.calendar import DAY_SECONDS
from shop.seeding.orders import OrderChunk, SeedShop, Status

STREAM = 6
MEAN_STARS = 3.9
CUSTOMER_SPREAD = 0.45
PAGE_SPREAD = 0.5
N_TASTES = 3
TASTE_SPREAD = 0.35
LUCK_SPREAD = 0.6
REVIEWED_SHARE = 0.2
WORDS_SHARE = 0.3
WRITTEN_AFTER_SECONDS = 6 * DAY_SECONDS

WORDS = (
    ("Not what I had hoped for.", "It broke within days.", "I would not buy it again."),
    ("Does less than it says.", "The finish could be better."),
    ("It is all right for the price.", "Does what it should, no more."),
    ("Good, and quick to arrive.", "I like it, with small flaws."),
    ("Just what I was looking for.", "Excellent, I will buy it again.", "A pleasure every day."),
)
"""Words by stars, one to five."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeededReview:
    """One review, by positions."""

    customer: int
    page: int
    stars: int
    text: str
    written_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Tastes:
    """What customers and pages are like."""

    customers: NDArray[np.float64]  # (n_people, 1 + N_TASTES): kindness, then taste
    pages: NDArray[np.float64]  # (n_pages, 1 + N_TASTES): quality, then taste

    @classmethod
    def of(cls, shop: SeedShop) -> "Tastes":
        """Return the tastes of a shop."""
        rng = np.random.default_rng([shop.parameters.seed, STREAM])
        customers = rng.normal(size=(shop.customers.n_people, 1 + N_TASTES))
        pages = rng.normal(size=(len(shop.catalogue.pages), 1 + N_TASTES))
        customers[:, 0] *= CUSTOMER_SPREAD
        pages[:, 0] *= PAGE_SPREAD
        customers[:, 1:] *= TASTE_SPREAD
        return cls(customers=customers, pages=pages)

    def stars(
        self, customer: NDArray[np.int64], page: NDArray[np.int64], luck: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return whole stars."""
        theirs, its = self.customers[customer], self.pages[page]
        liking = MEAN_STARS + theirs[:, 0] + its[:, 0] + (theirs[:, 1:] * its[:, 1:]).sum(axis=1)
        stars: NDArray[np.int64] = np.clip(np.rint(liking + LUCK_SPREAD * luck), 1, 5).astype(
            np.int64
        )
        return stars


def reviews_of(
    shop: SeedShop, tastes: Tastes, chunk: OrderChunk, first: int, stop: int
) -> Iterator[SeededReview]:
    """Yield the reviews of the lines of some orders of a chunk."""
    rng = np.random.default_rng([shop.parameters.seed, STREAM, chunk.first_order])
    n_lines = len(chunk.line_order)
    # Drawn for the whole chunk, so that batches and restarts change nothing.
    written, told, luck = rng.random(n_lines), rng.random(n_lines), rng.normal(size=n_lines)
    customer = chunk.customer[chunk.line_order]
    end = shop.start + shop.n_days * DAY_SECONDS
    kept = (
        (written < REVIEWED_SHARE)
        & (chunk.line_order >= first)
        & (chunk.line_order < stop)
        & (chunk.status[chunk.line_order] == Status.PAID)
        & (chunk.line_refunded == 0)
        & (customer < shop.customers.n_registered)
        # What was bought lately is not reviewed yet.
        & (chunk.placed_at[chunk.line_order] + WRITTEN_AFTER_SECONDS < end)
    )
    lines = np.flatnonzero(kept)
    stars = tastes.stars(customer[lines], chunk.line_page[lines], luck[lines])
    for line, given in zip(lines.tolist(), stars.tolist(), strict=True):
        words = WORDS[given - 1]
        place = int(told[line] / WORDS_SHARE * len(words))
        yield SeededReview(
            customer=int(customer[line]),
            page=int(chunk.line_page[line]),
            stars=given,
            text=words[place] if place < len(words) else "",
            written_at=int(chunk.placed_at[chunk.line_order[line]]) + WRITTEN_AFTER_SECONDS,
        )
