"""When a shop sells: growth, the year, the week, the hour."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

DAY_SECONDS = 86_400
# Sales of the last day are so much above those of the first.
GROWTH = 0.5
# Monday first: people shop at the start of the week, and less on Saturdays.
WEEKDAYS = np.array([1.15, 1.10, 1.02, 1.0, 0.9, 0.8, 1.03])
# Midnight first, on weekdays: the breaks, and above all the evening.
HOURS = np.array(
    [2, 1, 1, 1, 1, 2, 4, 8, 14, 20, 24, 26, 30, 26, 22, 22, 24, 28, 32, 40, 46, 40, 22, 8]
)
WEEKEND_HOURS = np.array(
    [4, 2, 1, 1, 1, 1, 2, 4, 10, 20, 32, 38, 36, 32, 32, 34, 36, 36, 34, 36, 38, 30, 18, 8]
)
SATURDAY = 5


def months_before(until: date, months: int) -> date:
    """Return the same day so many months earlier, or the last of that month."""
    year, month = divmod(until.year * 12 + until.month - 1 - months, 12)
    for day in range(until.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(until.day, 28))


def epoch(day: date) -> int:
    """Return the second at which a day begins, in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def months_of_days(start: date, n_days: int) -> NDArray[np.int64]:
    """Return the month, 0 to 11, of each day."""
    return np.array([(start + timedelta(days=i)).month - 1 for i in range(n_days)], dtype=np.int64)


def day_weights(start: date, n_days: int, season: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many orders each day has, relative to the others; they add up to 1."""
    days = np.arange(n_days)
    growth = 1 + GROWTH * days / max(n_days - 1, 1)
    weights = (
        growth * WEEKDAYS[(start.weekday() + days) % 7] * season[months_of_days(start, n_days)]
    )
    total: NDArray[np.float64] = weights / weights.sum()
    return total


def seconds_of_day(rng: np.random.Generator, weekdays: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a second of the day for orders placed on these weekdays, Monday being 0."""
    seconds = np.empty(len(weekdays), dtype=np.int64)
    for is_weekend, weights in ((False, HOURS), (True, WEEKEND_HOURS)):
        chosen = np.flatnonzero((weekdays >= SATURDAY) == is_weekend)
        hours = rng.choice(24, size=len(chosen), p=weights / weights.sum())
        seconds[chosen] = hours * 3600 + rng.integers(0, 3600, size=len(chosen))
    return seconds
