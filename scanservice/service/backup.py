"""A backup as one ZIP: every table as lines of JSON, every blob as it is.

It names no database, so that what was saved from SQLite and a folder can be restored into PostgreSQL
and a bucket. The installation's secret is not in it: whoever holds the backup alone can neither use
the keys nor sign webhooks; keep `var/secret` or SCANSERVICE_SECRET apart.
"""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, func, insert, select, text

from scanservice.service import migrating
from scanservice.service.blobs import BlobGoneError
from scanservice.service.database import Tx
from scanservice.service.services import Services
from scanservice.service.tables import (
    jobs,
    metadata,
    processes,
    rates,
    scan_files,
    scans,
    sessions,
    trash,
)

FORMAT = 1
PASSING = {processes.name, rates.name, sessions.name, trash.name}
"""Tables that mean nothing after a restore."""
BATCH = 500


class BackupError(Exception):
    """A backup that cannot be restored here: `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Contents:
    """How much a backup holds; `missing`: blobs that were gone when it came to them."""

    rows: int
    blobs: int
    missing: int


def save(services: Services, target: Path) -> Contents:
    """Writes a backup while the service runs. Rows are read in one snapshot, blobs after them: a blob
    is never changed, and one that retention removes in between is counted as missing."""
    rows = blobs = missing = 0
    draft = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        with services.db.read() as tx:
            if tx.served:
                tx.run(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            about = {"format": FORMAT, "tables": migrating.newest()}
            archive.writestr("backup.json", json.dumps(about))
            for table in _tables():
                with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as file:
                    for row in tx.connection.execution_options(yield_per=BATCH).execute(select(table)):
                        file.write(json.dumps(_plain(table, row)).encode() + b"\n")
                        rows += 1
            keys = list(_blob_keys(tx))
        for key in keys:
            try:
                data = services.blobs.get(key)
            except BlobGoneError:
                missing += 1
                continue
            archive.writestr(zipfile.ZipInfo(f"blobs/{key}"), data, zipfile.ZIP_STORED)
            blobs += 1
    draft.replace(target)
    return Contents(rows, blobs, missing)


def load(services: Services, source: Path) -> Contents:
    """Restores a backup into empty tables: blobs first, then all rows in one transaction.

    Raises BackupError.
    """
    try:
        archive = zipfile.ZipFile(source)
        about = json.loads(archive.read("backup.json"))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError):
        raise BackupError("this is no backup of scanservice") from None
    with archive:
        if about.get("format") != FORMAT or about.get("tables") != migrating.newest():
            raise BackupError("it was made by another version: restore with that version, then migrate")
        blobs = 0
        for name in archive.namelist():
            if name.startswith("blobs/"):
                services.blobs.put(name.removeprefix("blobs/"), archive.read(name))
                blobs += 1
        with services.db.write() as tx:
            rows = sum(_fill(tx, archive, table) for table in _tables())
    return Contents(rows, blobs, 0)


def _tables() -> list[Table]:
    """In an order in which each row's references are there before it."""
    return [table for table in metadata.sorted_tables if table.name not in PASSING]


def _blob_keys(tx: Tx) -> Iterator[str]:
    for row in tx.all(
        select(scan_files.c.blob_key).join(scans, scans.c.scan_id == scan_files.c.scan_id).where(
            scans.c.pictures_gone_at.is_(None)
        )
    ):  # fmt: skip
        yield row.blob_key
    for row in tx.all(select(scans.c.evidence_key).where(scans.c.evidence_key.is_not(None))):
        yield row.evidence_key


def _plain(table: Table, row: Any) -> dict[str, Any]:
    return {
        column.name: base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value
        for column, value in zip(table.columns, row, strict=True)
    }


def _fill(tx: Tx, archive: zipfile.ZipFile, table: Table) -> int:
    if tx.value(select(func.count()).select_from(table)):
        raise BackupError("the installation is not empty")
    count = 0
    batch: list[dict[str, Any]] = []
    with archive.open(f"tables/{table.name}.jsonl") as file:
        for line in file:
            values = json.loads(line)
            if table is jobs:
                values |= {"owner": None, "lease": None, "lease_until": None}
            batch.append({name: _typed(table.c[name], value) for name, value in values.items()})
            if len(batch) == BATCH:
                tx.run(insert(table), batch)
                count += len(batch)
                batch = []
    if batch:
        tx.run(insert(table), batch)
    _count_on(tx, table)
    return count + len(batch)


def _typed(column: Column[Any], value: Any) -> Any:
    return base64.b64decode(value) if column.type.python_type is bytes and value is not None else value


def _count_on(tx: Tx, table: Table) -> None:
    """PostgreSQL's counters know nothing of rows that came with their numbers."""
    counter = table.autoincrement_column
    if tx.served and counter is not None:
        highest = tx.value(select(func.coalesce(func.max(counter), 0) + 1))
        sequence = func.pg_get_serial_sequence(table.name, counter.name)
        tx.run(select(func.setval(sequence, highest, False)))
