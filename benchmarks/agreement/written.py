"""Papers with another character than was entered: `python -m benchmarks.agreement.written [--size N]`.

The near misses of `benchmarks.agreement` change the entry. Here the paper is what differs, so that the entry
is a natural text: a reader that knows words may see it where it does not stand. Every other line is written
as entered, to show what caution costs.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.agreement.lines import (
    FIELDS,
    Condition,
    calibration_hands,
    common_characters,
    photographed,
)
from benchmarks.agreement.trials import DIGITS, line_case, line_region
from benchmarks.tables import publish, table
from fixtures.maker import cases
from fixtures.maker.fonts import HELD_OUT, hands
from fixtures.maker.lookalikes import lookalikes
from fixtures.maker.pen import pen_hands
from scanservice.evidence import RegionCrops
from scanservice.template import Comparator
from scanservice.verify.comparators import same
from scanservice.verify.foreseen import WORDY, foreseen
from scanservice.verify.judge_text import judge_text
from scanservice.verify.reader import read_region
from scanservice.verify.rivals import alike

SEED = 51
CONDITIONS: tuple[Condition, ...] = ("neat", "hurried")
LIKE = 0.6
"""Share of the changes that take a look-alike, where there is one: half of these from a list of the worst."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300, help="lines by each group of hands")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    tallies: dict[tuple[str, str], Counter[str]] = {}
    for told in _lines(chosen.size):
        tallies.setdefault((told.hands, told.changed), Counter())[told.agreement] += 1
    rows = [
        [*group, found.total(), found["agree"], found["unsure"], found["differ"]]
        for group, found in sorted(tallies.items())
    ]
    header = ("hands", "on paper", "lines", "agree", "unsure", "differ")
    command = f"python -m benchmarks.agreement.written --size {chosen.size}"
    publish(
        "agreement-written",
        "Papers that differ in one character",
        command,
        [
            "Judged as the service does it, with single characters of legal forms looked at by themselves. "
            "*Foreseen*: the changed character stands in a word that the words around it foresee.",
            table(header, rows),
        ],
        write=chosen.write,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    hands: str
    changed: str
    agreement: str


def _lines(size: int) -> Iterator[_Told]:
    groups: Mapping[str, Sequence[str]] = {
        "that thresholds come from": calibration_hands(),
        "others": [*HELD_OUT, *pen_hands()],
    }
    known = {**hands(), **pen_hands()}
    for group, names in groups.items():
        for number in range(size):
            rng = np.random.default_rng([SEED, number, len(group)])
            compare, part, key = FIELDS[(number // 2 // len(names)) % len(FIELDS)]
            entered = str(cases.invent([SEED, number])[part][key])
            paper, changed = (entered, "as entered") if number % 2 else _changed(entered, compare, rng)
            if changed != "as entered" and same(compare, entered, paper).agreement != "differ":
                continue
            hand, condition = known[names[(number // 2) % len(names)]], CONDITIONS[int(rng.integers(2))]
            try:
                crop = photographed(paper, hand, condition, rng)
            except KeyError:
                continue  # the face lacks the character
            region, case = line_region(compare), line_case(compare, entered)
            crops = RegionCrops(region.id, (crop,))
            yield _Told(group, changed, judge_text(region, read_region(crops, region, case), case).agreement)


def _changed(text: str, compare: Comparator, rng: np.random.Generator) -> tuple[str, str]:
    """The text with another character, and where that stands."""
    marks = foreseen(text) if compare in WORDY else (False,) * len(text)
    places = [place for place, character in enumerate(text) if character.isalnum()]
    place = places[int(rng.integers(len(places)))]
    pool = DIGITS if text[place].isascii() else common_characters()
    worst, near = lookalikes(text[place]), "".join(other for other in pool if alike(other, text[place]))
    if rng.random() < LIKE and (worst or near):
        pool = worst if worst and (not near or rng.random() < 0.5) else near
    pool = pool.replace(text[place], "")
    other = pool[int(rng.integers(len(pool)))]
    return text[:place] + other + text[place + 1 :], "foreseen" if marks[place] else "elsewhere"


if __name__ == "__main__":
    main()
