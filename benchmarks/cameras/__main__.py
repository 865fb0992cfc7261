"""`python -m benchmarks.cameras [--size N] [--seed S] [--write]`: good scans after other cameras."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.cameras.processes import PROCESSES
from benchmarks.tables import publish, table
from fixtures.maker import write
from fixtures.maker.cases import CaseDict
from fixtures.maker.corpus import plans
from fixtures.maker.options import preset
from fixtures.maker.specimen import draw
from scanservice.case import parse_case
from scanservice.check import Checker
from scanservice.geometry import Image
from scanservice.intake import ScanFile
from scanservice.locations import default_templates
from scanservice.template import load_templates

VERDICTS = ("pass", "review", "retake", "return")
HANDS = ("ar-pl-ukai", "lxgw-wenkai")
"""Neat ones: what is measured here is the picture."""
QUALITY = 88


@dataclass(frozen=True)
class Result:
    """What a check said of a scan after a process; `reasons`: codes of the findings that it names."""

    process: str
    verdict: str
    reasons: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=4, help="scans, each put through every process")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--write", action="store_true", help="keep the page in docs/benchmarks")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    results = list(measured(options.size, options.seed))
    command = f"python -m benchmarks.cameras --size {options.size} --seed {options.seed}"
    publish("cameras", "Other cameras and processes", command, page(results), write=options.write)


def measured(size: int, seed: int) -> Iterator[Result]:
    """Every process on every scan: plain ones of the school's form, drawn without a flaw."""
    library = load_templates(default_templates())
    checker = Checker(library)
    chosen = plans(library, size, seed, "good", presets=("flatbed", "phone_good"), hand_names=HANDS)
    for number, plan in enumerate(chosen):
        photo = replace(preset(plan.preset, plan.seed), jpeg=None, fingers=0, folded_corners=())
        drawn = draw(plan.specimen, library, hand=plan.hand, photo=photo, seed=plan.seed)
        pictures = [item if isinstance(item, np.ndarray) else item.image for item in drawn.photos]
        for place, (name, process) in enumerate(PROCESSES.items()):
            rng = np.random.default_rng([seed, number, place])
            verdict, reasons = _checked(checker, [process(one, rng) for one in pictures], plan.specimen.case)
            yield Result(name, verdict, reasons)
            print(f"\rscan {number + 1} of {size}: {name:20}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _checked(checker: Checker, pictures: Sequence[Image], case: CaseDict) -> tuple[str, tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.jpg" for number in range(len(pictures))]
        for path, picture in zip(files, pictures, strict=True):
            write.save(path, picture, quality=QUALITY)
        outcome = checker.check([ScanFile(path, path.name) for path in files], parse_case(case))
    verdict = outcome.verdict("en")
    codes = {finding.code for finding in verdict.findings if finding.severity != "note"}
    return verdict.verdict, tuple(sorted(codes))


def page(results: Sequence[Result]) -> list[str]:
    """The page's parts: each process with its verdicts and the findings that kept scans from passing."""
    rows = []
    for name in dict.fromkeys(result.process for result in results):
        group = [result for result in results if result.process == name]
        counts = Counter(result.verdict for result in group)
        reasons = Counter(code for result in group for code in result.reasons)
        told = ", ".join(f"{code} {times}" for code, times in reasons.most_common())
        rows.append([name, len(group), *(counts[verdict] for verdict in VERDICTS), told])
    returned = sum(result.verdict == "return" for result in results)
    return [
        "Good scans in neat hands, put through what cameras, scanners, software and paper do, in code that "
        "shares nothing with the fixtures' maker (`benchmarks/cameras`). No network was "
        "trained on them; `MOST_USUAL` was set on plain pages, with some of them in sight, on other seeds. "
        "Grey scans and those in black and white may be copies: `photocopy`.",
        f"Returned for the picture's fault: {returned} of {len(results)}.",
        table(["process", "scans", *VERDICTS, "findings, and in how many scans"], rows),
    ]


if __name__ == "__main__":
    main()
