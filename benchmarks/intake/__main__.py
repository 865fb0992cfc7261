"""`python -m benchmarks.intake [--repeat N] [--write]`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.intake.samples import uploads
from benchmarks.tables import publish, table
from scanservice.intake import Limits, ScanFile, open_scan
from scanservice.intake.client import DecoderServer
from scanservice.intake.kinds import Kind, sniff

_START = (
    "import time; s = time.perf_counter()\n"
    "from scanservice.intake import ScanFile, open_scan, prepare\n"
    "import sys, pathlib\n"
    "open_scan([ScanFile(pathlib.Path(sys.argv[1]), 'x')])\n"
    "print(time.perf_counter() - s)\n"
)


def _best(work: Callable[[], object], repeat: int) -> tuple[float, float]:
    """The least wall and processor time of this process, in ms, of several runs after a first one."""
    work()
    wall, busy = [], []
    for _ in range(repeat):
        start, start_busy = time.perf_counter(), time.process_time()
        work()
        wall.append((time.perf_counter() - start) * 1000)
        busy.append((time.process_time() - start_busy) * 1000)
    return min(wall), min(busy)


def _row(name: str, contents: list[bytes], folder: Path, repeat: int) -> list[object]:
    files = []
    for number, content in enumerate(contents):
        path = folder / str(number)
        path.write_bytes(content)
        files.append(ScanFile(path, path.name))
    scan = open_scan(files)
    working = sum(page.image.shape[0] * page.image.shape[1] for page in scan.pages)
    del scan
    wall, service = _best(lambda: open_scan(files), repeat)
    plain_wall, plain = _best(lambda: open_scan(files, isolated=False), repeat)
    child, peak = _child(contents, repeat)
    size = sum(map(len, contents)) / 1e6
    return [
        name, f"{size:.1f}", f"{working / 1e6:.1f}", f"{plain:.0f}", f"{service + child:.0f}",
        f"{service:.0f}", f"{plain_wall:.0f}", f"{wall:.0f}", f"{peak / 1000:.0f}",
    ]  # fmt: skip


def _child(contents: list[bytes], repeat: int) -> tuple[float, int]:
    """The least processor time (ms) and the most memory (kB) of the child that decodes."""
    server = DecoderServer(pdf=any(sniff(content) is Kind.PDF for content in contents))
    usages = []
    for _ in range(repeat):
        server.decode(contents, Limits())
        assert server.last is not None
        usages.append(server.last)
    server.close()
    return min(usage.cpu_seconds for usage in usages) * 1000, max(usage.peak_kb for usage in usages)


def _cold_ms(content: bytes, folder: Path, repeat: int) -> float:
    path = folder / "cold"
    path.write_bytes(content)
    command = [sys.executable, "-c", _START, str(path)]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(repeat)]
    return min(float(run.stdout) * 1000 for run in runs)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    header = (
        "upload", "MB", "megapixels decoded", "in-process, CPU ms", "confined, CPU ms", "of it the service",
        "in-process, wall ms", "confined, wall ms", "child's peak MB",
    )  # fmt: skip
    rows, cold = [], []
    with tempfile.TemporaryDirectory() as name:
        for title, contents in uploads():
            rows.append(_row(title, contents, Path(name), arguments.repeat))
            if title in ("JPEG, 12 megapixels", "PDF, 1 photograph of 12 megapixels"):
                cold.append([title, f"{_cold_ms(contents[0], Path(name), 3):.0f}"])
    publish(
        "intake",
        "Decoding uploads",
        f"python -m benchmarks.intake --repeat {arguments.repeat} --write",
        [
            "One upload at a time, with a decoding server that is already running; the least of the runs, "
            "since the machine had other work too. The child's memory counts the pages that it hands over "
            "and what it shares with its server (30 MB, with MuPDF 150 MB); the service maps the same "
            "pages once.",
            table(header, rows),
            "From nothing: a new Python process that imports intake (with NumPy and OpenCV), starts the "
            "decoding server, and has the page.",
            table(("upload", "ms"), cold),
        ],
        write=arguments.write,
    )


if __name__ == "__main__":
    main()
