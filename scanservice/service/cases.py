"""Cases: what the main system knows. New facts put the open scan's verdict to the question again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from scanservice.case import Case, parse_case
from scanservice.errors import InputError, Problem
from scanservice.service import jobs
from scanservice.service.database import Record, Tx, canonical
from scanservice.service.finding_cases import note_words, words_of, words_of_row
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import cases, scans


@dataclass(frozen=True, slots=True)
class CasePut:
    """Attributes:
    created, changed: whether the case is new, or its facts differ from those before.
    scan_id: of the open scan; `rejudged`: its verdict is being made anew.
    """

    created: bool
    changed: bool
    facts_version: int
    scan_id: str | None
    rejudged: bool


def lock_case(tx: Tx, case_id: str) -> Record | None:
    """The case's row, held until the transaction ends: all that concerns one case goes in turn."""
    return tx.one(select(cases).where(cases.c.case_id == case_id).with_for_update())


def get_case(tx: Tx, case_id: str) -> Record:
    """Raises RefusedError: `case-unknown`."""
    row = tx.one(select(cases).where(cases.c.case_id == case_id))
    if row is None:
        raise RefusedError("case-unknown", "No case has this id; PUT it first.")
    return row


def facts_of(row: Record) -> Case:
    return parse_case(row.facts, source="stored case")


def put_case(tx: Tx, case: Case) -> CasePut:
    """Sets a case's facts. Raises InputError: `case-invalid` where a text is none that can be stored."""
    facts = canonical(case.model_dump(mode="json"))
    try:
        facts.encode()
    except UnicodeEncodeError:
        raise InputError("case-invalid", "case", [Problem("", "half of a surrogate pair")]) from None
    searched = {
        "student_name": _short(case.student.name, 200),
        "student_number": _short(case.student.number, 200),
        "college": _short(case.student.college, 200),
        "serial": _short(case.entry.serial if case.entry else None, 100),
    }
    row = lock_case(tx, case.case)
    if row is None:
        tx.run(
            insert(cases).values(
                case_id=case.case, facts=facts, facts_version=1, created_at=tx.now, updated_at=tx.now,
                **searched,
            )
        )  # fmt: skip
        note_words(tx, case.case, _words(case.case, searched))
        return CasePut(True, True, 1, None, False)
    if row.facts == facts:
        return CasePut(False, False, row.facts_version, row.open_scan, False)
    version = row.facts_version + 1
    changed = update(cases).where(cases.c.case_id == case.case)
    tx.run(changed.values(facts=facts, facts_version=version, updated_at=tx.now, **searched))
    if _words(case.case, searched) != words_of_row(row):
        note_words(tx, case.case, _words(case.case, searched))
    rejudged = row.open_scan is not None and question(tx, row.open_scan, "facts")
    return CasePut(False, True, version, row.open_scan, rejudged)


def _words(case_id: str, searched: Mapping[str, Any]) -> set[str]:
    name = searched["student_name"] or ""
    return words_of(case_id, name, searched["student_number"], searched["serial"])


def _short(value: str | None, length: int) -> str | None:
    return None if value is None else value.replace("\x00", "")[:length]  # which PostgreSQL takes in no text


def question(tx: Tx, scan_id: str, cause: str) -> bool:
    """Has an undecided scan judged again; False where it has no verdict yet (its check will see the
    new facts) or is decided."""
    return bool(question_many(tx, [scan_id], cause))


def question_many(tx: Tx, scan_ids: Sequence[str], cause: str) -> list[str]:
    """The same for several; those that are judged again, in the order given."""
    judged = scans.c.scan_id.in_(scan_ids), scans.c.state == "checked"
    found = tx.all(
        update(scans).where(*judged).values(revision=scans.c.revision + 1).returning(scans.c.scan_id)
    )
    known = {row.scan_id for row in found}
    again = [scan_id for scan_id in scan_ids if scan_id in known]
    jobs.enqueue_many(tx, "rejudge", again, priority=jobs.FACTS, cause=cause)
    return again
