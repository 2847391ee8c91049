"""Prices that look like prices, in cents."""

import numpy as np

# What each step of a ladder costs, relative to the basic model: from, to.
TIER_FACTORS = ((1.0, 1.0), (1.3, 1.5), (1.75, 2.2))
COST_SHARE = (0.45, 0.70)


def ending(amount: float) -> int:
    """Return a price near the amount that ends as shop prices do: 4.99, 24.90, 149.00."""
    if amount < 10:
        return max(int(amount * 2), 1) * 50 - 1
    if amount < 100:
        return int(amount) * 100 + 90
    return max(round(amount / 10), 11) * 1000 - 100


def ladder(rng: np.random.Generator, low: float, high: float, n_tiers: int) -> list[int]:
    """Return the prices of one ladder, each clearly above the one before."""
    base = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    prices: list[int] = []
    for low_factor, high_factor in TIER_FACTORS[:n_tiers]:
        price = ending(base * rng.uniform(low_factor, high_factor))
        prices.append(max(price, prices[-1] + 1000) if prices else price)
    return prices


def cost(rng: np.random.Generator, price: int) -> int:
    """Return what the shop pays."""
    return int(price * rng.uniform(*COST_SHARE))
