"""`python -m benchmarks.growth [--size N] [--storage embedded|served] [--write]`.

What one more scan, and one more look, cost as the database goes from none to N scans: the service itself, in
this process, over HTTP without a network; the check is the tests' one, which takes no time. Wall time, the
median of some.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import structlog

from benchmarks.growth import filling
from benchmarks.tables import publish, table
from scanservice.service import gauges, housekeeping, jobs, reuse
from scanservice.service.judging import perform
from scanservice.service.sandbox import Sandbox
from scanservice.service.scans import get_scan
from scanservice.settings import Settings
from tests.service import servers
from tests.service.world import World, a_case, open_world

CHECKER = "tests.service.fake_checker:make"
ROUNDS = 15
Action = Callable[[int], object]


def actions(world: World, count: int) -> Iterator[tuple[str, Action]]:
    """What is timed, in this order: a scan's life, then what people and programs ask."""
    services = world.services
    waiting: list[str] = []
    claimed: list[jobs.Job] = []

    def named(n: int) -> str:
        return f"grown-{count}-{n}"

    def put(n: int) -> None:
        answer = world.call("PUT", f"/v1/cases/{named(n)}", json=a_case(named(n)))
        answer.raise_for_status()

    def upload(n: int) -> None:
        text = f"serial 2019100423\nink {count}-{n}\nseal {count}-{n}\n"
        answer = world.upload(named(n), text)
        answer.raise_for_status()
        waiting.append(answer.json()["scan"])

    def claim(_: int) -> None:
        with services.db.write() as tx:
            job = jobs.claim(tx, "bench", ("check", "rejudge"), services.lease_ms)
        assert job is not None
        claimed.append(job)

    def verdict(n: int) -> None:
        perform(services, services.bench, claimed[n])

    def look_up(n: int) -> None:
        with services.db.read() as tx:
            scan = get_scan(tx, waiting[n])
            reuse.of_marks(tx, services.memory, scan, filling.fingerprint(-n - 5), [filling.imprint(-n - 5)])

    def facts(n: int) -> None:
        other = a_case(named(n), entry__employer_name="青岛蓝山食品股份有限公司")
        assert world.call("PUT", f"/v1/cases/{named(n)}", json=other).json()["rejudged"]

    def erased(n: int) -> None:
        assert world.call("DELETE", f"/v1/cases/{named(n)}").json()["scans_erased"] == 1

    def figures(_: int) -> None:
        with services.db.read() as tx:
            gauges.read(tx)

    def ask(path: str, **params: Any) -> Action:
        return lambda _: world.call("GET", path, params=params).raise_for_status()

    some = count // 2
    yield "a case is set", put
    yield "an upload, until its 202", upload
    yield "a worker claims a job", claim
    yield "from the claim to the verdict", verdict
    yield "who showed this ink and seal before", look_up
    yield "new facts, until the new verdict", facts
    yield "the queue's first page, with counts", ask("/v1/queue")
    yield "the queue of one finding", ask("/v1/queue", finding="date-missing")
    yield "decided scans, newest first", ask("/v1/queue", state="decided", order="newest")
    yield "search by name", ask("/v1/queue", state="all", search=filling.name(some)[1:])
    yield "search by student number", ask("/v1/queue", state="all", search=filling.student_number(some))
    yield "search by serial", ask("/v1/queue", state="all", search=filling.serial(some))
    yield "the main system asks for new events", ask("/v1/events", after=2 * count)
    yield "a paper of the ledger", ask("/v1/papers", search=filling.serial(some))
    yield "a case is erased", erased
    yield "figures for operators", figures
    yield "housekeeping", lambda _: housekeeping.tidy(services)


def measure(world: World, count: int) -> dict[str, float]:
    """Milliseconds of each action, the median of its rounds."""
    found = {}
    with world.services.db.read() as tx:
        world.services.memory.similar(tx, "ink", filling.fingerprint(0))
    for name, action in actions(world, count):
        taken = []
        for number in range(ROUNDS):
            started = time.perf_counter()
            action(number)
            taken.append((time.perf_counter() - started) * 1000)
        found[name] = median(taken)
    return found


def first_look(world: World) -> float:
    """Milliseconds until a process that has just started knows all marks."""
    world.services.memory._forget()
    started = time.perf_counter()
    with world.services.db.read() as tx:
        world.services.memory.similar(tx, "ink", filling.fingerprint(0))
    return (time.perf_counter() - started) * 1000


@contextmanager
def storage(kind: str, folder: Path) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        if kind == "embedded":
            yield {}
        else:
            server = stack.enter_context(servers.postgres(folder / "postgres"))
            yield {"database_url": server.new_database("bench")}


def run(kind: str, sizes: list[int]) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="growth-") as name,
        storage(kind, Path(name)) as places,
    ):
        folder = Path(name)
        settings = Settings(
            data=folder / "var", checker=CHECKER, templates=folder, upload_rate="100000/minute", **places
        )  # type: ignore[call-arg]
        desk, bench = Sandbox(settings), Sandbox(settings)
        with open_world(settings, desk, bench) as world:
            filled = 0
            for size in sizes:
                filling.fill(world.services.db, filled, size)
                filled = size
                for action, taken in measure(world, size).items():
                    rows.setdefault(action, []).append(taken)
                rows.setdefault("a new process learns all marks (once)", []).append(first_look(world))
                print(kind, size, "done", flush=True)
        desk.close()
        bench.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--storage", choices=["embedded", "served"], action="append")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sizes = [0, asked.size // 10, asked.size]
    parts = [
        "Milliseconds of wall time, the median of "
        f"{ROUNDS}, as the database grows: the service in one process, over HTTP without a network, with a "
        f"check that takes no time. The newest {filling.OPEN} scans are open, the others decided; each has a "
        "case, a paper with its history, two files, a verdict, marks, events and deliveries."
    ]
    for kind in asked.storage or ["embedded", "served"]:
        rows = run(kind, sizes)
        head = ["PostgreSQL" if kind == "served" else "SQLite", *(f"{size:,} scans" for size in sizes)]
        parts.append(table(head, [[name, *(f"{ms:.1f}" for ms in taken)] for name, taken in rows.items()]))
    parts.append(f"Load average {os.getloadavg()[0]:.1f} at the end, on {os.cpu_count()} cores.")
    command = f"python -m benchmarks.growth --size {asked.size}"
    publish("growth", "As the database grows", command, parts, write=asked.write)


if __name__ == "__main__":
    main()
