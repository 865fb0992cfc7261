"""What is seen of seals, signatures, numbers and corrections: `python -m benchmarks.marks`."""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2

from benchmarks.marks import corpus, reuse
from benchmarks.marks.invisible import invisible
from benchmarks.marks.tally import Tally
from benchmarks.tables import publish


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=60, help="uploads of two pages")
    parser.add_argument("--reuse", type=int, default=24, help="papers photographed twice")
    parser.add_argument("--first", type=int, default=20000, help="first seed")
    parser.add_argument("--form", default="ouc-2019")
    parser.add_argument("--write", action="store_true", help="keep the page in docs/benchmarks")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    form = corpus.template(given.form)
    tally = Tally(form)
    for seed in range(given.first, given.first + given.size):
        made, look, options = corpus.mixed(form, seed)
        tally.add(made, look, options, invisible(made, seed))
    parts = tally.parts()
    if given.reuse:
        parts.append(reuse.measured(form, given.first, given.reuse))
    command = (
        f"python -m benchmarks.marks --size {given.size} --reuse {given.reuse} --first {given.first} --write"
    )
    publish("marks", "Marks: ink, seals, signatures, numbers, corrections", command, parts, write=given.write)


if __name__ == "__main__":
    main()
