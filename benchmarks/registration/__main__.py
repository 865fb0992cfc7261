"""`python -m benchmarks.registration [--size N] [--write]`: see docs/benchmarks/registration.md."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2

from benchmarks.registration.corpus import CONDITIONS, samples
from benchmarks.registration.measure import OFF_MM, Tally, run_ours, run_peer
from benchmarks.registration.peers import PEERS
from benchmarks.tables import publish, table
from scanservice.detect import build_library
from scanservice.template import load_templates

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
FIRST_SEED = 70_000
OURS = "scanservice"
HEADER = ("condition", "recipe", "pages", "lost", "median mm", "95 % mm", "worst mm", "ms a page")
BELIEF = ("condition", "regions", f"off > {OFF_MM} mm", "of them unknown", "false alarms", "believed 95 % mm")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registration", description=__doc__)
    parser.add_argument("--size", type=int, default=9, help="pictures for each condition")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks/")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    templates = load_templates(TEMPLATES)
    library = build_library(templates)
    form = next(template for template in templates if template.accepts)
    rows, belief = [], []
    for condition in CONDITIONS:
        pictures = list(samples(form, condition, arguments.size, FIRST_SEED))
        ours = Tally()
        run_ours(pictures, library, ours)
        rows.append(_row(condition, OURS, ours))
        for name in PEERS:
            tally = Tally()
            run_peer(name, pictures, tally)
            rows.append(_row(condition, name, tally))
        off = sum(error > OFF_MM for error in ours.errors)
        believed = sorted(ours.believed)[int(0.95 * (len(ours.believed) - 1))] if ours.believed else 0.0
        belief.append((condition, len(ours.errors), off, ours.unknown, ours.alarms, believed))
    parts = [
        f"{arguments.size} pictures for each condition, the form's pages in turn, filled in and sealed. "
        "Errors are those of the furthest corner of each region, in millimetres of the form. The peers are "
        "told which page it is; a page is lost where they find nothing or lie more than 20 mm off. "
        "Times are processor time of one core, decoding not included.",
        table(HEADER, rows),
        "What the program believes of its own registration, region by region:",
        table(BELIEF, belief),
    ]
    command = f"python -m benchmarks.registration --size {arguments.size} --write"
    publish("registration", "Registration", command, parts, write=arguments.write)


def _row(condition: str, name: str, tally: Tally) -> tuple[object, ...]:
    milliseconds = sorted(tally.milliseconds)[len(tally.milliseconds) // 2]
    return (
        condition,
        name,
        tally.pages,
        tally.lost,
        tally.share(0.5),
        tally.share(0.95),
        tally.share(1.0),
        round(milliseconds),
    )


if __name__ == "__main__":
    main()
