"""Scans to time a check on, and the clocks to time it with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.maker.corpus import Kind, made, plans, save_scan
from scanservice.case import Case, parse_case
from scanservice.intake import ScanFile
from scanservice.template import Template


@dataclass(frozen=True)
class Sample:
    """One scan on disk; `preset`: how it was taken."""

    name: str
    preset: str
    files: tuple[ScanFile, ...]
    case: Case


def samples(folder: Path, library: Sequence[Template], count: int, seed: int, kind: Kind) -> Iterator[Sample]:
    """Writes `count` scans of the maker's corpus below a folder."""
    for plan in plans(library, count, seed, kind):
        place = folder / plan.name
        names = save_scan(place, plan.specimen, made(plan, library), plan.files, truth=False)
        files = tuple(ScanFile(place / name, name) for name in names)
        yield Sample(plan.name, plan.preset, files, parse_case(plan.specimen.case))


def cpu_seconds() -> float:
    """Processor time of this process, and of the children that it has waited for (Tesseract)."""
    return sum(os.times()[:4])


def resident_mb() -> float:
    """Memory of this process that is in use now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def machine() -> str:
    """One line on what the figures were measured on."""
    return f"{os.cpu_count()} cores, one thread a program; load average {os.getloadavg()[0]:.1f} at the end."
