"""How long the service takes from its start until it can take work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import httpx2

from benchmarks.check.samples import cpu_seconds

STARTS = 4
LONGEST_SECONDS, POLL_SECONDS = 120, 0.02


@dataclass(frozen=True)
class Start:
    """One start: seconds of wall time until `/readyz` says that it is ready; processor seconds of all its
    processes, until they have stopped.
    """

    ready: float
    busy: float


def starts() -> list[Start]:
    """Some starts with the same data, one after another; the first makes its tables."""
    with tempfile.TemporaryDirectory() as data:
        return [_start(data) for _ in range(STARTS)]


def _start(data: str) -> Start:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = os.environ | {"SCANSERVICE_DATA": data, "SCANSERVICE_PORT": str(port)}
    begin, busy = time.perf_counter(), cpu_seconds()
    process = subprocess.Popen(
        [sys.executable, "-m", "scanservice", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _ready(port):
            if time.perf_counter() - begin > LONGEST_SECONDS:
                raise RuntimeError(f"the service was not ready within {LONGEST_SECONDS} s")
            time.sleep(POLL_SECONDS)
        passed = time.perf_counter() - begin
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    return Start(passed, cpu_seconds() - busy)


def _ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def told(found: Sequence[Start]) -> str:
    first, later = found[0], found[1:]
    usual, busy = median(start.ready for start in later), median(start.busy for start in later)
    return (
        f"From the start of `scanservice serve` until it is ready: {first.ready:.1f} s with nothing there "
        f"yet, then {usual:.1f} s (median of {len(later)}), with {busy:.1f} s of processor time, its stop "
        "included."
    )
