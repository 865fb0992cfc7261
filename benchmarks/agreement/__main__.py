"""Lines judged against their own texts and near misses: `python -m benchmarks.agreement [--size N]`.

Beside the judge stand free reading by the same recogniser and by Tesseract, on the same crops, taken for an
answer: the line agrees where the text that was read is the expected one, signs and spaces aside.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.agreement.forms import Form, forms
from benchmarks.agreement.subjects import digit_subjects, of_form
from benchmarks.agreement.trials import Subject, edits, first_looks, judged
from benchmarks.tables import publish, table
from scanservice.evidence import RegionCrops
from scanservice.verify.alphabet import folded
from scanservice.verify.comparators import same
from scanservice.verify.fields import field as asked_of
from scanservice.verify.fields import lattices
from scanservice.verify.preparing import FIRST
from scanservice.verify.second_reader import second_reading

SEEDS = {"calibration hands": 41, "held-out hands": 42, "real digits": 43}
UNEDITED = ("choice", "date")
"""Comparators whose one-character neighbours are mostly no values at all."""


@dataclass
class Tally:
    """Counts of one group of lines."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    free: int = 0
    second: int = 0
    asked: int = 0

    def row(self, name: str) -> list[object]:
        lines, near = sum(self.right.values()), sum(self.wrong.values())
        return [
            name,
            lines,
            _share(lines - self.right["agree"], lines),
            _share(self.right["differ"], lines),
            near,
            f"{self.wrong['agree']}",
            _share(self.wrong["differ"], near),
            _share(lines - self.free, lines),
            _share(self.asked - self.second, self.asked) if self.asked else "-",
        ]


HEADER = (
    "lines",
    "count",
    "not agreeing",
    "called differ",
    "near misses",
    "accepted",
    "called differ",
    "free reading wrong",
    "Tesseract wrong",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=12, help="forms of each kind of hand")
    parser.add_argument("--edits", type=int, default=3, help="near misses a line")
    parser.add_argument("--second", type=int, default=4, help="every how manieth line Tesseract reads too")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    tallies: dict[str, Tally] = {}
    for name, held_out in (("calibration hands", False), ("held-out hands", True)):
        rng = np.random.default_rng(SEEDS[name])
        for form in forms(SEEDS[name], chosen.size, held_out=held_out):
            for number, subject in enumerate(of_form(form)):
                crops = _crops(form, subject) if number % chosen.second == 0 else None
                groups = (
                    name,
                    f"hand: {form.hand}",
                    f"taken: {form.preset}",
                    f"field: {subject.region.compare}",
                )
                _count(
                    subject,
                    [tallies.setdefault(group, Tally()) for group in groups],
                    rng,
                    chosen.edits,
                    crops,
                )
    rng = np.random.default_rng(SEEDS["real digits"])
    for subject in digit_subjects(SEEDS["real digits"], 5 * chosen.size):
        _count(subject, [tallies.setdefault("real digits", Tally())], rng, chosen.edits, None)
    parts = [table(HEADER, [tally.row(name) for name, tally in tallies.items()])]
    publish(
        "agreement",
        "Agreement of lines",
        f"python -m benchmarks.agreement --size {chosen.size} --edits {chosen.edits}",
        parts,
        write=chosen.write,
    )


def _crops(form: Form, subject: Subject) -> RegionCrops:
    return next(crops for crops in form.measured.crops if crops.region == subject.region.id)


def _count(
    subject: Subject,
    tallies: Sequence[Tally],
    rng: np.random.Generator,
    count: int,
    crops: RegionCrops | None,
) -> None:
    """One region against its own text, and against near misses of it."""
    compare = subject.region.compare or "text"
    own = judged(subject, subject.expected).agreement
    read = _says(subject, _free(subject))
    second = None if crops is None else _says(subject, _tesseract(crops))
    others = [] if compare in UNEDITED else list(edits(subject.expected, compare, rng, count))
    answers = [judged(subject, other).agreement for _, other in others]
    for tally in tallies:
        tally.right[own] += 1
        tally.wrong.update(answers)
        tally.free += read
        if second is not None:
            tally.asked += 1
            tally.second += second


def _free(subject: Subject) -> str:
    asked = asked_of(subject.region, subject.case)
    if asked is None:
        return ""
    found = lattices(first_looks(subject.reading, 1), asked.alphabet, asked.codes)
    return asked.alphabet.decode(found[0].greedy()) if found else ""


def _tesseract(crops: RegionCrops) -> str:
    return "".join(second_reading(FIRST.make(line), digits=False).text for line in crops.lines)


def _says(subject: Subject, text: str) -> bool:
    """Whether a free reading is one of the ways to write the expected text."""
    asked = asked_of(subject.region, subject.case)
    plain: Callable[[str], str] = lambda one: folded(one, asked.compare if asked else "text")  # noqa: E731
    if asked is None:
        return False
    ways = {plain(spelling.variant.text) for spelling in asked.spellings}
    if plain(text) in ways:
        return True
    return bool(text) and same(asked.compare, asked.shown, text, region=subject.region).agreement == "agree"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


if __name__ == "__main__":
    main()
