"""Figures for operators, read from the tables when asked; none of them is about a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from scanservice.service import presence
from scanservice.service.database import Tx
from scanservice.service.tables import deliveries, jobs, scans


@dataclass(frozen=True, slots=True)
class Gauges:
    """Attributes:
    jobs: waiting or at work, by kind. oldest_seconds: since the oldest check was asked for.
    scans: by verdict. deliveries: by state. processes: alive, by role.
    """

    jobs: dict[str, int]
    oldest_seconds: float
    scans: dict[str, int]
    open_scans: int
    deliveries: dict[str, int]
    processes: dict[str, int]


def read(tx: Tx) -> Gauges:
    by_kind = tx.all(select(jobs.c.kind, func.count()).group_by(jobs.c.kind))
    oldest = tx.value(select(func.min(jobs.c.created_at)).where(jobs.c.kind == "check"))
    by_verdict = tx.all(select(scans.c.verdict, func.count()).group_by(scans.c.verdict))
    undecided = select(func.count()).select_from(scans).where(
        scans.c.state == "checked", scans.c.superseded.is_(False)
    )  # fmt: skip
    by_state = tx.all(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    roles: dict[str, int] = {}
    for row in presence.alive(tx):
        roles[row.role] = roles.get(row.role, 0) + 1
    return Gauges(
        jobs={row[0]: row[1] for row in by_kind},
        oldest_seconds=0.0 if oldest is None else max(0, tx.now - oldest) / 1000,
        scans={row[0] or "none": row[1] for row in by_verdict},
        open_scans=tx.value(undecided),
        deliveries={row[0]: row[1] for row in by_state},
        processes=roles,
    )
