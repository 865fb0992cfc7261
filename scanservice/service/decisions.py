"""Reviewers' decisions: made on what was seen, kept for good, taken back only by another entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import insert, select, update

from scanservice.service import events, jobs, verdicts
from scanservice.service.cases import lock_case
from scanservice.service.database import Record, Tx, canonical
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import decisions, scans
from scanservice.service.times import iso

Action = Literal["approve", "return", "retake"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a finding's code, words of the reviewer's own, or both."""

    code: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Attributes:
    seen: the scan's version that the reviewer had before them.
    pages: numbers of the pages to be taken again, for a retake.
    paper_seen, documents_seen: the two ticks that an approval needs.
    actor: who decides, such as `reviewer:li` or `key:main`.
    """

    scan_id: str
    seen: int
    action: Action
    actor: str
    reasons: Sequence[Reason] = ()
    note: str = ""
    pages: Sequence[int] = ()
    paper_seen: bool = False
    documents_seen: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    id: int
    version: int
    effective_at: int


def decide(tx: Tx, decision: Decision, undo_ms: int = 0) -> Decided:
    """Makes a decision, to be told to the main system when it can no longer be undone.

    Raises:
        RefusedError: `scan-unknown`, `decision-incomplete`, `closed` (superseded, or without a verdict yet),
            `being-judged` (new facts are being weighed), `stale-version` with what changed.
    """
    _complete(decision)
    scan = locked_scan(tx, decision.scan_id)
    if scan.revision != decision.seen:
        raise RefusedError(
            "stale-version",
            "The scan has changed since the version that was seen.",
            extra={"version": scan.revision, "changed": changed_since(tx, scan, decision.seen)},
        )
    if scan.superseded or scan.state != "checked":
        raise RefusedError(
            "closed", "The scan waits for no decision: see its state.", extra={"state": scan.state}
        )
    if jobs.pending(tx, "rejudge", scan.scan_id):
        raise RefusedError(
            "being-judged", "New facts are being weighed; look again in a moment.", retry_after=1
        )
    id_ = _append(tx, scan, decision, tx.now + undo_ms)
    revision = scan.revision + 1
    tx.run(
        update(scans)
        .where(scans.c.scan_id == scan.scan_id)
        .values(state="decided", decision=decision.action, closed_at=tx.now, revision=revision)
    )
    if undo_ms:
        jobs.enqueue(tx, "announce", str(id_), priority=jobs.FACTS, delay_ms=undo_ms)
    else:
        announce(tx, id_)
    return Decided(id_, revision, tx.now + undo_ms)


def undo(tx: Tx, decision_id: int, actor: str) -> int:
    """Takes a decision back while nobody has been told; the scan's new version.

    Raises RefusedError: `too-late`, also where another than its maker asks.
    """
    row = tx.one(select(decisions).where(decisions.c.id == decision_id))
    if row is None:
        raise RefusedError("too-late", "There is no such decision.")
    scan = locked_scan(tx, row.scan_id)
    latest = tx.value(
        select(decisions.c.id)
        .where(decisions.c.scan_id == row.scan_id)
        .order_by(decisions.c.id.desc())
        .limit(1)
    )
    if row.actor != actor or latest != row.id or not jobs.pending(tx, "announce", str(row.id)):
        raise RefusedError("too-late", "The decision can no longer be taken back.")
    jobs.drop(tx, str(row.id))
    taken_back = Decision(row.scan_id, scan.revision, row.action, actor)
    _append(tx, scan, taken_back, tx.now, action="undo")
    revision = scan.revision + 1
    tx.run(
        update(scans)
        .where(scans.c.scan_id == scan.scan_id)
        .values(state="checked", decision=None, closed_at=None, revision=revision)
    )
    return revision


def announce(tx: Tx, decision_id: int) -> None:
    """Tells of a decision that stands."""
    row = tx.one(select(decisions).where(decisions.c.id == decision_id))
    if row is None:
        return  # erased with its case
    scan = tx.one(select(scans).where(scans.c.scan_id == row.scan_id))
    assert scan is not None
    events.publish(tx, "scan.decided", scan.case_id, scan.scan_id, {"version": scan.revision, **as_dict(row)})


def locked_scan(tx: Tx, scan_id: str) -> Record:
    """The scan's row; its case is locked until the transaction ends. Raises RefusedError: `scan-unknown`."""
    case_id = tx.value(select(scans.c.case_id).where(scans.c.scan_id == scan_id))
    if case_id is None:
        raise RefusedError("scan-unknown", "No scan has this id.")
    lock_case(tx, case_id)
    scan = tx.one(select(scans).where(scans.c.scan_id == scan_id))
    if scan is None:
        raise RefusedError("scan-unknown", "No scan has this id.")
    return scan


def _complete(decision: Decision) -> None:
    if decision.action == "approve" and not (decision.paper_seen and decision.documents_seen):
        missing = [name for name in ("paper_seen", "documents_seen") if not getattr(decision, name)]
        raise RefusedError(
            "decision-incomplete",
            "An approval says that paper and supporting documents were seen.",
            extra={"missing": missing},
        )
    if decision.action != "approve" and not decision.reasons:
        raise RefusedError("decision-incomplete", "Say why: give a reason.", extra={"missing": ["reasons"]})


def _append(tx: Tx, scan: Record, decision: Decision, effective_at: int, action: str | None = None) -> int:
    return tx.value(
        insert(decisions)
        .values(
            scan_id=scan.scan_id, revision=decision.seen, verdict_version=scan.verdict_version,
            action=action or decision.action, note=decision.note, pages=canonical(list(decision.pages)),
            reasons=canonical([{"code": reason.code, "text": reason.text} for reason in decision.reasons]),
            paper_seen=decision.paper_seen, documents_seen=decision.documents_seen, actor=decision.actor,
            decided_at=tx.now, effective_at=effective_at,
        )
        .returning(decisions.c.id)
    )  # fmt: skip


def history(tx: Tx, scan_id: str) -> list[Record]:
    """All that was decided on a scan, oldest first, taken back or not."""
    return tx.all(select(decisions).where(decisions.c.scan_id == scan_id).order_by(decisions.c.id))


def as_dict(row: Record) -> dict[str, Any]:
    """A decision for the outside; an approval announces that the agreement will be filed."""
    return {
        "decision": row.action,
        "reasons": json.loads(row.reasons),
        "note": row.note,
        "pages": json.loads(row.pages),
        "paper_seen": row.paper_seen,
        "documents_seen": row.documents_seen,
        "decided_by": row.actor,
        "decided_at": iso(row.decided_at),
        "verdict_version": row.verdict_version,
        "announces": "filed" if row.action == "approve" else None,
    }


def changed_since(tx: Tx, scan: Record, seen: int) -> dict[str, Any]:
    """What a reviewer who saw version `seen` has missed."""
    before = verdicts.seen_at(tx, scan.scan_id, seen)
    now = verdicts.load(tx, scan.scan_id, scan.verdict_version)
    found: dict[str, Any] = {}
    if before is not None and now is not None and before.version != now.version:
        found = verdicts.changes(verdicts.document_of(before), verdicts.document_of(now))
    made = [as_dict(row) for row in history(tx, scan.scan_id) if row.revision >= seen]
    if made:
        found["decisions"] = made
    if scan.superseded:
        found["superseded"] = True
    if jobs.pending(tx, "rejudge", scan.scan_id):
        found["being_judged"] = True
    return found
