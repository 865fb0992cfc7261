"""`python -m benchmarks.load.engines`: the job table beside DBOS, doing nothing N times on SQLite.

Each engine takes up N jobs from the application's own transactions and does them in one process, one at a
time. What is compared: seconds to write the jobs down, seconds to do them, and what a worker that has
nothing to do costs.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import table

IDLE_SECONDS = 10


def own(folder: Path, size: int) -> list[object]:
    from scanservice.service import jobs, migrating
    from scanservice.service.database import Database

    database = Database(f"sqlite:///{folder / 'own.db'}")
    migrating.migrate(database)
    started = time.perf_counter()
    for number in range(size):
        with database.write() as tx:
            jobs.enqueue(tx, "check", str(number), priority=jobs.FRESH)
    written = time.perf_counter()
    for _ in range(size):
        with database.write() as tx:
            job = jobs.claim(tx, "worker", ("check",), 20_000)
        assert job is not None
        with database.write() as tx:
            jobs.finish(tx, job)
    done = time.perf_counter()
    busy = _busy()
    ends = time.monotonic() + IDLE_SECONDS
    while time.monotonic() < ends:
        with database.read() as tx:
            assert jobs.waiting(tx) == 0
        time.sleep(0.2)
    return ["job table", written - started, done - written, (_busy() - busy) / IDLE_SECONDS * 100, _memory()]


def dbos(folder: Path, size: int) -> list[object]:
    from dbos import DBOS, DBOSClient, EnqueueOptions
    from sqlalchemy import create_engine

    url = f"sqlite:///{folder / 'dbos.db'}"
    ended: list[int] = []

    @DBOS.workflow()
    def do(number: int) -> None:
        ended.append(number)

    DBOS(config={"name": "bench", "system_database_url": url, "executor_id": "w", "application_version": "1",
                 "log_level": "ERROR"})  # fmt: skip
    DBOS.launch()
    DBOS.register_queue("checks", worker_concurrency=1, polling_interval_sec=0.05)
    client = DBOSClient(system_database_url=url)
    engine = create_engine(url)
    options: EnqueueOptions = {"queue_name": "checks", "workflow_name": do.__qualname__}
    started = time.perf_counter()
    for number in range(size):
        with engine.begin() as connection:
            client.enqueue_in_transaction(connection, options, number)
    written = time.perf_counter()
    while len(ended) < size:
        time.sleep(0.01)
    done = time.perf_counter()
    busy = _busy()
    time.sleep(IDLE_SECONDS)
    row = ["DBOS", written - started, done - written, (_busy() - busy) / IDLE_SECONDS * 100, _memory()]
    client.destroy()
    DBOS.destroy()
    return row


def _busy() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--engine", choices=["own", "dbos"])
    options = parser.parse_args()
    if options.engine:
        with tempfile.TemporaryDirectory(prefix="engines-") as folder:
            row = (own if options.engine == "own" else dbos)(Path(folder), options.size)
        print("\t".join(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row))
        return
    rows = []
    for engine in ("own", "dbos"):  # a process each, so that neither pays for the other's modules
        command = [sys.executable, "-m", "benchmarks.load.engines", "--engine", engine]
        command += ["--size", str(options.size)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rows.append(told.strip().split("\t"))
    print(table(["engine", "written down (s)", "done (s)", "idle, % of a core", "memory (MB)"], rows))


if __name__ == "__main__":
    main()
