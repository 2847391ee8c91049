"""Orders that have their time: regular customers of consumables, and bots."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shop.seeding.calendar import DAY_SECONDS
from shop.seeding.customers import BUSY_BOT_ORDER_SHARE, Customers
from shop.seeding.plan import Parameters
from shop.seeding.planting import REGULARS_PER_ITEM, Planting

STREAM = 6
# A regular customer is early or late by so much of the rhythm (standard deviation).
JITTER = 0.12
# Every third bot buys half the shop at once; the others order all the time.
HUGE_EVERY = 3
MAX_HUGE_LINES = 20_000
BUSY_BOT_LINES = (3, 12)


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointments:
    """Orders by time; `page` is what the customer comes for, or -1 for a bot's random lines."""

    at: NDArray[np.int64]
    customer: NDArray[np.int64]
    page: NDArray[np.int64]
    n_lines: NDArray[np.int64]

    @property
    def n_orders(self) -> int:
        """Number of orders."""
        return len(self.at)

    def between(self, start: int, stop: int) -> Self:
        """Return those from the start to before the stop."""
        low, high = np.searchsorted(self.at, [start, stop])
        return type(self)(
            at=self.at[low:high],
            customer=self.customer[low:high],
            page=self.page[low:high],
            n_lines=self.n_lines[low:high],
        )


Rows = list[tuple[int, int, int, int]]


def make_appointments(
    parameters: Parameters, planting: Planting, customers: Customers, *, start: int, n_days: int
) -> Appointments:
    """Return the appointments of the whole time, never more than there are orders."""
    rng = np.random.default_rng([parameters.seed, STREAM])
    rows = _regulars(rng, planting, customers, start, n_days)
    rows += _bots(rng, parameters, customers, start, n_days)
    # Later ones give way in a shop with very few orders.
    kept = np.array(sorted(rows[: parameters.orders]), dtype=np.int64).reshape(-1, 4)
    return Appointments(at=kept[:, 0], customer=kept[:, 1], page=kept[:, 2], n_lines=kept[:, 3])


def _regulars(
    rng: np.random.Generator, planting: Planting, customers: Customers, start: int, n_days: int
) -> Rows:
    rows: Rows = []
    for page, days in planting.rhythms.items():
        for customer in rng.integers(0, customers.n_registered, size=REGULARS_PER_ITEM):
            gaps = days * np.maximum(1 + JITTER * rng.standard_normal(n_days // days + 2), 0.5)
            gaps[0] = rng.uniform(0, days)
            times = start + (np.cumsum(gaps) * DAY_SECONDS).astype(np.int64)
            rows += [
                (int(at), int(customer), page, 0)
                for at in times
                if at < start + n_days * DAY_SECONDS
            ]
    return rows


def _bots(
    rng: np.random.Generator, parameters: Parameters, customers: Customers, start: int, n_days: int
) -> Rows:
    rows: Rows = []
    for bot in range(customers.n_bots):
        is_huge = bot % HUGE_EVERY == 0
        n_orders = 1 if is_huge else int(parameters.orders * BUSY_BOT_ORDER_SHARE)
        huge_lines = min(parameters.products, MAX_HUGE_LINES)
        n_lines = [huge_lines] if is_huge else rng.integers(*BUSY_BOT_LINES, size=n_orders)
        times = start + rng.integers(0, n_days * DAY_SECONDS, size=n_orders)
        customer = customers.n_people + bot
        rows += [
            (int(at), customer, -1, int(lines)) for at, lines in zip(times, n_lines, strict=True)
        ]
    return rows
