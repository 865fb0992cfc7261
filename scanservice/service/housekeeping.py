"""What is done now and then, by whichever courier comes first; doing it twice does no harm."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import delete, exists, select

from scanservice.service import erasure, finding_cases, jobs, rates, trash
from scanservice.service.services import Services
from scanservice.service.tables import idempotency, links, scans, sessions
from scanservice.service.tables import jobs as job_table
from scanservice.service.times import DAY, HOUR

KEPT_KEYS_MS = 7 * DAY
KEPT_LINKS_MS = 30 * DAY
ORPHAN_MS = DAY
"""A blob older than this that no scan names was left by an upload that was cut off."""
BLOBS_OF = ("scans", "evidence", "derived")


def tidy(services: Services) -> dict[str, int]:
    """One round; what it did, by kind. Raises UnavailableError."""
    done = {"promised": keep_promises(services)}
    with services.db.write() as tx:
        done |= erasure.sweep(tx, services.settings)
        tx.run(delete(idempotency).where(idempotency.c.created_at < tx.now - KEPT_KEYS_MS))
        tx.run(delete(links).where(links.c.expires_at < tx.now - KEPT_LINKS_MS))
        tx.run(delete(sessions).where(sessions.c.expires_at < tx.now))
        rates.forget(tx)
    done["blobs"] = trash.empty(services.db, services.blobs)
    return {kind: number for kind, number in done.items() if number}


def keep_promises(services: Services) -> int:
    """Every accepted scan has a verdict or a job; where one has neither, however it came, it gets a job."""
    with services.db.write() as tx:
        has_job = exists().where(job_table.c.kind == "check", job_table.c.subject == scans.c.scan_id)
        bare = tx.all(select(scans.c.scan_id).where(scans.c.verdict_version == 0, ~has_job))
        for row in bare:
            jobs.enqueue(tx, "check", row.scan_id, priority=jobs.FRESH, cause="check")
    return len(bare)


def remove_orphans(services: Services) -> int:
    """Blobs that no row names, left by uploads cut off before their commit; how many. Once a day."""
    before = services.db.clock() - ORPHAN_MS
    removed = 0
    for folder in BLOBS_OF:
        for key, written in services.blobs.keys(f"{folder}/"):
            if written < before:
                with services.db.read() as tx:
                    known = tx.one(select(scans.c.scan_id).where(scans.c.scan_id == key.split("/")[1]))
                if known is None:
                    services.blobs.delete(key)
                    removed += 1
    for path in spool(services).iterdir():
        if path.stat().st_mtime < time.time() - ORPHAN_MS / 1000:
            path.unlink(missing_ok=True)
    return removed


def catch_up_words(services: Services) -> int:
    """What an earlier version wrote is found by its words too; how many cases."""
    repaired = 0
    while True:
        with services.db.write() as tx:
            found = finding_cases.note_missing(tx)
        repaired += found
        if found < finding_cases.REPAIRED:
            return repaired


def spool(services: Services) -> Path:
    """Where uploads lie while they arrive: beside the blobs where these are a folder, so that a file
    is renamed into its place and not copied."""
    place = services.settings.blob_place
    folder = services.settings.data / "spool" if "://" in place else Path(place) / ".incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


IDLE_ROUND_SECONDS = 20.0
ORPHAN_ROUND_SECONDS = 6 * HOUR / 1000
