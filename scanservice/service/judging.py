"""A scan's way from its promise to its verdict, and from new facts to a new verdict.

Each step can be cut off anywhere and begun again: what it writes, it writes in one transaction that
also ends its job, and only while it still holds the job.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

from sqlalchemy import select, update

from scanservice.service import events, jobs, reuse, trash, verdicts
from scanservice.service.cases import lock_case
from scanservice.service.checking import CheckOutcome, Progress, Stage
from scanservice.service.database import Tx, UnavailableError
from scanservice.service.failed_checks import failed_outcome
from scanservice.service.looking import Task, judged, read_task
from scanservice.service.sandbox import CheckError, Sandbox
from scanservice.service.services import Services
from scanservice.service.tables import scans
from scanservice.service.uploads import evidence_key

EXPLAINED_TRIES = 2
"""A scan that itself breaks its check is tried once more, in a fresh process."""
RETRY_MS = 2_000


class LeaseLostError(Exception):
    """Another has taken the job; nothing was written."""


def perform(services: Services, sandbox: Sandbox, job: jobs.Job) -> None:
    """Does a `check` or `rejudge` job.

    Raises:
        LeaseLostError: nothing was written.
        UnavailableError: nothing was written; the job waits for its lease to run out.
    """
    with services.db.read() as tx:
        task = read_task(tx, services, job.subject)
    if task is None or _needless(task, job):
        with services.db.write() as tx:
            jobs.finish(tx, job)
        return
    if job.kind == "check" and job.tries > services.settings.tries:
        # Its worker vanished each time: whatever the reason, people take over.
        outcome = failed_outcome(task.case, task.hashes, job.trouble or "worker-vanished")
    else:
        try:
            outcome = judged(
                services, sandbox, task, pictures=_pictures(job), progress=_progress(services, job)
            )
        except CheckError as failure:
            services.figures.count("checks_failed", failure.reason)
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


def _pictures(job: jobs.Job) -> bool:
    return job.kind == "check" or job.cause == "pictures"


def _progress(services: Services, job: jobs.Job) -> Progress:
    """Shows the student how far a first check has come, and says that the work goes on."""

    def tell(stage: Stage) -> None:
        with services.db.write("soon") as tx:
            jobs.hold(tx, job, services.lease_ms)
            found = update(scans).where(scans.c.scan_id == job.subject, scans.c.verdict_version == 0)
            tx.run(found.values(stage=stage, state="checking"))

    return tell


def perform_now(services: Services, scan_id: str) -> None:
    """Judges new facts at once where that can be done at once; the job is written down, so a worker does
    it within moments otherwise."""
    with suppress(LeaseLostError, UnavailableError, CheckError):
        _perform_now(services, scan_id)


def _perform_now(services: Services, scan_id: str) -> None:
    with services.db.write("soon") as tx:
        job = jobs.claim(tx, f"desk-{secrets.token_hex(4)}", ("rejudge",), services.lease_ms, subject=scan_id)
    if job is not None:
        perform(services, services.quickest, job)


def _conclude(services: Services, job: jobs.Job, task: Task, outcome: CheckOutcome) -> None:
    key = None
    if outcome.evidence is not None:
        key = evidence_key(job.subject)
        services.blobs.put(key, outcome.evidence)
    with services.db.write() as tx:
        case = lock_case(tx, task.case.case)
        if case is None:
            jobs.finish(tx, job)  # erased meanwhile
            return
        if not jobs.finish(tx, job):
            raise LeaseLostError
        told = apply_outcome(
            tx, job.subject, outcome, cause=job.cause, facts_version=task.facts_version, key=key
        )
        if case.facts_version != task.facts_version:
            # The facts changed while the picture was looked at.
            jobs.enqueue(tx, "rejudge", job.subject, priority=jobs.FACTS, cause="facts")
    if told:
        services.figures.judged(outcome.document, job.cause)
        if job.kind == "check":
            waited = max(0, services.db.clock() - task.scan.created_at)
            services.figures.observe("wait_seconds", waited / 1000)


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
        reuse.note_marks(tx, scan_id, outcome.fingerprint, outcome.seals)
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
