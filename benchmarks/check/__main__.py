"""What a check costs: stages, memory, start, batches. `python -m benchmarks.check [--size N] [--write]`."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2

from benchmarks.check.batch import by_processes, runs
from benchmarks.check.ready import starts, told
from benchmarks.check.samples import Sample, cpu_seconds, machine, resident_mb, samples
from benchmarks.tables import publish, table
from scanservice.check import Checker, Watch
from scanservice.intake import open_scan
from scanservice.locations import default_templates
from scanservice.template import load_templates

SEED = 81
STAGES = ("decode", "align", "measure", "read", "judge")
COLD_STARTS = 3


@dataclass(frozen=True)
class Cost:
    """Processor seconds of one check by stage."""

    sample: Sample
    pages: int
    verdict: str
    stages: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.stages)


class CpuWatch(Watch):
    """A check's watch that also keeps the processor seconds of each stage."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu: dict[str, float] = {}
        self._before = cpu_seconds()

    def lap(self, stage: str) -> None:
        super().lap(stage)
        now = cpu_seconds()
        self.cpu[stage] = now - self._before
        self._before = now


def measure(checker: Checker, sample: Sample) -> Cost:
    """One check, stage by stage.

    Decoding runs in a process of its own, whose time is not ours to see: the same code is measured here.
    """
    watch = CpuWatch()
    scan = open_scan(sample.files, isolated=False)
    watch.lap("decode")
    evidence = checker.see(scan, sample.case, watch)
    outcome = checker.judge(evidence, sample.case)
    watch.lap("judge")
    return Cost(sample, len(scan.pages), outcome.kind, tuple(watch.cpu[stage] for stage in STAGES))


def growth(checker: Checker, found: Sequence[Sample], repeats: int) -> list[float]:
    """Resident memory (MB) after each of some rounds over all samples, decoded in the confined process."""
    resident = []
    for _ in range(repeats):
        for sample in found:
            checker.check(sample.files, sample.case)
        resident.append(resident_mb())
    return resident


def cold_start(sample: Sample) -> tuple[float, float]:
    """Wall and processor seconds of the command, from nothing to its verdict; the median of some."""
    case = sample.files[0].path.parent / "case.json"
    command = [sys.executable, "-m", "scanservice", "check", *(str(file.path) for file in sample.files)]
    walls, busy = [], []
    for _ in range(COLD_STARTS):
        start, start_busy = time.perf_counter(), cpu_seconds()
        subprocess.run([*command, "--case", str(case)], check=False, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - start)
        busy.append(cpu_seconds() - start_busy)
    return median(walls), median(busy)


def by_stage(costs: Sequence[Cost]) -> str:
    """CPU milliseconds a page, by stage, of every scan, and the mean of all pages."""
    rows: list[list[object]] = [
        [cost.sample.name, cost.sample.preset, cost.pages, cost.verdict, *_milliseconds([cost])]
        for cost in costs
    ]
    rows.append(["all", "", sum(cost.pages for cost in costs), "", *_milliseconds(costs)])
    return table(["scan", "taken as", "pages", "verdict", *STAGES, "total"], rows)


def _milliseconds(costs: Sequence[Cost]) -> list[str]:
    pages = sum(cost.pages for cost in costs)
    stages = [sum(cost.stages[i] for cost in costs) for i in range(len(STAGES))]
    return [f"{value / pages * 1000:.0f}" for value in (*stages, sum(stages))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=6, help="scans")
    parser.add_argument("--rounds", type=int, default=3, help="times that all are checked again, for memory")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    library = load_templates(default_templates())
    with tempfile.TemporaryDirectory() as folder:
        found = list(samples(Path(folder), library, asked.size, SEED, "mixed"))
        checker = Checker(library)
        measure(checker, found[0])  # loads the model
        costs = [measure(checker, sample) for sample in found]
        resident = growth(checker, found, asked.rounds)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        single = replace(found[0], files=found[0].files[:1])
        wall, busy = cold_start(single)
        batches = runs(Path(folder), found)
    memory = table(
        ["round", "resident after it, MB"], [[i + 1, f"{mb:.0f}"] for i, mb in enumerate(resident)]
    )
    publish(
        "check",
        "The cost of a check",
        f"python -m benchmarks.check --size {asked.size} --rounds {asked.rounds} --write",
        [
            "CPU milliseconds a page by stage; every second scan has a defect. " + machine(),
            by_stage(costs),
            f"Memory of the process that checks: peak {peak:.0f} MB, which includes the drawing of the "
            f"samples and decoding in this process; then, after each round over all {asked.size} scans:",
            memory,
            f"A cold start of the command on the first file of the first scan: {wall:.1f} s of wall time on "
            f"the machine as it was, {busy:.1f} s of processor time (median of {COLD_STARTS}).",
            told(starts()),
            "`scanservice batch` over the same scans, loading included:",
            by_processes(batches),
        ],
        write=asked.write,
    )


if __name__ == "__main__":
    main()
