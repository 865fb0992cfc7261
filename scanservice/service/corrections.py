"""What reviewers say the program got wrong: labelled examples for the next calibration."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from scanservice.service.database import Tx
from scanservice.service.scans import get_scan
from scanservice.service.tables import corrections
from scanservice.service.times import iso


def add_correction(
    tx: Tx, scan_id: str, *, region: str | None, code: str | None, said: str, right: str, actor: str
) -> int:
    """Keeps one label, beside the verdict that it is about.

    Args:
        region: id of the region; code: of the finding; one of them, or both.
        said, right: an agreement, a presence or a severity, such as `differ` and `agree`.

    Raises RefusedError: `scan-unknown`.
    """
    scan = get_scan(tx, scan_id)
    return tx.value(
        insert(corrections)
        .values(
            scan_id=scan_id,
            verdict_version=scan.verdict_version,
            region=region,
            code=code,
            said=said,
            right=right,
            actor=actor,
            created_at=tx.now,
        )
        .returning(corrections.c.id)
    )


def list_corrections(tx: Tx, *, since: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    """Labels given from a moment (ms) on, oldest first."""
    wanted = select(corrections).where(corrections.c.created_at >= since).order_by(corrections.c.id)
    return [
        {
            "scan": row.scan_id,
            "verdict_version": row.verdict_version,
            "region": row.region,
            "code": row.code,
            "said": row.said,
            "right": row.right,
            "by": row.actor,
            "at": iso(row.created_at),
        }
        for row in tx.all(wanted.limit(limit))
    ]
