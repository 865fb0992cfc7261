"""Numbers and codes: resident ID, unified credit code, postcode."""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.case import Case
from scanservice.template import Region
from scanservice.verify.comparators.base import (
    BASIC,
    Comparison,
    Step,
    Variant,
    climb,
    half_width,
    plain,
    without_punctuation,
    without_spaces,
)

STEPS: tuple[Step, ...] = (*BASIC, ("letter-case", str.upper), ("separators", without_punctuation))
ORGANISATION_CODE = slice(8, 17)
"""Where the organisation code lies in a unified credit code (GB 32100)."""


def normalise(text: str) -> str:
    return plain(text, STEPS)


def same_id(expected: str, other: str, region: Region | None) -> Comparison:
    why, one, two = climb(expected, other, STEPS)
    if why:
        return Comparison("agree", why)
    if {len(one), len(two)} == {15, 18}:
        long, short = (one, two) if len(one) == 18 else (two, one)
        if long[:6] + long[8:17] == short:
            return Comparison("unsure", "old-number")
    return Comparison("differ", "differs")


def same_credit(expected: str, other: str, region: Region | None) -> Comparison:
    why, one, two = climb(expected, other, STEPS)
    if why:
        return Comparison("agree", why)
    if {len(one), len(two)} == {9, 18}:
        long, short = (one, two) if len(one) == 18 else (two, one)
        if long[ORGANISATION_CODE] == short:
            return Comparison("unsure", "organisation-code")
    return Comparison("differ", "differs")


def same_postcode(expected: str, other: str, region: Region | None) -> Comparison:
    why, _, _ = climb(expected, other, STEPS)
    return Comparison("agree", why) if why else Comparison("differ", "differs")


def in_cells(text: str, region: Region) -> tuple[str, ...]:
    """One character a cell, where the region has as many cells as the text has characters."""
    return tuple(text) if region.cells and len(region.cells) == len(text) else ()


def variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    text = without_spaces(half_width(expected))
    yield Variant(text, "exact", "agree", in_cells(text, region))
    for other in (text.upper(), text.lower()):
        yield Variant(other, "letter-case", "agree", in_cells(other, region))
    bare = normalise(text)
    yield Variant(bare, "separators", "agree", in_cells(bare, region))


def credit_variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    yield from variants(expected, region, case)
    bare = normalise(expected)
    if len(bare) == 18:
        yield Variant(bare[ORGANISATION_CODE], "organisation-code", "unsure")
