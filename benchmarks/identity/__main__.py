"""`python -m benchmarks.identity [--size N] [--write]`: see docs/benchmarks/identity.md."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2

from benchmarks.identity.measure import OUTCOMES, Tally, run
from benchmarks.identity.papers import papers
from benchmarks.tables import publish, table
from scanservice.template import load_templates

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
FIRST_SEED = 80_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("--size", type=int, default=8, help="uploads of each kind of paper")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks/")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    templates = load_templates(TEMPLATES)
    with tempfile.TemporaryDirectory() as folder:
        tallies = [
            run(paper, templates, arguments.size, FIRST_SEED) for paper in papers(templates, Path(folder))
        ]
    header = ("paper", "uploads", *OUTCOMES, "right")
    parts = [
        "Uploads of each kind of paper, in turn under the conditions of benchmarks.registration. "
        "`accepted`: the form, positively; `refused`: a known other form; `foreign`: not the form's print, "
        "though its layout is near; `unsure`: could not be told, a person looks; `none`: no known form at "
        "all. Unknown papers are described by no template package.",
        table(header, [_row(tally) for tally in tallies]),
        _summary(tallies),
    ]
    command = f"python -m benchmarks.identity --size {arguments.size} --write"
    publish("identity", "Identity of the form", command, parts, write=arguments.write)


def _row(tally: Tally) -> tuple[object, ...]:
    counts = tuple(tally.counts[outcome] for outcome in OUTCOMES)
    return (tally.name, tally.uploads, *counts, "yes" if tally.right else "NO")


def _summary(tallies: list[Tally]) -> str:
    genuine = [tally for tally in tallies if tally.genuine]
    others = [tally for tally in tallies if not tally.genuine]
    missed = sum(tally.uploads - tally.counts["accepted"] for tally in genuine)
    taken = sum(tally.counts["accepted"] for tally in others)
    return (
        f"Accepted though not the form: {taken} of {sum(tally.uploads for tally in others)}. "
        f"The form, not accepted: {missed} of {sum(tally.uploads for tally in genuine)}."
    )


if __name__ == "__main__":
    main()
