from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shop.importing.dates import date_reader, is_day_first

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def read():
    return date_reader(LONDON, day_first=False)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2010-01-15 10:30:00", utc(2010, 1, 15, 10, 30)),  # winter: UTC
        ("2010-07-15 10:30:00", utc(2010, 7, 15, 9, 30)),  # summer: an hour ahead
        ("7/4/2010 8:26", utc(2010, 7, 4, 7, 26)),
        (" 2010-01-15 ", utc(2010, 1, 15)),
        ("2010-01-15T10:30:00+05:00", utc(2010, 1, 15, 5, 30)),
        ("2010-03-28 01:30:00", utc(2010, 3, 28, 1, 30)),  # skipped by the clocks
        ("2010-10-31 01:30:00", utc(2010, 10, 31, 0, 30)),  # comes twice: the first
    ],
)
def test_local_times_become_instants(read, text, instant):
    assert read(text) == instant


@pytest.mark.parametrize(
    "text", ["", "yesterday", "13/13/2010", "2010-02-30", "1/2/10", "0001-01-01"]
)
def test_what_is_no_date(text):
    # Year 1 begins before time does where the clock is ahead of UTC.
    assert date_reader(ZoneInfo("Asia/Tokyo"), day_first=False)(text) is None


def test_day_first_dates():
    assert date_reader(LONDON, day_first=True)("7/4/2010 8:26") == utc(2010, 4, 7, 7, 26)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1/2/2010", "13/2/2010", "2/13/2010"], True),
        (["1/2/2010", "2/13/2010", "13/2/2010"], False),
        (["1/2/2010"], False),
        (["2010-01-15"], False),
    ],
)
def test_the_first_day_above_twelve_decides(texts, expected):
    assert is_day_first(texts) is expected
