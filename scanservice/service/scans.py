"""One scan as seen from outside: its state, its verdict in words, its files."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from scanservice.findings import Language
from scanservice.service import decisions, jobs, verdicts
from scanservice.service.database import Record, Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import scan_files, scans
from scanservice.service.times import iso, maybe_iso


def get_scan(tx: Tx, scan_id: str) -> Record:
    """Raises RefusedError: `scan-unknown`."""
    row = tx.one(select(scans).where(scans.c.scan_id == scan_id))
    if row is None:
        raise RefusedError("scan-unknown", "No scan has this id.")
    return row


def scans_of(tx: Tx, case_id: str) -> list[Record]:
    """A case's scans, newest first."""
    return tx.all(
        select(scans).where(scans.c.case_id == case_id).order_by(scans.c.created_at.desc(), scans.c.scan_id)
    )


def files_of(tx: Tx, scan_id: str) -> list[Record]:
    return tx.all(select(scan_files).where(scan_files.c.scan_id == scan_id).order_by(scan_files.c.position))


def summary(row: Record) -> dict[str, Any]:
    """State and times, without a verdict's content."""
    return {
        "scan": row.scan_id,
        "case": row.case_id,
        "state": row.state,
        "stage": row.stage,
        "version": row.revision,
        "superseded": row.superseded,
        "verdict_kind": row.verdict,
        "verdict_version": row.verdict_version,
        "received_at": iso(row.created_at),
        "checked_at": maybe_iso(row.checked_at),
        "href": f"/v1/scans/{row.scan_id}",
    }


def detail(tx: Tx, scan_id: str, language: Language) -> dict[str, Any]:
    """All that main system and student may see: the summary, the verdict in words, the last decision.

    Raises RefusedError: `scan-unknown`.
    """
    row = get_scan(tx, scan_id)
    decided = [entry for entry in decisions.history(tx, scan_id) if entry.action != "undo"]
    stands = decided[-1] if decided and row.decision is not None else None
    return {
        **summary(row),
        "being_judged": row.verdict_version > 0 and jobs.pending(tx, "rejudge", scan_id),
        "verdict": verdict_of(tx, row, language),
        "decision": None if stands is None else decisions.as_dict(stands),
        "pictures_kept": row.pictures_gone_at is None,
    }


def verdict_of(tx: Tx, row: Record, language: Language) -> dict[str, Any] | None:
    """The scan's current verdict (contract, 3); final once it is decided."""
    stored = verdicts.load(tx, row.scan_id, row.verdict_version)
    if stored is None:
        return None
    final = row.decision in ("approve", "return", "retake")
    return verdicts.with_words(verdicts.document_of(stored), language, final=final)


def internal_of(tx: Tx, row: Record) -> list[dict[str, Any]]:
    """What only reviewers may see: one mapping for each finding of the current verdict."""
    stored = verdicts.load(tx, row.scan_id, row.verdict_version)
    return [] if stored is None else json.loads(stored.internal)
