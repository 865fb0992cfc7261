"""A scan's way from its promise to its verdict, and from new facts to a new verdict.

Each step can be cut off anywhere and begun again: what it writes, it writes in one transaction that
also ends its job, and only while it still holds the job.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from scanservice.case import Case
from scanservice.errors import InputError
from scanservice.service import events, jobs, reuse, trash, verdicts
from scanservice.service.cases import facts_of, get_case, lock_case
from scanservice.service.checking import CheckOutcome, Context, Stage
from scanservice.service.database import Record, Tx
from scanservice.service.failed_checks import failed_outcome, unreadable_outcome
from scanservice.service.papers import ledger_for
from scanservice.service.sandbox import CheckError, Sandbox
from scanservice.service.services import Services
from scanservice.service.tables import fingerprints, scan_files, scans
from scanservice.service.times import day

EXPLAINED_TRIES = 2
"""A scan that itself breaks its check is tried once more, in a fresh process."""
RETRY_MS = 2_000


class LeaseLostError(Exception):
    """Another has taken the job; nothing was written."""


@dataclass(frozen=True)
class Task:
    """All that a judgement starts from, read in one transaction."""

    scan: Record
    case: Case
    facts_version: int
    files: tuple[Record, ...]
    context: Context

    @property
    def hashes(self) -> tuple[str, ...]:
        return tuple(file.sha256 for file in self.files)


def perform(services: Services, sandbox: Sandbox, job: jobs.Job) -> None:
    """Does a `check` or `rejudge` job.

    Raises:
        LeaseLostError: nothing was written.
        UnavailableError: nothing was written; the job waits for its lease to run out.
    """
    with services.db.read() as tx:
        task = _task(tx, services, job.subject)
    if task is None or _needless(task, job):
        with services.db.write() as tx:
            jobs.finish(tx, job)
        return
    if job.kind == "check" and job.tries > services.settings.tries:
        # Its worker vanished each time: whatever the reason, people take over.
        outcome = failed_outcome(task.case, task.hashes, job.trouble or "worker-vanished")
    else:
        try:
            outcome = _judge(services, sandbox, task, job)
        except CheckError as failure:
            given_up = job.tries >= (EXPLAINED_TRIES if failure.explained else services.settings.tries)
            if not given_up:
                with services.db.write() as tx:
                    jobs.postpone(tx, job, RETRY_MS * job.tries, failure.reason)
                return
            outcome = failed_outcome(task.case, task.hashes, failure.reason)
    _conclude(services, job, task, outcome)


def _needless(task: Task, job: jobs.Job) -> bool:
    """Done already, decided meanwhile, or nothing left to judge from."""
    if job.kind == "check":
        return task.scan.verdict_version > 0
    gone = not task.scan.evidence_key and task.scan.pictures_gone_at is not None
    return task.scan.state == "decided" or task.scan.verdict_version == 0 or gone


def perform_now(services: Services, scan_id: str) -> None:
    """Judges new facts at once where the job is free; otherwise a worker does it within moments."""
    with services.db.write() as tx:
        job = jobs.claim(tx, f"desk-{secrets.token_hex(4)}", ("rejudge",), services.lease_ms, subject=scan_id)
    if job is not None:
        try:
            perform(services, services.desk, job)
        except LeaseLostError:
            return  # a worker was quicker


def _task(tx: Tx, services: Services, scan_id: str) -> Task | None:
    scan = tx.one(select(scans).where(scans.c.scan_id == scan_id))
    if scan is None:
        return None
    row = get_case(tx, scan.case_id)
    case = facts_of(row)
    files = tx.all(select(scan_files).where(scan_files.c.scan_id == scan_id).order_by(scan_files.c.position))
    return Task(scan, case, row.facts_version, tuple(files), context_of(tx, services, scan, case))


def context_of(tx: Tx, services: Services, scan: Record, case: Case) -> Context:
    """The facts beyond the case that are known before the picture is looked at."""
    today = case.today or day(tx.now, services.settings.time_zone)
    serials = {paper.serial for paper in case.workflow.papers or ()}
    if case.entry is not None and case.entry.serial:
        serials.add(case.entry.serial)
    return Context(today=today, reuse=reuse.of_files(tx, scan), ledger=ledger_for(tx, case.case, serials))


def _judge(services: Services, sandbox: Sandbox, task: Task, job: jobs.Job) -> CheckOutcome:
    evidence = None
    if job.kind == "rejudge" and job.cause != "pictures" and task.scan.evidence_key:
        evidence = services.blobs.get(task.scan.evidence_key)
        again = sandbox.rejudge(evidence, task.case, task.context)
        outcome = CheckOutcome(again.document, again.internal)  # the evidence stays as it is stored
        marks = _stored_marks(services, task.scan.scan_id)
    else:
        try:
            outcome = _look(services, sandbox, task, job)
        except InputError as error:
            return unreadable_outcome(task.case, task.hashes, error)
        evidence, marks = outcome.evidence, (outcome.fingerprint, tuple(outcome.seals))
    if evidence is None:
        return outcome
    with services.db.read() as tx:
        context = _fuller_context(tx, services, task, outcome, marks)
    if context != task.context:
        again = sandbox.rejudge(evidence, task.case, context)
        outcome = replace(outcome, document=again.document, internal=again.internal)
    return outcome


def _look(services: Services, sandbox: Sandbox, task: Task, job: jobs.Job) -> CheckOutcome:
    def progress(stage: Stage) -> None:
        with services.db.write() as tx:
            jobs.hold(tx, job, services.lease_ms)
            found = update(scans).where(scans.c.scan_id == job.subject, scans.c.verdict_version == 0)
            tx.run(found.values(stage=stage, state="checking"))

    with tempfile.TemporaryDirectory(prefix="scan-") as folder:
        files = [services.blobs.local(file.blob_key, Path(folder)) for file in task.files]
        return sandbox.check(files, task.case, task.context, progress)


Marks = tuple[bytes | None, tuple[bytes, ...]]


def _stored_marks(services: Services, scan_id: str) -> Marks:
    with services.db.read() as tx:
        rows = tx.all(
            select(fingerprints).where(fingerprints.c.scan_id == scan_id).order_by(fingerprints.c.id)
        )
    ink = next((bytes(row.value) for row in rows if row.kind == "ink"), None)
    return ink, tuple(bytes(row.value) for row in rows if row.kind == "seal")


def _fuller_context(tx: Tx, services: Services, task: Task, outcome: CheckOutcome, marks: Marks) -> Context:
    """The facts that only the picture could ask for: the serial it shows, and who showed its ink before."""
    found = (*task.context.reuse, *reuse.of_marks(tx, services.memory, task.scan, *marks))
    serial = outcome.document["serial"]["read"]
    papers = {paper.serial for paper in task.context.ledger or ()}
    ledger = ledger_for(tx, task.case.case, papers | {serial}) if serial else task.context.ledger
    return Context(task.context.today, found, ledger)


def _conclude(services: Services, job: jobs.Job, task: Task, outcome: CheckOutcome) -> None:
    key = None
    if outcome.evidence is not None:
        key = f"evidence/{job.subject}/{secrets.token_hex(8)}"
        services.blobs.put(key, outcome.evidence)
    with services.db.write() as tx:
        case = lock_case(tx, task.case.case)
        if case is None:
            jobs.finish(tx, job)  # erased meanwhile
            return
        if not jobs.finish(tx, job):
            raise LeaseLostError
        apply_outcome(tx, job.subject, outcome, cause=job.cause, facts_version=task.facts_version, key=key)
        if case.facts_version != task.facts_version:
            # The facts changed while the picture was looked at.
            jobs.enqueue(tx, "rejudge", job.subject, priority=jobs.FACTS, cause="facts")


def apply_outcome(
    tx: Tx, scan_id: str, outcome: CheckOutcome, *, cause: str, facts_version: int, key: str | None
) -> bool:
    """Writes an outcome down as the scan's verdict and tells of it; False where it says nothing new."""
    scan = tx.one(select(scans).where(scans.c.scan_id == scan_id).with_for_update())
    assert scan is not None
    document = verdicts.without_words(outcome.document)
    noted: dict[str, Any] = {"judged_facts": facts_version, "stage": "done"}
    if scan.state != "decided":
        noted["state"] = "checked"
    if key is not None:
        if scan.evidence_key:
            trash.throw(tx, [scan.evidence_key])
        noted["evidence_key"] = key
        _note_marks(tx, scan_id, outcome.fingerprint, outcome.seals)
    old = verdicts.load(tx, scan_id, scan.verdict_version)
    told = old is None or cause == "reopened" or not verdicts.same(verdicts.document_of(old), document)
    if told:
        version, revision = scan.verdict_version + 1, scan.revision + 1
        noted |= {
            "verdict": document["verdict"],
            "verdict_version": version,
            "revision": revision,
            "checked_at": scan.checked_at or tx.now,
        }
        verdicts.record(
            tx, scan_id=scan_id, version=version, revision=revision, cause=cause, facts_version=facts_version,
            document=document, internal=outcome.internal,
        )  # fmt: skip
    tx.run(update(scans).where(scans.c.scan_id == scan_id).values(**noted))
    if told:
        events.publish(tx, "scan.checked", scan.case_id, scan_id, _told(document, noted, scan.superseded))
    return told


def _told(document: dict[str, Any], noted: dict[str, Any], superseded: bool) -> dict[str, Any]:
    return {
        "version": noted["revision"],
        "verdict": document["verdict"],
        "verdict_version": noted["verdict_version"],
        "superseded": superseded,
        "findings": [
            {key: finding[key] for key in ("code", "severity", "region")} for finding in document["findings"]
        ],
    }


def _note_marks(tx: Tx, scan_id: str, ink: bytes | None, seals: Sequence[bytes]) -> None:
    tx.run(delete(fingerprints).where(fingerprints.c.scan_id == scan_id))
    rows = [{"scan_id": scan_id, "kind": "seal", "value": seal} for seal in seals]
    if ink is not None:
        rows.append({"scan_id": scan_id, "kind": "ink", "value": ink})
    if rows:
        tx.run(insert(fingerprints), rows)
