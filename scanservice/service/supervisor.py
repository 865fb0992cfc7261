"""Keeps processes running: each is started again when it dies, later and later if it dies at once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from scanservice.service.logs import log
from scanservice.settings import Settings

LOOK_SECONDS = 0.2
SETTLED_SECONDS = 10
"""A process that lived so long died for a reason of the moment and is started again at once."""
LONGEST_PAUSE = 30
FAREWELL_SECONDS = 20


@dataclass
class Ward:
    """A process that is kept alive: `python -m module name`."""

    name: str
    module: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = field(default=0.0)


class Supervisor:
    def __init__(self, settings: Settings, wards: Sequence[Ward]) -> None:
        self.wards = list(wards)
        self.stopping = threading.Event()
        self._environment = os.environ | settings.environment()

    def run(self) -> None:
        """Until SIGTERM or SIGINT; then the wards are asked to end, and made to after a while."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            while not self.stopping.is_set():
                for ward in self.wards:
                    self._look(ward)
                self.stopping.wait(LOOK_SECONDS)
        finally:
            self._end()

    def _look(self, ward: Ward) -> None:
        now = time.monotonic()
        if ward.process is not None:
            code = ward.process.poll()
            if code is None:
                return
            ward.failures = 0 if now - ward.started > SETTLED_SECONDS else ward.failures + 1
            pause = min(2.0 ** (ward.failures - 2), LONGEST_PAUSE) if ward.failures > 1 else 0.0
            ward.not_before = now + pause
            ward.process = None
            log.warning("process ended", ward=ward.name, code=code, pause=pause)
        if now >= ward.not_before:
            ward.started = now
            ward.process = subprocess.Popen(
                [sys.executable, "-m", ward.module, ward.name],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _end(self) -> None:
        running = [ward.process for ward in self.wards if ward.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + FAREWELL_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def worker_wards(settings: Settings, after: float = 0.0) -> tuple[list[Ward], list[IO[bytes]]]:
    """The workers and the courier of this command, with names of their own; started `after` so many seconds.

    A name is host, data folder and a number that is locked as long as the returned files are open:
    two commands on one machine never work under one name.
    """
    prefix = here(settings)
    held: list[IO[bytes]] = []
    slots = _free_slots(settings.data / "slots", settings.slots, held)
    wards = [Ward(f"{prefix}-{slot}", "scanservice.service.worker") for slot in slots]
    wards.append(Ward(f"{prefix}-courier", "scanservice.service.courier_process"))
    for ward in wards:
        ward.not_before = time.monotonic() + after
    return wards, held


def here(settings: Settings) -> str:
    """What the names of the processes of a host and data folder begin with."""
    place = hashlib.sha256(str(settings.data.absolute()).encode()).hexdigest()[:6]
    return f"{socket.gethostname()}-{place}"


def _free_slots(folder: Path, count: int, held: list[IO[bytes]]) -> list[int]:
    folder.mkdir(parents=True, exist_ok=True)
    found: list[int] = []
    slot = 0
    while len(found) < count:
        file = (folder / str(slot)).open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            held.append(file)
            found.append(slot)
        slot += 1
    return found
