"""`python -m benchmarks.endurance [--size N] [--write]`: memory of one worker's processes over N mixed scans.

The committed fixtures (photographs, PDF, TIFF, HEIC, other forms, broken off pages) are checked round after
round in one checking process, as a worker has it, which is not replaced meanwhile.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median

from benchmarks.faults.fleet import ROOT
from benchmarks.tables import publish, table
from scanservice.case import Case, parse_case
from scanservice.errors import InputError
from scanservice.service.checking import Context
from scanservice.service.sandbox import Sandbox
from scanservice.settings import Settings

FIXTURES = ROOT / "fixtures"
SAMPLE_SECONDS = 0.05
TODAY = dt.date(2018, 12, 25)
PARTS = 10
"""The run is shown in so many parts; the first holds the loading of models, and is not compared."""


class Watcher(threading.Thread):
    """Looks at the memory of this process's children and theirs.

    Attributes:
        peak: MB of the checking process alone; peak_together: with the processes that it starts.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self.peak_together = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(SAMPLE_SECONDS):
            sizes = [resident_mb(pid) for pid in below(os.getpid())]
            self.peak_together = max(self.peak_together, sum(sizes))
            self.peak = max([self.peak, *sizes])


def below(pid: int, deep: int = 4) -> list[int]:
    """The processes that a process has started, and those that they have, `deep` generations."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(c) for task in tasks for c in (task / "children").read_text().split()]
    except OSError:
        return []  # it has ended
    if deep == 1:
        return children
    return children + [later for child in children for later in below(child, deep - 1)]


def resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def samples() -> list[tuple[list[Path], Case]]:
    found = []
    for folder in sorted(path.parent for path in FIXTURES.glob("*/case.json")):
        case = parse_case(json.loads((folder / "case.json").read_text(encoding="utf-8")))
        found.append((sorted(folder.glob("scan*")), case))
    return found


def run(sandbox: Sandbox, size: int) -> tuple[list[float], list[float]]:
    """Resident memory (MB) of the checking process after each scan, and seconds of each."""
    resident, seconds = [], []
    everything = samples()
    for number in range(size):
        files, case = everything[number % len(everything)]
        started = time.perf_counter()
        with suppress(InputError):  # a clear answer as well
            sandbox.check(files, case, Context(case.today or TODAY))
        seconds.append(time.perf_counter() - started)
        (child,) = below(os.getpid(), 1)
        resident.append(resident_mb(child))
        if (number + 1) % max(1, size // PARTS) == 0:
            print(f"{number + 1}: {resident[-1]:.0f} MB", flush=True)
    return resident, seconds


def parts(resident: Sequence[float]) -> list[list[float]]:
    step = max(1, len(resident) // PARTS)
    return [list(resident[start : start + step]) for start in range(0, step * PARTS, step)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300, help="scans")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    sandbox = Sandbox(Settings(recycle_after=10**9))  # type: ignore[call-arg]
    watcher = Watcher()
    watcher.start()
    resident, seconds = run(sandbox, asked.size)
    watcher.over.set()
    watcher.join()
    sandbox.close()
    shown = parts(resident)
    middle = [median(part) for part in shown]
    growth = (middle[-1] / middle[1] - 1) * 100
    step = len(shown[0])
    rows = [
        [f"{i * step + 1} to {(i + 1) * step}", f"{middle[i]:.0f}", f"{max(part):.0f}"]
        for i, part in enumerate(shown)
    ]
    text = [
        f"{asked.size} scans, {len(samples())} different ones in turn, in one checking process; resident "
        "memory after each scan, MB.",
        table(["scans", "median", "most"], rows),
        f"From the second tenth to the last: {growth:+.1f} %. Peak of the checking process "
        f"{watcher.peak:.0f} MB, with the decoders and readers that it starts "
        f"{watcher.peak_together:.0f} MB. "
        f"A scan took {median(seconds):.1f} s (median; load average {os.getloadavg()[0]:.1f} at the end).",
    ]
    command = f"python -m benchmarks.endurance --size {asked.size}"
    publish("endurance", "Memory of a worker over many scans", command, text, write=asked.write)


if __name__ == "__main__":
    main()
