"""Dates of an export, in the shop's own time, as instants."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_SLASHED = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?\Z", re.ASCII
)
# The lines of an order carry the same text, and orders stand near each other.
_REMEMBERED = 4_096


def date_reader(zone: ZoneInfo, *, day_first: bool) -> Callable[[str], datetime | None]:
    """Return a function that reads a date as UTC, or gives None for what is no date.

    A local time that daylight saving skips is read with the offset before the change, one that
    comes twice is read as the first: PEP 495's fold=0.
    """

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> datetime | None:
        try:
            local = _local(text.strip(), day_first=day_first)
            if local.tzinfo is None:
                local = local.replace(tzinfo=zone)
            return local.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    return read


def is_day_first(texts: Iterable[str]) -> bool:
    """Say whether dates such as 13/12/2010 put the day first; stops at the first that shows it.

    Without such a date the month comes first, as the later edition of Online Retail writes it.
    """
    for text in texts:
        if found := _SLASHED.match(text.strip()):
            first, second = int(found[1]), int(found[2])
            if first > 12:
                return True
            if second > 12:
                return False
    return False


def is_slashed(text: str) -> bool:
    """Say whether the date is written with slashes, dots or dashes and the year last."""
    return _SLASHED.match(text.strip()) is not None


def _local(text: str, *, day_first: bool) -> datetime:
    found = _SLASHED.match(text)
    if found is None:
        return datetime.fromisoformat(text)
    first, second, year, hour, minute, second_of_minute = (
        int(part or 0) for part in found.groups()
    )
    month, day = (second, first) if day_first else (first, second)
    return datetime(year, month, day, hour, minute, second_of_minute)  # noqa: DTZ001 - the caller adds the shop's zone
