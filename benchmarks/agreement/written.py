"""Papers with another character than was entered: `python -m benchmarks.agreement.written [--size N]`.

The near misses of `benchmarks.agreement` change the entry. Here the paper is what differs, so that the entry
is a natural text: a reader that knows words may see it where it does not stand.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

import numpy as np

from benchmarks.agreement.lines import FIELDS, calibration_hands, common_characters, photographed
from benchmarks.agreement.trials import DIGITS, Subject, judged, line_case, line_region, read_fully
from benchmarks.tables import publish, table
from fixtures.maker import cases
from fixtures.maker.fonts import hands
from scanservice.evidence import RegionCrops
from scanservice.verify.comparators import same
from scanservice.verify.foreseen import WORDY, foreseen
from scanservice.verify.rivals import alike

SEED = 51
LIKE = 0.6
"""Share of the changes that take a look-alike, where there is one."""
GROUPS = ("in a word that is foreseen", "elsewhere")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300, help="lines of each group")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    tallies = {group: Counter[str]() for group in GROUPS}
    for group, subject, entered in _subjects(chosen.size):
        tallies[group][judged(subject, entered).agreement] += 1
    rows = [
        [group, found.total(), found["agree"], found["unsure"], found["differ"]]
        for group, found in tallies.items()
    ]
    header = ("the other character stands", "lines", "agree", "unsure", "differ")
    command = f"python -m benchmarks.agreement.written --size {chosen.size}"
    publish(
        "agreement-written",
        "Papers that differ in one character",
        command,
        [table(header, rows)],
        write=chosen.write,
    )


def _subjects(size: int) -> Iterator[tuple[str, Subject, str]]:
    """Group, what is on paper, and what was entered."""
    for turn, group in enumerate(GROUPS):
        for number in range(size):
            rng = np.random.default_rng([SEED, turn, number])
            compare, part, key = FIELDS[number % len(FIELDS)]
            entered = str(cases.invent([SEED, turn, number])[part][key])
            paper = _changed(entered, compare, group == GROUPS[0], rng)
            name = calibration_hands()[number % len(calibration_hands())]
            if paper is None or same(compare, entered, paper).agreement != "differ":
                continue
            try:
                crop = photographed(paper, hands()[name], "hurried" if number % 2 else "neat", rng)
            except KeyError:
                continue  # the face lacks the character
            region, case = line_region(compare), line_case(compare, paper)  # type: ignore[arg-type]
            seen = read_fully(RegionCrops(region.id, (crop,)), region)
            yield group, Subject(region, seen, case, name, ""), entered


def _changed(text: str, compare: str, within: bool, rng: np.random.Generator) -> str | None:
    marks = foreseen(text) if compare in WORDY else (False,) * len(text)
    places = [i for i, mark in enumerate(marks) if mark is within and text[i].isalnum()]
    if not places:
        return None
    place = places[int(rng.integers(len(places)))]
    pool = DIGITS if text[place].isascii() else common_characters()
    near = "".join(other for other in pool if alike(other, text[place]))
    chosen = near if near and rng.random() < LIKE else pool.replace(text[place], "")
    return text[:place] + chosen[int(rng.integers(len(chosen)))] + text[place + 1 :]


if __name__ == "__main__":
    main()
