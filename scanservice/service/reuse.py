"""Who showed this paper before: the same file, ink or seal imprint in an earlier scan of another case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, insert, select

from scanservice.fingerprint_index import (
    SAME_IMPRINT,
    SAME_PAPER,
    ImprintIndex,
    PaperIndex,
    imprint_code,
    imprint_similarity,
    paper_code,
    similarities,
)
from scanservice.service.checking import Reuse
from scanservice.service.database import Database, Record, Tx
from scanservice.service.tables import fingerprints, scan_files, scans

MOST = 20
"""Earlier scans that are named; more would tell a reviewer nothing."""
LATE_ROWS = 500
"""Rows below the highest known one that are looked at again: a transaction that got its numbers earlier
may become visible later."""
FORGET_MS = 10 * 60_000
"""How often a process looks whether rows were erased. What the table has forgotten is found no more from
the moment of its erasure; this is about what lies in memory."""
LOADED = 5000
"""Codes that are read at a time."""
Kind = Literal["ink", "seal"]
CODES: dict[Kind, Callable[[bytes], bytes]] = {"ink": paper_code, "seal": imprint_code}


class Memory:
    """Short codes of all fingerprints in memory, kept level with the table; a process has one, its threads
    share it. Whatever a code finds is compared in full, as the table holds it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = 0
        self._forget()

    def _forget(self) -> None:
        self._indexes: dict[Kind, PaperIndex | ImprintIndex] = {"ink": PaperIndex(), "seal": ImprintIndex()}
        self._highest = 0
        self._late: set[int] = set()  # known ids among the last `LATE_ROWS`

    def learn(self, database: Database) -> None:
        """Reads what the table holds, before the first search has to; seconds for 100,000 scans."""
        with database.read() as tx, self._lock:
            self._catch_up(tx)

    def similar(self, tx: Tx, kind: Kind, value: bytes) -> list[int]:
        """Ids of the table's rows that show the same paper, or the same imprint, most similar first."""
        with self._lock:
            self._catch_up(tx)
            near = self._indexes[kind].nearest(CODES[kind](value))
        rows = tx.all(select(fingerprints.c.id, fingerprints.c.value).where(fingerprints.c.id.in_(near)))
        least = SAME_PAPER if kind == "ink" else SAME_IMPRINT
        found = zip(_likeness(kind, value, [bytes(row.value) for row in rows]), rows, strict=True)
        alike = sorted((-likeness, row.id) for likeness, row in found if likeness >= least)
        return [key for _, key in alike]

    def _catch_up(self, tx: Tx) -> None:
        if abs(tx.now - self._looked_at) > FORGET_MS:
            self._looked_at = tx.now
            known = sum(len(index) for index in self._indexes.values())
            if tx.value(select(func.count()).select_from(fingerprints)) < known:
                self._forget()  # rows were erased: nothing of them is kept here either
        start = max(0, self._highest - LATE_ROWS)
        late = tx.all(
            select(fingerprints.c.id).where(fingerprints.c.id > start, fingerprints.c.id <= self._highest)
        )
        missed = [row.id for row in late if row.id not in self._late]
        if missed:
            self._add(tx, fingerprints.c.id.in_(missed))
        while self._add(tx, fingerprints.c.id > self._highest) == LOADED:
            continue
        self._late = {known for known in self._late if known > self._highest - LATE_ROWS}

    def _add(self, tx: Tx, wanted: ColumnElement[bool]) -> int:
        """Reads codes, at most `LOADED` of them; how many."""
        columns = fingerprints.c.id, fingerprints.c.kind, fingerprints.c.code
        rows = tx.all(select(*columns).where(wanted).order_by(fingerprints.c.id).limit(LOADED))
        for kind, index in self._indexes.items():
            mine = [row for row in rows if row.kind == kind]
            index.add([row.id for row in mine], [bytes(row.code or _coded(tx, row.id, kind)) for row in mine])
        self._late.update(row.id for row in rows)
        self._highest = max((self._highest, *(row.id for row in rows)))
        return len(rows)


def _likeness(kind: Kind, value: bytes, others: list[bytes]) -> list[float]:
    if kind == "ink":
        return similarities(value, others)
    return [imprint_similarity(value, other) for other in others]


def _coded(tx: Tx, row_id: int, kind: Kind) -> bytes:
    """The code of a fingerprint that an earlier version wrote without one."""
    value = tx.value(select(fingerprints.c.value).where(fingerprints.c.id == row_id))
    return CODES[kind](bytes(value))


def note_marks(tx: Tx, scan_id: str, ink: bytes | None, seals: Iterable[bytes]) -> None:
    """Writes a scan's fingerprints down, in place of those before."""
    tx.run(delete(fingerprints).where(fingerprints.c.scan_id == scan_id))
    marks: list[tuple[Kind, bytes]] = [("seal", seal) for seal in seals]
    if ink is not None:
        marks.append(("ink", ink))
    rows = [
        {"scan_id": scan_id, "kind": kind, "value": value, "code": CODES[kind](value)}
        for kind, value in marks
    ]
    if rows:
        tx.run(insert(fingerprints), rows)


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
    marks: list[tuple[Kind, bytes]] = [("seal", seal) for seal in seals]
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
