"""The review queue: what needs a person, found by verdict, finding, college, waiting time, or name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from scanservice.service.database import Record, Tx
from scanservice.service.finding_cases import in_cases
from scanservice.service.tables import cases, scans, verdict_findings

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Attributes:
    state: `open`: checked, not decided, not superseded; `waiting`: without a verdict yet; `decided`; `all`.
    search: part of a student's name, or the beginning of a student number, serial or case.
    waited_ms: only what has waited at least so long.
    after: cursor from the answer before.
    """

    state: Literal["open", "waiting", "decided", "all"] = "open"
    verdicts: Sequence[str] = ()
    finding: str | None = None
    college: str | None = None
    search: str | None = None
    waited_ms: int | None = None
    newest_first: bool = False
    after: tuple[int, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many of the filter's scans have each verdict, and each finding; the verdict filter aside."""

    verdicts: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    colleges: dict[str, int] = field(default_factory=dict)


def list_queue(tx: Tx, wanted: QueueFilter) -> list[Record]:
    """Scans with their case's names, oldest first unless asked otherwise."""
    rows = _joined(select(scans, cases.c.student_name, cases.c.student_number, cases.c.college)).where(
        *_conditions(tx, wanted, by_verdict=True)
    )
    order = (scans.c.created_at, scans.c.scan_id)
    if wanted.after is not None:
        moment, scan_id = wanted.after
        later = scans.c.created_at < moment if wanted.newest_first else scans.c.created_at > moment
        same = scans.c.scan_id < scan_id if wanted.newest_first else scans.c.scan_id > scan_id
        rows = rows.where(or_(later, and_(scans.c.created_at == moment, same)))
    rows = rows.order_by(*(column.desc() if wanted.newest_first else column for column in order))
    return tx.all(rows.limit(min(wanted.limit, MOST_LISTED)))


def count_queue(tx: Tx, wanted: QueueFilter) -> QueueCounts:
    conditions = _conditions(tx, wanted, by_verdict=False)
    by_verdict = _joined(select(scans.c.verdict, func.count())).where(*conditions).group_by(scans.c.verdict)
    by_college = _joined(select(cases.c.college, func.count())).where(*conditions).group_by(cases.c.college)
    by_finding = (
        _joined(select(verdict_findings.c.code, func.count(verdict_findings.c.scan_id.distinct())))
        .join(verdict_findings, verdict_findings.c.scan_id == scans.c.scan_id)
        .where(*conditions)
        .group_by(verdict_findings.c.code)
    )
    return QueueCounts(
        verdicts={row[0]: row[1] for row in tx.all(by_verdict) if row[0]},
        findings={row[0]: row[1] for row in tx.all(by_finding)},
        colleges={row[0]: row[1] for row in tx.all(by_college) if row[0]},
    )


def find_next(tx: Tx, wanted: QueueFilter, after_scan: str | None = None) -> str | None:
    """The scan to look at next: the first of the filter that is not `after_scan`, going on from it."""
    position = None
    if after_scan is not None:
        position = tx.one(select(scans.c.created_at, scans.c.scan_id).where(scans.c.scan_id == after_scan))
    for after in ((position.created_at, position.scan_id) if position else None, None):
        for row in list_queue(tx, replace(wanted, after=after, limit=2)):
            if row.scan_id != after_scan:
                return row.scan_id
    return None


def _joined(statement: Any) -> Any:
    return statement.select_from(scans).join(cases, cases.c.case_id == scans.c.case_id)


def _conditions(tx: Tx, wanted: QueueFilter, *, by_verdict: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    match wanted.state:
        case "open":
            conditions += [scans.c.state == "checked", scans.c.superseded.is_(False)]
        case "waiting":
            conditions.append(scans.c.state.in_(("received", "checking")))
        case "decided":
            conditions.append(scans.c.state == "decided")
    if by_verdict and wanted.verdicts:
        conditions.append(scans.c.verdict.in_(list(wanted.verdicts)))
    if wanted.finding:
        named = verdict_findings.alias("named")
        conditions.append(exists().where(named.c.scan_id == scans.c.scan_id, named.c.code == wanted.finding))
    if wanted.waited_ms is not None:
        conditions.append(scans.c.created_at <= tx.now - wanted.waited_ms)
    if wanted.college:
        conditions.append(cases.c.college == wanted.college)
    if wanted.search and wanted.search.strip():
        conditions.append(in_cases(tx, wanted.search, scans.c.case_id))
    return conditions
