"""This program's check against readers of whole pages: `python -m benchmarks.peers [--size N] [--write]`."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ["OMP_THREAD_LIMIT"] = "1"  # of Tesseract
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2

from benchmarks.check.samples import Sample, cpu_seconds, machine, samples
from benchmarks.peers.readers import (
    Line,
    Reader,
    found_anywhere,
    found_beside_label,
    rapidocr_reader,
    tesseract_reader,
)
from benchmarks.tables import publish, table
from scanservice.check import Checker
from scanservice.evidence import Scan
from scanservice.intake import open_scan
from scanservice.locations import default_templates
from scanservice.template import load_templates

SEED = 82
OURS, RAPID, TESSERACT = "this program, everything", "RapidOCR, whole page", "Tesseract, whole page"
BESIDE = "RapidOCR and labels"


@dataclass(frozen=True)
class Field:
    """What was written in a region, and the label that is printed beside it."""

    label: str | None
    text: str
    agreed: bool


@dataclass
class Tally:
    """Processor seconds and fields found right, over all scans."""

    seconds: float = 0.0
    right: int = 0


@dataclass
class Tallies:
    pages: int = 0
    fields: int = 0
    of: dict[str, Tally] = field(
        default_factory=lambda: {name: Tally() for name in (OURS, RAPID, BESIDE, TESSERACT)}
    )


def checked(checker: Checker, sample: Sample) -> tuple[Scan, list[Field], float]:
    """The decoded pages, the fields of the case, and the seconds of a whole check, decoding included."""
    start = cpu_seconds()
    scan = open_scan(sample.files, isolated=False)
    evidence = checker.see(scan, sample.case)
    outcome = checker.judge(evidence, sample.case)
    seconds = cpu_seconds() - start
    template = outcome.template
    if template is None:
        raise SystemExit(f"no form was found on {sample.name}: there are no fields to compare")
    fields = [
        Field(region.label, judgement.expected, judgement.agreement == "agree")
        for _, region in template.regions()
        if region.kind == "text" and (judgement := outcome.judgements.get(region.id)) is not None
        if judgement.expected
    ]
    return scan, fields, seconds


def read(reader: Reader, scan: Scan) -> tuple[list[Line], float]:
    """The lines of all pages, those of later pages further down, and the seconds."""
    start, lines, top = cpu_seconds(), [], 0.0
    for page in scan.pages:
        found = reader(page.image)
        lines += [Line(one.text, one.left, one.top + top, one.right, one.bottom + top) for one in found]
        top += page.image.shape[0]
    return lines, cpu_seconds() - start


def compare(found: Sequence[Sample], checker: Checker, readers: Mapping[str, Reader]) -> Tallies:
    """Every scan by every program, one after another, so that all meet the same load."""
    tallies = Tallies()
    for sample in found:
        scan, fields, seconds = checked(checker, sample)
        tallies.pages += len(scan.pages)
        tallies.fields += len(fields)
        _count(tallies.of[OURS], seconds, [one.agreed for one in fields])
        for name, reader in readers.items():
            lines, seconds = read(reader, scan)
            _count(tallies.of[name], seconds, [found_anywhere(lines, one.text) for one in fields])
            if name == RAPID:
                _count(tallies.of[BESIDE], seconds, [_beside(lines, one) for one in fields])
    return tallies


def _beside(lines: Sequence[Line], one: Field) -> bool:
    """A region that has no label of its own is looked for on the whole page, in the peer's favour."""
    return found_beside_label(lines, one.label, one.text) if one.label else found_anywhere(lines, one.text)


def _count(tally: Tally, seconds: float, right: Sequence[bool]) -> None:
    tally.seconds += seconds
    tally.right += sum(right)


def report(tallies: Tallies) -> str:
    rapid = tallies.of[RAPID].seconds
    rows = [
        [
            name,
            f"{tally.seconds / tallies.pages:.2f}",
            f"{tally.seconds / rapid:.2f}",
            f"{tally.right / max(tallies.fields, 1):.1%}",
        ]
        for name, tally in tallies.of.items()
    ]
    return table(["program", "CPU seconds a page", "of RapidOCR", "fields right"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=6, help="scans")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    library = load_templates(default_templates())
    with tempfile.TemporaryDirectory() as folder:
        found = list(samples(Path(folder), library, asked.size, SEED, "good"))
        checker, readers = Checker(library), {RAPID: rapidocr_reader(), TESSERACT: tesseract_reader()}
        checked(checker, found[0])  # loads the model; RapidOCR has loaded its own
        tallies = compare(found, checker, readers)
    publish(
        "peers",
        "Against reading whole pages",
        f"python -m benchmarks.peers --size {asked.size} --write",
        [
            f"{asked.size} faultless scans of the maker, {tallies.pages} pages, {tallies.fields} filled "
            f"fields. {machine()}",
            report(tallies),
            "Ours decodes, finds and places the form, measures marks, and judges every rule; the peers get "
            "decoded pages and only read. A field is right for a peer where the entered text stands anywhere "
            "on the page, signs aside (with labels: in the row of its label), and for us where the judgement "
            "is `agree`. What a wrong text would be taken for is another question: see "
            "[agreement](agreement.md).",
        ],
        write=asked.write,
    )


if __name__ == "__main__":
    main()
