"""Choices of a form, closed lists (gender, degree, ethnicity ...), years of study, and plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

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
from scanservice.verify.comparators.codes import in_cells
from scanservice.verify.comparators.places import without_region_suffix

STEPS: tuple[Step, ...] = (*BASIC, ("separators", without_punctuation), ("letter-case", upper))
YEARS = "student.education_years"
_YEARS = re.compile(r"^(\d{1,2}(?:\.\d)?)(?:年制|学年|年)?$")
_LOOSE_SUFFIX = {
    "student.major": "专业",
    "student.education_mode": "生",
    "entry.employer_nature": "单位",
}
"""By the value that stands there: a last word that people write or leave out, with the same meaning."""
_REGION_NAMES = frozenset(["entry.employer_affiliation"])
"""Values that are often the bare name of a province or city: 省 and 市 may be left out."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A closed list: entries that mean the same, and pairs of which one is too wide to tell."""

    groups: tuple[tuple[str, ...], ...]
    loose: tuple[tuple[str, str], ...]

    def group(self, text: str) -> int | None:
        """Which entry a text is, by any of its spellings."""
        plainly = normalise(text)
        return next((i for i, g in enumerate(self.groups) if plainly in map(normalise, g)), None)

    def loosely(self, one: str, other: str) -> bool:
        """Whether one is a wider word for the other."""
        first, second = self.group(one), self.group(other)
        for narrow, wide in self.loose:
            entry = self.group(narrow)
            if first == entry and normalise(other) == normalise(wide):
                return True
            if second == entry and normalise(one) == normalise(wide):
                return True
        return False


@cache
def vocabularies() -> Mapping[str, Vocabulary]:
    text = (
        resources.files("scanservice.verify").joinpath("data/vocabularies.json").read_text(encoding="utf-8")
    )
    return {
        path: Vocabulary(tuple(map(tuple, lists["same"])), tuple((a, b) for a, b in lists["unsure"]))
        for path, lists in json.loads(text).items()
    }


def normalise(text: str) -> str:
    return plain(text, STEPS)


def same(expected: str, other: str, region: Region | None) -> Comparison:
    """Plain text, or, where the region's value has a closed list, an entry of it."""
    why, one, two = climb(expected, other, STEPS)
    if why:
        return Comparison("agree", why)
    value = region.value if region is not None else None
    found = _listed(expected, other, value) or _years(expected, other, value) or _loose(one, two, value)
    if found:
        return found
    if value in vocabularies() or value == YEARS:
        return Comparison("differ", "differs")
    if leaves_out(one, two) or leaves_out(two, one):
        short, long = sorted((one, two), key=len)
        if len(short) <= len(long) - 2 and len(short) >= 2:
            return Comparison("unsure", "part-left-out")
    return Comparison("differ", "differs")


def _listed(expected: str, other: str, value: str | None) -> Comparison | None:
    """Without a value, a list counts where both texts are in it."""
    lists = vocabularies()
    chosen = [v for path, v in lists.items() if value in (None, path)]
    for vocabulary in chosen:
        first, second = vocabulary.group(expected), vocabulary.group(other)
        if vocabulary.loosely(expected, other):
            return Comparison("unsure", "wider-word")
        if first is not None and second is not None:
            return Comparison("agree", "synonym") if first == second else Comparison("differ", "other-entry")
    return None


def _years(expected: str, other: str, value: str | None) -> Comparison | None:
    if value not in (None, YEARS):
        return None
    one, two = years(expected), years(other)
    if one is None or two is None:
        return None
    return Comparison("agree", "numerals") if one == two else Comparison("differ", "differs")


def years(text: str) -> float | None:
    """Years of study: 3, 三, 3年, 三年制, 2.5; None where the text is none."""
    plainly = without_spaces(half_width(text))
    halves = plainly.replace("两年", "2年").replace("年半", ".5年")
    match = _YEARS.match(arabic(halves).replace("两", "2"))
    return float(match[1]) if match else None


def _loose(one: str, other: str, value: str | None) -> Comparison | None:
    suffix = _LOOSE_SUFFIX.get(value or "")
    if suffix and one.removesuffix(suffix) == other.removesuffix(suffix):
        return Comparison("agree", "suffix")
    if value in _REGION_NAMES and without_region_suffix(one) == without_region_suffix(other):
        return Comparison("agree", "region-suffix")
    return None


def variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    text = without_spaces(half_width(expected))
    yield Variant(text, "exact", "agree", in_cells(text, region))
    vocabulary = vocabularies().get(region.value or "")
    if vocabulary is not None:
        yield from _entries(expected, vocabulary)
    if region.value == YEARS:
        yield from _year_forms(expected)
    suffix = _LOOSE_SUFFIX.get(region.value or "")
    if suffix:
        bare = text.removesuffix(suffix)
        yield from (Variant(bare, "suffix", "agree"), Variant(bare + suffix, "suffix", "agree"))
    if region.value in _REGION_NAMES:
        yield Variant(without_region_suffix(text), "region-suffix", "agree")
    bare = without_punctuation(text)
    yield Variant(bare, "separators", "agree", in_cells(bare, region))


def _entries(expected: str, vocabulary: Vocabulary) -> Iterator[Variant]:
    group = vocabulary.group(expected)
    if group is None:
        return
    for spelling in vocabulary.groups[group]:
        if not spelling.isascii():
            yield Variant(spelling, "synonym", "agree")
    for narrow, wide in vocabulary.loose:
        if vocabulary.group(narrow) == group:
            yield Variant(wide, "wider-word", "unsure")


def _year_forms(expected: str) -> Iterator[Variant]:
    number = years(expected)
    if number is None:
        return
    figure = f"{number:g}"
    forms = [figure, chinese(int(number))] if number == int(number) else [figure]
    for form in forms:
        yield Variant(form, "numerals", "agree")
        yield Variant(f"{form}年", "numerals", "agree")
        yield Variant(f"{form}年制", "numerals", "agree")


# ---------------------------------------------------------------- choices of the form


def _label(text: str, region: Region | None) -> str:
    """The form's label of a code; the text itself where it is none."""
    choices = (region.choices if region is not None else None) or {}
    return choices.get(without_spaces(half_width(text)), text)


def normalise_choice(text: str) -> str:
    return normalise(text.replace("其它", "其他"))


def same_choice(expected: str, other: str, region: Region | None) -> Comparison:
    why, _, _ = climb(expected, other, STEPS)
    if why:
        return Comparison("agree", why)
    one, two = normalise_choice(_label(expected, region)), normalise_choice(_label(other, region))
    if one == two:
        labelled = _label(expected, region) != expected or _label(other, region) != other
        return Comparison("agree", "code-for-label" if labelled else "synonym")
    if _both_codes(expected, other, region):
        return Comparison("differ", "other-entry")
    labels = [normalise_choice(label) for label in ((region.choices if region else None) or {}).values()]
    if two not in labels and (leaves_out(two, one) or leaves_out(one, two)) and min(len(one), len(two)) >= 2:
        return Comparison("unsure", "part-left-out")
    return Comparison("differ", "other-entry" if two in labels else "differs")


def _both_codes(one: str, other: str, region: Region | None) -> bool:
    choices = (region.choices if region is not None else None) or {}
    return one in choices and other in choices


def choice_variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    label = _label(expected, region)
    yield Variant(label, "exact" if label == expected else "code-for-label", "agree")
    for written, meant in (("其它", "其他"), ("其他", "其它")):
        if written in label:
            yield Variant(label.replace(written, meant), "synonym", "agree")
    codes = [code for code, name in (region.choices or {}).items() if name == label]
    for code in codes:
        yield Variant(code, "code-for-label", "agree")
        yield Variant(f"{code}{label}", "code-for-label", "agree")
    bare = without_punctuation(label)
    yield Variant(bare, "separators", "agree")
