"""Pictures of pages: drawn once and kept with the scan, where possible before anybody waits for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from scanservice.errors import InputError
from scanservice.service import jobs, scans, verdicts
from scanservice.service.blobs import BlobGoneError
from scanservice.service.checking import View
from scanservice.service.database import Record, Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.sandbox import CheckError, Sandbox
from scanservice.service.services import Services
from scanservice.service.tables import scans as scan_table

EARLY: tuple[View, ...] = ("straight", "uploaded", "thumbnail")
"""What desk and student open first, in this order."""
MOST_EARLY = 8
"""Pages of a scan that are drawn early: more than any form has."""
Draw = Callable[[int, View], bytes]


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    media_type: str


def page_picture(services: Services, scan_id: str, number: int, view: View) -> Picture:
    """A page's picture, drawn where it was not drawn before.

    Raises:
        RefusedError: `scan-unknown`, `page-unknown`, `pictures-gone`.
        InputError: the file cannot be opened. CheckError: drawing it broke. UnavailableError.
    """
    with services.db.read() as tx:
        scan = scans.get_scan(tx, scan_id)
    if scan.pictures_gone_at is not None:
        raise RefusedError("pictures-gone", "The pictures are no longer kept.")
    key = _key(scan, number, view)
    try:
        return _picture(services.blobs.get(key))
    except BlobGoneError:
        pass
    with services.db.read() as tx:
        document = _document(tx, scan)
    with _drawn_by(services, services.desk, scan, document) as draw:
        try:
            data = draw(number, view)
        except IndexError:
            raise RefusedError("page-unknown", "The upload has no page of this number.") from None
    _keep(services, scan_id, key, data)
    return _picture(data)


def version(scan: Record, view: View) -> str:
    """Changes whenever the picture may: a page as uploaded never does, one with findings on it does with
    the verdict, the others when the form is looked for again."""
    if view == "findings":
        return str(scan.verdict_version)
    seen = "" if view == "uploaded" else scan.evidence_key or ""
    return hashlib.sha256(seen.encode()).hexdigest()[:8]


def ask(services: Services, scan_id: str) -> None:
    """Has a scan's pictures drawn when the workers have nothing more urgent to do."""
    with services.db.write("soon") as tx:
        if scans.get_scan(tx, scan_id).verdict_version:
            jobs.enqueue(tx, "draw", scan_id, priority=jobs.PICTURES)


def perform(services: Services, sandbox: Sandbox, job: jobs.Job) -> None:
    """Does a `draw` job, and makes way between two pictures for whatever is more urgent."""
    with services.db.read() as tx:
        scan = tx.one(select(scan_table).where(scan_table.c.scan_id == job.subject))
        document = _document(tx, scan) if scan is not None else {"pages": []}
    if scan is not None and scan.state == "checked" and not scan.superseded and job.tries <= 2:
        try:
            if not _draw_early(services, sandbox, scan, document):
                with services.db.write("soon") as tx:
                    jobs.postpone(tx, job, 0, "", blameless=True)
                return
        except (InputError, CheckError, RefusedError, IndexError):
            pass  # whoever asks for the picture is told why there is none
    with services.db.write("soon") as tx:
        jobs.finish(tx, job)


def _draw_early(services: Services, sandbox: Sandbox, scan: Record, document: dict[str, Any]) -> bool:
    """False where something more urgent came up."""
    wanted: list[tuple[int, View]] = [
        (n, view) for view in EARLY for n in range(min(MOST_EARLY, len(document["pages"])))
    ]
    there = {key for key, _ in services.blobs.keys(f"derived/{scan.scan_id}/")}
    with _drawn_by(services, sandbox, scan, document) as draw:
        for number, view in wanted:
            with services.db.read() as tx:
                if jobs.waiting(tx, ("check", "rejudge")):
                    return False
            key = _key(scan, number, view)
            if key not in there:
                _keep(services, scan.scan_id, key, draw(number, view))
    return True


def _document(tx: Tx, scan: Record) -> dict[str, Any]:
    stored = verdicts.load(tx, scan.scan_id, scan.verdict_version)
    return verdicts.document_of(stored) if stored else {"pages": [], "findings": [], "regions": []}


@contextmanager
def _drawn_by(services: Services, sandbox: Sandbox, scan: Record, document: dict[str, Any]) -> Iterator[Draw]:
    """The files at hand, for as many pictures as are wanted of them."""
    with services.db.read() as tx:
        files = scans.files_of(tx, scan.scan_id)
    try:
        with services.blobs.files([file.blob_key for file in files]) as paths:
            evidence = services.blobs.get(scan.evidence_key) if scan.evidence_key else None
            yield lambda number, view: sandbox.page(paths, evidence, document, number, view)
    except BlobGoneError:
        raise RefusedError("pictures-gone", "The pictures are no longer kept.") from None


def _key(scan: Record, number: int, view: View) -> str:
    name = hashlib.sha256(f"{number}/{view}/{version(scan, view)}".encode()).hexdigest()[:24]
    return f"derived/{scan.scan_id}/{name}"


def _keep(services: Services, scan_id: str, key: str, data: bytes) -> None:
    services.blobs.put(key, data)
    with services.db.read() as tx:
        gone = tx.one(select(scan_table.c.pictures_gone_at).where(scan_table.c.scan_id == scan_id))
    if gone is None or gone.pictures_gone_at is not None:
        services.blobs.delete(key)  # erased while it was drawn


def _picture(data: bytes) -> Picture:
    return Picture(data, "image/png" if data.startswith(b"\x89PNG") else "image/jpeg")
