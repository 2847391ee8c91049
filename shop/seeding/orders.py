"""Orders, a week at a time: who bought what when, and what came back.

Positions are used throughout: customers as in `customers`, pages and sellables as in `catalogue`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from shop.seeding import calendar
from shop.seeding.appointments import Appointments, make_appointments
from shop.seeding.catalogue import Catalogue, make_catalogue
from shop.seeding.customers import Customers, make_customers
from shop.seeding.draws import LINES_P, MEAN_DRAWN_LINES, Shelf
from shop.seeding.plan import Parameters, Plan
from shop.seeding.planting import Planting, plant

STREAM_DAYS = 4
STREAM_WEEK = 5
DAYS_PER_CHUNK = 7
MAX_DRAWN_LINES = 8
# One in three regular customers takes something else along.
EXTRA_LINE_SHARE = 0.33

CANCELLED_SHARE = 0.025
REFUNDED_SHARE = 0.02
ABANDONED_SHARE = 0.005
# Payments of the last days are still on their way.
OPEN_DAYS = 3
OPEN_SHARE = 0.3
LINE_REFUND_SHARE = 0.03
OFFER_SHARE = 0.06
OFFER_PERCENT = 10
SECOND_PIECE_SHARE = 0.08
CONSUMABLE_EXTRA_PIECES = 0.4


class Status(IntEnum):
    """Codes of the statuses in arrays."""

    PENDING = 0
    PAID = 1
    CANCELLED = 2
    REFUNDED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderChunk:
    """Some orders by time, and their lines by order."""

    first_order: int
    placed_at: NDArray[np.int64]  # (n_orders,) epoch seconds
    customer: NDArray[np.int64]  # (n_orders,)
    status: NDArray[np.int8]  # (n_orders,)
    line_order: NDArray[np.int64]  # (n_lines,) position in this chunk, ascending
    line_page: NDArray[np.int64]  # (n_lines,)
    line_sellable: NDArray[np.int64]  # (n_lines,)
    line_price: NDArray[np.int64]  # (n_lines,) cents
    line_quantity: NDArray[np.int64]  # (n_lines,)
    line_refunded: NDArray[np.int64]  # (n_lines,)


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedShop:
    """A whole shop before it is written. Orders are made when they are asked for."""

    parameters: Parameters
    catalogue: Catalogue
    customers: Customers
    planting: Planting
    start: int
    n_days: int

    def plan(self) -> Plan:
        """Return what is planted, by SKU."""
        skus = [page.sku for page in self.catalogue.pages]
        rows = {int(anchor): self.planting.companions[anchor] for anchor in self.planting.anchors}
        return Plan(
            parameters=self.parameters,
            complements={
                skus[anchor]: [skus[page] for page in row if page >= 0]
                for anchor, row in rows.items()
            },
            strengths={
                skus[anchor]: [float(s) for s in self.planting.strengths[anchor] if s > 0]
                for anchor in rows
            },
            ladders=[[skus[page] for page in ladder] for ladder in self.planting.ladders],
            rhythms={skus[page]: days for page, days in self.planting.rhythms.items()},
            seasons={words.name: list(words.season) for words in self.catalogue.categories},
            bots=list(self.customers.bots),
        )

    def chunks(self) -> Iterator[OrderChunk]:
        """Yield all orders by time, a week at a time."""
        return _Weeks.of(self).chunks()


def make_shop(parameters: Parameters) -> SeedShop:
    """Return the shop that these parameters describe."""
    start = calendar.months_before(parameters.until, parameters.months)
    n_days = (parameters.until - start).days
    catalogue = make_catalogue(parameters.products, parameters.seed)
    return SeedShop(
        parameters=parameters,
        catalogue=catalogue,
        customers=make_customers(parameters, catalogue),
        planting=plant(
            catalogue,
            n_drawn=parameters.orders * MEAN_DRAWN_LINES,
            n_orders=parameters.orders,
            n_days=n_days,
        ),
        start=calendar.epoch(start),
        n_days=n_days,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Weeks:
    shop: SeedShop
    shelf: Shelf
    appointments: Appointments
    orders_by_day: NDArray[np.int64]
    month_of_day: NDArray[np.int64]
    first_weekday: int
    consumable: NDArray[np.bool_]

    @classmethod
    def of(cls, shop: SeedShop) -> "_Weeks":
        parameters = shop.parameters
        start = parameters.until - timedelta(days=shop.n_days)
        shelf = Shelf.of(shop.catalogue, shop.planting, parameters)
        appointments = make_appointments(
            parameters, shop.planting, shop.customers, start=shop.start, n_days=shop.n_days
        )
        rng = np.random.default_rng([parameters.seed, STREAM_DAYS])
        consumable = np.array([page.family.rhythm is not None for page in shop.catalogue.pages])
        return cls(
            shop=shop,
            shelf=shelf,
            appointments=appointments,
            orders_by_day=rng.multinomial(
                parameters.orders - appointments.n_orders,
                calendar.day_weights(start, shop.n_days, shelf.season_by_month),
            ),
            month_of_day=calendar.months_of_days(start, shop.n_days),
            first_weekday=start.weekday(),
            consumable=consumable,
        )

    def chunks(self) -> Iterator[OrderChunk]:
        first = 0
        for number, day in enumerate(range(0, self.shop.n_days, DAYS_PER_CHUNK)):
            chunk = self._chunk(number, day, min(day + DAYS_PER_CHUNK, self.shop.n_days), first)
            if len(chunk.placed_at):
                yield chunk
            first += len(chunk.placed_at)

    def _chunk(self, number: int, day: int, stop: int, first: int) -> OrderChunk:
        rng = np.random.default_rng([self.shop.parameters.seed, STREAM_WEEK, number])
        placed_at, customer, forced, n_random = self._orders(rng, day, stop)
        month = int(self.month_of_day[(day + stop - 1) // 2])
        share = (day + stop) / 2 / self.shop.n_days
        order, page = self._lines(rng, customer, forced, n_random, month, share)
        status = self._statuses(rng, placed_at)
        quantity = self._quantities(rng, page)
        sellable = self._sellables(rng, page)
        price = self.shop.catalogue.sellable_price[sellable]
        offered = rng.random(len(price)) < OFFER_SHARE
        return OrderChunk(
            first_order=first,
            placed_at=placed_at,
            customer=customer,
            status=status,
            line_order=order,
            line_page=page,
            line_sellable=sellable,
            line_price=np.where(offered, price * (100 - OFFER_PERCENT) // 100, price),
            line_quantity=quantity,
            line_refunded=_refunded(rng, status, order, quantity),
        )

    def _orders(
        self, rng: np.random.Generator, day: int, stop: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return time, customer, page come for (-1: none) and number of random lines by order."""
        days = np.repeat(np.arange(day, stop), self.orders_by_day[day:stop])
        seconds = calendar.seconds_of_day(rng, (self.first_weekday + days) % 7)
        people = np.searchsorted(self.shop.customers.activity, rng.random(len(days)), side="right")
        drawn = np.minimum(rng.geometric(LINES_P, size=len(days)), MAX_DRAWN_LINES)
        start = self.shop.start
        planned = self.appointments.between(
            start + day * calendar.DAY_SECONDS, start + stop * calendar.DAY_SECONDS
        )
        # A bot says how many lines it takes; a regular customer comes for one page.
        extra = (rng.random(len(planned.at)) < EXTRA_LINE_SHARE).astype(np.int64)
        placed_at = np.concatenate((start + days * calendar.DAY_SECONDS + seconds, planned.at))
        customer = np.concatenate((people, planned.customer))
        forced = np.concatenate((np.full(len(days), -1), planned.page))
        n_random = np.concatenate((drawn, np.where(planned.page >= 0, extra, planned.n_lines)))
        by_time = np.argsort(placed_at, kind="stable")
        return placed_at[by_time], customer[by_time], forced[by_time], n_random[by_time]

    def _lines(
        self,
        rng: np.random.Generator,
        customer: NDArray[np.int64],
        forced: NDArray[np.int64],
        n_random: NDArray[np.int64],
        month: int,
        share: float,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return order and page of each line, each page once in an order."""
        n_people = self.shop.customers.n_people
        order = np.repeat(np.arange(len(customer)), n_random)
        is_bot = customer[order] >= n_people
        favourites = self.shop.customers.favourites[np.where(is_bot, 0, customer[order])]
        page = self.shelf.draw(rng, favourites, month=month, launched=share)
        # A bot takes anything, and nothing because it goes with something.
        page[is_bot] = rng.integers(0, len(self.shop.catalogue.pages), size=int(is_bot.sum()))
        carried = self.shop.planting.companions[page]
        taken = (carried >= 0) & (rng.random(carried.shape) < self.shop.planting.strengths[page])
        taken[is_bot] = False
        came_for = np.flatnonzero(forced >= 0)
        orders: NDArray[np.int64] = np.concatenate(
            (came_for, order, np.repeat(order, taken.sum(axis=1)))
        )
        pages: NDArray[np.int64] = np.concatenate((forced[came_for], page, carried[taken]))
        _, kept = np.unique(orders * len(self.shop.catalogue.pages) + pages, return_index=True)
        kept.sort()
        kept = kept[np.argsort(orders[kept], kind="stable")]
        return orders[kept], pages[kept]

    def _sellables(self, rng: np.random.Generator, page: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which variant of the page is bought; those in the middle are bought most."""
        catalogue = self.shop.catalogue
        choice = rng.binomial(catalogue.page_n_sellables[page] - 1, 0.5)
        sellable: NDArray[np.int64] = catalogue.page_first_sellable[page] + choice
        return sellable

    def _quantities(self, rng: np.random.Generator, page: NDArray[np.int64]) -> NDArray[np.int64]:
        second = rng.random(len(page)) < SECOND_PIECE_SHARE
        more = np.where(
            self.consumable[page], rng.poisson(CONSUMABLE_EXTRA_PIECES, len(page)), second
        )
        return 1 + more.astype(np.int64)

    def _statuses(self, rng: np.random.Generator, placed_at: NDArray[np.int64]) -> NDArray[np.int8]:
        end = self.shop.start + self.shop.n_days * calendar.DAY_SECONDS
        is_recent = placed_at >= end - OPEN_DAYS * calendar.DAY_SECONDS
        pending = np.where(is_recent, OPEN_SHARE, ABANDONED_SHARE)
        luck = rng.random(len(placed_at))
        status = np.full(len(placed_at), Status.PAID, dtype=np.int8)
        status[luck < pending + CANCELLED_SHARE + REFUNDED_SHARE] = Status.REFUNDED
        status[luck < pending + CANCELLED_SHARE] = Status.CANCELLED
        status[luck < pending] = Status.PENDING
        return status


def _refunded(
    rng: np.random.Generator,
    status: NDArray[np.int8],
    order: NDArray[np.int64],
    quantity: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the pieces given back: all of a refunded order, and single lines of paid ones."""
    refunded = np.where(status[order] == Status.REFUNDED, quantity, 0)
    size = np.bincount(order, minlength=len(status))
    first = np.concatenate(([0], np.cumsum(size)[:-1])).astype(np.int64)
    chosen = (status == Status.PAID) & (size > 0) & (rng.random(len(status)) < LINE_REFUND_SHARE)
    line = (first + rng.integers(0, np.maximum(size, 1)))[chosen]
    refunded[line] = rng.integers(1, quantity[line] + 1)
    return refunded
