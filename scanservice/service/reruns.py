"""Judging the queue again under new templates or rules: first shown, then applied.

A re-run yields to fresh uploads. Its preview changes nothing; applying it judges again what the
preview found to change, with the same result, since a check is reproducible.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from sqlalchemy import func, insert, select, update

from scanservice.errors import InputError
from scanservice.service import jobs, verdicts
from scanservice.service.blobs import BlobGoneError
from scanservice.service.database import Tx, canonical
from scanservice.service.looking import judged, read_task
from scanservice.service.refusals import RefusedError
from scanservice.service.sandbox import CheckError, Sandbox
from scanservice.service.services import Services
from scanservice.service.tables import rerun_items, reruns, scans
from scanservice.service.times import iso, maybe_iso


def create_rerun(tx: Tx, actor: str, *, pictures: bool = False) -> str:
    """Begins the preview of judging every open scan again; its id.

    Args:
        pictures: look at the pictures again even where the template is the one they were read with.
    """
    rerun_id = f"rerun_{secrets.token_hex(6)}"
    tx.run(
        insert(reruns).values(
            rerun_id=rerun_id, state="previewing", pictures=pictures, actor=actor, created_at=tx.now
        )
    )
    is_open = scans.c.state == "checked", scans.c.superseded.is_(False)
    found = tx.all(select(scans.c.scan_id, scans.c.verdict, scans.c.verdict_version).where(*is_open))
    for row in found:
        tx.run(
            insert(rerun_items).values(
                rerun_id=rerun_id, scan_id=row.scan_id, state="waiting", from_version=row.verdict_version,
                from_kind=row.verdict,
            )
        )  # fmt: skip
        jobs.enqueue(tx, "preview", f"{rerun_id}:{row.scan_id}", priority=jobs.RERUN)
    if not found:
        tx.run(update(reruns).where(reruns.c.rerun_id == rerun_id).values(state="ready"))
    return rerun_id


def perform(services: Services, sandbox: Sandbox, job: jobs.Job) -> None:
    """Previews one scan. Raises UnavailableError."""
    rerun_id, _, scan_id = job.subject.partition(":")
    with services.db.read() as tx:
        rerun = tx.one(select(reruns).where(reruns.c.rerun_id == rerun_id))
        task = read_task(tx, services, scan_id)
        stored = verdicts.load(tx, scan_id, task.scan.verdict_version) if task is not None else None
    if rerun is None or rerun.state != "previewing" or task is None or stored is None:
        values: dict[str, Any] = {"state": "failed"}
    else:
        old = verdicts.document_of(stored)
        try:
            pictures = rerun.pictures or _other_template(sandbox, old) or not task.scan.evidence_key
            outcome = judged(services, sandbox, task, pictures=pictures)
            new = verdicts.without_words(outcome.document)
            values = {
                "state": "ready", "to_kind": new["verdict"], "pictures": pictures,
                "changed": not verdicts.same(old, new), "changes": canonical(verdicts.changes(old, new)),
            }  # fmt: skip
        except (CheckError, InputError, BlobGoneError):
            values = {"state": "failed"}
    with services.db.write() as tx:
        if jobs.finish(tx, job):
            mine = rerun_items.c.rerun_id == rerun_id, rerun_items.c.scan_id == scan_id
            tx.run(update(rerun_items).where(*mine).values(**values))
            _ready_when_all_are(tx, rerun_id)


def _other_template(sandbox: Sandbox, document: dict[str, Any]) -> bool:
    """Whether what was read belongs to another version of the form than today's."""
    template = document["template"]
    return template is None or sandbox.versions()["templates"].get(template["id"]) != template["version"]


def _ready_when_all_are(tx: Tx, rerun_id: str) -> None:
    tx.one(select(reruns.c.rerun_id).where(reruns.c.rerun_id == rerun_id).with_for_update())
    waiting = rerun_items.c.rerun_id == rerun_id, rerun_items.c.state == "waiting"
    if tx.one(select(rerun_items.c.scan_id).where(*waiting).limit(1)) is None:
        previewed = reruns.c.rerun_id == rerun_id, reruns.c.state == "previewing"
        tx.run(update(reruns).where(*previewed).values(state="ready"))


def get_rerun(tx: Tx, rerun_id: str, *, limit: int = 200) -> dict[str, Any]:
    """A re-run with counts and what changes. Raises RefusedError: `rerun-unknown`."""
    row = tx.one(select(reruns).where(reruns.c.rerun_id == rerun_id))
    if row is None:
        raise RefusedError("rerun-unknown", "No re-run has this id.")
    mine = rerun_items.c.rerun_id == rerun_id
    states = tx.all(select(rerun_items.c.state, func.count()).where(mine).group_by(rerun_items.c.state))
    moves = tx.all(
        select(rerun_items.c.from_kind, rerun_items.c.to_kind, func.count())
        .where(mine, rerun_items.c.changed)
        .group_by(rerun_items.c.from_kind, rerun_items.c.to_kind)
        .order_by(rerun_items.c.from_kind, rerun_items.c.to_kind)
    )
    changed = tx.all(
        select(rerun_items).where(mine, rerun_items.c.changed).order_by(rerun_items.c.scan_id).limit(limit)
    )
    return {
        "rerun": row.rerun_id,
        "state": row.state,
        "created_at": iso(row.created_at),
        "applied_at": maybe_iso(row.applied_at),
        "scans": {row[0]: row[1] for row in states},
        "moves": [{"from": row[0], "to": row[1], "scans": row[2]} for row in moves],
        "changes": [
            {
                "scan": item.scan_id,
                "from": item.from_kind,
                "to": item.to_kind,
                "changed": json.loads(item.changes),
            }
            for item in changed
        ],
    }


def apply_rerun(tx: Tx, rerun_id: str) -> int:
    """Has everything that the preview found to change judged again; how many scans.

    Raises RefusedError: `rerun-unknown`, `rerun-state` where the preview is not complete, or used up.
    """
    _locked(tx, rerun_id, "ready")
    changed = rerun_items.c.rerun_id == rerun_id, rerun_items.c.changed
    items = tx.all(select(rerun_items).where(*changed))
    for item in items:
        scan = tx.one(select(scans).where(scans.c.scan_id == item.scan_id))
        if scan is not None and scan.state == "checked":
            cause = "pictures" if item.pictures else "rerun"
            jobs.enqueue(tx, "rejudge", item.scan_id, priority=jobs.RERUN, cause=cause)
    tx.run(update(reruns).where(reruns.c.rerun_id == rerun_id).values(state="applied", applied_at=tx.now))
    return len(items)


def discard_rerun(tx: Tx, rerun_id: str) -> None:
    """Raises RefusedError: `rerun-unknown`, `rerun-state`."""
    _locked(tx, rerun_id, "ready", "previewing")
    tx.run(update(reruns).where(reruns.c.rerun_id == rerun_id).values(state="discarded"))


def _locked(tx: Tx, rerun_id: str, *states: str) -> None:
    row = tx.one(select(reruns).where(reruns.c.rerun_id == rerun_id).with_for_update())
    if row is None:
        raise RefusedError("rerun-unknown", "No re-run has this id.")
    if row.state not in states:
        raise RefusedError(
            "rerun-state", "The re-run's state does not allow this.", extra={"state": row.state}
        )
