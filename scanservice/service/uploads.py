"""Uploads: from files that are safely stored to a scan that will get its verdict."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import func, insert, select, update

from scanservice.service import jobs, trash
from scanservice.service.cases import lock_case
from scanservice.service.database import Record, Tx
from scanservice.service.links import use_link
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import cases, scan_files, scans
from scanservice.settings import Settings

SECONDS_A_SCAN = 3
"""A cautious guess of one worker's time for a scan, for Retry-After alone."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an upload whose bytes are already safe under `blob_key`."""

    sha256: str
    size: int
    blob_key: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """`known`: the same bytes had been uploaded for the case; it is that scan."""

    scan_id: str
    known: bool


def new_scan_id() -> str:
    return f"scan_{secrets.token_hex(12)}"


def file_key(scan_id: str, position: int) -> str:
    """Where an upload's file lies; `secrets` keeps a repeated upload from writing over the first."""
    return f"scans/{scan_id}/{position}-{secrets.token_hex(4)}"


def evidence_key(scan_id: str) -> str:
    """Where what was seen of it lies: beside its files, whose folder is there."""
    return f"scans/{scan_id}/evidence-{secrets.token_hex(8)}"


def content_hash(files: Sequence[StoredFile]) -> str:
    return hashlib.sha256("\n".join(file.sha256 for file in files).encode()).hexdigest()


def check_backlog(tx: Tx, settings: Settings) -> None:
    """Before anything is promised. Raises RefusedError: `backlog-full`."""
    waiting = jobs.waiting(tx)
    if waiting >= settings.backlog:
        seconds = math.ceil((waiting - settings.backlog + 1) * SECONDS_A_SCAN / max(1, settings.slots))
        raise RefusedError(
            "backlog-full",
            "Too many scans are waiting; try again later.",
            retry_after=min(max(seconds, 5), 300),
        )


def accept(
    tx: Tx,
    settings: Settings,
    *,
    case_id: str,
    scan_id: str,
    files: Sequence[StoredFile],
    source: Literal["main", "link"],
    link_hash: str | None = None,
) -> Accepted:
    """Makes the promise: once this transaction is committed the scan gets its verdict.

    Raises:
        RefusedError: `case-unknown`, `case-busy`, `backlog-full`, `link-spent`.
    """
    case = lock_case(tx, case_id)
    if case is None:
        raise RefusedError("case-unknown", "No case has this id; PUT it first.")
    content = content_hash(files)
    known = tx.one(select(scans).where(scans.c.case_id == case_id, scans.c.content == content))
    if known is not None:
        _again(tx, case, known, files)
        scan_id = known.scan_id
    else:
        _room(tx, settings, case_id)
        _supersede(tx, case.open_scan)
        _insert(tx, case_id, scan_id, content, files, source)
    tx.run(update(cases).where(cases.c.case_id == case_id).values(open_scan=scan_id))
    if link_hash is not None:
        use_link(tx, link_hash, case_id, scan_id)
    return Accepted(scan_id, known is not None)


def _insert(
    tx: Tx, case_id: str, scan_id: str, content: str, files: Sequence[StoredFile], source: str
) -> None:
    tx.run(
        insert(scans).values(
            scan_id=scan_id, case_id=case_id, content=content, state="received", stage="received",
            source=source, revision=1, superseded=False, verdict_version=0, created_at=tx.now,
        )
    )  # fmt: skip
    rows = [
        {
            "scan_id": scan_id,
            "position": i,
            "sha256": file.sha256,
            "size": file.size,
            "blob_key": file.blob_key,
        }
        for i, file in enumerate(files)
    ]
    tx.run(insert(scan_files), rows)
    jobs.enqueue(tx, "check", scan_id, priority=jobs.FRESH, cause="check")


def _room(tx: Tx, settings: Settings, case_id: str) -> None:
    """One case cannot fill the queue."""
    waiting = tx.value(
        select(func.count())
        .select_from(scans)
        .where(scans.c.case_id == case_id, scans.c.state.in_(("received", "checking")))
    )
    if waiting >= settings.waiting_per_case:
        raise RefusedError(
            "case-busy",
            "Earlier scans of this case are still waiting for their verdict.",
            retry_after=SECONDS_A_SCAN * waiting,
        )
    check_backlog(tx, settings)


def _supersede(tx: Tx, scan_id: str | None) -> None:
    """A newer scan takes an undecided one's place; it still gets its verdict, but no decision."""
    if scan_id is not None:
        tx.run(
            update(scans)
            .where(scans.c.scan_id == scan_id, scans.c.decision.is_(None), scans.c.superseded.is_(False))
            .values(superseded=True, closed_at=tx.now, revision=scans.c.revision + 1)
        )


def _again(tx: Tx, case: Record, known: Record, files: Sequence[StoredFile]) -> None:
    """The same bytes for the same case are one scan; one that was put aside is opened again."""
    if known.pictures_gone_at is None:
        trash.throw(tx, [file.blob_key for file in files])
    else:
        for position, file in enumerate(files):
            kept = scan_files.c.scan_id == known.scan_id, scan_files.c.position == position
            tx.run(update(scan_files).where(*kept).values(blob_key=file.blob_key))
    opened: dict[str, Any] = {"pictures_gone_at": None}
    if known.decision != "approve" and (known.superseded or known.decision is not None):
        opened |= {
            "superseded": False,
            "closed_at": None,
            "decision": None,
            "revision": known.revision + 1,
            "state": "checked" if known.state == "decided" else known.state,
        }
        if known.verdict_version:
            jobs.enqueue(tx, "rejudge", known.scan_id, priority=jobs.FRESH, cause="reopened")
    tx.run(update(scans).where(scans.c.scan_id == known.scan_id).values(**opened))
    if case.open_scan != known.scan_id and known.decision != "approve":
        _supersede(tx, case.open_scan)
