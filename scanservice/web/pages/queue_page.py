"""The review queue: what waits for a person, why, and how long already."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy import select
from starlette.responses import Response

from scanservice.findings import Language
from scanservice.service import queue
from scanservice.service.database import Record, Tx
from scanservice.service.tables import verdict_findings
from scanservice.verdict import SEVERITY_ORDER
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.filters import STATES, WAITS, QueueQuery
from scanservice.web.pages.undoing import find_undo
from scanservice.web.pages.visitors import Reviewer, page_router
from scanservice.web.pages.wording import page_words

router = page_router()

PAGE_ROWS = 50
SHOWN_FINDINGS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One scan of the queue; `more` counts the findings that are not named."""

    scan: str
    name: str
    number: str
    college: str
    verdict: str | None
    state: str
    decision: str | None
    findings: tuple[str, ...]
    more: int
    waited: int
    created_at: int


@router.get("/review")
def show_queue(request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    query = QueueQuery.parse(request.query_params.multi_items())
    after = _cursor(request.query_params.get("after", ""))
    with services.db.read() as tx:
        found = queue.list_queue(tx, query.filter(after, PAGE_ROWS))
        counts = queue.count_queue(tx, query.filter())
        rows = _rows(tx, found, visitor.language)
        undo = find_undo(tx, visitor, request.query_params.get("undo", ""))
    more = len(found) == PAGE_ROWS
    return visitor.page(
        request,
        "queue",
        query=query,
        undo=undo,
        rows=rows,
        counts=counts,
        total=sum(counts.verdicts.values()),
        states=STATES,
        waits=WAITS,
        after=f"{found[-1].created_at}.{found[-1].scan_id}" if more else None,
        first=after is None,
    )


def _cursor(text: str) -> tuple[int, str] | None:
    moment, _, scan = text.partition(".")
    fits = (
        moment.isascii() and moment.isdigit() and len(moment) < 16 and scan.isascii() and scan.isprintable()
    )
    return (int(moment), scan) if fits and scan else None


def _rows(tx: Tx, found: list[Record], language: Language) -> list[Row]:
    named = findings_of(tx, [row.scan_id for row in found])
    rows = []
    for row in found:
        titles = [title(code, language) for code in named.get(row.scan_id, ())]
        rows.append(
            Row(
                scan=row.scan_id,
                name=row.student_name,
                number=row.student_number or "",
                college=row.college or "",
                verdict=row.verdict,
                state=row.state,
                decision=row.decision,
                findings=tuple(titles[:SHOWN_FINDINGS]),
                more=max(0, len(titles) - SHOWN_FINDINGS),
                waited=tx.now - row.created_at,
                created_at=row.created_at,
            )
        )
    return rows


def findings_of(tx: Tx, scans: list[str]) -> dict[str, list[str]]:
    """Codes of the current findings of each scan, the worst first, each once."""
    found = tx.all(
        select(verdict_findings)
        .where(verdict_findings.c.scan_id.in_(scans), verdict_findings.c.severity != "note")
        .order_by(verdict_findings.c.scan_id, verdict_findings.c.position)
    )
    codes: dict[str, list[str]] = {}
    for row in sorted(found, key=lambda row: SEVERITY_ORDER.index(row.severity)):
        mine = codes.setdefault(row.scan_id, [])
        if row.code not in mine:
            mine.append(row.code)
    return codes


def title(code: str, language: Language) -> str:
    """A finding's name in two or three words."""
    return page_words(language)(f"finding.{code}")
