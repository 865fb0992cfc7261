"""Dates in all usual forms: ISO, dots, 年月日, Chinese numerals, the numbers between a printed 年 月 日."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from scanservice.case import Case
from scanservice.template import Region
from scanservice.verify.comparators.base import Comparison, Variant, arabic, chinese, half_width

_WRITTEN = re.compile(r"[^\d年月日号]+")
_MONTH_DAY = re.compile(r"^\D*(\d{1,2})月(\d{1,2})[日号]?\D*$")
BIRTH = "student.birth"
PIVOT = 50
"""A year of two digits below it lies in this century, another one in the last."""


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A date as far as it is told: month and day 0 where they are not; year 0 where it was left out."""

    year: int
    month: int = 0
    day: int = 0

    def real(self) -> bool:
        """Whether there is such a date, between 1900 and 2099."""
        if self.year and not 1900 <= self.year <= 2099:
            return False
        try:
            dt.date(self.year or 2000, self.month or 1, self.day or 1)
        except ValueError:
            return False
        return bool(self.month or self.year) and not (self.day and not self.month)


def parse(text: str) -> frozenset[Day]:
    """Every date that the text may mean; empty where it is none. One that is written out means one."""
    text = arabic(half_width(text).strip())
    match = _MONTH_DAY.match(text)
    if match:
        return _real([Day(0, int(match[1]), int(match[2]))])
    groups = re.findall(r"\d+", _WRITTEN.sub(" ", text).replace("T", " "))
    if len(groups) > 3 and len(groups[0]) == 4:
        groups = groups[:3]  # a time of day follows
    if len(groups) == 3:
        return _real(_triple(groups))
    if len(groups) == 2:
        return _real([Day(year, int(groups[1])) for year in _years(groups[0])])
    return _real(_run(groups[0])) if len(groups) == 1 else frozenset()


def _real(days: list[Day]) -> frozenset[Day]:
    return frozenset(day for day in days if day.real())


def _years(group: str) -> list[int]:
    if len(group) == 4:
        return [int(group)]
    return [int(group) + (2000 if int(group) < PIVOT else 1900)] if len(group) == 2 else []


def _triple(groups: list[str]) -> list[Day]:
    first, second, third = groups
    if len(second) > 2:
        return []
    if len(first) == 4 and len(third) <= 2:
        return [Day(int(first), int(second), int(third))]
    if len(third) == 4 and len(first) <= 2:
        return [Day(int(third), int(second), int(first)), Day(int(third), int(first), int(second))]
    if max(len(first), len(third)) <= 2:
        return [Day(year, int(second), int(third)) for year in _years(first)]
    return []


def _run(run: str) -> list[Day]:
    """Digits without separators: 20181208, 2018128 (two readings), 201812, 2018."""
    year, rest = run[:4], run[4:]
    if len(run) < 4:
        return []
    days = [Day(int(year))] if not rest else []
    if len(rest) in (1, 2):
        days.append(Day(int(year), int(rest)))
    for cut in range(1, len(rest)):
        month, day = rest[:cut], rest[cut:]
        written_alike = len(rest) == 2 or not (month[0] == "0" and len(month) == 1)
        if len(month) <= 2 and len(day) <= 2 and written_alike:
            days.append(Day(int(year), int(month), int(day)))
    return days


def normalise(text: str) -> str:
    """ISO 8601 as far as it is told; the text without spaces where it is not one date for certain."""
    found = parse(text)
    if len(found) != 1:
        return "".join(half_width(text).split())
    day = next(iter(found))
    return "-".join(
        part
        for part in (f"{day.year:04}", day.month and f"{day.month:02}", day.day and f"{day.day:02}")
        if part
    )


def same(expected: str, other: str, region: Region | None) -> Comparison:
    if expected == other:
        return Comparison("agree", "exact")
    one, two = parse(expected), parse(other)
    if not one or not two:
        return Comparison("unsure", "not-a-date")
    if one & two:
        certain = len(two) == 1 and len(one) == 1
        return Comparison("agree", "date-form") if certain else Comparison("unsure", "ambiguous-date")
    if any(_told_less(a, b) for a in one for b in two):
        # An expected month is met by any day in it; a paper that tells less than expected is not enough.
        return Comparison("agree" if len(two) == 1 else "unsure", "more-precise")
    if any(_told_less(b, a) for a in one for b in two):
        return Comparison("unsure", "part-left-out")
    return Comparison("differ", "differs")


def _told_less(less: Day, more: Day) -> bool:
    """Whether `less` says the same as `more` as far as it says anything."""
    pairs = ((less.year, more.year), (less.month, more.month), (less.day, more.day))
    return less != more and all(a in (0, b) for a, b in pairs)


def variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    found = parse(expected)
    if len(found) != 1:
        yield Variant(half_width(expected).strip(), "exact", "agree")
        return
    day = next(iter(found))
    for text, why in _texts(day):
        cells = _cells(day, region) if why == "exact" else ()
        meaning = "agree" if parse(text) == found else "unsure"
        yield Variant(text, why if meaning == "agree" else "ambiguous-date", meaning, cells)
    for cells in _more_cells(day, region):
        yield Variant(
            "".join(c + unit for c, unit in zip(cells, "年月日", strict=False)), "date-form", "agree", cells
        )
    born = _birthday(day, region, case)
    if born is not None:
        yield Variant(f"{born.year}年{born.month}月{born.day}日", "more-precise", "agree")
        yield Variant(f"{born.year}.{born.month}.{born.day}", "more-precise", "agree")
        yield Variant(f"{born.year}{born.month:02}{born.day:02}", "more-precise", "agree")
    if day.month and day.year:
        rest = f"{day.month}月{day.day}日" if day.day else f"{day.month}月"
        yield Variant(rest, "part-left-out", "unsure")
        if day.day:
            yield Variant(f"{day.year}年{day.month}月", "part-left-out", "unsure")


def _birthday(month: Day, region: Region, case: Case) -> Day | None:
    """The day of birth that the resident ID adds to a month of birth; people write it out."""
    number = case.student.id_number or ""
    if region.value != BIRTH or month.day or len(number) != 18 or not number[6:14].isdecimal():
        return None
    born = Day(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return born if born.real() and _told_less(month, born) else None


def _texts(day: Day) -> Iterator[tuple[str, str]]:
    """The forms of a date, the one a form's printed 年 月 日 makes first."""
    parts = [part for part in (day.month, day.day) if part]
    units = "月日"
    yield f"{day.year}年" + "".join(f"{p}{u}" for p, u in zip(parts, units, strict=False)), "exact"
    yield f"{day.year}年" + "".join(f"{p:02}{u}" for p, u in zip(parts, units, strict=False)), "leading-zero"
    for separator in ".-/ ":
        yield separator.join([str(day.year), *map(str, parts)]), "date-form"
        yield separator.join([str(day.year), *(f"{p:02}" for p in parts)]), "date-form"
    yield f"{day.year}" + "".join(f"{p:02}" for p in parts), "date-form"
    yield f"{day.year}" + "".join(map(str, parts)), "date-form"
    if day.day:
        yield f"{day.year % 100:02}.{day.month}.{day.day}", "short-year"
    for zero in "〇零":
        year = "".join(zero if c == "0" else chinese(int(c)) for c in str(day.year))
        yield (
            f"{year}年" + "".join(f"{chinese(p)}{u}" for p, u in zip(parts, units, strict=False)),
            "chinese-numerals",
        )


def _cells(day: Day, region: Region) -> tuple[str, ...]:
    """Year, month and day as they stand in the region's cells: one a cell, or one digit a cell."""
    count = len(region.cells or ())
    parts = [str(day.year), *(str(part) for part in (day.month, day.day) if part)]
    if count == len(parts):
        return tuple(parts)
    digits = parts[0] + "".join(part.zfill(2) for part in parts[1:])
    return tuple(digits) if count == len(digits) else ()


def _more_cells(day: Day, region: Region) -> Iterator[tuple[str, ...]]:
    """Leading zeros, short years, Chinese numerals: each cell on its own, so nothing is ambiguous."""
    if not region.cells or len(region.cells) != len(_cells(day, region)) or len(region.cells) > 3:
        return
    parts = [part for part in (day.month, day.day) if part]
    year = str(day.year)
    numerals = "".join(chinese(int(c)) for c in year)
    for first in (year, year[2:], numerals, numerals[2:]):
        written = (chinese(p) for p in parts) if first in (numerals, numerals[2:]) else map(str, parts)
        yield (first, *written)
    for first in (year, year[2:]):
        padded = tuple(f"{p:02}" for p in parts)
        yield (first, *padded)
        if len(parts) == 2:
            yield (first, padded[0], str(parts[1]))
            yield (first, str(parts[0]), padded[1])
