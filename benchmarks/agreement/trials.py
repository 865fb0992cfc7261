"""Trials: a line that is read once, and judged against its own text and against texts near it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from benchmarks.agreement.lines import common_characters
from benchmarks.calibration.curves import Trial
from fixtures.maker.lookalikes import lookalikes
from scanservice.case import Case
from scanservice.evidence import Judgement, LineReading, RegionCrops, RegionReading
from scanservice.template import Comparator, Region
from scanservice.verify.comparators import same
from scanservice.verify.fields import Field, field, lattices
from scanservice.verify.fitting import Fit, fits
from scanservice.verify.free import free_reading
from scanservice.verify.judge_text import LEGIBLE, denial, judge_text, leaves_doubt
from scanservice.verify.posterior import Lattice
from scanservice.verify.reader import looks
from scanservice.verify.rivals import alike

DIGITS = "0123456789"
SURE = 4.0
"""Slack from which a calibration asks for no further look, so that thresholds below can be tried."""
LETTERS = "ABCDEFGHJKLMNPQRTUWXY"
PATHS: dict[str, str] = {
    "name": "student.name",
    "id_number": "student.id_number",
    "text": "student.major",
    "phone": "student.phone",
    "address": "student.home_address",
    "organisation": "entry.employer_name",
    "credit_code": "entry.employer_code",
    "postcode": "entry.employer_postcode",
}


@dataclass(frozen=True, eq=False)
class Subject:
    """A region as read in every preparation, with the case that it was written from."""

    region: Region
    reading: RegionReading
    case: Case
    hand: str
    condition: str

    @property
    def expected(self) -> str:
        return self.case.value(self.region.value or "") or ""


def read_fully(crops: RegionCrops, region: Region) -> RegionReading:
    """The region's lines in all preparations, in the order in which the reader asks for them."""
    lines = tuple(LineReading(of_line, "", 0.0) for of_line in zip(*looks(crops, region), strict=True))
    return RegionReading(crops.region, lines, crops.cells)


def judged(subject: Subject, expected: str) -> Judgement:
    """What the program says when `expected` was entered: further looks are used only if it would ask."""
    case = with_value(subject.case, subject.region.value or "", expected)
    reading = subject.reading
    for reading in by_looks(subject.reading):
        if not leaves_doubt(subject.region, reading, case):
            break
    return judge_text(subject.region, reading, case)


def measured(subject: Subject, expected: str) -> Trial | None:
    """The figures that decide about a text; None where it has no spelling to be scored."""
    case = with_value(subject.case, subject.region.value or "", expected)
    asked = field(subject.region, case, cells=subject.reading.cells)
    if asked is None or not asked.codes:
        return None
    seen = None
    for reading in by_looks(subject.reading):
        seen = _seen(asked, reading)
        if seen.best.slack >= SURE:
            break
    if seen is None:
        return None
    free = free_reading(asked, seen.reading, seen.found)
    believable = bool(free.codes) and free.confidence >= LEGIBLE and free.possible
    against, asks, _ = denial(asked, seen.tried, free)
    return Trial(expected == subject.expected, seen.best.margin, seen.best.kind, against - asks, believable)


@dataclass(frozen=True, eq=False)
class _Seen:
    """A text weighed after some looks; `best`: of the spellings that would agree."""

    reading: RegionReading
    found: list[Lattice]
    tried: list[Fit]
    best: Fit


def _seen(asked: Field, reading: RegionReading) -> _Seen:
    found = lattices(reading, asked.alphabet, asked.codes, cells=asked.cells)
    tried = fits(asked, found)
    agreeing = (fit for fit in tried if fit.spelling.variant.agreement == "agree")
    return _Seen(reading, found, tried, max(agreeing, key=lambda fit: fit.slack))


def by_looks(reading: RegionReading) -> Iterator[RegionReading]:
    """What was known after one look, after two, and so on; once as it is where there is no line."""
    most = min((len(line.posteriors) for line in reading.lines), default=1)
    return (first_looks(reading, count) for count in range(1, most + 1))


def first_looks(reading: RegionReading, count: int) -> RegionReading:
    return replace(
        reading, lines=tuple(replace(line, posteriors=line.posteriors[:count]) for line in reading.lines)
    )


def with_value(case: Case, path: str, value: str) -> Case:
    part, _, key = path.partition(".")
    content = case.model_dump(mode="json")
    content[part] = (content[part] or {}) | {key: value}
    return Case.model_validate(content)


def line_region(compare: Comparator) -> Region:
    """A region for a line that stands in no form."""
    return Region.model_validate(
        {"id": "line", "kind": "text", "box": [0, 0, 100, 10], "value": PATHS[compare], "compare": compare}
    )


def line_case(compare: Comparator, text: str) -> Case:
    empty = Case.model_validate({"case": "1", "student": {"name": "某"}, "workflow": {"state": "registered"}})
    return with_value(empty, PATHS[compare], text)


def edits(text: str, compare: Comparator, rng: np.random.Generator, count: int) -> Iterator[tuple[str, str]]:
    """Up to `count` other texts one edit away, by kind of edit; none that means the same."""
    makers = (_alike, _other, _alike, _swapped, _alike, _deleted, _other, _inserted)
    seen = {text}
    made = 0
    for turn in range(3 * count):
        maker = makers[turn % len(makers)]
        other = maker(text, rng)
        if other is None or other in seen or made == count:
            continue
        seen.add(other)
        if same(compare, text, other).agreement == "differ":
            made += 1
            yield maker.__name__.strip("_"), other


def _place(text: str, rng: np.random.Generator, usable: Sequence[bool]) -> int | None:
    places = [index for index, use in enumerate(usable) if use]
    return places[int(rng.integers(len(places)))] if places else None


def _alike(text: str, rng: np.random.Generator) -> str | None:
    at = _place(text, rng, [bool(_near(character)) for character in text])
    if at is None:
        return None
    near = _near(text[at])
    return text[:at] + near[int(rng.integers(len(near)))] + text[at + 1 :]


@cache
def _near(character: str) -> str:
    """Look-alikes by hand-made lists and by shape."""
    listed = lookalikes(character)
    if character.isascii():
        return listed
    shaped = "".join(other for other in common_characters() if alike(character, other))
    return listed + "".join(other for other in shaped if other not in listed)[:4]


def _other(text: str, rng: np.random.Generator) -> str | None:
    at = _place(text, rng, [character.isalnum() for character in text])
    return None if at is None else text[:at] + _any(text[at], rng) + text[at + 1 :]


def _any(like: str, rng: np.random.Generator) -> str:
    pool = DIGITS if like.isdigit() else LETTERS if like.isascii() else common_characters()
    return pool[int(rng.integers(len(pool)))]


def _swapped(text: str, rng: np.random.Generator) -> str | None:
    differ = [a != b and a.isalnum() and b.isalnum() for a, b in itertools.pairwise(text)]
    at = _place(text, rng, differ)
    return None if at is None else text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _deleted(text: str, rng: np.random.Generator) -> str | None:
    at = _place(text, rng, [character.isalnum() for character in text])
    return None if at is None or len(text) < 2 else text[:at] + text[at + 1 :]


def _inserted(text: str, rng: np.random.Generator) -> str | None:
    at = _place(text, rng, [character.isalnum() for character in text])
    return None if at is None else text[:at] + _any(text[at], rng) + text[at:]
