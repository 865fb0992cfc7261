"""What a scan's verdict is made from, and the making of it; nothing is written here.

First checks, new facts and previews of re-runs all go this way, so that a preview shows exactly what its
application will bring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from scanservice.case import Case
from scanservice.errors import InputError
from scanservice.service import reuse, verdicts
from scanservice.service.cases import facts_of, get_case
from scanservice.service.checking import CheckOutcome, Context, OldEvidenceError, Progress
from scanservice.service.database import Record, Tx
from scanservice.service.failed_checks import unreadable_outcome
from scanservice.service.papers import ledger_for
from scanservice.service.sandbox import Sandbox
from scanservice.service.services import Services
from scanservice.service.tables import fingerprints, scan_files, scans
from scanservice.service.times import day

Marks = tuple[bytes | None, tuple[bytes, ...]]
"""Fingerprint of the ink, hashes of the seals' imprints."""


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


def read_task(tx: Tx, services: Services, scan_id: str) -> Task | None:
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


def judged(
    services: Services,
    sandbox: Sandbox,
    task: Task,
    *,
    pictures: bool,
    progress: Progress = lambda stage: None,
) -> CheckOutcome:
    """The outcome under the task's facts; its `evidence` is None where what is stored is still the latest.

    Args:
        pictures: look at them again, instead of judging what was seen before.

    Raises CheckError, BlobGoneError, UnavailableError.
    """
    if pictures or not task.scan.evidence_key:
        return _from_pictures(services, sandbox, task, progress)
    try:
        return _from_evidence(services, sandbox, task)
    except OldEvidenceError:
        return _from_pictures(services, sandbox, task, progress)


def _from_evidence(services: Services, sandbox: Sandbox, task: Task) -> CheckOutcome:
    """What the picture asked for is known from the verdict before: one judgement is enough, unless the new
    facts make another number of it."""
    evidence = services.blobs.get(task.scan.evidence_key)
    with services.db.read() as tx:
        marks = _stored_marks(tx, task.scan.scan_id)
        before = verdicts.load(tx, task.scan.scan_id, task.scan.verdict_version)
        read = verdicts.document_of(before)["serial"]["read"] if before is not None else None
        task = replace(task, context=_fuller_context(tx, services, task, read, marks))
    first = sandbox.rejudge(evidence, task.case, task.context)
    return _fully(services, sandbox, task, CheckOutcome(first.document, first.internal), evidence, marks)


def _from_pictures(services: Services, sandbox: Sandbox, task: Task, progress: Progress) -> CheckOutcome:
    with services.blobs.files([file.blob_key for file in task.files]) as files:
        try:
            outcome = sandbox.check(files, task.case, task.context, progress)
        except InputError as error:
            return unreadable_outcome(task.case, task.hashes, error)
    marks = outcome.fingerprint, tuple(outcome.seals)
    return (
        outcome
        if outcome.evidence is None
        else _fully(services, sandbox, task, outcome, outcome.evidence, marks)
    )


def _fully(
    services: Services, sandbox: Sandbox, task: Task, outcome: CheckOutcome, evidence: bytes, marks: Marks
) -> CheckOutcome:
    """Judged once more where what was seen asks for facts that could not be known before."""
    with services.db.read() as tx:
        context = _fuller_context(tx, services, task, outcome.document["serial"]["read"], marks)
    if context == task.context:
        return outcome
    again = sandbox.rejudge(evidence, task.case, context)
    return replace(outcome, document=again.document, internal=again.internal)


def _stored_marks(tx: Tx, scan_id: str) -> Marks:
    rows = tx.all(select(fingerprints).where(fingerprints.c.scan_id == scan_id).order_by(fingerprints.c.id))
    ink = next((bytes(row.value) for row in rows if row.kind == "ink"), None)
    return ink, tuple(bytes(row.value) for row in rows if row.kind == "seal")


def _fuller_context(tx: Tx, services: Services, task: Task, serial: str | None, marks: Marks) -> Context:
    """The facts that only the picture could ask for: of the serial it shows, and of who showed its ink."""
    found = *reuse.of_files(tx, task.scan), *reuse.of_marks(tx, services.memory, task.scan, *marks)
    papers = {paper.serial for paper in task.context.ledger or ()}
    ledger = ledger_for(tx, task.case.case, papers | {serial}) if serial else task.context.ledger
    return Context(task.context.today, found, ledger)
