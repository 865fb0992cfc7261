"""Who showed this paper before: the same file, ink or seal imprint in an earlier scan of another case."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import func, select

from scanservice.fingerprint_index import ImprintIndex, Index
from scanservice.service.checking import Reuse
from scanservice.service.database import Record, Tx
from scanservice.service.tables import fingerprints, scan_files, scans

MOST = 20
"""Earlier scans that are named; more would tell a reviewer nothing."""
LATE_ROWS = 500
"""Rows below the highest known one that are looked at again: a transaction that got its numbers earlier
may become visible later."""


class Memory:
    """All fingerprints in memory, kept level with the table; a process has one, its threads share it.

    What the table has forgotten is never found: every hit is looked up there.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._papers = Index()
        self._imprints = ImprintIndex()
        self._known: set[int] = set()
        self._highest = 0

    def similar(self, tx: Tx, kind: Literal["ink", "seal"], value: bytes) -> list[int]:
        """Ids of the table's rows that show the same paper, or the same imprint, most similar first."""
        with self._lock:
            self._catch_up(tx)
            index = self._papers if kind == "ink" else self._imprints
            return [key for key, _ in index.search(value)]

    def _catch_up(self, tx: Tx) -> None:
        if tx.value(select(func.count()).select_from(fingerprints)) < len(self._known):
            self._forget()  # rows were erased: nothing of them is kept here either
        new = select(fingerprints).where(fingerprints.c.id > self._highest - LATE_ROWS)
        for row in tx.all(new.order_by(fingerprints.c.id)):
            if row.id not in self._known:
                index = self._papers if row.kind == "ink" else self._imprints
                index.add(row.id, bytes(row.value))
                self._known.add(row.id)
                self._highest = max(self._highest, row.id)


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


def of_marks(
    tx: Tx, memory: Memory, scan: Record, ink: bytes | None, seals: Iterable[bytes]
) -> tuple[Reuse, ...]:
    """Earlier scans of other cases whose ink, or one of whose seal imprints, is this one's."""
    found: list[Reuse] = []
    marks: list[tuple[Literal["ink", "seal"], bytes]] = [("seal", seal) for seal in seals]
    if ink is not None:
        marks.insert(0, ("ink", ink))
    for kind, value in marks:
        for row in tx.all(_scans_of(memory.similar(tx, kind, value), kind, scan)):
            hit = Reuse(kind, row.case_id, row.scan_id)
            if hit not in found:
                found.append(hit)
    return tuple(found[:MOST])


def _scans_of(ids: list[int], kind: str, scan: Record) -> Any:
    return (
        select(scans.c.case_id, scans.c.scan_id)
        .join(fingerprints, fingerprints.c.scan_id == scans.c.scan_id)
        .where(fingerprints.c.id.in_(ids), fingerprints.c.kind == kind, *_earlier(scan))
        .distinct()
        .order_by(scans.c.case_id, scans.c.scan_id)
        .limit(MOST)
    )


def _earlier(scan: Record) -> tuple[Any, ...]:
    """Only earlier ones: the first to show a paper is not suspect for the second's sake."""
    return scans.c.case_id != scan.case_id, scans.c.created_at <= scan.created_at
