"""What `scanservice batch` costs with one process and with two."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.check.samples import Sample, cpu_seconds
from benchmarks.tables import table

PROCESSES = (1, 2)
LEAST_LINES = 12
"""So that loading, once a process, does not weigh most."""


@dataclass(frozen=True)
class Run:
    """One run of the command: seconds of wall and of processor time, its own and its processes'."""

    jobs: int
    lines: int
    wall: float
    busy: float

    @property
    def cores(self) -> float:
        """Processors that were at work on the average."""
        return self.busy / self.wall


def runs(folder: Path, found: Sequence[Sample]) -> list[Run]:
    """The same manifest with each number of processes, one run after another."""
    manifest = folder / "manifest.jsonl"
    lines = [_line(sample, number) for number in range(-(-LEAST_LINES // len(found))) for sample in found]
    manifest.write_text("\n".join(lines), encoding="utf-8")
    return [_run(manifest, folder / "results.jsonl", jobs, len(lines)) for jobs in PROCESSES]


def _line(sample: Sample, number: int) -> str:
    files = [str(file.path) for file in sample.files]
    case = str(sample.files[0].path.parent / "case.json")
    return json.dumps({"id": f"{sample.name}-{number}", "scans": files, "case": case})


def _run(manifest: Path, out: Path, jobs: int, lines: int) -> Run:
    command = [sys.executable, "-m", "scanservice", "batch", str(manifest), "--out", str(out)]
    start, busy = time.perf_counter(), cpu_seconds()
    subprocess.run([*command, "--jobs", str(jobs)], check=True, stderr=subprocess.DEVNULL)
    return Run(jobs, lines, time.perf_counter() - start, cpu_seconds() - busy)


def by_processes(found: Sequence[Run]) -> str:
    """A row for each run. On a machine of one's own the wall times give the rates; on a shared one the
    processor time a scan tells whether processes hinder one another."""
    rows = [
        [run.jobs, run.lines, f"{run.wall:.0f}", f"{run.busy / run.lines:.2f}", f"{run.cores:.2f}"]
        for run in found
    ]
    return table(["processes", "scans", "wall, s", "CPU s a scan", "cores at work"], rows)
