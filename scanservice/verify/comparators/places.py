"""Organisations and addresses: brackets, 省 and 市 left out or in, region prefixes, 号 and #, numerals."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache

from scanservice.case import Case
from scanservice.template import Region
from scanservice.verify.comparators.base import (
    BASIC,
    Comparison,
    Step,
    Variant,
    arabic,
    chinese,
    climb,
    half_width,
    leaves_out,
    plain,
    upper,
    without_punctuation,
    without_spaces,
)
from scanservice.verify.regions_table import (
    ambiguous_stems,
    chain,
    city_and_province_stems,
    compatible,
    lasting,
    located,
    significant,
    stages,
    stem,
)

_AFTER_CITY = r"(?!场|政|民|委|容|区|属|直|长|值|售|话)"
"""上海市场 is a market, 市政 the municipal works: there 市 belongs to what follows."""
_ACTS_FOR = {
    "entry.employer_name": "entry.employer_region",
    "entry.employer_address": "entry.employer_region",
    "entry.authority_name": "entry.employer_region",
}
"""Where the case says in which region such a place lies."""


@cache
def _suffixes() -> re.Pattern[str]:
    stems = sorted(city_and_province_stems() - ambiguous_stems(), key=lambda s: (-len(s), s))
    return re.compile(rf"({'|'.join(map(re.escape, stems))})(?:省|市{_AFTER_CITY})")


def without_region_suffix(text: str) -> str:
    """上海市 as 上海, 浙江省 as 浙江, wherever they stand; not 吉林, a province and a city."""
    return _suffixes().sub(r"\1", text)


_LEGAL = re.compile(r"有限责任公司|股份有限公司|集团有限公司|有限公司|责任|股份|集团|公司|总公司|分公司")
_GROUP = re.compile(r"[(（]集团[)）]")

ORGANISATION: tuple[Step, ...] = (
    *BASIC,
    ("brackets", without_punctuation),
    ("letter-case", upper),
    ("numerals", arabic),
    ("region-suffix", without_region_suffix),
)

_NUMBER_SIGN = re.compile(r"(?<=\d)\s*#")
_NO = re.compile(r"(?:NO\.?|№)\s*(\d+)(?!\d*号)", re.IGNORECASE)
ADDRESS: tuple[Step, ...] = (
    *BASIC,
    ("number-sign", lambda text: _NUMBER_SIGN.sub("号", _NO.sub(r"\1号", text))),
    ("separators", without_punctuation),
    ("letter-case", upper),
    ("numerals", arabic),
    ("region-suffix", without_region_suffix),
    ("number-sign", lambda text: re.sub(r"(?<=\d)号$", "", text)),
)


def normalise_organisation(text: str) -> str:
    return plain(text, ORGANISATION)


def normalise_address(text: str) -> str:
    return plain(text, (*ADDRESS[:4], *ADDRESS[5:]))


def same_organisation(expected: str, other: str, region: Region | None) -> Comparison:
    why, one, two = climb(expected, other, ORGANISATION)
    if why:
        return Comparison("agree", why)
    if _province_left_out(_bare(expected), _bare(other)):
        return Comparison("agree", "region-prefix")
    if _LEGAL.sub("", one) == _LEGAL.sub("", two):
        return Comparison("unsure", "legal-form")
    if _region_left_out(_bare(expected), _bare(other)):
        return Comparison("unsure", "region-left-out")
    if leaves_out(one, two) or leaves_out(two, one):
        short, long = sorted((one, two), key=len)
        if len(short) <= len(long) - 2 or short[-2:] != long[-2:]:
            return Comparison("unsure", "abbreviation")
    return Comparison("differ", "differs")


def _bare(text: str) -> str:
    return without_punctuation(without_spaces(half_width(text)))


def _without_province(text: str) -> str | None:
    """The text without its leading province, where what follows names it again: 浙江省杭州市 as 杭州市.

    None where it begins with no province, or with a county that other provinces have as well (朝阳区).
    """
    for stage in stages(text):
        province = {significant(code) for code in lasting(stage.codes)}
        if len(province) == 1 and len(next(iter(province))) == 2:
            within = located(stage.rest)
            if within and all(code.startswith(next(iter(province))) for code in within):
                return stage.rest
    return None


def _province_left_out(one: str, other: str) -> bool:
    """浙江省杭州市第一医院 and 杭州市第一医院: the city says the province."""
    for long, short in ((one, other), (other, one)):
        rest = _without_province(long)
        if rest is not None and plain(rest, ORGANISATION) == plain(short, ORGANISATION):
            return True
    return False


def _region_left_out(one: str, other: str) -> bool:
    """Whether one names a region in front and the other none, or one that may be the same (吉林)."""
    pairs = itertools.product(stages(one), stages(other))
    return any(
        len(a.rest) >= 2
        and (not a.codes or not b.codes or bool(a.codes & b.codes))
        and plain(a.rest, ORGANISATION) == plain(b.rest, ORGANISATION)
        for a, b in pairs
    )


def _rest_alike(one: str, other: str) -> bool:
    """Whether both say the same after the regions that they begin with, which are not in conflict."""
    pairs = itertools.product(stages(one), stages(other))
    return any(
        len(a.rest) >= 2 and compatible(a.codes, b.codes) and plain(a.rest, ADDRESS) == plain(b.rest, ADDRESS)
        for a, b in pairs
    )


def same_address(expected: str, other: str, region: Region | None) -> Comparison:
    why, one, two = climb(expected, other, ADDRESS)
    if why:
        return Comparison("agree", why)
    if _rest_alike(_address(expected), _address(other)):
        return Comparison("agree", "region-prefix")
    if leaves_out(one, two) or leaves_out(two, one):
        return Comparison("unsure", "part-left-out")
    return Comparison("differ", "differs")


def _address(text: str) -> str:
    """Plain, but with 省 and 市 still in it: region names are looked up by them."""
    return plain(text, ADDRESS[:6])


def organisation_variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    text = without_spaces(half_width(expected))
    yield Variant(text, "exact", "agree")
    yield Variant(without_punctuation(text), "brackets", "agree")
    yield from _other_suffixes(text)
    provinceless = _without_province(text)
    if provinceless is not None:
        yield Variant(provinceless, "region-prefix", "agree")
        yield Variant(without_region_suffix(provinceless), "region-prefix", "agree")
    for other, why in (
        (_GROUP.sub("", text), "legal-form"),
        (text.replace("有限责任公司", "有限公司"), "legal-form"),
        (re.sub(r"(?<!责任)(?<!股份)有限公司", "有限责任公司", text), "legal-form"),
        (text.replace("股份有限公司", "有限公司"), "legal-form"),
        (re.sub(r"(?:股份|责任)?(?:有限)(?:责任)?公司", "", text), "legal-form"),
    ):
        if other != text and len(other) >= 2:
            yield Variant(other, why, "unsure")
    for full, inner in _leading(text):
        if full and len(inner) >= 4:
            yield Variant(inner, "region-left-out", "unsure")


def _other_suffixes(text: str) -> Iterator[Variant]:
    """省 and 市 of the leading regions left out, or put in."""
    short = without_region_suffix(text)
    if short != text:
        yield Variant(short, "region-suffix", "agree")
    for full, inner in _leading(text):
        longer = "".join(full) + inner
        if len(full) == 1 and stem(full[0]) not in ambiguous_stems() and longer != text:
            yield Variant(longer, "region-suffix", "agree")


def _leading(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Full names of the regions that a text begins with, and what follows; only where they are certain."""
    at = 0
    names: tuple[str, ...] = ()
    for stage in stages(text)[1:]:
        taken = text[: len(text) - len(stage.rest)]
        codes = lasting(stage.codes)
        if len(taken) <= at or len(codes) != 1 or len(stage.rest) < 2:
            continue
        full = chain(next(iter(codes)))
        at = len(taken)
        spelled = [name for name in full if name in taken or stem(name) in taken]
        names = tuple(spelled) or names
        yield names, stage.rest


def address_variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    text = without_spaces(half_width(expected))
    yield Variant(text, "exact", "agree")
    rests = [text]
    for _, inner in _leading(text):
        if len(inner) >= 3:
            rests.append(inner)
    for rest in rests:
        yield Variant(rest, "region-prefix" if rest != text else "exact", "agree")
        for other, why in _respelled(rest):
            yield Variant(other, why, "agree")
    short = without_region_suffix(text)
    if short != text:
        yield Variant(short, "region-suffix", "agree")
    known = (
        case.value(_ACTS_FOR.get(region.value or "", "student.number")) if region.value in _ACTS_FOR else None
    )
    for prefix in _prefixes(text, known):
        yield Variant(prefix + rests[-1], "region-prefix", "agree")


def _prefixes(text: str, code: str | None) -> Iterator[str]:
    """The region names that people put before an address, from its own regions or the case's region code."""
    found = [next(iter(stage.codes)) for stage in stages(text) if len(stage.codes) == 1]
    if not found and code and code.isdigit() and len(code) == 6:
        found = [code]
    if not found:
        return
    names = chain(found[-1])
    for first in range(len(names)):
        yield "".join(names[first:])
        yield "".join(stem(name) if name.endswith(("省", "市")) else name for name in names[first:])


def _respelled(text: str) -> Iterator[tuple[str, str]]:
    if re.search(r"\d号", text):
        yield re.sub(r"(?<=\d)号", "#", text), "number-sign"
        yield re.sub(r"(?<=\d)号$", "", text), "number-sign"
    if "#" in text:
        yield _NUMBER_SIGN.sub("号", text), "number-sign"
    digits = arabic(text)
    if digits != text:
        yield digits, "numerals"
    spelled = re.sub(r"(?<!\d)\d{1,2}(?!\d)", lambda m: chinese(int(m[0]), zero="零"), text)
    if spelled != text:
        yield spelled, "numerals"
