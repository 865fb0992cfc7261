"""Who showed this paper before: the same file, ink or seal imprint in an earlier scan of another case."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select

from scanservice.service.checking import Reuse
from scanservice.service.database import Record, Tx
from scanservice.service.tables import fingerprints, scan_files, scans

MOST = 20
"""Earlier scans that are named; more would tell a reviewer nothing."""


def of_files(tx: Tx, scan: Record) -> tuple[Reuse, ...]:
    """Earlier scans of other cases that hold one of the same files."""
    mine = select(scan_files.c.sha256).where(scan_files.c.scan_id == scan.scan_id)
    earlier = (
        select(scans.c.case_id, scans.c.scan_id)
        .join(scan_files, scan_files.c.scan_id == scans.c.scan_id)
        .where(scan_files.c.sha256.in_(mine), *_earlier(scan))
        .distinct()
        .order_by(scans.c.case_id, scans.c.scan_id)
        .limit(MOST)
    )
    return tuple(Reuse("file", row.case_id, row.scan_id) for row in tx.all(earlier))


def of_marks(tx: Tx, scan: Record, ink: bytes | None, seals: tuple[bytes, ...]) -> tuple[Reuse, ...]:
    """Earlier scans of other cases whose ink, or one of whose seal imprints, is this one's."""
    found = []
    marks: tuple[tuple[Literal["ink", "seal"], list[bytes]], ...]
    marks = (("ink", [ink] if ink else []), ("seal", list(seals)))
    for kind, values in marks:
        if not values:
            continue
        earlier = (
            select(scans.c.case_id, scans.c.scan_id)
            .join(fingerprints, fingerprints.c.scan_id == scans.c.scan_id)
            .where(fingerprints.c.kind == kind, fingerprints.c.value.in_(values), *_earlier(scan))
            .distinct()
            .order_by(scans.c.case_id, scans.c.scan_id)
            .limit(MOST)
        )
        found += [Reuse(kind, row.case_id, row.scan_id) for row in tx.all(earlier)]
    return tuple(found)


def _earlier(scan: Record) -> tuple[Any, ...]:
    """Only earlier ones: the first to show a paper is not suspect for the second's sake."""
    return scans.c.case_id != scan.case_id, scans.c.created_at <= scan.created_at
