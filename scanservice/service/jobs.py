"""What is to be done: a table of "do this to that row", claimed under leases.

A worker claims a job for a while and says again and again that it lives; when it falls silent, the
lease runs out and another takes the job. Whoever finishes must still hold the lease, in the same
transaction that writes the result: however often a job is begun, it ends once.

Leases compare times of one clock, which an operator may set back or forward. Forward: a lease ends
early, and the guard at the end keeps the result single. Back: a lease that ends later than any could
is no lease, and a moment further off than any delay has come.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update

from scanservice.service.database import Tx
from scanservice.service.tables import jobs

Kind = Literal["check", "rejudge", "announce", "preview", "draw"]

FACTS, FRESH, PICTURES, RERUN = 0, 10, 30, 50
"""Priorities, least first: new facts (milliseconds of work), fresh uploads, their pictures, re-runs of old
ones."""
LASTING_CAUSES = ("pictures", "reopened")
"""Causes that ask for more than new facts do, and are not forgotten when such come too."""
LONGEST_DELAY_MS = 10 * 60_000


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job; `wanted` is how often it had been asked for when it was claimed."""

    id: int
    kind: Kind
    subject: str
    cause: str
    wanted: int
    tries: int
    trouble: str | None
    lease: str


def enqueue(tx: Tx, kind: Kind, subject: str, *, priority: int, cause: str = "", delay_ms: int = 0) -> None:
    """Asks for work on `subject`; asked twice before it is done, it is done once, after the last."""
    enqueue_many(tx, kind, [subject], priority=priority, cause=cause, delay_ms=delay_ms)


def enqueue_many(
    tx: Tx, kind: Kind, subjects: Sequence[str], *, priority: int, cause: str = "", delay_ms: int = 0
) -> None:
    """The same for several subjects, each of them named once."""
    if not subjects:
        return
    kept = case((jobs.c.cause.in_(LASTING_CAUSES), jobs.c.cause), else_=cause)
    again = tx.all(
        update(jobs)
        .where(jobs.c.kind == kind, jobs.c.subject.in_(subjects))
        .values(wanted=jobs.c.wanted + 1, priority=_urgent(priority), cause=kept)
        .returning(jobs.c.subject)
    )
    asked = {row.subject for row in again}
    new = {
        "kind": kind, "priority": priority, "wanted": 1, "cause": cause, "tries": 0,
        "created_at": tx.now, "run_at": tx.now + min(delay_ms, LONGEST_DELAY_MS),
    }  # fmt: skip
    rows = [{"subject": subject, **new} for subject in subjects if subject not in asked]
    if rows:
        tx.run(insert(jobs), rows)


def _urgent(priority: int) -> ColumnElement[int]:
    """The more urgent of the row's priority and this one, on either database."""
    return case((jobs.c.priority < priority, jobs.c.priority), else_=priority)


def _free(now: int, lease_ms: int) -> ColumnElement[bool]:
    due = or_(jobs.c.run_at <= now, jobs.c.run_at > now + LONGEST_DELAY_MS)
    unheld = or_(
        jobs.c.lease_until.is_(None), jobs.c.lease_until <= now, jobs.c.lease_until > now + 2 * lease_ms
    )
    return and_(due, unheld)


def claim(
    tx: Tx, owner: str, kinds: Collection[Kind], lease_ms: int, *, subject: str | None = None
) -> Job | None:
    """Takes the most urgent job that nobody holds; with `subject`, only that one."""
    wanted = select(jobs.c.id).where(jobs.c.kind.in_(kinds), _free(tx.now, lease_ms))
    if subject is not None:
        wanted = wanted.where(jobs.c.subject == subject)
    wanted = wanted.order_by(jobs.c.priority, jobs.c.run_at, jobs.c.id).limit(1)
    row = tx.one(wanted.with_for_update(skip_locked=True))
    if row is None:
        return None
    lease = secrets.token_hex(16)
    taken = tx.one(
        update(jobs)
        .where(jobs.c.id == row.id)
        .values(owner=owner, lease=lease, lease_until=tx.now + lease_ms, tries=jobs.c.tries + 1)
        .returning(*jobs.c)
    )
    assert taken is not None
    return Job(
        taken.id, taken.kind, taken.subject, taken.cause, taken.wanted, taken.tries, taken.trouble, lease
    )


def hold(tx: Tx, job: Job, lease_ms: int) -> bool:
    """Says that the work goes on; False where another has taken it."""
    held = update(jobs).where(jobs.c.id == job.id, jobs.c.lease == job.lease)
    return tx.run(held.values(lease_until=tx.now + lease_ms)).rowcount == 1


def finish(tx: Tx, job: Job) -> bool:
    """Ends a job, in the transaction that writes its result.

    Where it was asked for again meanwhile it stays, to be done again. False where the lease is lost:
    then the caller's transaction must write nothing.
    """
    mine = and_(jobs.c.id == job.id, jobs.c.lease == job.lease)
    if tx.run(delete(jobs).where(mine, jobs.c.wanted == job.wanted)).rowcount == 1:
        return True
    released = {"owner": None, "lease": None, "lease_until": None, "tries": 0, "trouble": None}
    return tx.run(update(jobs).where(mine).values(run_at=tx.now, **released)).rowcount == 1


def postpone(tx: Tx, job: Job, delay_ms: int, trouble: str, *, blameless: bool = False) -> None:
    """Gives a job back, to be tried again later; a blameless attempt is not counted."""
    mine = update(jobs).where(jobs.c.id == job.id, jobs.c.lease == job.lease)
    tx.run(
        mine.values(
            owner=None, lease=None, lease_until=None, trouble=trouble,
            tries=jobs.c.tries - (1 if blameless else 0),
            run_at=tx.now + min(delay_ms, LONGEST_DELAY_MS),
        )
    )  # fmt: skip


def release(tx: Tx, owner: str) -> int:
    """Frees what an earlier life of this worker held; its name is its own, so nobody else works on it."""
    held = update(jobs).where(jobs.c.owner == owner)
    return tx.run(held.values(owner=None, lease=None, lease_until=None)).rowcount


def waiting(tx: Tx, kinds: Collection[Kind] = ("check",)) -> int:
    """How many jobs of these kinds are not done yet."""
    return tx.value(select(func.count()).select_from(jobs).where(jobs.c.kind.in_(kinds)))


def pending(tx: Tx, kind: Kind, subject: str) -> bool:
    return tx.one(select(jobs.c.id).where(jobs.c.kind == kind, jobs.c.subject == subject)) is not None


def drop(tx: Tx, subject: str) -> None:
    """Takes back all that was asked for on a subject."""
    tx.run(delete(jobs).where(jobs.c.subject == subject))
