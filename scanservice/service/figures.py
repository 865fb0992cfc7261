"""What processes count for operators: kept in memory, added to a table now and then, shown by any API.

A process adds to rows of its own, so that none waits for another; figures are about codes and kinds, never
about a person. A process that is killed loses the counts of its last seconds, and nothing else.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from scanservice.service.database import Tx
from scanservice.service.tables import figures

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Seconds: upper ends of the classes of times."""
SEPARATOR = ","
STAGES = ("decode", "align", "measure", "read", "total")


@dataclass(frozen=True, slots=True)
class About:
    """What a figure says, and what its labels are called."""

    text: str
    labels: tuple[str, ...] = ()


COUNTERS = {
    "uploads": About("Uploads accepted", ("source",)),
    "verdicts": About("Verdicts written", ("verdict", "cause")),
    "findings": About("Findings of the verdicts written", ("code",)),
    "checks_failed": About("Attempts at a check that came to no result", ("reason",)),
    "deliveries_tried": About("Attempts to deliver a webhook", ("result",)),
    "process_starts": About("Starts of processes; beyond the first of each: restarts", ("role",)),
}
TIMES = {
    "stage_seconds": About("Time of a check's stages", ("stage",)),
    "wait_seconds": About("From an upload's 202 to its first verdict"),
}


class Figures:
    """The counts of one process since it last wrote them down; its threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: Counter[tuple[str, str]] = Counter()

    def count(self, name: str, *labels: str, by: float = 1) -> None:
        """Adds to one of `COUNTERS`."""
        with self._lock:
            self._new[name, SEPARATOR.join(labels)] += by  # type: ignore[assignment]

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Adds a time to one of `TIMES`."""
        place = bisect_left(BOUNDS, seconds)
        bound = str(BOUNDS[place]) if place < len(BOUNDS) else "+Inf"
        self.count(f"{name}_class", *labels, bound)
        self.count(f"{name}_sum", *labels, by=seconds)

    def judged(self, document: Mapping[str, Any], cause: str) -> None:
        """A verdict that was written; with its stages where the picture was looked at."""
        self.count("verdicts", document["verdict"], cause)
        for finding in document["findings"]:
            self.count("findings", finding["code"])
        for stage in STAGES:
            if cause == "check" and stage in document["timings_ms"]:
                self.observe("stage_seconds", document["timings_ms"][stage] / 1000, stage)

    def write_down(self, tx: Tx, process: str) -> None:
        """Adds what is new to the process's rows. Where the transaction fails it is lost."""
        with self._lock:
            new, self._new = self._new, Counter()
        for (name, label), value in new.items():
            add(tx, process, name, label, value)


def add(tx: Tx, process: str, name: str, label: str, value: float) -> None:
    """Adds to one row, in this transaction."""
    mine = figures.c.process == process, figures.c.name == name, figures.c.label == label
    if tx.run(update(figures).where(*mine).values(value=figures.c.value + value)).rowcount == 0:
        tx.run(insert(figures).values(process=process, name=name, label=label, value=value))


def read(tx: Tx) -> dict[str, dict[tuple[str, ...], float]]:
    """All counts by name and labels, of all processes together."""
    rows = select(figures.c.name, figures.c.label, func.sum(figures.c.value)).group_by(
        figures.c.name, figures.c.label
    )
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for name, label, value in tx.all(rows):
        labels = tuple(label.split(SEPARATOR)) if label else ()
        found.setdefault(name, {})[labels] = value
    return found
