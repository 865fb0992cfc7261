"""Times: milliseconds inside, ISO 8601 in UTC outside, days in the school's time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def iso(ms: int) -> str:
    moment = dt.datetime.fromtimestamp(ms / 1000, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_iso(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def day(ms: int, zone: str) -> dt.date:
    """The calendar day at the school."""
    return dt.datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date()
