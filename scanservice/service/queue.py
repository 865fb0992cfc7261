"""The review queue: what needs a person, found by verdict, finding, college, waiting time, or name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from scanservice.service.database import Record, Tx
from scanservice.service.finding_cases import FEW, in_cases
from scanservice.service.tables import cases, scans, verdict_findings

MOST_LISTED = 200
MOST_COUNTED = 5000


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
    """How many of the filter's scans have each verdict, and each finding; the verdict filter aside.

    Attributes:
        more: there may be older scans of the filter that were not counted.
    """

    verdicts: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    colleges: dict[str, int] = field(default_factory=dict)
    more: bool = False


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
    """Counts of the newest `MOST_COUNTED` scans of the filter, so that a glance at years of decided scans
    takes no longer than one at the queue."""
    newest = (scans.c.created_at.desc(), scans.c.scan_id.desc())
    columns = scans.c.scan_id, scans.c.verdict, cases.c.college
    chosen = _joined(select(*columns)).where(*_conditions(tx, wanted, by_verdict=False)).order_by(*newest)
    counted = chosen.limit(MOST_COUNTED).subquery()
    groups = tx.all(
        select(counted.c.verdict, counted.c.college, func.count().label("scans")).group_by(
            counted.c.verdict, counted.c.college
        )
    )
    by_finding = (
        select(verdict_findings.c.code, func.count(verdict_findings.c.scan_id.distinct()))
        .join(counted, counted.c.scan_id == verdict_findings.c.scan_id)
        .group_by(verdict_findings.c.code)
    )
    by_verdict, by_college = Counter[str](), Counter[str]()
    for row in groups:
        by_verdict[row.verdict] += row.scans
        by_college[row.college] += row.scans
    return QueueCounts(
        verdicts={verdict: number for verdict, number in by_verdict.items() if verdict},
        findings={row[0]: row[1] for row in tx.all(by_finding)},
        colleges={college: number for college, number in by_college.items() if college},
        more=by_verdict.total() == MOST_COUNTED,
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
        conditions.append(_has_finding(tx, wanted.finding))
    if wanted.waited_ms is not None:
        conditions.append(scans.c.created_at <= tx.now - wanted.waited_ms)
    if wanted.college:
        conditions.append(cases.c.college == wanted.college)
    if wanted.search and wanted.search.strip():
        conditions.append(in_cases(tx, wanted.search, scans.c.case_id))
    return conditions


def _has_finding(tx: Tx, code: str) -> ColumnElement[bool]:
    """As in `finding_cases.in_cases`: few are listed, of many each scan is asked."""
    named = verdict_findings.alias("named")
    listed = tx.all(select(named.c.scan_id).where(named.c.code == code).limit(FEW + 1))
    if len(listed) <= FEW:
        return scans.c.scan_id.in_(sorted({row.scan_id for row in listed}))
    # Without the index of codes, through which SQLite would go anew for each scan.
    return exists().where(named.c.scan_id == scans.c.scan_id, named.c.code.concat("") == code)
