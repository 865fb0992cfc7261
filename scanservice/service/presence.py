"""Which processes live: each says so now and then; operators and readiness read it."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from scanservice.service import figures
from scanservice.service.database import Record, Tx
from scanservice.service.tables import processes
from scanservice.service.times import DAY

SILENT_MS = 60_000


def appear(tx: Tx, name: str, role: str) -> None:
    tx.run(delete(processes).where(processes.c.name == name))
    tx.run(delete(processes).where(processes.c.seen_at < tx.now - DAY))
    tx.run(insert(processes).values(name=name, role=role, started_at=tx.now, seen_at=tx.now))
    figures.add(tx, name, "process_starts", role, 1)


def live(tx: Tx, name: str) -> None:
    tx.run(update(processes).where(processes.c.name == name).values(seen_at=tx.now))


def alive(tx: Tx) -> list[Record]:
    """Processes that have said so within the last minute."""
    return tx.all(
        select(processes).where(processes.c.seen_at > tx.now - SILENT_MS).order_by(processes.c.name)
    )
