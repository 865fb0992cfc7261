"""Administrative regions of GB/T 2260: codes, the years they were in force, and names in addresses."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from scanservice.template import Season

GRACE_YEARS = 1
"""The table gives whole years, and sites keep older lists: a code counts for a year after its last."""

_ETHNIC = (
    "壮族|回族|维吾尔|哈萨克|蒙古族|蒙古|藏族|羌族|彝族|苗族|侗族|布依族|土家族|朝鲜族|傣族|景颇族|傈僳族"
    "|白族|哈尼族|柯尔克孜|土族|撒拉族"
)
_SUFFIX = re.compile(rf"(?:(?:(?<!内)(?:{_ETHNIC}))*自治[区州]|省|市|地区|盟|特别行政区)$")
_COUNTY_SUFFIX = re.compile(r"(?:市|县|新区)$")
_PSEUDO = frozenset(["市辖区", "县", "省直辖县级行政单位", "自治区直辖县级行政单位"])
_OWN_SUFFIX = re.compile(r"省|市|县|区|盟|自治|地区|新区")
_ROAD = re.compile(r"[东西南北中内外]?[一二三四五六七八九十\d]*(?:路|街|道|大道|大街|巷|弄|胡同|桥|广场)")
"""After a bare stem: 南京路 is a road, not the city."""


@dataclass(frozen=True, slots=True)
class Place:
    """A code with a name it had; `first` and `last` year in force, None: open."""

    code: str
    name: str
    first: int | None
    last: int | None

    def in_force(self, season: Season | None) -> bool:
        """Whether the code counts in a season; without a season's dates every code ever in force does."""
        if season is None:
            return True
        begins = season.from_.year if season.from_ else None
        ends = season.until.year if season.until else None
        if ends is not None and self.first is not None and self.first > ends:
            return False
        return begins is None or self.last is None or self.last + GRACE_YEARS >= begins


@dataclass(frozen=True, slots=True)
class Stage:
    """A text after some leading region names were taken off.

    Attributes:
        codes: codes that the names taken off may mean, the deepest region; empty: none were taken off.
        rest: what is left.
    """

    codes: frozenset[str]
    rest: str


def significant(code: str) -> str:
    """The code without its trailing pairs of zeros: `370000` as `37`, `370202` as it is."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def compatible(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two places may be the same or one inside the other; an empty one says nothing."""
    first = [significant(code) for code in one]
    second = [significant(code) for code in other]
    if not first or not second:
        return True
    return any(a.startswith(b) or b.startswith(a) for a in first for b in second)


@cache
def table() -> dict[str, tuple[Place, ...]]:
    """Code to the names it had."""
    text = resources.files("scanservice.verify").joinpath("data/regions.csv").read_text(encoding="utf-8")
    found: dict[str, list[Place]] = defaultdict(list)
    for row in csv.DictReader(text.splitlines()):
        first = int(row["first"]) if row["first"] else None
        last = int(row["last"]) if row["last"] else None
        found[row["code"]].append(Place(row["code"], row["name"], first, last))
    return {code: tuple(places) for code, places in found.items()}


def province(code: str) -> str | None:
    """The province code, two digits, of a region code or its prefix; None where there is no such one."""
    head = code[:2]
    return head if f"{head}0000" in table() else None


def stem(name: str, *, county: bool = False) -> str:
    """The name as people shorten it: 山东省 as 山东, 延边朝鲜族自治州 as 延边, 浦东新区 as 浦东."""
    short = (_COUNTY_SUFFIX if county else _SUFFIX).sub("", name)
    return short if len(short) >= 2 else name


@cache
def names(code: str) -> tuple[str, ...]:
    """Names of a code, the present one first; empty where the code is unknown or only a pseudo region."""
    places = sorted(table().get(code, ()), key=lambda place: (place.last is not None, -(place.last or 0)))
    return tuple(place.name for place in places if place.name not in _PSEUDO)


def chain(code: str) -> tuple[str, ...]:
    """Names from the province down to the region of a six-digit code, such as (山东省, 青岛市, 市南区)."""
    parents = dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code))
    return tuple(names(parent)[0] for parent in parents if names(parent))


@cache
def _lexicon() -> dict[str, frozenset[str]]:
    """Name or stem to codes."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, places in table().items():
        for place in places:
            if place.name in _PSEUDO:
                continue
            found[place.name].add(code)
            found[stem(place.name, county=not code.endswith("00"))].add(code)
    return {name: frozenset(codes) for name, codes in found.items() if len(name) >= 2}


@cache
def _longest() -> int:
    return max(map(len, _lexicon()))


@cache
def ambiguous_stems() -> frozenset[str]:
    """Stems that are both a province's and a city's: there 省 and 市 may not be left out (吉林)."""
    provinces, cities = set(), set()
    for code, places in table().items():
        for place in places:
            if code.endswith("0000") and place.name.endswith("省"):
                provinces.add(stem(place.name))
            elif code.endswith("00") and place.name.endswith("市"):
                cities.add(stem(place.name))
    return frozenset(provinces & cities)


@cache
def city_and_province_stems() -> frozenset[str]:
    """Stems of every province and prefecture whose name ends in 省 or 市."""
    return frozenset(
        stem(place.name)
        for code, places in table().items()
        if code.endswith("00")
        for place in places
        if place.name.endswith(("省", "市")) and len(stem(place.name)) >= 2
    )


@cache
def certain_names() -> frozenset[str]:
    """Names that mean a region wherever they stand: full names of provinces and cities, stems of provinces.

    A city's stem does not: 东营 stands in 华东营造, 泰安 in 国泰安.
    """
    full = {place.name for code, places in table().items() if code.endswith("00") for place in places}
    stems = {
        stem(place.name) for code, places in table().items() if code.endswith("0000") for place in places
    }
    return frozenset(name for name in full | stems if len(name) >= 2 and name not in _PSEUDO)


def stages(text: str) -> tuple[Stage, ...]:
    """The text as it is, then with one, two, ... leading region names taken off, in every reading.

    A name counts only inside the region named before it; a county without its suffix counts only after
    one; a bare stem before 路, 街 and the like is part of a road's name.
    """
    found = [Stage(frozenset(), text)]
    for stage in found:
        found += [next_ for next_ in _steps(stage) if next_ not in found]
    return tuple(found)


def _steps(stage: Stage) -> Iterator[Stage]:
    for length in range(min(_longest(), len(stage.rest)), 1, -1):
        name, rest = stage.rest[:length], stage.rest[length:]
        codes = _lexicon().get(name)
        if codes is None:
            continue
        whole = frozenset(code for code in codes if name in names(code))
        if not whole and (_ROAD.match(rest) or _OWN_SUFFIX.match(rest)):
            continue
        codes = frozenset(c for c in codes if c in whole or c.endswith("00") or stage.codes)
        if stage.codes:
            codes = frozenset(c for c in codes if any(_inside(c, outer) for outer in stage.codes))
        if codes:
            yield Stage(codes, rest)


def _inside(code: str, outer: str) -> bool:
    """Strictly inside, or the same city named twice (上海市上海市)."""
    return significant(code).startswith(significant(outer)) and (code != outer or code.endswith("0000"))


def lasting(codes: Iterable[str]) -> frozenset[str]:
    """Of several codes of one name those that are still in force; all where none is.

    重庆市 was once a code of Sichuan: nobody means that one.
    """
    codes = frozenset(codes)
    return frozenset(c for c in codes if any(place.last is None for place in table()[c])) or codes


def located(text: str) -> frozenset[str]:
    """Codes of the deepest region that an address or a name begins with; empty where it begins with none."""
    deepest = max(stages(text), key=lambda stage: len(text) - len(stage.rest))
    return lasting(deepest.codes)
