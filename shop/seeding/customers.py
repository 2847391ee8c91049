"""Who buys: registered customers, guests, and bots; as positions in that order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop.seeding.catalogue import Catalogue
from shop.seeding.plan import Parameters

STREAM = 2
GUEST_SHARE = 0.2
# A guest comes back less often than somebody with an account.
GUEST_ACTIVITY = 0.35
N_FAVOURITES = 3
# Fewer orders than this show no bot, only a strange shop.
ORDERS_WITH_BOTS = 500
CUSTOMERS_PER_BOT = 700
MAX_BOTS = 12
# One in so many orders is a busy bot's.
BUSY_BOT_ORDER_SHARE = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Customers:
    """Customers as arrays; the bots come after the people."""

    n_registered: int
    n_people: int
    n_bots: int
    activity: NDArray[np.float64]  # (n_people,), cumulative, ends with 1
    favourites: NDArray[np.int32]  # (n_people, N_FAVOURITES), categories

    def username(self, customer: int) -> str:
        """Return the user name; empty for a guest."""
        if customer < self.n_registered:
            return f"shopper-{customer + 1}"
        return f"bot-{customer - self.n_people + 1}" if customer >= self.n_people else ""

    def email(self, customer: int) -> str:
        """Return the address, which exists in no real domain."""
        return f"{self.username(customer) or f'guest-{customer + 1}'}@example.com"

    @property
    def bots(self) -> tuple[str, ...]:
        """User names of the bots."""
        return tuple(self.username(self.n_people + bot) for bot in range(self.n_bots))


def make_customers(parameters: Parameters, catalogue: Catalogue) -> Customers:
    """Return the customers of a shop."""
    rng = np.random.default_rng([parameters.seed, STREAM])
    n_people = parameters.customers
    n_registered = n_people - int(n_people * GUEST_SHARE)
    activity = rng.gamma(0.8, size=n_people) + 0.05
    activity[n_registered:] *= GUEST_ACTIVITY
    sizes = np.bincount(catalogue.page_category, minlength=len(catalogue.categories))
    n_bots = min(max(parameters.customers // CUSTOMERS_PER_BOT, 1), MAX_BOTS)
    return Customers(
        n_registered=n_registered,
        n_people=n_people,
        n_bots=n_bots if parameters.orders >= ORDERS_WITH_BOTS else 0,
        activity=np.cumsum(activity) / activity.sum(),
        # By size, so that taste spreads over the categories as the products do.
        favourites=rng.choice(
            len(sizes), size=(n_people, N_FAVOURITES), p=sizes / sizes.sum()
        ).astype(np.int32),
    )
