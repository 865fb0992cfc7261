"""Telephones: country code, area code, spaces and hyphens, extensions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scanservice.case import Case
from scanservice.template import Region
from scanservice.verify.comparators.base import (
    Comparison,
    Variant,
    half_width,
    without_punctuation,
    without_spaces,
)

_COUNTRY = re.compile(
    r"^[(]?(?:\+|00)?86[)]?[-\s]*(?=(?:1[3-9](?:[-\s]?\d){9}|[(]?0?\d{2,3}[-\s)]*\d(?:[-\s]?\d){6,7})\b)"
)
_EXTENSION = re.compile(r"(?:转|轉|分机|ext\.?|x|#)+[:.\s]*(\d{1,6})$", re.IGNORECASE)
_TAIL = re.compile(r"(?<=\d{7})[-—–](\d{1,6})$")
_AREA = re.compile(r"^[(]?(0(?:10|2\d|[3-9]\d{2}))[)]?[-—–\s]*(\d{7,8})$")
_SEVERAL = re.compile(r"[/,;、或]|\s{2,}")
_DASHES = re.compile(r"[-—–‐−]+")


@dataclass(frozen=True, slots=True)
class Telephone:
    """area: with its leading 0; None for a mobile, a 400 number, or where it was left out."""

    number: str
    area: str | None = None
    extension: str | None = None
    country: bool = False


def parse(text: str) -> Telephone | None:
    """One telephone number; None where the text is none (it holds other characters, or is too short)."""
    text = _DASHES.sub("-", half_width(text).strip())
    bare = _COUNTRY.sub("", text)
    country = bare != text
    extension = None
    for pattern in (_EXTENSION, _TAIL):
        match = pattern.search(bare)
        if match:
            bare, extension = bare[: match.start()].strip(" -,(（"), match[1]
            break
    digits = without_spaces(without_punctuation(bare))
    if not digits.isdecimal() or not 5 <= len(digits) <= 12:
        return None
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return Telephone(digits, None, extension, country)
    if country and digits[0] != "0" and len(digits) in (10, 11):
        digits = f"0{digits}"
    match = _AREA.match(digits)
    if match:
        return Telephone(match[2], match[1], extension, country)
    return Telephone(digits, None, extension, country)


def numbers(text: str) -> tuple[Telephone, ...]:
    """All numbers of a field in which people write more than one."""
    found = (parse(part) for part in _SEVERAL.split(half_width(text).strip()) if part.strip())
    return tuple(number for number in found if number is not None)


def normalise(text: str) -> str:
    """The digits alone, without the country code."""
    text = half_width(text).strip()
    return without_punctuation(without_spaces(_COUNTRY.sub("", text)))


def same(expected: str, other: str, region: Region | None) -> Comparison:
    if expected == other:
        return Comparison("agree", "exact")
    one, two = numbers(expected), numbers(other)
    if len(one) == 1 and len(two) == 1:
        return _same_number(one[0], two[0])
    if normalise(expected) == normalise(other):
        return Comparison("agree", "separators")
    if one and two and any(_same_number(a, b).agreement == "agree" for a in one for b in two):
        return Comparison("unsure", "several-numbers")
    return Comparison("differ", "differs")


def _same_number(one: Telephone, two: Telephone) -> Comparison:
    if one.number != two.number:
        return Comparison("differ", "differs")
    if one.area and two.area and one.area != two.area:
        return Comparison("differ", "area-code-differs")
    if one.extension and two.extension and one.extension != two.extension:
        return Comparison("differ", "extension-differs")
    if one.area != two.area:
        return Comparison("agree", "area-code")
    if one.extension != two.extension:
        return Comparison("agree", "extension")
    if one.country != two.country:
        return Comparison("agree", "country-code")
    return Comparison("agree", "separators")


def variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    text = half_width(expected).strip()
    yield Variant(text, "exact", "agree")
    found = numbers(text)
    for number in found:
        meaning = "agree" if len(found) == 1 else "unsure"
        reason = "several-numbers" if len(found) > 1 else None
        areas = [number.area, None] if number.area else [None]
        extensions = [number.extension, None] if number.extension else [None]
        for extension in extensions:
            for area in areas:
                why = reason or (
                    "extension" if extension != number.extension else
                    "area-code" if area != number.area else "separators"
                )  # fmt: skip
                for tail in (f"-{extension}", f"转{extension}") if extension else ("",):
                    yield Variant(f"{f'{area}-' if area else ''}{number.number}{tail}", why, meaning)
        yield Variant(f"{number.area or ''}{number.number}", reason or "separators", meaning)
        international = f"+86{number.area[1:] if number.area else ''}{number.number}"
        yield Variant(international, reason or "country-code", meaning)
