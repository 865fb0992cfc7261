"""Forgetting: a case on request, and each kind of record when its time is over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from scanservice.service import jobs, trash
from scanservice.service.cases import lock_case
from scanservice.service.database import Record, Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import (
    case_words,
    cases,
    corrections,
    decisions,
    deliveries,
    delivery_attempts,
    events,
    fingerprints,
    idempotency,
    links,
    paper_history,
    papers,
    rerun_items,
    scan_files,
    scans,
    tallies,
    verdict_findings,
    verdicts,
)
from scanservice.service.times import DAY
from scanservice.settings import Settings

BATCH = 100
"""Scans that one sweep's transaction forgets, so that nobody waits long for it."""


def erase_case(tx: Tx, case_id: str) -> int:
    """Forgets a case and all that came of it but a count; how many scans.

    Its blobs are noted for removal, which follows at once where the store can be reached.
    Raises RefusedError: `case-unknown`.
    """
    if lock_case(tx, case_id) is None:
        raise RefusedError("case-unknown", "No case has this id.")
    found = tx.all(select(scans).where(scans.c.case_id == case_id))
    tx.run(update(cases).where(cases.c.case_id == case_id).values(open_scan=None))
    tx.run(delete(links).where(links.c.case_id == case_id))
    tx.run(delete(idempotency).where(idempotency.c.case_id == case_id))
    for scan in found:
        forget_scan(tx, scan)
    tx.run(update(papers).where(papers.c.holder == case_id).values(holder=None))
    tx.run(update(paper_history).where(paper_history.c.holder == case_id).values(holder=None))
    tx.run(delete(case_words).where(case_words.c.case_id == case_id))
    tx.run(delete(cases).where(cases.c.case_id == case_id))
    return len(found)


def forget_scan(tx: Tx, scan: Record) -> None:
    """Removes a scan's rows, and counts it without a name."""
    scan_id = scan.scan_id
    forget_pictures(tx, scan)
    forget_evidence(tx, scan)
    mine = select(events.c.seq).where(events.c.scan_id == scan_id)
    sent = select(deliveries.c.id).where(deliveries.c.seq.in_(mine))
    tx.run(delete(delivery_attempts).where(delivery_attempts.c.delivery_id.in_(sent)))
    tx.run(delete(deliveries).where(deliveries.c.seq.in_(mine)))
    tx.run(delete(events).where(events.c.scan_id == scan_id))
    for row in tx.all(select(decisions.c.id).where(decisions.c.scan_id == scan_id)):
        jobs.drop(tx, str(row.id))
    jobs.drop(tx, scan_id)
    tx.run(update(links).where(links.c.scan_id == scan_id).values(scan_id=None, revoked_at=tx.now))
    tx.run(update(cases).where(cases.c.open_scan == scan_id).values(open_scan=None))
    for table in (verdict_findings, verdicts, decisions, corrections, rerun_items, scan_files):
        tx.run(delete(table).where(table.c.scan_id == scan_id))
    tx.run(delete(scans).where(scans.c.scan_id == scan_id))
    _tally(tx, scan)


def forget_pictures(tx: Tx, scan: Record) -> None:
    """The uploaded files and every page drawn from them."""
    if scan.pictures_gone_at is not None:
        return
    files = tx.all(select(scan_files.c.blob_key).where(scan_files.c.scan_id == scan.scan_id))
    trash.throw(tx, [*(file.blob_key for file in files), f"derived/{scan.scan_id}/"])
    tx.run(update(scans).where(scans.c.scan_id == scan.scan_id).values(pictures_gone_at=tx.now))


def forget_evidence(tx: Tx, scan: Record) -> None:
    """Measurements, readings and fingerprints."""
    if scan.evidence_key:
        trash.throw(tx, [scan.evidence_key])
    tx.run(delete(fingerprints).where(fingerprints.c.scan_id == scan.scan_id))
    tx.run(update(scans).where(scans.c.scan_id == scan.scan_id).values(evidence_key=None))


def _tally(tx: Tx, scan: Record) -> None:
    month = dt.datetime.fromtimestamp(scan.created_at / 1000, dt.UTC).strftime("%Y-%m")
    counted = {"month": month, "verdict": scan.verdict or "none", "decision": scan.decision or "none"}
    mine = [tallies.c[name] == value for name, value in counted.items()]
    if tx.run(update(tallies).where(*mine).values(scans=tallies.c.scans + 1)).rowcount == 0:
        tx.run(insert(tallies).values(**counted, scans=1))


def sweep(tx: Tx, settings: Settings) -> dict[str, int]:
    """Forgets a batch of what its time is over for, by kind; how many of each."""
    ended = func.coalesce(scans.c.closed_at, scans.c.created_at)

    def over(days: float, *conditions: Any) -> list[Record]:
        late = ended < tx.now - int(days * DAY)
        return tx.all(select(scans).where(late, *conditions).order_by(ended).limit(BATCH))

    forgotten = over(settings.keep_verdicts_days)
    for scan in forgotten:
        lock_case(tx, scan.case_id)
        forget_scan(tx, scan)
    seen = over(settings.keep_evidence_days, scans.c.evidence_key.is_not(None))
    for scan in seen:
        forget_evidence(tx, scan)
    shown = over(settings.keep_pictures_days, scans.c.pictures_gone_at.is_(None), scans.c.verdict_version > 0)
    for scan in shown:
        forget_pictures(tx, scan)
    return {
        "verdicts": len(forgotten),
        "evidence": len(seen),
        "pictures": len(shown),
        "cases": _empty_cases(tx, settings),
    }


def _empty_cases(tx: Tx, settings: Settings) -> int:
    """Cases without a scan that nobody has touched for as long as verdicts are kept."""
    old = cases.c.updated_at < tx.now - int(settings.keep_verdicts_days * DAY)
    scanned = select(scans.c.case_id).where(scans.c.case_id == cases.c.case_id).exists()
    found = tx.all(select(cases.c.case_id).where(old, ~scanned).limit(BATCH))
    for row in found:
        erase_case(tx, row.case_id)
    return len(found)
